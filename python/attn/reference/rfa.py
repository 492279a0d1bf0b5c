# Random feature attention (RFA) with gates, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random feature attention: random Fourier features of the Gaussian kernel between
unit vectors, in a state with a gate.

    phi(x) = F^-1/2 [sin(W_h x / |x|), cos(W_h x / |x|)]
    S_t = f_t S_{t-1} + (1 - f_t) phi(k_t) v_t^T,  f_t = exp(g_t)
    z_t = f_t z_{t-1} + (1 - f_t) phi(k_t)
    o_t = S_t^T phi(q_t) / z_t^T phi(q_t)

Source: Peng et al. 2021 (RFA).

    q, k, v ``[B, H, S, D]``, g ``[B, H, S]`` not above 0 (log sigmoid),
    w ``[H, F, D]``, normal with the width of the kernel
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_gates, make_qkv, read_ratios
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32, features=32, sigma=0.5)
PAPER_SIZES = dict(batch=1, heads=8, key_heads=8, value_heads=8, length=2011, depth=64, features=64, sigma=0.5)


def inputs(rng, sizes, parameters):
    shape = (sizes["heads"], sizes["features"], sizes["depth"])
    return make_qkv(rng, sizes) | {
        "g": make_gates(rng, sizes) - 0.05, "w": sizes["sigma"] * rng.standard_normal(shape)}


def evaluate(q, k, v, g, w, *, rows=None):
    g, w = widen(g), widen(w)

    def phi(x):
        x = narrow(x)
        x = x / np.sqrt((x * x).sum(-1, keepdims=True))
        angles = np.einsum("bhtd,hfd->bhtf", x, w)
        return widen(w.shape[1] ** -0.5) * np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)

    keys = (1 - np.exp(g))[..., None] * phi(k)
    return read_ratios(phi(q), keys, v, decay=lambda b, h, t: np.exp(g[b, h, t]), rows=rows)
