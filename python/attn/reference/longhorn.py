# Longhorn, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Longhorn: each channel solves its regression on the keys by an implicit step, of
which the diagonal is kept. Channels come in heads that share keys and queries.

    e_t[d] = s / (1 + s |k_t|^2),    s = sigmoid(dt_t[d])
    x_t[n, d] = (1 - e_t[d] k_t[n]^2) x_{t-1}[n, d] + e_t[d] k_t[n] u_t[d]
    y_t[d]    = sum_n q_t[n] x_t[n, d] + D[d] u_t[d]

Source: Liu et al. 2024 (Longhorn).

    u, dt ``[B, H, S, D]``, k, q ``[B, 1, S, N]``, d ``[H, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens, sigmoid, zeros
from ._tokens import narrow, widen

FAMILY = "scan"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, length=203, channels=48, numbers=16)
PAPER_SIZES = dict(batch=1, heads=1, length=2011, channels=4096, numbers=16)


def inputs(rng, sizes, parameters):
    B, H, S, D, N = (sizes[name] for name in ("batch", "heads", "length", "channels", "numbers"))
    return {
        "u": rng.standard_normal((B, H, S, D)),
        "dt": rng.standard_normal((B, H, S, D)),
        "k": rng.standard_normal((B, 1, S, N)),
        "q": rng.standard_normal((B, 1, S, N)),
        "d": rng.standard_normal((H, D)),
    }


def shape(operands):
    return operands["u"].shape


def evaluate(u, dt, k, q, d, *, rows=None):
    u, k, q, d, s = narrow(u), narrow(k), narrow(q), widen(d), sigmoid(narrow(dt))

    def step(x, b, h, t):
        key = k[b, 0, t]
        e = s[b, h, t] / (1 + s[b, h, t] * (key @ key))
        x = (1 - np.outer(e, key**2)) * x + np.outer(e * u[b, h, t], key)
        return x, narrow(x @ q[b, 0, t]) + d[h] * u[b, h, t]

    return read_tokens(u, lambda b, h: zeros(u.shape[3], k.shape[3]), step, rows)
