# Luna, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Luna: a few queries of their own attend to the tokens; tokens attend to what these have found.

    y = softmax attention of p over k, v;    out = softmax attention of q over y, y

Source: Ma et al. 2021 (16 to 64 queries p).

    q, k, v ``[B, H, S, D]``, p ``[B, H, L, D]``        out ``[B, H, S, D]``
"""

from ._tokens import attend, for_each_row, make_qkv, softmax

FAMILY = "routed"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, kv_heads=2, length=203, depth=32, packed=24)
PAPER_SIZES = dict(batch=1, heads=8, kv_heads=8, length=4011, depth=64, packed=64)


def inputs(rng, sizes, parameters):
    shape = sizes["batch"], sizes["heads"], sizes["packed"], sizes["depth"]
    return make_qkv(rng, sizes) | {"p": 2 * rng.standard_normal(shape)}


def evaluate(q, k, v, p, *, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    every = list(range(k.shape[2]))
    found = attend(p, k, v, lambda b, h, i: every, scale=scale, rows=range(p.shape[2]))

    def row(b, h, i, q, k, v):
        return softmax(q, found[b, h], found[b, h], list(range(p.shape[2])), scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
