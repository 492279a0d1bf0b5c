#!/usr/bin/env python3
# Executes loops that are dealt to threads, warps and lanes without a GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Executes loops that are dealt to threads, warps and lanes without a GPU.

    emulate.py --attn-opt PATH [--only REGEX]

Compiles the programs of programs.py and steps.py to PTX as the pipeline does, which the
machine of ../wg executes, kernel by kernel, and compares the results with NumPy: with what
is expected, and with a twin that is not. Where the host chooses between two kernels, both
are executed, one after the other. The last line is `N passed, N failed`.
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "wg"))

import build
import clusters
import programs
import steps
from machine import Machine

ARGUMENT = re.compile(r"(%\w+): memref<([\dx]+)x\w+")
LAUNCH = re.compile(r"gpu\.launch_func\s+@(\w+)::@(\w+) blocks in \((.*?), .*?\) "
                    r"threads in \((.*?), .*?\)\s*(?:dynamic_shared_memory_size (\S+)\s*)?args\((.*)\)")
CONSTANT = re.compile(r"(%\S+) = arith\.constant (\S+) : (?:index|i32)")
SHARED = re.compile(r"\.shared \.align \d+ \.b8 (\w+)\[(\d+)\]")
ALLOCATION = re.compile(r"(%\w+)(?:, %\w+)? = gpu\.alloc .*: memref<([\dx]+)x(\w+)>")


def kernels_of(ptx):
    """The text of each kernel of a module."""
    pieces = ptx.split(".visible .entry ")[1:]
    return {piece.split("(")[0]: ".entry " + piece for piece in pieces}


def launches(host, version):
    """The launches of host code; of those in branches, the first ones, or the others."""
    found, branches = [], []
    for line in host.splitlines():
        if line.strip().startswith("}") and branches:
            taken = branches.pop()
            if "else {" in line:
                branches.append(not taken)
        elif line.rstrip().endswith("{") and "scf.if" in line:
            # Whether something is launched is no choice.
            branches.append(version == 0 or not has_else(host, line))
        elif line.rstrip().endswith("{"):
            branches.append(True)
        elif (launch := LAUNCH.search(line)) and all(branches):
            found.append(launch.groups())
    return found


def has_else(host, opening):
    """Whether the branch that a line opens has a second part."""
    depth = 0
    for line in host[host.index(opening):].splitlines():
        if line.strip().startswith("}"):
            depth -= 1
            if depth == 0:
                return "else {" in line
        depth += line.rstrip().endswith("{")
    raise ValueError(f"{opening} is not closed")


class Program:
    def __init__(self, attn_opt, text):
        done = subprocess.run(
            [attn_opt, "--attn-lower-to-nvvm=stop-after=binary format=isa chip=sm_90a "
             "ptxas=none"], input=text, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.host = done.stdout
        self.kernels, self.shared = {}, {}
        for _, ptx in build.BINARY.findall(done.stdout):
            self.kernels |= kernels_of(build.unescape(ptx))
            self.shared |= {name: int(size) for name, size in
                            SHARED.findall(build.unescape(ptx))}
        self.executed = {}

    def run(self, arrays, version=0):
        """`arrays` are the arguments of the function, the results last."""
        values = {name: int(value) for name, value in CONSTANT.findall(self.host)}
        memory, shapes = {}, {}
        names = [name for name, _ in ARGUMENT.findall(
            re.search(r"func\.func @.*", self.host)[0])]
        for place, (name, array) in enumerate(zip(names, arrays, strict=True), 1):
            memory[place] = array.view(np.uint8).reshape(-1).copy()
            values[name], shapes[name] = place << 32, array.shape
        for name, shape, dtype in ALLOCATION.findall(self.host):
            shape = [int(extent) for extent in shape.split("x")]
            place = len(memory) + 1
            size = int(np.prod(shape)) * max(1, int(dtype.strip("bfi")) // 8)
            # Whatever was there before.
            memory[place] = np.full(size, 0x5a, np.uint8)
            values[name], shapes[name] = place << 32, shape
        for _, kernel, blocks, threads, shared, arguments in launches(self.host, version):
            parameters = []
            for argument in re.findall(r"%\S+(?= : )", arguments):
                parameters.append(values[argument])
                if argument in shapes:
                    shape = shapes[argument]
                    strides = [int(np.prod(shape[i + 1:])) for i in range(len(shape))]
                    parameters += [values[argument], 0, *shape, *strides]
            machine = Machine(self.kernels[kernel], values[threads], self.shared)
            bytes_of_block = (values[shared] if shared else
                              max(self.shared.values(), default=0))
            for block in range(values[blocks]):
                machine.run(parameters, memory, bytes_of_block, block, values[blocks])
            for name, count in machine.executed.items():
                self.executed[name] = self.executed.get(name, 0) + count
        return [memory[place].view(array.dtype).reshape(array.shape)
                for place, array in enumerate(arrays, 1)]


def check(attn_opt, case):
    """Why a case is not as it should be, or None."""
    program = Program(attn_opt, case.text)
    inputs = case.make_inputs(np.random.default_rng(0))
    results = [np.full(shape, 77, dtype) for shape, dtype in case.results]
    gots = [program.run([*inputs, *results], version)[len(inputs):] for version in range(2)]
    missing = [name for name in case.instructions if name not in program.executed]
    if missing:
        return f"has no {missing}"
    wants = case.reference(*inputs)
    for x, y in [pair for got in gots for pair in zip(got, wants, strict=True)]:
        if not np.allclose(x, y, rtol=case.tolerance, atol=case.tolerance, equal_nan=True):
            wrong = np.argwhere(~np.isclose(x, y, case.tolerance, case.tolerance, True))
            at = tuple(wrong[0])
            return f"{len(wrong)} elements, the first at {at}: {x[at]}, not {y[at]}"
    if all(np.allclose(x, np.flip(y), rtol=0.1) for x, y in zip(gots[0], wants)):
        return "the twin, the results the other way round, passes, but must not"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--attn-opt", default="attn-opt")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    chosen = [case for case in programs.CASES + steps.CASES + clusters.CASES if re.search(args.only, case.name)]
    failed = 0
    for case in chosen:
        why = check(args.attn_opt, case)
        failed += why is not None
        print(f"{'FAIL' if why else 'ok  '} {case.name}" + (f": {why}" if why else ""),
              flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
