# Kimi Linear, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kimi Linear: layers of KDA and of latent attention (MLA) without positions, one of
each.

    x1 = x + Wo1 kda(unit(Wq1 x), unit(Wk1 x), Wv1 x, g, beta)
    x2 = x1 + Wo2 attention(Wq2 x1, [Wuk c; Wkr x1], Wuv c),    c = Wc x1
    g = -exp(a_log) softplus(Wf1 x + dt_bias),    beta = sigmoid(Wb x)

Norms, convolutions and experts are other operations.

Source: Kimi Team 2025 (Kimi Linear); DeepSeek-AI 2024 (MLA).

    x ``[B, 1, S, M]``; weights as in `inputs`
    out ``[B, 1, S, M]``
"""

import numpy as np

from . import kda
from ._layers import BACK, HEADS, causal, make_weights, project, select, sigmoid, softplus, unit
from ._tokens import narrow, widen

FAMILY = "hybrid"
TEST = dict()
SIZES = dict(batch=1, length=203)


def shape(operands):
    return operands["x"].shape


def inputs(rng, sizes, parameters):
    M, heads = 64, (64, (64, 4, 32))
    x = {"x": rng.standard_normal((sizes["batch"], 1, sizes["length"], M))}
    first = make_weights(rng, wq1=heads, wk1=heads, wv1=heads, wf1=heads, wb=(M, (M, 4)))
    gates = {"a_log": np.log(rng.uniform(0.1, 2, 4)), "dt_bias": rng.uniform(-4, -1, (4, 32))}
    second = make_weights(rng, wo1=(128, (4, 32, M)), wq2=(M, (M, 4, 48)), wc=(M, (M, 24)), wuk=(24, (24, 4, 32)),
                          wuv=(24, (24, 4, 32)), wkr=(M, (M, 16)), wo2=(128, (4, 32, M)))
    return x | first | gates | second


def evaluate(x, wq1, wk1, wv1, wf1, wb, a_log, dt_bias, wo1, wq2, wc, wuk, wuv, wkr, wo2, *, rows=None):
    x = narrow(x)[:, 0]
    q, k = unit(project(HEADS, x, wq1)), unit(project(HEADS, x, wk1))
    beta = sigmoid(project("btm,mh->bht", x, wb))
    g = -np.exp(widen(a_log))[:, None, None] * softplus(project(HEADS, x, wf1) + widen(dt_bias)[:, None])
    x = narrow(x + project(BACK, kda.evaluate(q, k, project(HEADS, x, wv1), g, beta), wo1))
    latent = project("btm,mc->btc", x, wc)
    keys = project("btc,chd->bhtd", latent, wuk)
    shared = np.broadcast_to(project("btm,mr->btr", x, wkr)[:, None], (*keys.shape[:3], 16))
    attended = causal(project(HEADS, x, wq2), np.concatenate([keys, shared], axis=-1), project("btc,chd->bhtd", latent, wuv))
    return select(x + project(BACK, attended, wo2), rows)
