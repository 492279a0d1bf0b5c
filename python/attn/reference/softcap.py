# Attention with capped logits, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Softcap: causal attention whose logits stay below `cap`.

    t(i, j) = cap * tanh(scale * q_i . k_j / cap),    j <= i

`inputs` draws queries with a deviation of cap / 2, so that logits reach the cap.

Source: Gemma Team 2024 (Gemma 2 27B: cap 50, scale 144 ** -0.5, 32 query and 16 kv
heads of 128).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv

TEST = dict(cap=4.0)
PAPER = dict(cap=50.0, scale=144**-0.5)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=16, length=2011, depth=128)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    arrays["q"] *= parameters["cap"] / 2
    return arrays


def evaluate(q, k, v, *, cap, scale=None, rows=None):
    def logit(b, h, i):
        return lambda s, j: cap * np.tanh(s / cap)

    def keys(b, h, i):
        return list(range(i + 1))

    return attend(q, k, v, keys, scale=scale, logit=logit, rows=rows)
