#!/usr/bin/env python3
# Runs on a GPU what build.py compiled; see scripts/gpu-check.sh.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs on a GPU what build.py compiled; see scripts/gpu-check.sh.

A worker runs case after case and writes a line of JSON for each. After an error
of the GPU, whose context is then lost, or where it does not come to an end,
another one goes on with the next case: workers.py.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path

import cases
from library import Program, convert
from workers import run_in_workers

# Seconds for a case; the first has to load PyTorch.
PATIENCE = 120
SANITIZER_PATIENCE = 120


@cache
def read_manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def load(folder, case):
    """The program, and the types of what it takes and gives."""
    return Program(folder / f"{case.name}.so", case.entry), read_manifest(folder)[case.name]


def run(loaded, case, times=1):
    """Operands and buffers of the results, after so many calls."""
    import torch
    from operands import make_operands, make_results, require_types
    program, types = loaded
    inputs, buffers = make_operands(case, types["arguments"]), make_results(case)
    require_types(inputs, types["arguments"])
    require_types({name: x.array for name, x in buffers.items()}, types["results"])
    arguments = [convert(x) for x in inputs.values()]
    arguments += [convert(x.array) for x in buffers.values()]
    stream = torch.cuda.current_stream().cuda_stream
    call = lambda: program(stream, arguments)  # noqa: E731
    for _ in range(times):
        call()
    torch.cuda.synchronize()
    return inputs, buffers, call


def milliseconds(call):
    """The median of some calls."""
    import torch
    taken = []
    for _ in range(11):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        call()
        end.record()
        torch.cuda.synchronize()
        taken.append(begin.elapsed_time(end))
    return sorted(taken)[5]


def check_repeats(loaded, case, call, record):
    """Counts what one call does again; returns why that fails, if it does."""
    program, _ = loaded
    before = program.repeats()
    call()
    count = program.repeats() - before
    record.setdefault("repeats", []).append(count)
    if count != case.repeats:
        return f"{count} blocks were done again, not {case.repeats}"


def check_run(loaded, case, record):
    """Adds what is found to the record; returns why it fails, if it does."""
    from reference import compare, evaluate
    inputs, buffers, call = run(loaded, case)
    if "milliseconds" not in record:
        record["milliseconds"] = round(milliseconds(call), 4)
    _, again, _ = run(loaded, case)
    want, unfused = (evaluate(case, inputs, precise) for precise in (True, False))
    failure = None
    for name, buffer in buffers.items():
        error, yardstick, why = compare(buffer.array, want[name], unfused[name],
                                        bool(case.method))
        for key, value in (("error", error), ("reference_error", yardstick)):
            if value is not None:
                errors = record.setdefault(key, {})
                errors[name] = max(errors.get(name, 0.0), float(f"{value:.4g}"))
        if not (buffer.bits == again[name].bits).all():
            record["repeat_equal"] = False
            why = why or "two runs differ"
        if not buffer.is_intact():
            why = "wrote outside of the result"
        if why and not failure:
            failure = f"{name}: {why}"
    if case.repeats is not None:
        failure = failure or check_repeats(loaded, case, call, record)
    return failure


def check_case(folder, case):
    record = {"repeat_equal": True}
    loaded = load(folder, case)
    for change in case.runs:
        failure = check_run(loaded, case.with_run(change), record)
        if failure:
            where = f"{change}: " if change else ""
            return record | {"failure": where + failure}
    return record


def work(folder, names):
    """The worker: a line for each case."""
    import torch
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    torch.zeros(1, device="cuda")
    for name in names:
        try:
            record = check_case(folder, cases.CASES[name])
        except Exception as error:  # Whatever it is, the case failed.
            text = str(error).strip().splitlines()
            record = {"failure": f"{type(error).__name__}: {text[0] if text else ''}"}
            if not isinstance(error, RuntimeError):
                traceback.print_exc()
        print(json.dumps({"name": name, **record}), flush=True)
        try:
            torch.cuda.synchronize()
        except RuntimeError:
            os._exit(0)


def run_all(folder, names):
    """Records by name."""
    records = {}
    command = [sys.executable, "-B", __file__, str(folder), "--work"]
    for name, record in run_in_workers(command, names, PATIENCE):
        records[name] = record
        report(name, record)
    return records


