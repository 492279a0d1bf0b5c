# Reformer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reformer: tokens that hash alike attend to each other, in several rounds.

With k[i] = q[i] / |q[i]| (one projection for both), and for each round a matrix R,

    bucket(i) = argmax of [q[i] R; -q[i] R]
    tokens are ordered by (bucket, i) and cut into chunks of `chunk`
    i sees the tokens j <= i of its chunk and of the one before it (of the first: the last),
    itself with a logit of -50000
    out = sum over rounds of exp(lse of the round - lse of all) out of the round

Source: Kitaev et al. 2020 (chunks of 64, 4 or 8 rounds), without the correction for
tokens that are seen in several rounds.

    q, v ``[B, H, S, D]``, rotations ``[1, H rounds, buckets / 2, D]``, those of
    a head side by side; out ``[B, H, S, D]``
"""

import numpy as np

from ._tokens import for_each_row, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(chunk=16)
PAPER = dict(chunk=64)
SIZES = dict(batch=2, heads=2, length=203, depth=32, rounds=2, buckets=12)
PAPER_SIZES = dict(batch=1, heads=8, length=1100, depth=64, rounds=4, buckets=512)


def inputs(rng, sizes, parameters):
    shape = tuple(sizes[name] for name in ("batch", "heads", "length", "depth"))
    return {
        "q": rng.standard_normal(shape),
        "v": rng.standard_normal(shape),
        "rotations": rng.standard_normal((1, shape[1] * sizes["rounds"], sizes["buckets"] // 2, shape[3])),
    }


def neighbours(q, rotation, chunk):
    """Of each token, the tokens of its chunk and of the one before."""
    hashes = q @ rotation.T
    buckets = np.argmax(np.concatenate([hashes, -hashes], axis=1), axis=1)
    order = sorted(range(len(q)), key=lambda i: (buckets[i], i))
    chunks = [order[n : n + chunk] for n in range(0, len(q), chunk)]
    seen = {}
    for n, tokens in enumerate(chunks):
        for i in tokens:
            seen[i] = sorted(set(tokens) | set(chunks[n - 1]))
    return seen


def evaluate(q, v, rotations, *, chunk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    keys = narrow(narrow(q) / np.sqrt((narrow(q) ** 2).sum(axis=3, keepdims=True)))
    known = {}

    def row(b, h, i, query, k, v):
        outs, sums = [], []
        rounds = rotations.shape[1] // q.shape[1]
        for n, rotation in enumerate(widen(rotations)[0, h * rounds : (h + 1) * rounds]):
            if (b, h, n) not in known:
                known[b, h, n] = neighbours(widen(narrow(q))[b, h], rotation, chunk)
            seen = [j for j in known[b, h, n][i] if j <= i]
            out, lse = softmax(query, k, v, seen, scale=scale, logit=lambda s, j: -5e4 if j == i else s)
            outs.append(out)
            sums.append(lse)
        weights = np.exp(np.array(sums) - max(sums))
        return sum(w * out for w, out in zip(weights / weights.sum(), outs))

    return for_each_row(row, q, keys, v, rows)
