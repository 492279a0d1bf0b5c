"""Rows that are given numbers, and moved by them."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import sys
from pathlib import Path

import numpy as np
from programs import Case, make_many, selecting

sys.path.insert(0, str(Path(__file__).parents[4] / "python"))

from attn import routing


def permuting(kind, heads=(2, 4, 4), length=37, count=37, width=(16,)):
    """Heads are those of rows, of numbers and of the result; some numbers name nothing."""
    rows = (1, heads[0], length, *width)
    numbers = (1, heads[1], count if kind == "gather" else length)
    out = (1, heads[2], count, *width)
    types = [f"tensor<{'x'.join(map(str, shape))}x{element}>"
             for shape, element in ((rows, "f32"), (numbers, "i32"), (out, "f32"))]
    name = f"{kind}_{len(width)}"
    text = f"""func.func @{name}(%x: {types[0]}, %n: {types[1]}) -> {types[2]} {{
  %0 = tensor.empty() : {types[2]}
  %r = attn.permute {kind} %x, %n outs(%0) : {types[0]}, {types[1]} -> {types[2]}
  return %r : {types[2]}
}}
"""

    def make(generator):
        end = length if kind == "gather" else count
        order = generator.integers(0, end, numbers)
        if kind == "inverse":
            order = np.stack([generator.permutation(end)[:length] for _ in range(heads[1])])[None]
        order = np.where(generator.random(numbers) < 0.1, -1, order)
        return [generator.standard_normal(rows).astype(np.float32), order.astype(np.int32)]

    return Case(name, text, make,
                lambda x, n: [routing.permute(x, n, kind, heads=heads[2], count=count)],
                [(out, np.float32)], tolerance=1e-6)


def clustering(kind, length=70, count=70, width=16):
    """Products are exact, and some are equal."""
    types = (f"tensor<1x1x{length}x{width}xf32>", f"tensor<1x2x{count}x{width}xf32>",
             f"tensor<1x2x{length}xi32>")
    name = f"cluster_{kind}_{count}"
    text = f"""func.func @{name}(%x: {types[0]}, %c: {types[1]}) -> {types[2]} {{
  %0 = tensor.empty() : {types[2]}
  %r = attn.cluster {kind} %x, %c outs(%0) : {types[0]}, {types[1]} -> {types[2]}
  return %r : {types[2]}
}}
"""

    def make(generator):
        x, c = (generator.integers(-3, 4, shape).astype(np.float32)
                for shape in ((1, 1, length, width), (1, 2, count, width)))
        x[0, 0, 3], x[0, 0, 5] = 0, np.nan
        return [x, c]

    return Case(name, text, make, lambda x, c: [routing.cluster(x, c, kind, heads=2)],
                [((1, 2, length), np.int32)], ("mma",))


CASES = [
    permuting("gather"), permuting("gather", count=50, width=()), permuting("inverse", count=41),
    permuting("mean", count=20), permuting("mean", heads=(4, 2, 4), count=20, width=()),
    clustering("nearest"), clustering("rotated", count=8),
    # Long lists of few of many scores, whose candidates come from a sample.
    selecting("candidates", "", 70, scores=make_many, numbers=1536),
]
