# FastGen, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""FastGen: each head keeps the cheapest kinds of keys that its prompt has paid attention to.

The query decodes behind a prompt, whose queries qp are operands, too. With A(i, .) = softmax
of the logits of qp[i] and the keys up to i, and w(j) = sum over i of A(i, j), policies are

    0  special tokens (kind 1)
    1  and punctuation (kind 2)
    2  and the `frequent` tokens with the largest w
    3  and local ones: i - j < local
    4  all

The policy of a head is the first that keeps a share of at least `share` of A: the mean over
i of what A(i, .) has in its tokens; 4 if there is none. q is at the last position.

Source: Ge et al. 2024 (shares of 0.91 and more, 30 % of the tokens for frequent and local
ones each), from its description: details differ between implementations.

    q ``[B, H, 1, D]``, k, v, qp ``[B, H, S, D]``, kinds ``[B, S]``        out ``[B, H, 1, D]``
"""

import numpy as np

from ._routing import best, probabilities
from ._tokens import narrow, softmax, widen

FAMILY = "routed"
TEST = dict(frequent=20, local=16, share=0.8)
PAPER = dict(frequent=330, local=330, share=0.95)
SIZES = dict(batch=1, heads=5, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, length=1100, depth=128)


def inputs(rng, sizes, parameters):
    B, H, S, D = (sizes[name] for name in ("batch", "heads", "length", "depth"))
    kinds = rng.choice([0, 0, 0, 0, 0, 0, 0, 0, 1, 2], size=(B, S)).astype(np.int32)
    kinds[:, 0] = 1
    k, v, qp = (rng.standard_normal((B, H, S, D)) for _ in range(3))
    place = np.arange(S) * (0.15 * 16 / parameters["local"])
    frequent = rng.permutation(S)[: parameters["frequent"] // 2]
    # Heads that look at one kind of tokens, and heads that do not.
    strong = 7 * D**0.25 / 32**0.25
    for h in range(H):
        if h % 5 < 3:
            wanted = (h % 5 < 2) & (kinds == 1) | (h % 5 == 1) & (kinds == 2)
            wanted[:, frequent] |= h % 5 == 2
            k[:, h, :, 0] = strong * wanted
            qp[:, h, :, 0] = strong
        elif h % 5 == 3:
            for x in (k, qp):
                x[:, h, :, :4] = strong * np.stack([f(place * c) for c in (0.2, 1) for f in (np.cos, np.sin)], 1)
    return {"q": qp[:, :, -1:] + 0.1, "k": k, "v": v, "qp": qp, "kinds": kinds}


def shape(operands):
    return operands["q"].shape


def choose(qp, k, kinds, frequent, local, share, scale):
    """The tokens that one head keeps."""
    S = len(k)
    A = np.zeros((S, S), k.dtype)
    for i in range(S):
        A[i, : i + 1] = probabilities(scale * (k[: i + 1] @ qp[i]))
    i, j = np.indices((S, S))
    kept = np.zeros((S, S), bool)
    for more in (
        kinds[j] == 1,
        kinds[j] == 2,
        np.isin(j, best(dict(enumerate(A.sum(axis=0))), frequent)),
        i - j < local,
    ):
        kept |= more
        if A[kept].sum() / S >= share:
            return [int(n) for n in np.flatnonzero(kept[S - 1])]
    return list(range(S))


def evaluate(q, k, v, qp, kinds, *, frequent, local, share, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v, qp = narrow(q), narrow(k), narrow(v), narrow(qp)
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            seen = choose(qp[b, h], k[b, h], kinds[b], frequent, local, share, widen(scale))
            out[b, h, 0] = softmax(q[b, h, 0], k[b, h], v[b, h], seen, scale=scale)[0]
    return out
