# GateLoop, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""GateLoop: linear attention with a complex gate for each token and dimension of
the keys.

    S_t = diag(a_t) S_{t-1} + k_t v_t^T,    a_t = sigmoid(r_t) exp(i phi_t)
    y_t = Re(S_t^T q_t)

The gate behind is another operation.

Source: Katsch 2023 (GateLoop).

    q, k, v, r, phi ``[B, H, S, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens, sigmoid, zeros
from ._tokens import narrow

FAMILY = "scan"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    shape = tuple(sizes[name] for name in ("batch", "heads", "length", "depth"))
    arrays = {name: rng.standard_normal(shape) for name in "qkv"}
    return arrays | {"r": 2 + rng.standard_normal(shape), "phi": rng.uniform(-np.pi, np.pi, shape)}


def evaluate(q, k, v, r, phi, *, rows=None):
    q, k, v = narrow(q), narrow(k), narrow(v)
    kept, phi = sigmoid(narrow(r)), narrow(phi)
    # Complex numbers as two real ones, in the precision of the evaluation.
    turns = np.stack([kept * np.cos(phi), kept * np.sin(phi)])

    def step(state, b, h, t):
        re, im = state
        c, s = (turn[b, h, t][:, None] for turn in turns)
        re, im = c * re - s * im + np.outer(k[b, h, t], v[b, h, t]), s * re + c * im
        return (re, im), q[b, h, t] @ re

    return read_tokens(v, lambda b, h: (zeros(q.shape[3], v.shape[3]),) * 2, step, rows)
