# DeltaNet, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""DeltaNet: the delta rule. A token writes the difference between its value and
what its key finds in the state.

    S_t = S_{t-1} + beta_t k_t (v_t - S_{t-1}^T k_t)^T
    o_t = D^-0.5 S_t^T q_t

Sources: Schlag et al. 2021; Yang et al. 2024 (DeltaNet).

    q, k, v ``[B, H, S, D]``, keys of length 1, beta ``[B, H, S]`` from 0 to 1
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_betas, make_qkv, read_states
from ._tokens import widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, key_heads=16, value_heads=16, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes) | {"beta": make_betas(rng, sizes)}


def evaluate(q, k, v, beta, *, rows=None):
    beta = widen(beta)

    def step(state, b, h, t, key, value):
        return state + beta[b, h, t] * np.outer(key, value - key @ state)

    return read_states(q, k, v, step, scale=q.shape[3] ** -0.5, rows=rows)
