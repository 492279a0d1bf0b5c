# LongNet's dilated attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""LongNet: segments of several sizes, thinned out the more the larger they are.

For each pair (w, r) of `segments` positions are cut into segments of w. The
position p inside its segment takes part for head h iff p mod r = h mod r; it
attends causally to the positions that take part in the same segment:

    j visible to i  iff  j <= i,  floor(j / w) = floor(i / w)  and
                         (j mod w) mod r = (i mod w) mod r = h mod r

This gives out_n and lse_n of each pair n, out_n = 0 and lse_n = -inf where i
does not take part, and

    out = sum_n weight_n out_n,    weight = softmax over n of lse_n

Source: Ding et al. 2023 (segments of 2048 to 32768, ratios of 1 to 12).

    q, k, v ``[B, H, S, D]``        out ``[B, H, S, D]``
"""

import numpy as np

from ._tokens import for_each_row, make_qkv, narrow, softmax

TEST = dict(segments=((32, 1), (64, 2), (128, 4)))
PAPER = dict(segments=((2048, 1), (4096, 2), (8192, 4)))
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=12, kv_heads=12, length=9001, depth=64)


def visible_keys(i, h, size, ratio):
    """The keys of one pair of segment size and ratio."""
    if i % size % ratio != h % ratio:
        return []
    first = i // size * size
    return [j for j in range(first, i + 1) if (j - first) % ratio == h % ratio]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, segments, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale

    def row(b, h, i, q, k, v):
        parts = [
            softmax(q, k, v, visible_keys(i, h, size, ratio), scale=scale)
            for size, ratio in segments
        ]
        lse = np.array([part_lse for _, part_lse in parts])
        if np.isneginf(lse).all():
            return parts[0][0]
        weights = np.exp(lse - lse.max())
        weights /= weights.sum()
        return narrow(sum(weight * out for weight, (out, _) in zip(weights, parts)))

    return for_each_row(row, q, k, v, rows)
