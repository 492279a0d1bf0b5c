# LogSparse attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""LogSparse: the query and the keys at distances that are powers of two.

    j visible to i  iff  i - j is 0, 1, 2, 4, 8, ...

Source: Li et al. 2019 (LogSparse Transformer, without local attention and restarts).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, kv_heads=16, length=2011, depth=64)


def visible_keys(i):
    keys, distance = [i], 1
    while distance <= i:
        keys.append(i - distance)
        distance *= 2
    return keys[::-1]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, scale=None, rows=None):
    return attend(q, k, v, lambda b, h, i: visible_keys(i), scale=scale, rows=rows)
