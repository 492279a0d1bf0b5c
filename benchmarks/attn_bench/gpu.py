# Runs a GPU suite: attention beside FlashAttention-3 and PyTorch.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds the artefacts, or takes those that there are, has workers time the cells
and writes the results after each. A worker that is lost takes one cell along."""

import json
import os
import statistics
import sys
import time
import traceback
from pathlib import Path

from . import gpu_artefacts, gpu_cells, gpu_suites

from workers import run_in_workers  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
# What a worker is asked for first, in place of a cell.
DEVICE = "@device"


def describe(suite):
    import torch

    if not torch.cuda.is_available():
        return dict(failure="PyTorch sees no GPU")
    from . import gpu_contestants, gpu_device

    cells = gpu_suites.SUITES[suite].cells()
    who = {name for cell in cells for name in gpu_cells.contestants(cell)}
    return dict(device=gpu_device.describe(), versions=gpu_contestants.versions(who))


def work(options):
    """The worker: a line for each name, and nothing else on the standard output."""
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    cells = {cell["name"]: cell for cell in gpu_suites.SUITES[options.suite].cells()}
    for name in options.work:
        try:
            if name == DEVICE:
                record = describe(options.suite)
            else:
                from . import gpu_measure

                window = gpu_cells.window_of(cells[name], options.window)
                record = gpu_measure.measure(
                    cells[name], options.artefacts, options.rounds, window
                )
        except Exception as error:  # Whatever it is, the cell failed.
            traceback.print_exc()
            text = str(error).strip().splitlines()
            record = dict(failure=f"{type(error).__name__}: {text[0] if text else ''}")
        print(json.dumps(dict(record, name=name)), file=lines, flush=True)
        if name == DEVICE and "failure" in record:
            return
        if not is_alive():
            os._exit(0)


def is_alive():
    """Whether the context of the GPU is there still."""
    import torch

    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return False
    return True


def begin(path, merge, facts, options):
    """The results that the cells are put into."""
    results = json.loads(path.read_text()) if merge and path.exists() else dict(cells=[])
    before = results.get("device", facts["device"])["name"]
    if results["cells"] and before != facts["device"]["name"]:
        sys.exit(f"{path} is of {before}, this is {facts['device']['name']}: not merged")
    results.update(
        suite=options.suite,
        date=time.strftime("%Y-%m-%d"),
        device=facts["device"],
        versions=results.get("versions", {}) | facts["versions"],
        protocol=dict(rounds=options.rounds, window_ms=options.window),
    )
    return results


def rate(cell, ms):
    """Of products where they are counted, else of bytes."""
    if "flops" in cell:
        return f"{cell['flops'] / ms / 1e9:6.0f} TFLOP/s"
    return f"{cell['bytes'] / ms / 1e6:6.0f} GB/s"


def report(cell, record):
    clock = f", {record['clock_mhz']:.0f} MHz" if "clock_mhz" in record else ""
    print(f"{cell['name']}{clock}", flush=True)
    for who, entry in record.get("contestants", {}).items():
        middle = statistics.median(entry["ms"])
        print(
            f"  {who:6s} {middle:9.4f} ms {rate(cell, middle)}, spread "
            f"{max(entry['ms']) / min(entry['ms']):.3f}, error {entry['error']:.1e}",
            flush=True,
        )
    for who, why in record.get("left_out", {}).items():
        print(f"  {who}: left out, {why}", flush=True)
    if "failure" in record:
        print(f"  FAILED: {record['failure']}", flush=True)


def time_all(cells, folder, options):
    """Returns the number of cells that failed."""
    command = [sys.executable, "-B", str(ROOT / "benchmarks" / "run.py"), options.suite]
    command += [f"--artefacts={folder}", f"--rounds={options.rounds}"]
    command += [f"--window={options.window}", "--work"]
    by_name = {cell["name"]: cell for cell in cells}
    seconds = max(gpu_cells.window_of(cell, options.window) for cell in cells) / 1e3
    patience = gpu_suites.SUITES[options.suite].patience + 8 * options.rounds * seconds
    programs, results, failed = gpu_artefacts.manifest(folder), None, 0
    for name, record in run_in_workers(command, [DEVICE, *by_name], patience):
        if name == DEVICE:
            if "failure" in record:
                sys.exit(f"error: {record['failure']}")
            print(record["device"], record["versions"], flush=True)
            results = begin(options.output, options.merge, record, options)
            continue
        cell = by_name[name]
        report(cell, record)
        failed += "failure" in record
        kept = [other for other in results["cells"] if other["name"] != name]
        if "contestants" in record:
            record.pop("failure", None)
            kept.append(dict(cell, **programs.get(cell["program"], {}), **record))
        results["cells"] = kept
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(results, indent=1) + "\n")
    print(f"{len(cells) - failed} cells timed, {failed} failed", flush=True)
    return failed


def run(options):
    if options.work:
        return work(options)
    cells = gpu_suites.select(options.suite, options.only)
    if not cells:
        sys.exit(f"no cell matches '{options.only}'")
    for cell in cells:
        gpu_cells.window_of(cell, options.window)
    folder = options.compile_only or options.artefacts
    failed = 0
    if not options.artefacts:
        folder = folder or ROOT / options.build / "benchmarks" / options.suite
        failed = gpu_artefacts.compile_all(cells, ROOT / options.build, folder.resolve())
    if not options.compile_only:
        failed += time_all(cells, folder.resolve(), options)
    return 1 if failed else 0
