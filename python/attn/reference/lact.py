# LaCT, chunk by chunk.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""LaCT: the state is a gated network, trained on a chunk of 64 tokens at a time; a
chunk is read before it is learnt.

    f(x) = W1 (silu(W0 x) * (W2 x)),    o_t = f(q_t), with the weights before its chunk
    G_n  = sum_j lr_n,j d <f(k_j), v_j> / d W_n  +  m G_n of the chunk before
    W_n  = rows(W_n + muon(G_n)),    m the mean of momentum_j over the chunk

muon makes singular values about 1, by 5 steps of Newton and Schulz; rows gives each
row the norm that it began with. Tokens that a chunk lacks count as 0.

Source: Zhang et al. 2025 (LaCT).

    q, k, v ``[B, H, S, D]``, lr0, lr1, lr2, momentum ``[B, H, S]``,
    w0, w2 ``[H, F, D]``, w1 ``[H, D, F]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._tokens import narrow, widen

FAMILY = "online"
TEST = dict()
SIZES = dict(batch=1, heads=2, length=203, depth=32, width=48)
CHUNK = 64


def inputs(rng, sizes, parameters):
    B, H, S, D, F = (sizes[name] for name in ("batch", "heads", "length", "depth", "width"))
    arrays = {name: rng.standard_normal((B, H, S, D)) for name in "qkv"}
    arrays |= {name: 0.1 * rng.random((B, H, S)) for name in ("lr0", "lr1", "lr2")}
    return arrays | {
        "momentum": rng.random((B, H, S)),
        "w0": rng.standard_normal((H, F, D)) / np.sqrt(D),
        "w1": rng.standard_normal((H, D, F)) / np.sqrt(F),
        "w2": rng.standard_normal((H, F, D)) / np.sqrt(D),
    }


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def muon(x):
    x = x / (np.sqrt((x**2).sum()) + widen(1e-7))
    a, b, c = widen(3.4445), widen(-4.7750), widen(2.0315)
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x


def learn_token(key, value, w0, w1, w2):
    """The gradients of <f(key), value> with respect to the weights."""
    gate, lift = w0 @ key, w2 @ key
    s = sigmoid(gate)
    inner = w1.T @ value
    slope = s * (1 + gate * (1 - s))
    return np.outer(inner * lift * slope, key), np.outer(value, gate * s * lift), np.outer(inner * gate * s, key)


def evaluate(q, k, v, lr0, lr1, lr2, momentum, w0, w1, w2, *, rows=None):
    (B, H, S, D), rates = q.shape, [widen(x) for x in (lr0, lr1, lr2)]
    q, k, v, momentum = narrow(q), narrow(k), narrow(v), widen(momentum)
    out = widen(np.zeros((B, H, S, D)))
    for b in range(B):
        for h in range(H):
            weights = [narrow(w[h]) for w in (w0, w1, w2)]
            norms = [np.sqrt((w**2).sum(axis=1, keepdims=True)) for w in weights]
            grads = [0 * w for w in weights]
            for first in range(0, S, CHUNK):
                chunk = range(first, min(first + CHUNK, S))
                m = momentum[b, h, chunk].sum() / widen(CHUNK)
                grads = [m * grad for grad in grads]
                for t in chunk:
                    gate = weights[0] @ q[b, h, t]
                    out[b, h, t] = narrow(weights[1] @ (gate * sigmoid(gate) * (weights[2] @ q[b, h, t])))
                    new = learn_token(k[b, h, t], v[b, h, t], *weights)
                    grads = [grad + rate[b, h, t] * x for grad, rate, x in zip(grads, rates, new)]
                weights = [w + muon(grad) for w, grad in zip(weights, grads)]
                weights = [norm * w / (np.sqrt((w**2).sum(axis=1, keepdims=True)) + widen(1e-7)) for norm, w in zip(norms, weights)]
    return out if rows is None else out[:, :, list(rows)]
