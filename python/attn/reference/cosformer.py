# cosFormer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""cosFormer: rectified queries and keys, weighted by the cosine of their distance.

    phi_i(x) = [relu(x) sin(pi i / 2 M), relu(x) cos(pi i / 2 M)]
    S_t = S_{t-1} + phi_t(k_t) v_t^T,  z_t = z_{t-1} + phi_t(k_t)
    o_t = S_t^T phi_t(q_t) / z_t^T phi_t(q_t), 0 where that divides by 0

M is the length of the sequence, which has to be known in front.

Source: Qin et al. 2022 (cosFormer).

    q, k, v ``[B, H, S, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv, read_ratios
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=8, key_heads=8, value_heads=8, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, rows=None):
    length = q.shape[2]
    angles = widen(np.pi / (2 * length)) * widen(np.arange(length))[:, None]

    def phi(x):
        x = np.maximum(narrow(x), 0)
        return np.concatenate([x * np.sin(angles), x * np.cos(angles)], axis=-1)

    return read_ratios(phi(q), phi(k), v, rows=rows)
