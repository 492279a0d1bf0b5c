#!/usr/bin/env python3
# Executes the products of single warps in cases.py without a GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Executes the products of single warps in cases.py without a GPU.

    emulate.py --attn-opt PATH --mlir-opt PATH [--only REGEX]

Compiles them to PTX, which machine.py executes, and compares the results with
float64. The last line is `N passed, N failed`.
"""
import argparse
import re
import sys

import numpy as np

import build
import cases
from machine import Machine, bits_of

SENTINEL = 777.0
MARGIN = 64


def encode(values, dtype):
    """Bytes of an array, and its values as the type rounds them."""
    if dtype == "f16":
        stored = values.astype(np.float16)
        return stored.view(np.uint8).ravel(), stored.astype(np.float64)
    if dtype == "f32":
        stored = values.astype(np.float32)
        return stored.view(np.uint8).ravel(), stored.astype(np.float64)
    bits = bits_of(values.astype(np.float32)).astype(np.uint32)
    bits = (bits + 0x7fff + (bits >> 16 & 1)) >> 16
    return (bits.astype(np.uint16).view(np.uint8).ravel(),
            (bits << 16).astype(np.uint32).view(np.float32).astype(np.float64))


def run(case, ptx, is_twin=False):
    """Returns what is wrong, or nothing, and what was executed. The twin expects
    the right operand to be read as its transpose."""
    generator = np.random.default_rng(0)
    memory, values, parameters = {}, {}, []
    for place, argument in enumerate(case.arguments, 1):
        shape = argument["shape"]
        data = generator.standard_normal(shape)
        if argument["output"] and not case.parameters["accumulate"]:
            data = np.full(shape, SENTINEL)
        stored, values[argument["name"]] = encode(data, argument["dtype"])
        pad = np.full(MARGIN, 255, np.uint8)
        memory[place] = np.concatenate([pad, stored, pad])
        address = (place << 32) + MARGIN
        parameters += [address, address, 0, *shape, shape[1], 1]
    machine = Machine(ptx, case.threads)
    machine.run(parameters, memory, case.shared)
    names = [argument["name"] for argument in case.arguments]
    written = memory[1 + names.index("c")]
    if (written[:MARGIN] != 255).any() or (written[-MARGIN:] != 255).any():
        return "wrote outside of the output", machine.executed
    got = written[MARGIN:-MARGIN].view(np.float32).reshape(values["c"].shape)
    a = values["a"].T if case.parameters["lhs_t"] else values["a"]
    b = values["b"].T if case.parameters["rhs_t"] != is_twin else values["b"]
    base = values["c"] if case.parameters["accumulate"] else 0
    error = np.abs(got - (base + a @ b))
    bound = 4e-7 * (np.abs(a) @ np.abs(b) + 1)
    if case.arguments[0]["dtype"] == "f32":
        # At most twice the error of sums in f32, one term after the other.
        total = np.zeros(got.shape, np.float32) + np.float32(base)
        for k in range(a.shape[1]):
            total += np.float32(a[:, k, None]) * np.float32(b[k])
        bound = 2 * np.abs(total - (base + a @ b)).max()
    if not (error <= bound).all():
        wrong = ~(error <= bound)
        return (f"{wrong.sum()} of {wrong.size} elements, the first at "
                f"{np.argwhere(wrong)[0]}"), machine.executed
    return None, machine.executed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--attn-opt", default="attn-opt")
    parser.add_argument("--mlir-opt", default="/usr/lib/llvm-22/bin/mlir-opt")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    chosen = [case for case in cases.warp_products()
              if re.search(args.only, case.name)]
    failed = 0
    for chip in sorted({case.chip for case in chosen}):
        group = [case for case in chosen if case.chip == chip]
        ptx = build.to_ptx(args.attn_opt, args.mlir_opt,
                           build.write_module(group), chip)
        for case in group:
            why, executed = run(case, ptx[case.name])
            if not executed.get("mma"):
                why = "is no product of single warps"
            n, k = (case.arguments[1]["shape"][i] for i in (0, 1))
            if n == k and not run(case, ptx[case.name], is_twin=True)[0]:
                why = "the twin passes, but must not"
            failed += why is not None
            print(f"{'FAIL' if why else 'ok  '} {case.name}"
                  + (f": {why}" if why else ""), flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
