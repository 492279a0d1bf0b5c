# HGRN2, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""HGRN2: a forget gate for each token and dimension of the keys; what is forgotten is
the key.

    f_t = l_h + (1 - l_h) sigmoid(x_t),  k_t = 1 - f_t
    S_t = diag(f_t) S_{t-1} + k_t v_t^T,  o_t = S_t^T q_t

The lower bound l of a layer is above 0 in all but the first.

Source: Qin et al. 2024 (HGRN2).

    q ``[B, H, S, D]``, x ``[B, H, S, D]``, v ``[B, H, S, D]``, l ``[H, D]`` in (0, 1)
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv, read_states
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=8, key_heads=8, value_heads=8, length=2011, depth=128)


def inputs(rng, sizes, parameters):
    operands = make_qkv(rng, sizes)
    return {"q": operands["q"], "x": 2 * rng.standard_normal(operands["q"].shape), "v": operands["v"],
            "l": rng.uniform(0.1, 0.9, (sizes["heads"], sizes["depth"]))}


def evaluate(q, x, v, l, *, rows=None):
    x, l = narrow(x), widen(l)[:, None]
    gates = l + (1 - l) / (1 + np.exp(-x))
    keys = (1 - l) / (1 + np.exp(x))

    def step(state, b, h, t, key, value):
        return gates[b, h, t][:, None] * state + np.outer(key, value)

    return read_states(q, keys, v, step, scale=1.0, rows=rows)
