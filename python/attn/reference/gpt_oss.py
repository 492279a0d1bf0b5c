# Attention of gpt-oss, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""gpt-oss: a sliding window, and a learned logit per head that no value belongs to.

    j visible to i  iff  j <= i  and  i - j < window
    out = sum_j exp(s_j) v_j / (sum_j exp(s_j) + exp(sinks[h])),   s_j = scale * q . k_j

Source: OpenAI 2025 (window 128, 64 query and 8 kv heads of 64).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, sinks ``[Hq]``     out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(window=48)
PAPER = dict(window=128)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=64, kv_heads=8, length=1003, depth=64)


def visible_keys(i, window):
    return [j for j in range(i + 1) if i - j < window]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes) | {"sinks": 2 + rng.standard_normal(sizes["heads"])}


def evaluate(q, k, v, sinks, *, window, scale=None, rows=None):
    def keys(b, h, i):
        return visible_keys(i, window)

    return attend(q, k, v, keys, scale=scale, sink=sinks, rows=rows)
