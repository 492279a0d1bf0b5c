# Titans with a linear memory, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Titans with a linear memory: a matrix, trained on the tokens as they come with
momentum and forgetting; gradients are those at the beginning of each 16 tokens.

    g_t = M^T k_t - v_t,    M the memory at the beginning of the 16
    S_t = eta_t S_{t-1} - 2 theta_t k_t g_t^T
    M_t = (1 - alpha_t) M_{t-1} + S_t,    o_t = M_t^T q_t

Source: Behrouz et al. 2025 (Titans).

    q, k, v ``[B, H, S, D]``, alpha, eta, theta ``[B, H, S]`` from 0 to 1
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens, zeros
from ._tokens import narrow, widen

FAMILY = "online"
TEST = dict()
SIZES = dict(batch=2, heads=2, length=203, depth=32)
BATCH = 16


def inputs(rng, sizes, parameters):
    B, H, S, D = (sizes[name] for name in ("batch", "heads", "length", "depth"))
    arrays = {name: rng.standard_normal((B, H, S, D)) for name in "qkv"}
    arrays["k"] /= np.linalg.norm(arrays["k"], axis=-1, keepdims=True)
    return arrays | {
        "alpha": 0.2 * rng.random((B, H, S)),
        "eta": 0.5 * rng.random((B, H, S)),
        "theta": 0.1 * rng.random((B, H, S)),
    }


def evaluate(q, k, v, alpha, eta, theta, *, rows=None):
    q, k, v = narrow(q), narrow(k), narrow(v)
    alpha, eta, theta = widen(alpha), widen(eta), widen(theta)

    def step(state, b, h, t):
        memory, momentum, at = state
        if t % BATCH == 0:
            at = memory
        grad = k[b, h, t] @ at - v[b, h, t]
        momentum = eta[b, h, t] * momentum - 2 * theta[b, h, t] * np.outer(k[b, h, t], grad)
        memory = (1 - alpha[b, h, t]) * memory + momentum
        return (memory, momentum, at), q[b, h, t] @ memory

    D = q.shape[3]
    return read_tokens(q, lambda b, h: (zeros(D, D),) * 3, step, rows)
