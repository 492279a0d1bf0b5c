# Strided attention of the Sparse Transformer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Strided attention of the Sparse Transformer.

    local    A1(i) = {j <= i : i - j < stride}
    strided  A2(i) = {j <= i : (i - j) mod stride = 0}
    j visible to i  iff  j in A1(i) or j in A2(i)

This is the merged variant, one softmax over the union of the two sets in every
head. (The others give A1 and A2 to heads or layers in turn.)

Source: Child et al. 2019 (stride 128).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(stride=16)
PAPER = dict(stride=128)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=8, kv_heads=8, length=2011, depth=64)


def visible_keys(i, stride):
    return [j for j in range(i + 1) if i - j < stride or (i - j) % stride == 0]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, stride, scale=None, rows=None):
    return attend(q, k, v, lambda b, h, i: visible_keys(i, stride), scale=scale, rows=rows)
