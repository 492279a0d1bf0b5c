# Compressed sparse attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""CSA: one softmax over a window of tokens and over compressed entries that an index chooses.

With windows of `size` tokens, each token compressed twice (ca, cb with logits za, zb),
and by channel

    e(c) = sum over the tokens j of window c of weight ca[j], and over those of window
           c - 1 of weight cb[j]; the weights are one softmax over the za of the first and
           the zb of the second
    entry(c) = e(c) / sqrt(mean of e(c)^2 + 1e-6)
    index(c) = the same of ica, iza, icb, izb
    I(i, c) = sum_n w[n, i] max(0, qi[n, i] . index(c))
    query i sees the tokens i - window < j <= i, and of the windows that end at i or before
    the `topk` entries with the largest I(i, c)

A token, or entry, is key and value; exp(sink) is added to the denominator.

Source: DeepSeek-AI 2026 (windows of 4, the best 512 entries, 128 tokens, 64 index heads of
128), without its rotations: queries, tokens and outputs are rotated outside.

    q ``[B, Hq, S, D]``, kv ``[B, 1, S, D]``, ca, za, cb, zb ``[B, 1, S, D]``,
    ica, iza, icb, izb ``[B, 1, S, D]``, qi ``[B, N, S, D]``, w ``[B, N, S]``, sink ``[Hq]``
    out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import best
from ._tokens import for_each_row, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(size=4, topk=10, window=24)
PAPER = dict(size=4, topk=512, window=128)
SIZES = dict(batch=1, heads=4, length=203, depth=32, index_heads=3)
PAPER_SIZES = dict(batch=1, heads=64, length=4003, depth=128, index_heads=64)


def inputs(rng, sizes, parameters):
    B, H, S, D, N = (sizes[name] for name in ("batch", "heads", "length", "depth", "index_heads"))
    shared = ("kv", "ca", "za", "cb", "zb", "ica", "iza", "icb", "izb")
    return {"q": rng.standard_normal((B, H, S, D))} | {
        name: rng.standard_normal((B, 1, S, D)) for name in shared
    } | {
        "qi": rng.standard_normal((B, N, S, D)),
        "w": rng.standard_normal((B, N, S)),
        "sink": rng.standard_normal(H),
    }


def shape(operands):
    return operands["q"].shape


def compress(ca, za, cb, zb, size):
    """The entries ``[S // size, D]`` of one batch entry."""
    entries = []
    for c in range(len(ca) // size):
        logits = [za[j] for j in range(c * size, (c + 1) * size)]
        tokens = [ca[j] for j in range(c * size, (c + 1) * size)]
        if c > 0:
            logits += [zb[j] for j in range((c - 1) * size, c * size)]
            tokens += [cb[j] for j in range((c - 1) * size, c * size)]
        logits = np.array(logits)
        weights = np.exp(logits - logits.max(axis=0))
        entry = (weights * np.array(tokens)).sum(axis=0) / weights.sum(axis=0)
        entries.append(entry / np.sqrt((entry**2).mean() + 1e-6))
    return np.array(entries).reshape(-1, ca.shape[1])


def evaluate(q, kv, ca, za, cb, zb, ica, iza, icb, izb, qi, w, sink, *, size, topk, window,
             scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    qi, w, sink = widen(qi), widen(w), widen(sink)
    known = {}

    def row(b, h, i, query, tokens, _):
        if b not in known:
            of = [[widen(x)[b, 0] for x in four] for four in ((ca, za, cb, zb), (ica, iza, icb, izb))]
            known[b] = narrow(compress(*of[0], size)), compress(*of[1], size), {}
        entries, index, lists = known[b]
        if i not in lists:
            scores = w[b, :, i] @ np.maximum(qi[b, :, i] @ index[: (i + 1) // size].T, 0)
            lists[i] = best(dict(enumerate(scores)), topk)
        local = tokens[max(0, i - window + 1) : i + 1]
        seen = np.concatenate([local, entries[sorted(lists[i])]])
        return softmax(query, seen, seen, list(range(len(seen))), scale=scale, sink=sink[h])[0]

    return for_each_row(row, q, kv, kv, rows)
