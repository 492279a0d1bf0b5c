# FlexPrefill, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""FlexPrefill: each head finds at run time whether to see lines of blocks or single blocks.

With blocks of `size` tokens, p(r, .) = softmax of the logits of the last `size` queries r
and the keys up to each, km(c) the mean of the keys of block c, qm(n) of the queries of
block n, ql of the last `size` queries, and scale = 1 / sqrt(D),

    v(j) = mean over r of p(r, j),  s(t) = mean over r of p(r, r - t)
    a = softmax over c of scale ql . km(c),  a'(c) = sum of v(j) over the keys of block c

if sqrt of the Jensen-Shannon divergence of a and a' is less than `tau`, the pairs (n, c)
of blocks, c <= n, with the largest

    w(n, c) = softmax over c <= n of scale qm(n) . km(c)

while what was taken is less than `mass` of all of them; else the pairs with c among the
N(v) best columns of blocks, or n - c among the N(s) best lines of blocks, by the sums of v
and s over a block, those of block 0 first, where

    N(x) = max(least, n(x) // size + 1),  n(x) as many of the largest x as have `mass`

In any case c = 0 and c = n. Query i of block n sees the keys j <= i of these blocks c.

Source: Lai et al. 2025 (blocks of 128, tau 0.1, a mass of 0.9).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, S >= size        out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import best, block, probabilities, tokens
from ._tokens import for_each_row, make_qkv, softmax, widen

FAMILY = "routed"
TEST = dict(size=16, tau=0.11, mass=0.6, least=2)
PAPER = dict(size=128, tau=0.1, mass=0.9, least=2)
SIZES = dict(batch=1, heads=6, kv_heads=3, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=1100, depth=128)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    # Heads whose means say more or less about them, and logits that differ.
    size = np.linspace(0.5, 2, sizes["heads"])[:, None, None]
    return arrays | {"q": size * arrays["q"]}


def upto(scores, mass):
    """The keys of the largest scores that have `mass` of the sum."""
    chosen, taken = [], 0.0
    whole = sum(scores.values())
    for c in best(scores, len(scores)):
        if not taken < mass * whole:
            break
        chosen.append(c)
        taken += scores[c]
    return chosen


def divergence(a, b):
    m = (a + b) / 2
    return sum(0.5 * x * np.log(x / y) for p in (a, b) for x, y in zip(p, m) if x > 0)


def choose(q, k, size, tau, mass, least, scale):
    """Pairs of blocks (n, c) that one head sees."""
    S = len(k)
    blocks = -(-S // size)
    v, s = np.zeros(S, q.dtype), np.zeros(S, q.dtype)
    for i in range(S - size, S):
        for j, p in enumerate(probabilities(scale * (k[: i + 1] @ q[i]))):
            v[j] += p / size
            s[i - j] += p / size
    km = np.array([block(k, c, size).mean(axis=0) for c in range(blocks)])
    sums = [{c: sum(x[c * size : (c + 1) * size]) for c in range(blocks)} for x in (v, s)]
    a = probabilities(scale * (km @ q[S - size :].mean(axis=0)))

    if np.sqrt(divergence(a, np.array(list(sums[0].values())))) < tau:
        weights = {}
        for n in range(blocks):
            row = probabilities(scale * (km[: n + 1] @ block(q, n, size).mean(axis=0)))
            weights |= {(n, c): w for c, w in enumerate(row)}
        pairs = set(upto(weights, mass))
    else:
        counts = [max(least, len(upto(dict(enumerate(x)), mass)) // size + 1) for x in (v, s)]
        columns, lines = (best(x, count, forced=[0]) for x, count in zip(sums, counts))
        pairs = {(n, c) for n in range(blocks) for c in range(n + 1) if c in columns or n - c in lines}
    return pairs | {(n, c) for n in range(blocks) for c in (0, n)}


def evaluate(q, k, v, *, size, tau, mass, least, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    known = {}

    def row(b, h, i, query, keys, values):
        if (b, h) not in known:
            known[b, h] = choose(widen(q[b, h]), keys, size, tau, mass, least, widen(scale))
        chosen = [c for n, c in known[b, h] if n == i // size]
        return softmax(query, keys, values, tokens(chosen, size, i + 1), scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
