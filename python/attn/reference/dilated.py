# Dilated sliding window attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dilated sliding window: `window` keys, `dilation` apart, the last one at the query.

    j visible to i  iff  j <= i,  (i - j) mod dilation = 0  and  i - j < window * dilation

Source: Beltagy et al. 2020 (Longformer: windows up to 512, dilations up to 3).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(window=16, dilation=3)
PAPER = dict(window=512, dilation=3)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, kv_heads=16, length=2011, depth=64)


def visible_keys(i, window, dilation):
    return [j for j in range(i + 1) if (i - j) % dilation == 0 and i - j < window * dilation]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, window, dilation, scale=None, rows=None):
    def keys(b, h, i):
        return visible_keys(i, window, dilation)

    return attend(q, k, v, keys, scale=scale, rows=rows)
