# Linear transformer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Linear transformer: attention with the kernel phi(q)^T phi(k), phi = elu + 1.

    phi(x) = x + 1 for x > 0, else exp(x)
    S_t = S_{t-1} + phi(k_t) v_t^T,  z_t = z_{t-1} + phi(k_t)
    o_t = S_t^T phi(q_t) / z_t^T phi(q_t)

Source: Katharopoulos et al. 2020.

    q, k, v ``[B, H, S, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv, read_ratios
from ._tokens import narrow

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=8, key_heads=8, value_heads=8, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, rows=None):
    def phi(x):
        x = narrow(x)
        return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))

    return read_ratios(phi(q), phi(k), v, rows=rows)
