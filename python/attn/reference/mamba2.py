# Mamba-2, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mamba-2: state space duality. In the names of attention C is q, B is k and the
inputs x are v; heads share B and C.

    S_t = exp(dt_t a_h) S_{t-1} + dt_t B_t x_t^T
    y_t = S_t^T C_t + d_h x_t

The convolution in front, the softplus of dt and the gated norm behind are other
operations.

Source: Dao and Gu 2024 (Mamba-2).

    q, k ``[B, G, S, N]``, v ``[B, H, S, P]``, dt ``[B, H, S]`` above 0,
    a ``[H]`` below 0, d ``[H]``
    out ``[B, H, S, P]``
"""

import numpy as np

from ._states import make_qkv, read_states
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, key_heads=2, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=1, key_heads=1, value_heads=16, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    heads = sizes["value_heads"]
    return make_qkv(rng, sizes) | {
        "dt": 0.001 + 0.3 * rng.random((sizes["batch"], heads, sizes["length"])),
        "a": -np.arange(1.0, heads + 1),
        "d": rng.standard_normal(heads),
    }


def evaluate(q, k, v, dt, a, d, *, rows=None):
    dt, a, d = widen(dt), widen(a), widen(d)

    def step(state, b, h, t, key, value):
        written = narrow(dt[b, h, t] * value)
        return np.exp(dt[b, h, t] * a[h]) * state + np.outer(key, written)

    read = read_states(q, k, v, step, scale=1.0, rows=rows)
    rows = range(v.shape[2]) if rows is None else rows
    return narrow(read + d[:, None, None] * narrow(v)[:, :, list(rows)])
