# The CPU suite: dense attention beside PyTorch, ONNX Runtime, OpenVINO, IREE.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cells are B1 H16, D 64 and 128, S 1k, 4k and 8k, full and causal, f32 and bf16.

Work counts the visible pairs, 4 H D each (2 for each of two products), the same
for every contestant.
"""

import gc
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np

from . import contestants, peak

ROOT = Path(__file__).resolve().parents[2]
HEADS = 16


def cells():
    for dtype in ("f32", "bf16"):
        for depth in (64, 128):
            for length in (1024, 4096, 8192):
                for causal in (False, True):
                    yield dict(dtype=dtype, D=depth, S=length, causal=causal)


def name_of(cell):
    mask = "causal" if cell["causal"] else "full"
    return f"{cell['dtype']} D{cell['D']} S{cell['S']} {mask}"


def flops(cell):
    pairs = cell["S"] * cell["S"]
    if cell["causal"]:
        pairs = cell["S"] * (cell["S"] + 1) // 2
    return 4.0 * HEADS * cell["D"] * pairs


def expected_rows(inputs, causal, rows):
    """Rows of the first head in float64."""
    q, k, v = (x[0, 0].astype(np.float64) for x in inputs)
    logits = q[rows] @ k.T / np.sqrt(q.shape[1])
    if causal:
        logits[np.arange(k.shape[0])[None, :] > rows[:, None]] = -np.inf
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v


def window(call, seconds):
    """Seconds per call, over a window."""
    count, start = 0, time.perf_counter()
    while True:
        call()
        count += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return elapsed / count


def measure(cell, threads, options):
    rng = np.random.default_rng()
    shape = (1, HEADS, cell["S"], cell["D"])
    inputs = [rng.standard_normal(shape, dtype=np.float32) for _ in range(3)]
    if cell["dtype"] == "bf16":
        inputs = [contestants.round_to_bf16(x) for x in inputs]
    rows = np.unique(np.linspace(0, cell["S"] - 1, 40).astype(int))
    expected = expected_rows(inputs, cell["causal"], rows)
    entries = {}
    for name, make in contestants.ALL.items():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            call, result = make(cell, inputs, threads, ROOT / options.build)
            call()
        except contestants.Absent as reason:
            print(f"  {name}: left out, {reason}", flush=True)
            continue
        error = float(np.abs(result()[0, 0, rows] - expected).max())
        limit = 2e-2 if cell["dtype"] == "bf16" else 1e-4
        if not error <= limit:
            raise SystemExit(f"{name_of(cell)}: {name} is off by {error}")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        entries[name] = dict(call=call, seconds=[], error=error, peak_kib=after - before)
    for turn in range(options.rounds):
        order = list(entries.values())
        for entry in order if turn % 2 == 0 else reversed(order):
            entry["seconds"].append(window(entry["call"], options.window))
    for entry in entries.values():
        del entry["call"]
    gc.collect()
    return entries


def device():
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", text)
    return dict(
        cpu=model.group(1) if model else platform.processor(),
        avx512="avx512f" in text,
        cores=os.cpu_count(),
    )


def run(options, threads):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    path = ROOT / "benchmarks" / "results" / "cpu.json"
    results = json.loads(path.read_text()) if options.merge and path.exists() else dict(cells=[])
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True
    )
    results.update(
        suite="cpu",
        date=time.strftime("%Y-%m-%d"),
        device=device(),
        versions=contestants.versions(),
        protocol=dict(rounds=options.rounds, window_seconds=options.window, heads=HEADS),
    )
    for cell in cells():
        name = name_of(cell)
        if not re.search(options.only, name):
            continue
        gflops = peak.measure(threads)
        print(f"{name}, {threads} threads, peak {gflops:.0f} GF/s", flush=True)
        entries = measure(cell, threads, options)
        gflops = max(gflops, peak.measure(threads))
        for who, entry in entries.items():
            rate = flops(cell) / statistics.median(entry["seconds"]) / 1e9
            best = flops(cell) / min(entry["seconds"]) / 1e9
            print(
                f"  {who:12s} {rate:7.1f} GF/s {100 * rate / gflops:5.1f} %, "
                f"best {100 * best / gflops:5.1f} %, error {entry['error']:.1e}",
                flush=True,
            )
        record = dict(cell, threads=threads, name=name, peak_gflops=gflops, flops=flops(cell))
        record["commit"] = commit.stdout.strip()
        record["contestants"] = entries
        results["cells"] = [
            other
            for other in results["cells"]
            if (other["name"], other["threads"]) != (name, threads)
        ] + [record]
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(results, indent=1) + "\n")
