#!/usr/bin/env python3
# Feeds random programs to the compiler.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""fuzz.py --minutes M --seed S: random inputs, numbered from 0.

Half of the inputs are changed pieces of the test suite, half come from a
grammar. What verifies goes through attn-lower-to-cpu; of the programs that are
valid by construction, every fourth is executed and compared with the oracle
(attn-run --check). Input N of seed S is always the same; how many there are
depends on the time.

A crash is an exit by a signal, no end within the limit of CPU time, a failure
without a diagnostic, or, for a valid program, a refusal or a wrong result. Each
is saved with its seed, number and command. The last line is
`N inputs, M verified, K executed, C crashes`; exits 1 if there are crashes or
if less than 30 % verified.
"""
import argparse
import collections
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import mutate
import programs

ROOT = Path(__file__).resolve().parents[2]
CPU_SECONDS = 60
MEMORY = 16 << 30
EXECUTE_EVERY = 4


@dataclass
class Outcome:
    index: int
    origin: str
    verified: bool = False
    lowered: bool = False
    executed: bool = False
    crash: str = ""  # what kind
    command: str = ""
    output: str = ""
    text: str = ""


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def call(command):
    """Exit status (negative: a signal) and what was said."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, errors="replace", preexec_fn=limit)
    return done.returncode, done.stderr


def failure(status, output):
    """The kind of crash, or nothing for success and for a proper refusal."""
    if status < 0 or status >= 128:
        return "signal"
    if status and "error:" not in output:
        return "failure without a diagnostic"
    return ""


class Fuzzer:
    def __init__(self, build, seed, folder):
        self.opt = build / "bin" / "attn-opt"
        self.run = build / "bin" / "attn-run"
        self.seed = seed
        self.folder = folder
        self.pieces = mutate.load(ROOT / "test")

    def make(self, index):
        """The text of an input, its grammar program if any."""
        rng = random.Random(f"{self.seed}:{index}")
        if index % 2:
            program = programs.generate(rng)
            return program.text, program
        return mutate.mutate(rng, self.pieces), None

    def test(self, index):
        text, program = self.make(index)
        outcome = Outcome(index, "grammar" if program else "mutation", text=text)
        file = self.folder / f"{index}.mlir"
        file.write_text(text)
        try:
            self.stages(file, program, outcome)
        finally:
            file.unlink()
        return outcome

    def step(self, outcome, command, must_pass):
        """Whether a command succeeded; notes a crash in `outcome`."""
        status, output = call(command)
        outcome.crash = failure(status, output)
        if status and not outcome.crash and must_pass:
            outcome.crash = must_pass
        if outcome.crash:
            outcome.command, outcome.output = " ".join(map(str, command)), output
        return status == 0

    def stages(self, file, program, outcome):
        valid = program is not None and program.is_valid
        if not self.step(outcome, [self.opt, file], "a valid program is refused" if valid else ""):
            return
        outcome.verified = True
        lower = [self.opt, file, "--attn-lower-to-cpu=cpu=x86-64-v3"]
        valid = valid and program.lowers
        if not self.step(outcome, lower, "a valid program does not lower" if valid else ""):
            return
        outcome.lowered = True
        # Counted among the programs of the grammar, which have odd numbers.
        if not valid or outcome.index // 2 % EXECUTE_EVERY:
            return
        command = [self.run, file, "--entry=f", f"--random-inputs={outcome.index}",
                   "--threads=2", "--check"]
        if program.dims:
            command.append("--dims=" + ",".join(map(str, program.dims)))
        outcome.executed = self.step(outcome, command, "the oracle disagrees")


def save(outcome, seed, folder):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"seed-{seed}-input-{outcome.index}.mlir"
    last = "".join(f"//   {line}\n" for line in outcome.output.splitlines()[-12:])
    file.write_text(f"// {outcome.crash}: seed {seed}, input {outcome.index} ({outcome.origin})\n"
                    f"// {outcome.command}\n{last}{outcome.text}")
    return file


def numbers(arguments, deadline):
    if arguments.only is not None:
        yield arguments.only
        return
    index = 0
    while time.monotonic() < deadline and index < arguments.inputs:
        yield index
        index += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=1 << 60, help="stop after so many")
    parser.add_argument("--only", type=int, help="just this input, which is printed")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--crashes", type=Path, help="folder for crashes (BUILD/fuzz-crashes)")
    arguments = parser.parse_args()
    crash_folder = arguments.crashes or arguments.build / "fuzz-crashes"

    counts, kinds = collections.Counter(), collections.Counter()

    def note(outcome):
        counts["inputs"] += 1
        for key in ("verified", "lowered", "executed"):
            counts[key] += getattr(outcome, key)
        if outcome.crash:
            counts["crashes"] += 1
            kinds[outcome.crash] += 1
            print(f"{save(outcome, arguments.seed, crash_folder)}: {outcome.crash}", flush=True)

    deadline = time.monotonic() + 60 * arguments.minutes
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        fuzzer = Fuzzer(arguments.build.resolve(), arguments.seed, Path(folder))
        if arguments.only is not None:
            print(fuzzer.make(arguments.only)[0])
        running = set()
        for index in numbers(arguments, deadline):
            running.add(pool.submit(fuzzer.test, index))
            if len(running) == arguments.jobs:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    note(future.result())
        for future in running:
            note(future.result())

    for kind, count in kinds.most_common():
        print(f"{count} x {kind}")
    print(f"seed {arguments.seed}: {counts['lowered']} of {counts['verified']} verified inputs lowered")
    print(f"{counts['inputs']} inputs, {counts['verified']} verified, "
          f"{counts['executed']} executed, {counts['crashes']} crashes")
    enough = 10 * counts["verified"] >= 3 * counts["inputs"] > 0
    return 0 if enough and not counts["crashes"] else 1


if __name__ == "__main__":
    sys.exit(main())
