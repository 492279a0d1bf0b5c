# DuoAttention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""DuoAttention: some kv heads see everything, the others sinks and recent keys.

With kv head g = h // (Hq / Hkv) of query head h,

    j visible to i  iff  j <= i  and  (not streaming[g]  or  j < sinks  or  i - j < recent)

Source: Xiao et al. 2024 (64 sinks and 256 recent keys; half of the heads of
Llama-3-8B, 32 query and 8 kv heads, stream).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
    streaming: a truth value per kv head
"""

from ._tokens import attend, make_qkv

TEST = dict(streaming=(False, True), sinks=4, recent=32)
PAPER = dict(streaming=(False, True) * 4, sinks=64, recent=256)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=2011, depth=128)


def visible_keys(i, streaming, sinks, recent):
    """`streaming`: that of the kv head."""
    return [j for j in range(i + 1) if not streaming or j < sinks or i - j < recent]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, streaming, sinks, recent, scale=None, rows=None):
    if len(streaming) != k.shape[1]:
        raise ValueError(f"{len(streaming)} kinds of heads for {k.shape[1]} kv heads")
    group = q.shape[1] // k.shape[1]

    def keys(b, h, i):
        return visible_keys(i, streaming[h // group], sinks, recent)

    return attend(q, k, v, keys, scale=scale, rows=rows)
