# Attention of StreamingLLM, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StreamingLLM: the first `sinks` keys and the last `window`.

    j visible to i  iff  j <= i  and  (j < sinks  or  i - j < window)

Rotations by positions in the cache are applied to q and k before.

Source: Xiao et al. 2023 (4 sinks, 1020 recent tokens among others).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(sinks=4, window=64)
PAPER = dict(sinks=4, window=1020)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=2011, depth=128)


def visible_keys(i, sinks, window):
    return [j for j in range(i + 1) if j < sinks or i - j < window]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, sinks, window, scale=None, rows=None):
    def keys(b, h, i):
        return visible_keys(i, sinks, window)

    return attend(q, k, v, keys, scale=scale, rows=rows)
