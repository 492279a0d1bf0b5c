# Jamba, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Jamba: layers of Mamba and of softmax attention, one of each.

    x1 = x + Wo1 (mamba(u, dt, B, C) * silu(Wz x)),    u = Wu x, dt = softplus(Wdt x + dt_bias)
    x2 = x1 + Wo2 attention(Wq2 x1, Wk2 x1, Wv2 x1)

with B = Wb x and C = Wc x. Norms, the convolution and experts are other operations.

Source: Lieber et al. 2024 (Jamba); Gu and Dao 2023 (Mamba).

    x ``[B, 1, S, M]``; weights as in `inputs`
    out ``[B, 1, S, M]``
"""

import numpy as np

from . import mamba1
from ._layers import BACK, HEADS, causal, make_weights, project, select, silu, softplus
from ._tokens import narrow, widen

FAMILY = "hybrid"
TEST = dict()
SIZES = dict(batch=1, length=203)


def shape(operands):
    return operands["x"].shape


def inputs(rng, sizes, parameters):
    M, heads = 64, (64, (64, 4, 32))
    x = {"x": rng.standard_normal((sizes["batch"], 1, sizes["length"], M))}
    first = make_weights(rng, wu=heads, wdt=heads, wb=(M, (M, 1, 16)), wc=(M, (M, 1, 16)))
    ssm = {
        "dt_bias": rng.uniform(-4, -2, (4, 32)),
        "a_log": np.broadcast_to(np.log(np.arange(1.0, 17)), (4, 32, 16)),
        "skip": rng.standard_normal((4, 32)),
    }
    second = make_weights(rng, wz=heads, wo1=(128, (4, 32, M)), wq2=heads, wk2=(M, (M, 1, 32)), wv2=(M, (M, 1, 32)),
                          wo2=(128, (4, 32, M)))
    return x | first | ssm | second


def evaluate(x, wu, wdt, wb, wc, dt_bias, a_log, skip, wz, wo1, wq2, wk2, wv2, wo2, *, rows=None):
    x = narrow(x)[:, 0]
    dt = softplus(project(HEADS, x, wdt) + widen(dt_bias)[:, None])
    ssm = mamba1.evaluate(project(HEADS, x, wu), dt, a_log, project(HEADS, x, wb), project(HEADS, x, wc), skip)
    x = narrow(x + project(BACK, ssm * silu(project(HEADS, x, wz)), wo1))
    attended = causal(*(project(HEADS, x, w) for w in (wq2, wk2, wv2)))
    return select(x + project(BACK, attended, wo2), rows)
