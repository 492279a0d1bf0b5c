# Attention with linear biases (ALiBi), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ALiBi: causal attention whose logits fall with the distance, per head.

    t(i, j) = scale * q_i . k_j + slopes[h] * (j - i),    j <= i
    slopes[h] = 2 ** (-8 (h + 1) / H)

The slopes are an operand; `inputs` makes them by the formula.

Source: Press et al. 2022 (16 heads of 128 in the model of 1.3 billion parameters).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, slopes ``[Hq]``     out ``[B, Hq, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv, widen

TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, kv_heads=16, length=2011, depth=128)


def make_slopes(heads):
    return np.array([2.0 ** (-8 * (h + 1) / heads) for h in range(heads)])


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes) | {"slopes": make_slopes(sizes["heads"])}


def evaluate(q, k, v, slopes, *, scale=None, rows=None):
    slopes = widen(slopes)

    def logit(b, h, i):
        return lambda s, j: s + slopes[h] * (j - i)

    def keys(b, h, i):
        return list(range(i + 1))

    return attend(q, k, v, keys, scale=scale, logit=logit, rows=rows)
