# Runs a CPU suite.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the cells of a suite, which is data, and writes the results after each."""

import json
import os
import platform
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from . import (
    attention_rows,
    contestants,
    cpu,
    cpu_linear,
    cpu_masks,
    cpu_measure,
    patterns,
    peak,
)

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Suite:
    heads: int
    cells: Callable  # Dictionaries with name and flops at least.
    makers: dict  # As contestants.py has them.
    draw: Callable  # The inputs of a cell, float32 arrays.
    expected: Callable  # Rows of the first head in float64, for a cell and contestant.
    does_all: Callable = lambda cell, who: True  # Whether a contestant does the cell's work.
    facts: Callable = lambda cell, build: {}  # What else to write of a cell with ours.


def attention(heads, cells, makers, pattern, facts=Suite.facts):
    """A suite of attention; `pattern` names the mask of a cell and contestant."""
    return Suite(
        heads,
        cells,
        makers,
        draw=lambda cell, rng: attention_rows.draw(cell, heads, rng),
        expected=lambda cell, who, inputs, rows: attention_rows.expected(
            inputs, patterns.BY_NAME[pattern(cell, who)], rows
        ),
        does_all=lambda cell, who: pattern(cell, who) == pattern(cell, "attn"),
        facts=facts,
    )


SUITES = {
    "cpu": attention(cpu.HEADS, cpu.cells, contestants.ALL, lambda cell, who: cpu.mask_of(cell)),
    "cpu-masks": attention(
        cpu_masks.HEADS, cpu_masks.cells, cpu_masks.MAKERS, cpu_masks.pattern_of, cpu_masks.facts
    ),
    "cpu-linear": Suite(
        cpu_linear.HEADS,
        cpu_linear.cells,
        cpu_linear.MAKERS,
        cpu_linear.draw,
        cpu_linear.expected,
    ),
}


def device():
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", text)
    return dict(
        cpu=model.group(1) if model else platform.processor(),
        avx512="avx512f" in text,
        cores=os.cpu_count(),
    )


def commit():
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def report(cell, suite, entries, gflops):
    for who, entry in entries.items():
        middle, least = statistics.median(entry["seconds"]), min(entry["seconds"])
        line = f"  {who:12s} {1e3 * middle:9.2f} ms, error {entry['error']:.1e}"
        if suite.does_all(cell, who):
            rates = [cell["flops"] / seconds / 1e9 for seconds in (middle, least)]
            line += f", {rates[0]:7.1f} GF/s {100 * rates[0] / gflops:5.1f} %"
            line += f", best {100 * rates[1] / gflops:5.1f} %"
        print(line, flush=True)


def run(options, threads):
    suite, build = SUITES[options.suite], ROOT / options.build
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    path = options.output
    results = json.loads(path.read_text()) if options.merge and path.exists() else dict(cells=[])
    head = commit()
    results.update(
        suite=options.suite,
        date=time.strftime("%Y-%m-%d"),
        device=device(),
        versions=contestants.versions(),
        protocol=dict(rounds=options.rounds, window_seconds=options.window, heads=suite.heads),
    )
    for cell in suite.cells():
        if not re.search(options.only, cell["name"]):
            continue
        gflops = peak.measure(threads)
        print(f"{cell['name']}, {threads} threads, peak {gflops:.0f} GF/s", flush=True)
        entries = cpu_measure.measure(cell, suite, threads, options, build)
        gflops = max(gflops, peak.measure(threads))
        report(cell, suite, entries, gflops)
        record = dict(cell, threads=threads, peak_gflops=gflops, commit=head)
        if "attn" in entries:
            record.update(suite.facts(cell, build))
        record["contestants"] = entries
        results["cells"] = [
            other
            for other in results["cells"]
            if (other["name"], other["threads"]) != (cell["name"], threads)
        ] + [record]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1) + "\n")
