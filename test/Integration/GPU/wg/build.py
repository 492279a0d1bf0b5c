#!/usr/bin/env python3
# Compiles the kernels of cases.py.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the kernels of cases.py; needs no GPU.

    build.py OUT --attn-opt PATH [--ptxas PATH] [--only REGEX]

OUT then holds cases.json, NAME.{ptx,cubin,log} and run.py. Exits 1 if a kernel
spills or ptxas serialises its products.
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cases

PIPELINE = ("builtin.module(gpu.module(convert-wg-to-nvvm{{chip={0}}},"
            "convert-math-to-nvvm-approx),canonicalize,cse,convert-scf-to-cf,"
            "expand-strided-metadata,lower-affine,gpu.module("
            "convert-gpu-to-nvvm,convert-vector-to-llvm,canonicalize,cse,"
            "reconcile-unrealized-casts),convert-nvvm-to-llvm)")
TO_PTX = "builtin.module(gpu-module-to-binary{format=isa})"
# setmaxnreg ignored; products serialised, for whatever reason.
SERIALISED = re.compile(r"\(C75(08|1[0-4])\)")
BINARY = re.compile(r'gpu\.binary @(\w+) .*?assembly = "(.*?)"[,>]', re.S)


def unescape(text):
    return re.sub(r"\\([0-9A-F]{2})", lambda code: chr(int(code.group(1), 16)), text)


def to_ptx(attn_opt, mlir_opt, text, chip):
    """The PTX of each gpu.module, from the escaped strings of gpu.binary."""
    for tool, pipeline in ((attn_opt, PIPELINE.format(chip)), (mlir_opt, TO_PTX)):
        done = subprocess.run([tool, f"--pass-pipeline={pipeline}"], input=text,
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr[:4000])
        text = done.stdout
    return {name: unescape(text) for name, text in BINARY.findall(text)}


def write_module(kernels):
    return ("module attributes {gpu.container_module} {"
            + "".join(kernel.mlir() for kernel in kernels) + "\n}\n")


def assemble(ptxas, out, name, chip):
    """Returns what is wrong with a kernel, and its registers."""
    done = subprocess.run(
        [ptxas, f"-arch={chip}", "-v", out / f"{name}.ptx", "-o",
         out / f"{name}.cubin"], capture_output=True, text=True)
    (out / f"{name}.log").write_text(done.stderr)
    spills = [int(n) for n in re.findall(r"(\d+) bytes spill", done.stderr)]
    registers = re.search(r"Used (\d+) registers", done.stderr)
    problem = None
    if done.returncode:
        problem = done.stderr[:500]
    elif any(spills):
        problem = f"spills: {spills}"
    elif SERIALISED.search(done.stderr):
        problem = "serialised: " + SERIALISED.search(done.stderr).group(0)
    return problem, registers and int(registers.group(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--attn-opt", default="attn-opt")
    parser.add_argument("--mlir-opt", default="/usr/lib/llvm-22/bin/mlir-opt")
    parser.add_argument("--ptxas", default="/usr/local/cuda/bin/ptxas")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    chosen = [case for case in cases.all_cases()
              if re.search(args.only, case.name)]
    assert len({case.name for case in chosen}) == len(chosen), "names repeat"

    def compile_group(group):
        text = write_module(group)
        (args.out / f"{group[0].name}.mlir").write_text(text)
        ptx = to_ptx(args.attn_opt, args.mlir_opt, text, group[0].chip)
        failures = 0
        for case in group:
            (args.out / f"{case.name}.ptx").write_text(ptx[case.name])
            problem, registers = assemble(args.ptxas, args.out, case.name, case.chip)
            failures += problem is not None
            print(f"{case.name}: {registers} registers"
                  + (f", {problem}" if problem else ""), flush=True)
        return failures

    groups = []
    for chip in sorted({case.chip for case in chosen}):
        of = [case for case in chosen if case.chip == chip]
        groups += [of[i:i + 8] for i in range(0, len(of), 8)]
    with ThreadPoolExecutor(2) as pool:
        failures = sum(pool.map(compile_group, groups))
    (args.out / "cases.json").write_text(
        json.dumps([case.record() for case in chosen], indent=1))
    shutil.copy(Path(__file__).with_name("run.py"), args.out)
    print(f"{len(chosen)} kernels, {failures} with problems")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
