# Mixture of sparse attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mixture of attention (MoA): every head has a span of its own.

    j visible to i  iff  j <= i  and  (i - j < spans[h]  or  j < sinks)

The span of a head at length N is alpha_h + beta_h N; `spans` are its values, per
query head, at the length in question.

Source: Fu et al. 2024 (64 sinks; Vicuna-7B has 32 heads of 128).

    q ``[B, H, S, D]``, k, v ``[B, H, S, D]``        out ``[B, H, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(spans=(16, 32, 64, 128), sinks=4)
PAPER = dict(spans=(128, 256, 512, 1024) * 8, sinks=64)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=32, length=2011, depth=128)


def visible_keys(i, span, sinks):
    """`span`: that of the head."""
    return [j for j in range(i + 1) if i - j < span or j < sinks]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, spans, sinks, scale=None, rows=None):
    if len(spans) != q.shape[1]:
        raise ValueError(f"{len(spans)} spans for {q.shape[1]} query heads")

    def keys(b, h, i):
        return visible_keys(i, spans[h], sinks)

    return attend(q, k, v, keys, scale=scale, rows=rows)
