# Qwen3-Next, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Qwen3-Next: layers of Gated DeltaNet and of gated softmax attention, one of each.

    x1 = x + Wo1 gated_delta_net(unit(Wq1 x), unit(Wk1 x), Wv1 x, g, beta)
    x2 = x1 + Wo2 (attention(Wq2 x1, Wk2 x1, Wv2 x1) * sigmoid(Wg2 x1))
    g = -exp(a_log) softplus(Wa x + dt_bias),    beta = sigmoid(Wb x)

Norms, convolutions, rotations and experts are other operations.

Source: Qwen Team 2025 (Qwen3-Next); Yang et al. 2025 (Gated DeltaNet).

    x ``[B, 1, S, M]``; weights as in `inputs`
    out ``[B, 1, S, M]``
"""

import numpy as np

from . import gated_deltanet
from ._layers import BACK, HEADS, causal, make_weights, project, select, sigmoid, softplus, unit
from ._tokens import narrow, widen

FAMILY = "hybrid"
TEST = dict()
SIZES = dict(batch=1, length=203)


def shape(operands):
    return operands["x"].shape


def inputs(rng, sizes, parameters):
    M = 64
    x = {"x": rng.standard_normal((sizes["batch"], 1, sizes["length"], M))}
    first = make_weights(rng, wq1=(M, (M, 2, 32)), wk1=(M, (M, 2, 32)), wv1=(M, (M, 4, 32)), wb=(M, (M, 4)), wa=(M, (M, 4)))
    gates = {"a_log": np.log(rng.uniform(0.1, 2, 4)), "dt_bias": rng.uniform(-4, -1, 4)}
    second = make_weights(rng, wo1=(128, (4, 32, M)), wq2=(M, (M, 8, 64)), wk2=(M, (M, 1, 64)), wv2=(M, (M, 1, 64)),
                          wg2=(M, (M, 8, 64)), wo2=(512, (8, 64, M)))
    return x | first | gates | second


def evaluate(x, wq1, wk1, wv1, wb, wa, a_log, dt_bias, wo1, wq2, wk2, wv2, wg2, wo2, *, rows=None):
    x = narrow(x)[:, 0]
    q, k = unit(project(HEADS, x, wq1)), unit(project(HEADS, x, wk1))
    beta = sigmoid(project("btm,mh->bht", x, wb))
    g = -np.exp(widen(a_log))[:, None] * softplus(project("btm,mh->bht", x, wa) + widen(dt_bias)[:, None])
    read = gated_deltanet.evaluate(q, k, project(HEADS, x, wv1), g, beta)
    x = narrow(x + project(BACK, read, wo1))
    attended = causal(*(project(HEADS, x, w) for w in (wq2, wk2, wv2)))
    return select(x + project(BACK, attended * sigmoid(project(HEADS, x, wg2)), wo2), rows)
