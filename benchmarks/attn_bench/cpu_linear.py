# The CPU suite of linear attention: recurrences beside chunks in PyTorch.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cells are B1 H16 S4096, keys and values of 128, f32, with slow gates, drawn as those of
the GPU suite. Work is that of chunks of 64 tokens, whatever the contestant's chunk: of
scalar decay C (K + V) + 2 K V multiply-adds a token, which is
98.3 kFLOP; of the delta rule another C (K + V) + K V, 163.8 in all."""

import math

import numpy as np

from . import contestants, gpu_linear_reference

HEADS, LENGTH, DEPTH = 16, 4096, 128
KFLOP_OF_TOKEN = {"scalar_decay": 98.304, "gated_delta": 163.84}
SIZES = (32, 64, 128)
SCALE = 1 / math.sqrt(DEPTH)


def cells():
    for method, work in KFLOP_OF_TOKEN.items():
        cell = dict(dtype="f32", D=DEPTH, S=LENGTH, method=method)
        yield dict(cell, name=method.replace("_", " "), flops=1e3 * work * HEADS * LENGTH)


def draw(cell, rng):
    """Queries, keys of norm 1 and values, slow gates, and betas of the delta rule."""
    shape = (1, HEADS, cell["S"], cell["D"])
    q, k, v = (rng.standard_normal(shape, dtype=np.float32) for _ in range(3))
    k /= np.linalg.norm(k, axis=-1, keepdims=True)
    gates, betas = (rng.standard_normal(shape[:3], dtype=np.float32) for _ in range(2))
    inputs = [q, k, v, -0.01 * np.log1p(np.exp(-gates))]
    return inputs + [1 / (1 + np.exp(-betas))] * (cell["method"] == "gated_delta")


def expected(cell, who, inputs, rows):
    """Rows of the first head in float64, token by token."""
    q, k, v, g, *beta = (x[:, :1].astype(np.float64) for x in inputs)
    state = np.zeros((1, 1, cell["D"], cell["D"]))
    outputs = gpu_linear_reference.advance(
        state, q, k, v, np.exp(g), beta[0] if beta else None, SCALE, set(rows.tolist())
    )
    return np.stack(outputs, 2)[0, 0]


def source(cell):
    tensor, gates = f"tensor<1x{HEADS}x?x{cell['D']}xf32>", f"tensor<1x{HEADS}x?xf32>"
    arguments = [*(f"%{name}: {tensor}" for name in "qkv"), f"%g: {gates}"]
    clauses = f"scale({SCALE!r}) decay(scalar %g : {gates})"
    if cell["method"] == "gated_delta":
        arguments.append(f"%beta: {gates}")
        clauses += f" update(delta %beta : {gates})"
    return f"""func.func @attention({", ".join(arguments)}) -> {tensor} {{
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : {tensor}
  %e = tensor.empty(%n) : {tensor}
  %o = attn.recurrence %q, %k, %v outs(%e) {clauses}
    : {tensor}, {tensor}, {tensor} -> {tensor}
  return %o : {tensor}
}}
"""


def attn(cell, inputs, threads, build):
    arrays = [np.ascontiguousarray(x, dtype=np.float32) for x in inputs]
    out = np.full_like(arrays[0], np.nan)
    return contestants.entry(source(cell), [*arrays, out], threads, build), lambda: out


def aten(size):
    def make(cell, inputs, threads, build):
        try:
            import torch
        except ImportError as error:
            raise contestants.Absent(error) from None
        from peers import aten_chunks

        torch.set_num_threads(threads)
        tensors = [torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32)) for x in inputs]
        run, box = getattr(aten_chunks, cell["method"]), []

        def call():
            with torch.inference_mode():
                box[:] = [run(*tensors, SCALE, size)]

        return call, lambda: box[0].numpy()

    return make


MAKERS = {"attn": attn, **{f"aten_{size}": aten(size) for size in SIZES}}
