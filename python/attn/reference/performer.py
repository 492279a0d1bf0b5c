# Performer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Performer: positive random features (FAVOR+) of the exponential kernel.

    x' = D^-1/4 x,  phi(x) = F^-1/2 (exp(W x' - |x'|^2 / 2 - c) + 1e-4)
    S_t = S_{t-1} + phi(k_t) v_t^T,  z_t = z_{t-1} + phi(k_t)
    o_t = S_t^T phi(q_t) / z_t^T phi(q_t)

The rows of W are orthogonal in blocks of D, and as long as those of a Gaussian
matrix on the average, sqrt(D). c is the largest element of W q' - |q'|^2 / 2 for a query,
and 0 for keys: the largest of all keys, as in other programs, is not known when the
first is read. Exponents of keys are at most |w|^2 / 2.

Source: Choromanski et al. 2021 (Performer).

    q, k, v ``[B, H, S, D]``, w ``[F, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv, read_ratios
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32, blocks=2)
PAPER_SIZES = dict(batch=1, heads=8, key_heads=8, value_heads=8, length=1003, depth=64, blocks=2)


def inputs(rng, sizes, parameters):
    depth, blocks = sizes["depth"], []
    for _ in range(sizes["blocks"]):
        blocks.append(np.linalg.qr(rng.standard_normal((depth, depth)))[0] * depth**0.5)
    operands = make_qkv(rng, sizes)
    operands["k"] *= depth**0.5 / 2
    return operands | {"w": np.concatenate(blocks)}


def evaluate(q, k, v, w, *, rows=None):
    w = widen(w)

    def exponents(x):
        x = narrow(x) * widen(q.shape[3] ** -0.25)
        return x @ w.T - (x * x).sum(-1, keepdims=True) / 2

    def phi(y):
        return widen(w.shape[0] ** -0.5) * (np.exp(y) + widen(1e-4))

    of_queries = exponents(q)
    return read_ratios(phi(of_queries - of_queries.max(-1, keepdims=True)), phi(exponents(k)), v, rows=rows)
