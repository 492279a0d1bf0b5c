# TTT-Linear, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""TTT-Linear: the state is a linear map, trained on the tokens as they come by steps
of gradient descent, one for a mini-batch of 16.

    f(x) = norm(x W + b),    loss_t = |f(k_t) - (v_t - k_t)|^2 / 2
    W_t = W - tok_i sum_{j <= i} lr_j k_j^T G_j,    b_t = b - tok_i sum_{j <= i} lr_j G_j
    o_t = q_t + norm(q_t W_t + b_t)

with i the place of t in its mini-batch, W and b those at its beginning, and G_j the
gradient of loss_j there with respect to k_j W + b.

Source: Sun et al. 2024 (TTT).

    q, k, v ``[B, H, S, D]``, lr ``[B, H, S]``, tok ``[16]``, weight, bias ``[H, D]``
    of the norm, w0 ``[H, D, D]``, b0 ``[H, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens
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
        "lr": 0.2 * rng.random((B, H, S)),
        "tok": 1 / np.arange(1.0, BATCH + 1),
        "weight": rng.uniform(0.5, 1.5, (H, D)),
        "bias": 0.1 * rng.standard_normal((H, D)),
        "w0": rng.standard_normal((H, D, D)) / np.sqrt(D),
        "b0": 0.1 * rng.standard_normal((H, D)),
    }


def evaluate(q, k, v, lr, tok, weight, bias, w0, b0, *, rows=None):
    q, k, v, w0, b0 = narrow(q), narrow(k), narrow(v), narrow(w0), narrow(b0)
    lr, tok, weight, bias = widen(lr), widen(tok), widen(weight), widen(bias)

    def norm(x):
        deviation = np.sqrt(((x - x.mean()) ** 2).mean() + widen(1e-6))
        return (x - x.mean()) / deviation, deviation

    def gradient(key, value, w, b, h):
        normed, deviation = norm(key @ w + b)
        error = weight[h] * (weight[h] * normed + bias[h] - (value - key))
        return (error - error.mean() - normed * (error * normed).mean()) / deviation

    def step(state, b, h, t):
        w, bias1, w_sum, b_sum = state
        key = k[b, h, t]
        grad = lr[b, h, t] * gradient(key, v[b, h, t], w, bias1, h)
        w_sum, b_sum = w_sum + np.outer(key, grad), b_sum + grad
        at = tok[t % BATCH]
        normed, _ = norm(q[b, h, t] @ (w - at * w_sum) + bias1 - at * b_sum)
        read = q[b, h, t] + weight[h] * normed + bias[h]
        if t % BATCH == BATCH - 1:
            w, bias1, w_sum, b_sum = w - at * w_sum, bias1 - at * b_sum, 0 * w_sum, 0 * b_sum
        return (w, bias1, w_sum, b_sum), read

    return read_tokens(q, lambda b, h: (w0[h], b0[h], 0 * w0[h], 0 * b0[h]), step, rows)
