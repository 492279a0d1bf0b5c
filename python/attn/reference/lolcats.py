# LoLCATs, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""LoLCATs: softmax over a window of 64 tokens and linear attention to what is
before it, with one denominator.

    o_i = (sum_{near j} exp(D^-0.5 q_i.k_j) v_j + sum_{far j} phi(q_i).phi(k_j) v_j)
        / (sum_{near j} exp(D^-0.5 q_i.k_j)     + sum_{far j} phi(q_i).phi(k_j))
    near: 0 <= i - j < 64,    far: i - j >= 64,    phi(x) = (exp(W x), exp(-W x))

Source: Zhang et al. 2024 (LoLCATs), Zhang et al. 2024 (Hedgehog: phi).

    q ``[B, Hq, S, D]``, k, v ``[B, H, S, D]``, wq ``[Hq, D, F]``, wk ``[H, D, F]``
    out ``[B, Hq, S, D]``
"""

import numpy as np

from ._tokens import for_each_row, narrow

FAMILY = "hybrid"
TEST = dict()
SIZES = dict(batch=1, length=203)
WINDOW = 64


def inputs(rng, sizes, parameters):
    B, S, D, F = sizes["batch"], sizes["length"], 32, 16
    return {
        "q": rng.standard_normal((B, 8, S, D)),
        "k": rng.standard_normal((B, 2, S, D)),
        "v": rng.standard_normal((B, 2, S, D)),
        "wq": rng.standard_normal((8, D, F)) / D,
        "wk": rng.standard_normal((2, D, F)) / D,
    }


def evaluate(q, k, v, wq, wk, *, rows=None):
    def phi(x, w):
        projected = np.einsum("bhtd,hdf->bhtf", narrow(x), narrow(w))
        return np.concatenate([np.exp(projected), np.exp(-projected)], axis=-1)

    features, key_features = phi(q, wq), phi(k, wk)

    def row(b, h, i, query, keys, values):
        scores = query.shape[0] ** -0.5 * (keys[: i + 1] @ query)
        linear = key_features[b, h // 4, : i + 1] @ features[b, h, i]
        near = i - np.arange(i + 1) < WINDOW
        weights = np.where(near, np.exp(scores), linear)
        return narrow(weights @ values[: i + 1] / weights.sum())

    return for_each_row(row, q, k, v, rows)
