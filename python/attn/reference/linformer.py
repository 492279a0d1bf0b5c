# Linformer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Linformer: keys and values are projected along the sequence to a few.

    k'[n] = sum_s E[n, s] k[s],  v'[n] = sum_s F[n, s] v[s],  out = softmax attention over k', v'

Source: Wang et al. 2020 (256 of them).

    q, k, v ``[B, H, S, D]``, e, f ``[N, S]``        out ``[B, H, S, D]``
"""

from ._tokens import for_each_row, make_qkv, narrow, softmax

FAMILY = "routed"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, kv_heads=2, length=203, depth=32, rank=48)
PAPER_SIZES = dict(batch=1, heads=16, kv_heads=16, length=4096, depth=64, rank=256)


def inputs(rng, sizes, parameters):
    shape = sizes["rank"], sizes["length"]
    return make_qkv(rng, sizes) | {name: rng.standard_normal(shape) / shape[0] ** 0.5 for name in "ef"}


def evaluate(q, k, v, e, f, *, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    e, f = narrow(e), narrow(f)
    keys, values = narrow(e @ narrow(k)), narrow(f @ narrow(v))
    every = list(range(e.shape[0]))

    def row(b, h, i, q, _k, _v):
        return softmax(q, keys[b, h], values[b, h], every, scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
