#!/usr/bin/env python3
# Executes what single warps do in cases.py without a GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Executes what single warps do in cases.py without a GPU.

    emulate.py --attn-opt PATH --mlir-opt PATH [--only REGEX]

Compiles them, and attention as the pipeline compiles it, to PTX, which machine.py
executes, and compares the results with float64. The last line is
`N passed, N failed`.
"""
import argparse
import re
import subprocess
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


def decode(stored, dtype):
    if dtype == "bf16":
        bits = stored.view(np.uint16).astype(np.uint32) << 16
        return bits.view(np.float32).astype(np.float64)
    return stored.view(np.float16 if dtype == "f16" else np.float32).astype(np.float64)


def get_product(case, values, is_twin):
    """What a product is, and the bound of its error. The twin expects the right
    operand to be read as its transpose."""
    a = values["a"].T if case.parameters["lhs_t"] else values["a"]
    b = values["b"].T if case.parameters["rhs_t"] != is_twin else values["b"]
    base = values["c"] if case.parameters["accumulate"] else 0
    bound = 4e-7 * (np.abs(a) @ np.abs(b) + 1)
    if case.arguments[0]["dtype"] == "f32":
        # At most twice the error of sums in f32, one term after the other.
        total = np.zeros(values["c"].shape, np.float32) + np.float32(base)
        for k in range(a.shape[1]):
            total += np.float32(a[:, k, None]) * np.float32(b[k])
        bound = 2 * np.abs(total - (base + a @ b)).max()
    return base + a @ b, bound


def get_other(case, values, is_twin):
    """The same of what is no product. The twin expects it the other way round."""
    a = values["a"]
    if case.kind == "scan":
        sums = a.cumsum()
        want, bound = sums[-1] - sums, 1e-6 * np.abs(a).sum()
    elif case.kind == "transpose":
        want, bound = a.T, 0
    else:
        matrix = np.tril(a, -1) + np.eye(len(a))
        want = np.tril(np.linalg.inv(matrix))
        magnitude = np.abs(want) @ np.abs(matrix) @ np.abs(want)
        bound = (case.parameters["epsilon"] * np.abs(want)
                 + case.parameters["merging"] * magnitude)
        dtype = next(x["dtype"] for x in case.arguments if x["name"] == "c")
        if dtype != "f32":
            # The largest error is at most twice that of rounding the inverse itself.
            rounded = encode(want.ravel(), dtype)[1].reshape(want.shape)
            bound = np.minimum(bound, 2 * np.abs(rounded - want).max())
    return np.flip(want) if is_twin else want, bound


def run(case, ptx, is_twin=False):
    """Returns what is wrong, or nothing, and what was executed."""
    generator = np.random.default_rng(0)
    memory, values, parameters = {}, {}, []
    for place, argument in enumerate(case.arguments, 1):
        shape = argument["shape"]
        data = generator.standard_normal(shape)
        if argument["output"] and not case.parameters.get("accumulate"):
            data = np.full(shape, SENTINEL)
        elif case.kind == "tri_inverse":
            data = np.where(np.tri(len(data), k=-1), data / 8, np.nan)
        stored, values[argument["name"]] = encode(data, argument["dtype"])
        pad = np.full(MARGIN, 255, np.uint8)
        memory[place] = np.concatenate([pad, stored, pad])
        address = (place << 32) + MARGIN
        strides = [int(np.prod(shape[i + 1:])) for i in range(len(shape))]
        parameters += [address, address, 0, *shape, *strides]
    machine = Machine(ptx, case.threads)
    machine.run(parameters, memory, case.shared)
    names = [argument["name"] for argument in case.arguments]
    output = 1 + names.index("c")
    written = memory[output]
    if (written[:MARGIN] != 255).any() or (written[-MARGIN:] != 255).any():
        return "wrote outside of the output", machine.executed
    got = decode(written[MARGIN:-MARGIN], case.arguments[output - 1]["dtype"])
    get = get_product if case.kind == "matmul" else get_other
    want, bound = get(case, values, is_twin)
    error = np.abs(got.reshape(want.shape) - want)
    if not (error <= bound).all():
        wrong = ~(error <= bound)
        return (f"{wrong.sum()} of {wrong.size} elements, the first at "
                f"{np.argwhere(wrong)[0]}"), machine.executed
    return None, machine.executed


def get_instructions(case):
    """Those that a case is about."""
    if case.kind == "transpose":
        columns = case.arguments[0]["shape"][1 if "store" in case.name else 0]
        turns = case.arguments[0]["dtype"] == "bf16" and columns % 16 == 0
        return turns * [{"shared": "ldmatrix", "store": "stmatrix"}.get(
            case.name.split("_")[1], "ld")]
    return ["shfl" if case.kind == "scan" else "mma"]


ATTENTION = """
func.func @attention(%q: tensor<1x2x70x32x$>, %k: tensor<1x1x150x32x$>,
                     %v: tensor<1x1x150x32x$>) -> (tensor<1x2x70x32x$>, tensor<1x2x70xf32>) {
  %e = tensor.empty() : tensor<1x2x70x32x$>
  %l = tensor.empty() : tensor<1x2x70xf32>
  %o:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.25) mask(causal) align(bottom_right)
    : tensor<1x2x70x32x$>, tensor<1x1x150x32x$>, tensor<1x1x150x32x$>
      -> tensor<1x2x70x32x$>, tensor<1x2x70xf32>
  return %o#0, %o#1 : tensor<1x2x70x32x$>, tensor<1x2x70xf32>
}
"""


def softmax(q, k, v, kind):
    """Out and lse, in float64 or as f32 gives it."""
    q, k, v = (x.astype(kind) for x in (q, k, v))
    scores = q @ k[0].T * kind(0.25)
    row, col = np.arange(70)[:, None], np.arange(150)[None]
    scores = np.where(col <= row + 80, scores, kind(-np.inf))
    largest = scores.max(-1, keepdims=True)
    weights = np.exp(scores - largest)
    sums = weights.sum(-1, keepdims=True)
    return weights / sums @ v[0], (largest + np.log(sums))[..., 0]


def run_kernel(attn_opt, text, arrays):
    """What the arguments of a program of one kernel hold before and behind it, and what
    was executed. `arrays` are the values and the type of each, the results last."""
    done = subprocess.run(
        [attn_opt, "--attn-lower-to-nvvm=stop-after=binary format=isa chip=sm_90 "
         "ptxas=none"], input=text, capture_output=True, text=True, check=True)
    ptx = build.unescape(build.BINARY.search(done.stdout)[2])
    blocks, threads, shared = (int(x) for x in re.search(
        r"blocks in \(%c(\d+), .*? threads in \(%c(\d+), .*?_size %c(\d+)_i32",
        done.stdout).groups())
    memory, values, described = {}, [], []
    for place, (data, dtype) in enumerate(arrays, 1):
        stored, value = encode(data, dtype)
        memory[place] = stored.copy()
        values.append(value)
        shape = data.shape
        strides = [int(np.prod(shape[i + 1:])) for i in range(len(shape))]
        described.append([place << 32, place << 32, 0, *shape, *strides])
    launched = re.search(r"gpu\.launch_func .*", done.stdout)[0]
    parameters = [x for number in re.findall(r"%arg(\d+) : memref", launched)
                  for x in described[int(number)]]
    machine = Machine(ptx, threads)
    for block in range(blocks):
        machine.run(parameters, memory, shared, block, blocks)
    got = [decode(memory[place], dtype).reshape(data.shape)
           for place, (data, dtype) in enumerate(arrays, 1)]
    return values, got, machine.executed


def run_attention(attn_opt, dtype):
    """Two heads in two blocks each, the last of which ends early."""
    generator = np.random.default_rng(0)
    shapes = [(1, 2, 70, 32), (1, 1, 150, 32), (1, 1, 150, 32), (1, 2, 70, 32), (1, 2, 70)]
    values, arrays, executed = run_kernel(
        attn_opt, ATTENTION.replace("$", dtype),
        [(generator.standard_normal(shape), dtype if len(shape) == 4 else "f32")
         for shape in shapes])
    q, k, v = (value[0] for value in values[:3])
    want, unfused = (softmax(q, k, v, kind) for kind in (np.float64, np.float32))
    for x, y, z in zip((arrays[3][0], arrays[4][0]), want, unfused):
        error, bound = np.abs(x - y).max(), 2 * np.abs(z - y).max()
        if dtype == "bf16":
            bound = 2.0 ** -8 * np.abs(y).max()
        if not error <= bound:
            return f"error {error:.3g} exceeds {bound:.3g}", executed
    return None, executed


SCORES = """
func.func @scores(%q: tensor<1x2x70x48x$Q>, %k: tensor<1x1x50x48x$K>) -> tensor<1x2x70x50xf32> {
  %e = tensor.empty() : tensor<1x2x70x50xf32>
  %s = attn.route_score sum %q, %k outs(%e) scale(0.25)
    : tensor<1x2x70x48x$Q>, tensor<1x1x50x48x$K> -> tensor<1x2x70x50xf32>
  return %s : tensor<1x2x70x50xf32>
}
"""


def run_scores(attn_opt, types):
    """Logits of operands of two types, neither of which is rounded."""
    generator = np.random.default_rng(0)
    shapes = [(1, 2, 70, 48), (1, 1, 50, 48), (1, 2, 70, 50)]
    text = SCORES.replace("$Q", types[0]).replace("$K", types[1])
    values, arrays, executed = run_kernel(
        attn_opt, text, list(zip(map(generator.standard_normal, shapes), (*types, "f32"))))
    q, k = values[0][0], values[1][0, 0]
    want = 0.25 * q @ k.T
    # Products are exact, so that only sums of f32 are off; rounding an operand is more.
    bound = 4e-7 * (0.25 * np.abs(q) @ np.abs(k).T + 1)
    if not (np.abs(arrays[2][0] - want) <= bound).all():
        return f"error {np.abs(arrays[2][0] - want).max():.3g}", executed
    twin = [encode(x, "bf16")[1].reshape(x.shape) for x in (q, k)]
    if (np.abs(0.25 * twin[0] @ twin[1].T - want) <= bound).all():
        return "the twin, of rounded operands, passes, but must not", executed
    return None, executed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--attn-opt", default="attn-opt")
    parser.add_argument("--mlir-opt", default="/usr/lib/llvm-22/bin/mlir-opt")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    chosen = [case for case in cases.warp_products() + cases.within_warps()
              if re.search(args.only, case.name)]
    failed = 0
    for chip in sorted({case.chip for case in chosen}):
        group = [case for case in chosen if case.chip == chip]
        ptx = build.to_ptx(args.attn_opt, args.mlir_opt,
                           build.write_module(group), chip)
        for case in group:
            why, executed = run(case, ptx[case.name])
            for wanted in get_instructions(case):
                if not executed.get(wanted):
                    why = f"has no {wanted}"
            other = case.arguments[1]["shape"]
            if case.kind != "matmul" or other[0] == other[1]:
                if not run(case, ptx[case.name], is_twin=True)[0]:
                    why = "the twin passes, but must not"
            failed += why is not None
            print(f"{'FAIL' if why else 'ok  '} {case.name}"
                  + (f": {why}" if why else ""), flush=True)
    whole = {f"attention_{dtype}": (run_attention, dtype) for dtype in ("bf16", "f32")}
    whole |= {f"scores_{q}_{k}": (run_scores, (q, k))
              for q, k in (("bf16", "f32"), ("f32", "bf16"), ("f16", "f32"), ("f32", "f32"))}
    whole = {name: run for name, run in whole.items() if re.search(args.only, name)}
    for name, (run_whole, types) in whole.items():
        why, executed = run_whole(args.attn_opt, types)
        why = why or (None if executed.get("mma") else "has no mma")
        failed += why is not None
        print(f"{'FAIL' if why else 'ok  '} {name}" + (f": {why}" if why else ""), flush=True)
    print(f"{len(chosen) + len(whole) - failed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
