# RWKV-5 (Eagle), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RWKV-5: RWKV-6 with a decay for each head and dimension of the keys that is the same
for all tokens.

    S_t = diag(exp(-exp(w_h))) S_{t-1} + k_t v_t^T
    o_t = (S_{t-1} + diag(u_h) k_t v_t^T)^T q_t

The shift of tokens in front, and the norm and gate behind are other operations.

Source: Peng et al. 2024 (Eagle and Finch).

    q, k, v ``[B, H, S, D]``, w, u ``[H, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv, read_states
from ._tokens import widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, key_heads=16, value_heads=16, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    shape = (sizes["heads"], sizes["depth"])
    return make_qkv(rng, sizes) | {"w": rng.uniform(-5, 0.5, shape), "u": rng.standard_normal(shape)}


def evaluate(q, k, v, w, u, *, rows=None):
    factors, u = np.exp(-np.exp(widen(w))), widen(u)

    def step(state, b, h, t, key, value):
        return factors[h][:, None] * state + np.outer(key, value)

    def see(state, b, h, t, key, value):
        return state + np.outer(u[h] * key, value)

    return read_states(q, k, v, step, scale=1.0, see=see, rows=rows)
