# Checks and times the contestants of one cell on a CPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All in one process. A wrong result ends it."""

import gc
import resource
import time

import numpy as np

from . import contestants

LIMITS = {"f32": 1e-4, "bf16": 2e-2}


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
    inputs = suite.draw(cell, rng)
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
        expected = suite.expected(cell, name, inputs, rows)
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
