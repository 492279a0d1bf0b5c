# Attention of a prefix language model, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prefix language model: all see the prefix, whose length each batch entry has its own.

    j visible to i  iff  j <= i  or  j < prefix_lengths[b]

Sources: Dong et al. 2019 (UniLM), Raffel et al. 2020 (T5).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, prefix_lengths int32 ``[B]``
    out ``[B, Hq, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv

TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, kv_heads=16, length=2011, depth=64)


def visible_keys(i, length, prefix):
    return [j for j in range(length) if j <= i or j < prefix]


def inputs(rng, sizes, parameters):
    length = sizes["length"]
    prefixes = rng.integers(length // 8, length // 2, sizes["batch"])
    return make_qkv(rng, sizes) | {"prefix_lengths": prefixes.astype(np.int32)}


def evaluate(q, k, v, prefix_lengths, *, scale=None, rows=None):
    def keys(b, h, i):
        return visible_keys(i, q.shape[2], int(prefix_lengths[b]))

    return attend(q, k, v, keys, scale=scale, rows=rows)
