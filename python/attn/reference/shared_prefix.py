# Attention of continuations of one prefix, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Shared prefix: continuations in one sequence, blind to each other, behind one prefix.

    j visible to i  iff  j <= i  and  (j < prefix  or  ids[b, j] = ids[b, i])

ids is 0 at the first `prefix` positions and 1, 2, ... in the continuations.

Source: Juravsky et al. 2024 (Hydragen), here with the continuations concatenated.

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, ids int32 ``[B, S]``
    out ``[B, Hq, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv

CONTINUATIONS = 4
TEST = dict(prefix=50)
PAPER = dict(prefix=1000)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=3001, depth=128)


def visible_keys(i, prefix, ids):
    """`ids`: those of the batch entry."""
    return [j for j in range(i + 1) if j < prefix or ids[j] == ids[i]]


def inputs(rng, sizes, parameters):
    length, prefix = sizes["length"], parameters["prefix"]
    ids = np.zeros((sizes["batch"], length), np.int32)
    for entry in ids:
        entry[prefix:] = 1
        cuts = rng.choice(np.arange(prefix + 1, length), CONTINUATIONS - 1, replace=False)
        for cut in cuts:
            entry[cut:] += 1
    return make_qkv(rng, sizes) | {"ids": ids}


def evaluate(q, k, v, ids, *, prefix, scale=None, rows=None):
    lists = ids.tolist()

    def keys(b, h, i):
        return visible_keys(i, prefix, lists[b])

    return attend(q, k, v, keys, scale=scale, rows=rows)
