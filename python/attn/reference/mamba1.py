# Mamba, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mamba: a selective state space model. Channels come in heads that share B and C.

    x_t[n, d] = exp(dt_t[d] A[d, n]) x_{t-1}[n, d] + dt_t[d] B_t[n] u_t[d]
    y_t[d]    = sum_n C_t[n] x_t[n, d] + D[d] u_t[d],    A = -exp(a_log)

The convolution in front, the softplus of dt and the gate behind are other
operations.

Source: Gu and Dao 2023 (Mamba).

    u ``[B, H, S, D]``, dt ``[B, H, S, D]`` above 0, a_log ``[H, D, N]``,
    b, c ``[B, 1, S, N]``, d ``[H, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens, zeros
from ._tokens import narrow, widen

FAMILY = "scan"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, length=203, channels=48, numbers=16)
PAPER_SIZES = dict(batch=1, heads=1, length=2011, channels=8192, numbers=16)


def inputs(rng, sizes, parameters):
    B, H, S, D, N = (sizes[name] for name in ("batch", "heads", "length", "channels", "numbers"))
    return {
        "u": rng.standard_normal((B, H, S, D)),
        "dt": 0.001 + 0.1 * rng.random((B, H, S, D)),
        "a_log": np.broadcast_to(np.log(np.arange(1.0, N + 1)), (H, D, N)) + 0.1 * rng.standard_normal((H, D, N)),
        "b": rng.standard_normal((B, 1, S, N)),
        "c": rng.standard_normal((B, 1, S, N)),
        "d": rng.standard_normal((H, D)),
    }


def shape(operands):
    return operands["u"].shape


def evaluate(u, dt, a_log, b, c, d, *, rows=None):
    u, B, C = narrow(u), narrow(b), narrow(c)
    dt, a, d = widen(dt), -np.exp(widen(a_log)), widen(d)

    def step(x, b, h, t):
        written = narrow(dt[b, h, t] * u[b, h, t])
        x = np.exp(dt[b, h, t][:, None] * a[h]) * x + written[:, None] * B[b, 0, t]
        return x, narrow(x @ C[b, 0, t]) + d[h] * u[b, h, t]

    return read_tokens(u, lambda b, h: zeros(*a.shape[1:]), step, rows)
