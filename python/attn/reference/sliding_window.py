# Sliding window attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sliding window attention: query i sees the last `window` keys, itself included.

    j visible to i  iff  j <= i  and  i - j < window
    out = softmax(scale * q k^T over the visible keys) v

Sources: Beltagy et al. 2020 (Longformer), Jiang et al. 2023 (Mistral 7B: window
4096, 32 query and 8 kv heads).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(window=64)
PAPER = dict(window=4096)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4999, depth=128)


def visible_keys(i, window):
    return [j for j in range(i + 1) if i - j < window]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, window, scale=None, rows=None):
    return attend(q, k, v, lambda b, h, i: visible_keys(i, window), scale=scale, rows=rows)
