# Hedgehog, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Hedgehog: features that are learned to make weights like those of a softmax.

    phi(x) = softmax([W_h x, -W_h x])
    S_t = S_{t-1} + phi(k_t) v_t^T,  z_t = z_{t-1} + phi(k_t)
    o_t = S_t^T phi(q_t) / z_t^T phi(q_t)

Queries and keys have a matrix of their own.

Source: Zhang et al. 2024 (Hedgehog).

    q, k, v ``[B, H, S, D]``, wq, wk ``[H, F, D]``
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
    operands = make_qkv(rng, sizes)
    depth = sizes["depth"]
    for name in ("wq", "wk"):
        operands[name] = rng.standard_normal((sizes["heads"], depth, depth)) * depth**-0.5
    operands["k"] *= depth**0.5
    return operands


def evaluate(q, k, v, wq, wk, *, rows=None):
    def phi(x, w):
        y = np.einsum("bhtd,hfd->bhtf", narrow(x), widen(w))
        y = np.concatenate([y, -y], axis=-1)
        y = np.exp(y - y.max(-1, keepdims=True))
        return y / y.sum(-1, keepdims=True)

    return read_ratios(phi(q, wq), phi(k, wk), v, rows=rows)
