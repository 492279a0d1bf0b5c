# Based, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Based: the second order of the exponential of a logit.

    phi(x) = [1, D^-1/4 x_a, (2 D)^-1/2 x_a x_b],  phi(q)^T phi(k) = 1 + s + s^2 / 2
    with s = D^-1/2 q^T k
    S_t = S_{t-1} + phi(k_t) v_t^T,  z_t = z_{t-1} + phi(k_t)
    o_t = S_t^T phi(q_t) / z_t^T phi(q_t)

The window of softmax attention beside it is another layer.

Source: Arora et al. 2024 (Based).

    q, k ``[B, H, S, D]``, v ``[B, H, S, Dv]``
    out ``[B, H, S, Dv]``
"""

import numpy as np

from ._states import make_qkv, read_ratios
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32, features=8)
PAPER_SIZES = dict(batch=1, heads=16, key_heads=16, value_heads=16, length=1003, depth=64, features=16)


def inputs(rng, sizes, parameters):
    operands = make_qkv(rng, sizes)
    width = sizes["features"]
    operands["q"], operands["k"] = operands["q"][..., :width], operands["k"][..., :width] * width**0.5
    return operands


def evaluate(q, k, v, *, rows=None):
    depth = q.shape[3]

    def phi(x):
        x = narrow(x)
        pairs = (x[..., :, None] * x[..., None, :]).reshape(*x.shape[:3], depth * depth)
        return np.concatenate([np.ones_like(x[..., :1]), widen(depth**-0.25) * x, widen((2 * depth) ** -0.5) * pairs], axis=-1)

    return read_ratios(phi(q), phi(k), v, rows=rows)
