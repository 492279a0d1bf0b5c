# DeepSeek sparse attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""DSA: the lightning indexer scores every token, and all heads see the best of them.

    I(i, j) = sum_n w[n, i] max(0, qi[n, i] . ki[j])        of the tokens j <= i
    see the `topk` tokens with the largest I(i, j)

Source: DeepSeek-AI 2025 (64 index heads of 128, the best 2048 tokens).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, qi ``[B, N, S, I]``,
    ki ``[B, 1, S, I]``, w ``[B, N, S]``            out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import best
from ._tokens import for_each_row, make_qkv, softmax, widen

FAMILY = "routed"
TEST = dict(topk=40)
SIZES = dict(batch=2, heads=4, kv_heads=1, length=203, depth=32, index_heads=3, index=16)


def inputs(rng, sizes, parameters):
    B, S, N, I = (sizes[name] for name in ("batch", "length", "index_heads", "index"))
    return make_qkv(rng, sizes) | {
        "qi": rng.standard_normal((B, N, S, I)),
        "ki": rng.standard_normal((B, 1, S, I)),
        "w": rng.standard_normal((B, N, S)),
    }


def evaluate(q, k, v, qi, ki, w, *, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    qi, ki, w = widen(qi), widen(ki), widen(w)

    def row(b, h, i, q, k, v):
        logits = np.maximum(qi[b, :, i] @ ki[b, 0, : i + 1].T, 0)
        index = w[b, :, i] @ logits
        return softmax(q, k, v, sorted(best(dict(enumerate(index)), topk)), scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
