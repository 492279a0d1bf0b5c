# Attention inside packed documents, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Packed documents: causal inside each document of a sequence.

    j visible to i  iff  j <= i  and  ids[b, j] = ids[b, i]

The ids do not decrease along a sequence. A number that no token has is a
document without tokens.

Sources: Krell et al. 2021 (packing), Grattafiori et al. 2024 (Llama 3: 32 query
and 8 kv heads).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, ids int32 ``[B, S]``
    out ``[B, Hq, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv

TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=3001, depth=128)


def visible_keys(i, ids):
    """`ids`: those of the batch entry."""
    return [j for j in range(i + 1) if ids[j] == ids[i]]


def inputs(rng, sizes, parameters):
    ids = np.zeros((sizes["batch"], sizes["length"]), np.int32)
    for entry in ids:
        first = document = 0
        while first < len(entry):
            size = int(rng.integers(1, len(entry) // 3))
            entry[first : first + size] = document
            first += size
            document += int(rng.integers(1, 3))  # 2: a document without tokens between them.
    return make_qkv(rng, sizes) | {"ids": ids}


def evaluate(q, k, v, ids, *, scale=None, rows=None):
    lists = ids.tolist()
    return attend(q, k, v, lambda b, h, i: visible_keys(i, lists[b]), scale=scale, rows=rows)
