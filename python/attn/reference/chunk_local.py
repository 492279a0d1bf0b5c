# Chunk-local attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Chunk-local attention: causal inside chunks of `chunk` tokens.

    j visible to i  iff  j <= i  and  floor(j / chunk) = floor(i / chunk)

Source: Llama 4 (Meta 2025): chunks of 8192, 40 query and 8 kv heads.

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(chunk=48)
PAPER = dict(chunk=8192)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=40, kv_heads=8, length=9001, depth=128)


def visible_keys(i, chunk):
    return [j for j in range(i + 1) if j // chunk == i // chunk]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, chunk, scale=None, rows=None):
    return attend(q, k, v, lambda b, h, i: visible_keys(i, chunk), scale=scale, rows=rows)