def report(name, record):
    errors = ", ".join(f"{key} {value:.2e} ({record['reference_error'][key]:.2e})"
                       for key, value in record.get("error", {}).items())
    word = "FAIL" if "failure" in record else "ok  "
    time = f" {record['milliseconds']} ms" if "milliseconds" in record else ""
    print(f"{word} {name}: {record.get('failure', '')} {errors}{time}", flush=True)


def run_sanitizer(folder, names, tool):
    """What compute-sanitizer prints about the kernels of the cases only; how
    they are chosen depends on its version."""
    text = ""
    for chosen in (("--kernel-name", "kernel_substring=_kernel"),
                   ("--kernel-regex", "kns=_kernel"), ()):
        command = ["compute-sanitizer", "--tool", tool, "--print-limit", "1000",
                   *chosen, sys.executable, "-B", __file__, str(folder),
                   "--launch", *names]
        with tempfile.TemporaryFile("w+") as output:
            try:
                subprocess.run(command, stdout=output, stderr=subprocess.STDOUT,
                               timeout=SANITIZER_PATIENCE)
            except subprocess.TimeoutExpired:
                print(f"{tool}: no end within {SANITIZER_PATIENCE} s")
            output.seek(0)
            text = output.read()
        if "launched" in text or "SUMMARY" in text:
            break
    return text


def sanitize(folder, names, tool):
    """The verdict of compute-sanitizer by name. The kernels of a case have its
    name, so one process serves all."""
    text = run_sanitizer(folder, names, tool)
    (folder / f"{tool}.log").write_text(text)
    verdicts = {}
    for name in names:
        lines = [line for line in text.splitlines()
                 if re.search(rf"\b{name}_kernel", line) and "=====" in line]
        if lines:
            verdicts[name] = f"{len(lines)} reports: {lines[0].strip('= ')}"
        else:
            verdicts[name] = "clean" if f"launched {name}\n" in text else "no end"
    summary = re.search(r"(?:ERROR|RACECHECK) SUMMARY: (.*)", text)
    print(f"{tool}: {summary[1] if summary else 'no summary'}", flush=True)
    # An error that names no kernel is nobody's, so everybody's.
    if not summary or (not re.match(r"0 (errors|hazards)", summary[1])
                       and all(v == "clean" for v in verdicts.values())):
        verdicts = {name: summary[1] if summary else "no summary" for name in names}
    return verdicts


def launch(folder, names):
    for name in names:
        case = cases.CASES[name]
        run(load(folder, case), case.with_run(case.runs[-1]))
        print(f"launched {name}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-sanitizer", action="store_true")
    parser.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--launch", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    folder = args.folder.resolve()
    if args.work:
        return work(folder, args.work)
    if args.launch:
        return launch(folder, args.launch)

    import torch
    if not torch.cuda.is_available():
        sys.exit("error: no GPU")
    gpu = torch.cuda.get_device_name()
    print(gpu, "PyTorch", torch.__version__, flush=True)
    manifest = read_manifest(folder)
    names = [name for name, entry in manifest.items()
             if "ptx_sha256" in entry and cases.CASES[name].is_run
             and re.search(args.only, name)]
    records = run_all(folder, names)
    chosen = [name for name in names
              if cases.CASES[name].sanitize and "failure" not in records[name]]
    if chosen and not args.no_sanitizer:
        for tool in ("memcheck", "racecheck"):
            if not shutil.which("compute-sanitizer"):
                print("compute-sanitizer: not found")
                break
            for name, verdict in sanitize(folder, chosen, tool).items():
                records[name].setdefault("sanitizer", {})[tool] = verdict
                if verdict != "clean":
                    records[name].setdefault("failure", f"{tool}: {verdict}")
                    report(name, records[name])
    result = {"gpu": gpu, "cases": {
        name: {"ptx_sha256": manifest[name]["ptx_sha256"], **records[name]}
        for name in names}}
    result["cases"] |= {name: entry for name, entry in manifest.items()
                        if "ptx_sha256" not in entry and re.search(args.only, name)}
    path = args.json or folder / "gpu-check.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    failed = sum("failure" in record for record in records.values())
    print(f"{len(records) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
