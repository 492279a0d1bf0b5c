# RG-LRU, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RG-LRU: the real-gated linear recurrent unit of Griffin.

    log a_t = -8 softplus(lambda) sigmoid(r_t)
    h_t = a_t h_{t-1} + m_t sigmoid(i_t) x_t,    m_0 = 1, m_t = sqrt(1 - a_t^2)

Source: De et al. 2024 (Griffin).

    x, r, i ``[B, H, S, D]``, lam ``[H, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens, sigmoid, zeros
from ._tokens import narrow, widen

FAMILY = "scan"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, length=203, channels=40)
PAPER_SIZES = dict(batch=1, heads=10, length=2011, channels=256)


def inputs(rng, sizes, parameters):
    B, H, S, D = (sizes[name] for name in ("batch", "heads", "length", "channels"))
    # The square of a is between 0.81 and 0.998 where the gate is open.
    square = rng.uniform(0.81, 0.998, (H, D))
    return {
        "x": rng.standard_normal((B, H, S, D)),
        "r": rng.standard_normal((B, H, S, D)),
        "i": rng.standard_normal((B, H, S, D)),
        "lam": np.log(np.expm1(-np.log(square) / 16)),
    }


def shape(operands):
    return operands["x"].shape


def evaluate(x, r, i, lam, *, rows=None):
    x = narrow(x)
    rates = -8 * np.log1p(np.exp(widen(lam)))
    log_a = rates[:, None] * sigmoid(narrow(r))
    factors = np.sqrt(-np.expm1(2 * log_a))
    factors[:, :, 0] = 1
    written = narrow(factors * sigmoid(narrow(i)) * x)

    def step(state, b, h, t):
        state = np.exp(log_a[b, h, t]) * state + written[b, h, t]
        return state, state

    return read_tokens(x, lambda b, h: zeros(x.shape[3]), step, rows)
