# Longformer attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Longformer: a two-sided window, and global tokens with projections of their own.

The first `global_tokens` positions, g of them, are global.

    i <  g:  out = softmax(scale * qg kg^T over all keys) vg
    i >= g:  out = softmax(scale * q k^T over the visible keys) v,
                   j visible  iff  |i - j| <= window / 2  or  j < g

The window is not dilated. Not causal.

Source: Beltagy et al. 2020 (window 512; 12 heads of 64).

    q, k, v, kg, vg ``[B, H, S, D]``, qg ``[B, H, g, D]``      out ``[B, H, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(window=32, global_tokens=3)
PAPER = dict(window=512, global_tokens=16)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=12, kv_heads=12, length=2011, depth=64)


def visible_keys(i, length, window, global_tokens):
    """The keys of a local row."""
    return [j for j in range(length) if abs(i - j) <= window // 2 or j < global_tokens]


def inputs(rng, sizes, parameters):
    local, wide = make_qkv(rng, sizes), make_qkv(rng, sizes)
    return local | {
        "qg": wide["q"][:, :, : parameters["global_tokens"]].copy(),
        "kg": wide["k"],
        "vg": wide["v"],
    }


def evaluate(q, k, v, qg, kg, vg, *, window, global_tokens, scale=None, rows=None):
    length = q.shape[2]
    rows = range(length) if rows is None else rows

    def keys(b, h, i):
        return visible_keys(i, length, window, global_tokens)

    out = attend(q, k, v, keys, scale=scale, rows=rows)
    for n, i in enumerate(rows):
        if i < global_tokens:
            every = attend(qg, kg, vg, lambda b, h, i: list(range(length)), scale=scale, rows=[i])
            out[:, :, n] = every[:, :, 0]
    return out
