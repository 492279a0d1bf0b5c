# Nystromformer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Nystromformer: softmax attention through a few landmarks.

With ql(n), kl(n) the means of q and k over `segment` tokens,

    F = softmax(q kl^T / sqrt(D)),  A = softmax(ql kl^T / sqrt(D)),  B = softmax(ql k^T / sqrt(D))
    Z_0 = A^T / (|A|_1 |A|_inf),  Z <- Z (13 I - A Z (15 I - A Z (7 I - A Z))) / 4
    out = F (Z (B v))

where six such steps make Z the inverse of A; |A|_1 is the largest sum of a column, |A|_inf
that of a row, which is 1.

Source: Xiong et al. 2021 (64 landmarks), without the convolution of values.

    q, k, v ``[B, H, S, D]``        out ``[B, H, S, D]``
"""

import numpy as np

from ._routing import block, probabilities
from ._tokens import for_each_row, make_qkv, narrow

FAMILY = "routed"
TEST = dict(segment=29, steps=6)
SIZES = dict(batch=1, heads=2, kv_heads=2, length=203, depth=32)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    # Landmarks that differ from each other: means of noise would be one point.
    centres = rng.standard_normal((sizes["batch"], sizes["heads"], -(-sizes["length"] // parameters["segment"]), sizes["depth"]))
    drift = np.repeat(centres, parameters["segment"], axis=2)[:, :, : sizes["length"]]
    return {"q": arrays["q"] + drift, "k": arrays["k"] + drift, "v": arrays["v"]}


def evaluate(q, k, v, *, segment, steps, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    count = -(-q.shape[2] // segment)
    known = {}

    def softmax(x, y):
        return narrow(np.array([probabilities(s) for s in narrow(scale * (x @ y.T))]))

    def prepare(q, k, v):
        ql, kl = (narrow(np.array([block(x, n, segment).mean(axis=0) for n in range(count)])) for x in (q, k))
        A, one = softmax(ql, kl), np.eye(count)
        Z = A.T / (A.sum(axis=0).max() * A.sum(axis=1).max())
        for _ in range(steps):
            AZ = A @ Z
            Z = narrow(Z @ (13 * one - AZ @ (15 * one - AZ @ (7 * one - AZ))) / 4)
        return kl, narrow(Z @ narrow(softmax(ql, k) @ v))

    def row(b, h, i, query, keys, values):
        if (b, h) not in known:
            known[b, h] = prepare(narrow(q)[b, h], keys, values)
        kl, w = known[b, h]
        return narrow(softmax(query[None], kl)[0] @ w)

    return for_each_row(row, q, k, v, rows)
