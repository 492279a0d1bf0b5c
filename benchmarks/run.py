#!/usr/bin/env python3
# Times compiled attention beside its peers and writes what was measured.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Usage: benchmarks/run.py SUITE [--only REGEX]
       cpu, cpu-masks, cpu-linear: [--threads 1,2] [--rounds 7] [--window 1.0]
       gpu-dense, gpu-masks, gpu-linear, gpu-routed: [--compile-only OUT | --artefacts OUT]

Writes benchmarks/results/SUITE.json (commit, device, versions, samples);
benchmarks/render.py turns the results into docs/benchmarks.md. Peers that do
not import are left out and named. Protocol: in one process, all contestants of
a cell in turn, order alternating; the figure is the median of rounds. Inputs are
N(0, 1), drawn per run; every contestant's output is checked against float64 on a
sample of rows.

cpu: at least 7 rounds in windows of at least one second. The peak is the best of
20 bursts of a register-only multiply-add loop, at the same thread count, in the
same process. cpu-masks: masked attention beside FlexAttention, and how its time
grows with the tiles that the mask leaves. cpu-linear: recurrences beside chunks in
PyTorch's matrix products.

gpu-dense: at least 5 rounds in windows of 250 ms and more, by CUDA events. Needs
PyTorch; FlashAttention-3 takes part where it can be imported, as with PYTHONPATH
at the folder hopper of its sources, built in place. Compiling needs no GPU and
timing no compiler: --compile-only OUT does the one, --artefacts OUT the other.
gpu-masks: in the same way, masks and scores beside FlexAttention, whose block
masks are built before the clock starts, and their building timed apart.
gpu-linear: in the same way, recurrences beside flash-linear-attention, which takes
part where it can be imported, as with PYTHONPATH at a folder that has its package
fla (ops, modules and utils of it are enough) and, if its commit is to be told, a file
COMMIT. Its first calls take minutes: they tune it. Decoding is timed by CUDA graphs.
gpu-routed: in the same way, attention over listed blocks of keys beside FlexAttention, what
attention over all keys takes, and tokens that choose blocks or attend in clusters.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def cpu(options):
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
            command += [f"--output={options.output}"]
            if index or options.merge:
                command.append("--merge")
            subprocess.run(command, check=True)
        return
    from attn_bench import cpu_suites

    cpu_suites.run(options, threads[0])


def gpu(options):
    from attn_bench import gpu

    return gpu.run(options)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    suites = parser.add_subparsers(dest="suite", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--only", default="", help="a regular expression on the names of cells")
    common.add_argument("--merge", action="store_true", help="keep the other cells of the results")
    common.add_argument("--build", default="build", help="the build directory of attn")

    def add(name, run):
        suite = suites.add_parser(name, parents=[common])
        results = Path(__file__).resolve().parent / "results" / f"{name}.json"
        suite.add_argument("--output", type=Path, default=results, help="where the results go")
        suite.set_defaults(run=run)
        return suite

    for name in ("cpu", "cpu-masks", "cpu-linear"):
        suite = add(name, cpu)
        suite.add_argument("--threads", default="1,2", help="thread counts, comma separated")
        suite.add_argument("--rounds", type=int, default=7)
        suite.add_argument("--window", type=float, default=1.0, help="seconds of a round")

    for name in ("gpu-dense", "gpu-masks", "gpu-linear", "gpu-routed"):
        suite = add(name, gpu)
        suite.add_argument("--rounds", type=int, default=5)
        suite.add_argument(
            "--window",
            default="250",
            help="milliseconds of a round, or three: for 16k and more, 4k, 1k keys",
        )
        stage = suite.add_mutually_exclusive_group()
        stage.add_argument("--compile-only", type=Path, metavar="OUT", help="time nothing")
        stage.add_argument("--artefacts", type=Path, metavar="OUT", help="compile nothing")
        suite.add_argument("--work", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.exit(options.run(options))


if __name__ == "__main__":
    main()
