# Fixed attention of the Sparse Transformer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Fixed attention of the Sparse Transformer.

    block    A1(i) = {j <= i : floor(j / stride) = floor(i / stride)}
    summary  A2(i) = {j <= i : j mod stride >= stride - summary}
    j visible to i  iff  j in A1(i) or j in A2(i)

The merged variant: one softmax over the union in every head.

Source: Child et al. 2019 (stride 128, summaries of 8, 16 or 32 tokens).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(stride=16, summary=4)
PAPER = dict(stride=128, summary=32)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=8, kv_heads=8, length=2011, depth=64)


def visible_keys(i, stride, summary):
    return [j for j in range(i + 1) if j // stride == i // stride or j % stride >= stride - summary]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, stride, summary, scale=None, rows=None):
    def keys(b, h, i):
        return visible_keys(i, stride, summary)

    return attend(q, k, v, keys, scale=scale, rows=rows)
