#!/usr/bin/env python3
# Profiles cells of a GPU suite, contestant by contestant.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counters of single calls, by Nsight Compute (`ncu`, which must be in the PATH).

    gpu_profile.py SUITE --artefacts OUT --only REGEX [--contestants attn,fa3,cudnn] [--merge]

OUT is a folder that `run.py SUITE --compile-only OUT` filled. Every contestant of a cell
is checked against float64, called three times, and once under the profiler, its clocks
left alone. Of a call that launches several kernels the longest is told, and how many there
are. Writes benchmarks/results/gpu-profile.json, which render.py puts into
docs/benchmarks.md.
"""

import argparse
import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

from attn_bench import gpu_profile_tables

# The kernel that waits.
MARK = "spin_kernel"
RESULTS = Path(__file__).resolve().parent / "results" / "gpu-profile.json"


def launch(options):
    """The calls alone, for ncu. A line tells which comes, and a kernel that waits where it
    begins: ncu prints all at the end."""
    import torch

    from attn_bench import gpu_contestants, gpu_measure, gpu_reference, gpu_suites

    with torch.no_grad():
        for cell in gpu_suites.SUITES[options.suite].cells():
            if not re.search(options.only, cell["name"]):
                continue
            inputs = gpu_measure.make_inputs(cell)
            expected = gpu_reference.expectations(cell, inputs)
            makers = gpu_contestants.makers(cell)
            for who in options.contestants.split(","):
                if who not in makers:
                    continue
                contestant, _ = gpu_measure.enter(
                    who, makers[who], cell, inputs, options.artefacts, expected
                )
                for _ in range(3):
                    contestant.call()
                torch.cuda.synchronize()
                print(f"CALL {who} {cell['name']}", flush=True)
                torch.cuda.cudart().cudaProfilerStart()
                torch.cuda._sleep(1000)
                contestant.call()
                torch.cuda.synchronize()
                torch.cuda.cudart().cudaProfilerStop()


def number(text):
    return float(text.replace(",", ""))


def parse(text):
    """What the calls and ncu (--page raw --csv) printed: by call, a record of its longest
    kernel."""
    lines = text.splitlines()
    told = [line.split(" ", 2) for line in lines if line.startswith("CALL ")]
    calls = [dict(name=name, contestant=who, kernels=0) for _, who, name in told]
    header, at = None, -1
    for row in csv.reader(line for line in lines if line.startswith('"')):
        if row[0] == "ID":
            header = row
        if not header or len(row) != len(header) or not row[0].isdigit():
            continue
        found = dict(zip(header, row))
        if MARK in found["Kernel Name"]:
            at += 1
            continue
        counters = {
            key: number(found[metric]) for key, metric in gpu_profile_tables.METRICS.items()
        }
        calls[at]["kernels"] += 1
        if counters["ns"] > calls[at].get("counters", {"ns": 0})["ns"]:
            calls[at].update(kernel=found["Kernel Name"][:60], counters=counters)
    return [call for call in calls if "counters" in call]


def profile(options):
    command = ["ncu", "--profile-from-start", "off", "--clock-control", "none", "--csv"]
    command += ["--page", "raw", "--print-units", "base"]
    command += ["--metrics", ",".join(gpu_profile_tables.METRICS.values())]
    command += [sys.executable, "-B", __file__, options.suite, "--launch"]
    command += ["--only", options.only, "--contestants", options.contestants]
    command += ["--artefacts", options.artefacts]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    calls = parse(done.stdout)
    if done.returncode or not calls:
        sys.exit(f"ncu or what it ran failed ({done.returncode}):\n{done.stdout[-2000:]}")
    return calls


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", choices=("gpu-dense", "gpu-masks"))
    parser.add_argument("--artefacts", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--contestants", default="attn,fa3,cudnn")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--merge", action="store_true", help="keep the other cells of the results")
    parser.add_argument("--launch", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.launch:
        return launch(options)
    from attn_bench import gpu_artefacts, gpu_device

    calls = profile(options)
    manifest = gpu_artefacts.manifest(options.artefacts)
    commits = sorted({entry["commit"] for entry in manifest.values()})
    for call in calls:
        call.update(suite=options.suite, commit=", ".join(commits))
    kept = []
    if options.merge and options.output.exists():
        names = {call["name"] for call in calls}
        kept = json.loads(options.output.read_text())["calls"]
        kept = [call for call in kept if call["name"] not in names]
    results = dict(device=gpu_device.describe(), calls=kept + calls)
    options.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
