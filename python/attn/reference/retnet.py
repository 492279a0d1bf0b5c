# Retention (RetNet), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Retention: a head forgets at a rate of its own.

    S_t = (1 - 2^(-5 - h)) S_{t-1} + k_t v_t^T
    o_t = D^-0.5 S_t^T q_t

for head h = 0, 1, ... The rotation of queries and keys and the norm of the output
are other operations, in front and behind.

Source: Sun et al. 2023 (RetNet).

    q, k, v ``[B, H, S, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv, read_states

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, key_heads=16, value_heads=16, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, rows=None):
    def step(state, b, h, t, key, value):
        return state * state.dtype.type(1 - 2.0 ** (-5 - h)) + np.outer(key, value)

    return read_states(q, k, v, step, scale=q.shape[3] ** -0.5, rows=rows)
