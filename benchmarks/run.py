#!/usr/bin/env python3
# Times compiled attention beside its peers and writes what was measured.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Usage: benchmarks/run.py cpu [--threads 1,2] [--rounds 7] [--window 1.0] [--only REGEX]

Writes benchmarks/results/NAME.json (commit, device, versions, samples);
benchmarks/render.py turns the results into docs/benchmarks.md. Peers that do
not import are left out and named. Protocol: in one process, all contestants of
a cell in turn, order alternating, at least 7 rounds in windows of at least one
second; the figure is the median of rounds. The peak is the best of 20 bursts of
a register-only multiply-add loop, at the same thread count, in the same
process. Inputs are N(0, 1), drawn per run; every contestant's output is checked
against float64 on a sample of rows.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", choices=["cpu"])
    parser.add_argument("--threads", default="1,2", help="thread counts, comma separated")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--window", type=float, default=1.0, help="seconds of a round")
    parser.add_argument("--only", default="", help="a regular expression on the names of cells")
    parser.add_argument("--merge", action="store_true", help="keep the other cells of the results")
    parser.add_argument("--build", default="build", help="the build directory of attn")
    options = parser.parse_args()
    # Thread pools read these when they are loaded.
    threads = [int(count) for count in options.threads.split(",")]
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(max(threads))
    if len(threads) > 1:
        # One process per count: a pool cannot be shrunk after it was made.
        for index, count in enumerate(threads):
            command = [sys.executable, __file__, options.suite, f"--threads={count}"]
            command += [f"--rounds={options.rounds}", f"--window={options.window}"]
            command += [f"--only={options.only}", f"--build={options.build}"]
            if index or options.merge:
                command.append("--merge")
            subprocess.run(command, check=True)
        return
    from attn_bench import cpu

    cpu.run(options, threads[0])


if __name__ == "__main__":
    main()
