# MiniMax-Text-01, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MiniMax-Text-01: layers of lightning attention and of softmax attention, one of
each.

    x1 = x + Wo1 (norm(lightning(silu(Wq1 x), silu(Wk1 x), silu(Wv1 x))) * sigmoid(Wg1 x))
    x2 = x1 + Wo2 attention(Wq2 x1, Wk2 x1, Wv2 x1)

The norm is of each head. Other norms, rotations and experts are other operations.

Source: MiniMax 2025 (MiniMax-01).

    x ``[B, 1, S, M]``; weights as in `inputs`; slopes ``[H]``
    out ``[B, 1, S, M]``
"""

import numpy as np

from . import lightning
from ._layers import BACK, HEADS, causal, make_weights, project, select, sigmoid, silu
from ._tokens import narrow

FAMILY = "hybrid"
TEST = dict()
SIZES = dict(batch=1, length=203)


def shape(operands):
    return operands["x"].shape


def inputs(rng, sizes, parameters):
    M, heads = 64, (64, (64, 8, 32))
    x = {"x": rng.standard_normal((sizes["batch"], 1, sizes["length"], M))}
    first = make_weights(rng, wq1=heads, wk1=heads, wv1=heads)
    slopes = {"slopes": 2.0 ** -np.arange(1.0, 9)}
    second = make_weights(rng, wg1=heads, wo1=(256, (8, 32, M)), wq2=heads, wk2=(M, (M, 1, 32)), wv2=(M, (M, 1, 32)),
                          wo2=(256, (8, 32, M)))
    return x | first | slopes | second


def evaluate(x, wq1, wk1, wv1, slopes, wg1, wo1, wq2, wk2, wv2, wo2, *, rows=None):
    x = narrow(x)[:, 0]
    read = lightning.evaluate(*(silu(project(HEADS, x, w)) for w in (wq1, wk1, wv1)), slopes)
    normed = read / np.sqrt((read**2).mean(axis=-1, keepdims=True) + 1e-6)
    x = narrow(x + project(BACK, normed * sigmoid(project(HEADS, x, wg1)), wo1))
    attended = causal(*(project(HEADS, x, w) for w in (wq2, wk2, wv2)))
    return select(x + project(BACK, attended, wo2), rows)
