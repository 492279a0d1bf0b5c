# Lightning attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lightning attention: a head forgets at a rate of its own, which is an operand, since
models with the same name have different ones.

    S_t = exp(-slope_h) S_{t-1} + k_t v_t^T
    o_t = S_t^T q_t

Source: Qin et al. 2024 (Lightning Attention-2); MiniMax 2025.

    q, k, v ``[B, H, S, D]``, slopes ``[H]`` above 0
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
    heads = sizes["value_heads"]
    return make_qkv(rng, sizes) | {"slopes": 2.0 ** (-8 * np.arange(1.0, heads + 1) / heads)}


def evaluate(q, k, v, slopes, *, rows=None):
    slopes = widen(slopes)

    def step(state, b, h, t, key, value):
        return np.exp(-slopes[h]) * state + np.outer(key, value)

    return read_states(q, k, v, step, scale=1.0, rows=rows)
