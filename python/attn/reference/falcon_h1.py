# Falcon-H1, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Falcon-H1: heads of softmax attention and of Mamba-2 side by side, of the same
tokens.

    x1 = x + 0.9375 Wo attention(Wq x, Wk x, Wv x) + 0.25 Ws mamba2(Wu x, dt, Wb x, Wc x)
    dt = softplus(Wdt x + dt_bias)

Norms, the convolution, rotations and the gate are other operations.

Source: Falcon-LLM Team 2025 (Falcon-H1); Dao and Gu 2024 (Mamba-2).

    x ``[B, 1, S, M]``; weights as in `inputs`
    out ``[B, 1, S, M]``
"""

import numpy as np

from . import mamba2
from ._layers import BACK, HEADS, causal, make_weights, project, select, softplus
from ._tokens import narrow, widen

FAMILY = "hybrid"
TEST = dict()
SIZES = dict(batch=1, length=203)


def shape(operands):
    return operands["x"].shape


def inputs(rng, sizes, parameters):
    M, one = 64, (64, (64, 1, 32))
    x = {"x": rng.standard_normal((sizes["batch"], 1, sizes["length"], M))}
    first = make_weights(rng, wq=(M, (M, 6, 32)), wk=one, wv=one, wu=(M, (M, 12, 32)), wb=(8 * M, (M, 1, 64)),
                         wc=(8 * M, (M, 1, 64)), wdt=(M, (M, 12)))
    ssm = {
        "dt_bias": rng.uniform(-4, -2, 12),
        "a_log": np.log(rng.uniform(1, 16, 12)),
        "skip": rng.standard_normal(12),
    }
    return x | first | ssm | make_weights(rng, wo=(192, (6, 32, M)), ws=(384, (12, 32, M)))


def evaluate(x, wq, wk, wv, wu, wb, wc, wdt, dt_bias, a_log, skip, wo, ws, *, rows=None):
    x = narrow(x)[:, 0]
    attended = causal(*(project(HEADS, x, w) for w in (wq, wk, wv)))
    dt = softplus(project("btm,mh->bht", x, wdt) + widen(dt_bias)[:, None])
    u, written, read = (project(HEADS, x, w) for w in (wu, wb, wc))
    ssm = mamba2.evaluate(read, written, u, dt, -np.exp(widen(a_log)), skip)
    return select(x + 0.9375 * project(BACK, attended, wo) + 0.25 * project(BACK, ssm, ws), rows)
