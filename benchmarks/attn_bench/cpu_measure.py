# Checks and times the contestants of one cell on a CPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All in one process. A wrong result ends it."""

import gc
import resource
import time

import numpy as np

from . import contestants, patterns

LIMITS = {"f32": 1e-4, "bf16": 2e-2}


def expected_rows(inputs, pattern, rows):
    """Rows of the first head in float64."""
    q, k, v = (x[0, 0].astype(np.float64) for x in inputs)
    logits = q[rows] @ k.T / np.sqrt(q.shape[1])
    visible = pattern.sees(rows[:, None], np.arange(k.shape[0])[None, :])
    logits[~visible] = -np.inf
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


def measure(cell, suite, threads, options, build):
    """The record of each contestant, by name."""
    rng = np.random.default_rng()
    shape = (1, suite.heads, cell["S"], cell["D"])
    inputs = [rng.standard_normal(shape, dtype=np.float32) for _ in range(3)]
    if cell["dtype"] == "bf16":
        inputs = [contestants.round_to_bf16(x) for x in inputs]
    rows = np.unique(np.linspace(0, cell["S"] - 1, 40).astype(int))
    entries = {}
    for name, make in suite.makers.items():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            call, result = make(cell, inputs, threads, build)
            call()
        except contestants.Absent as reason:
            print(f"  {name}: left out, {reason}", flush=True)
            continue
        pattern = patterns.BY_NAME[suite.pattern(cell, name)]
        expected = expected_rows(inputs, pattern, rows)
        error = float(np.abs(result()[0, 0, rows] - expected).max())
        if not error <= LIMITS[cell["dtype"]]:
            raise SystemExit(f"{cell['name']}: {name} is off by {error}")
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
