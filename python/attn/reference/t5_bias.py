# Attention with T5's relative bias, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""T5's relative bias: a learned number per head and bucket of distances.

    t(i, j) = scale * q_i . k_j + table[h, bucket(j - i)],    scale = 1, all j

Half of the buckets, the upper one, is for keys after the query, j > i. Of the m = buckets / 2
of a side, the distances below m / 2 have one each. From there on buckets widen
geometrically up to `max_distance`, and the last one has all that is farther:

    d < m / 2:   d
    d >= m / 2:  min(m - 1, m / 2 + floor(m / 2 * ln(d / (m / 2)) / ln(max_distance / (m / 2))))

Source: Raffel et al. 2020 (32 buckets, distances up to 128; 12 heads of 64).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, table ``[Hq, buckets]``
    out ``[B, Hq, S, D]``
"""

from functools import cache

from ._tokens import attend, make_qkv, widen

TEST = dict(buckets=32, max_distance=64)
PAPER = dict(buckets=32, max_distance=128)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=12, kv_heads=12, length=1003, depth=64)


@cache
def bucket(distance, buckets, max_distance):
    """The bucket of j - i, in whole numbers: no logarithm is rounded.

    floor(e ln(d / e) / ln(f / e)) >= x  iff  (d / e) ** e >= (f / e) ** x.
    """
    side, after, d = buckets // 2, distance > 0, abs(distance)
    exact = side // 2
    if d >= exact:
        x = 0
        while x < side - exact - 1 and (
            d**exact * exact ** (x + 1) >= max_distance ** (x + 1) * exact**exact
        ):
            x += 1
        d = exact + x
    return d + (side if after else 0)


def inputs(rng, sizes, parameters):
    # Logits are not scaled: queries that keep them near 1, as a trained model does.
    arrays = make_qkv(rng, sizes)
    arrays["q"] *= sizes["depth"] ** -0.5
    return arrays | {"table": rng.standard_normal((sizes["heads"], parameters["buckets"]))}


def evaluate(q, k, v, table, *, buckets, max_distance, scale=1.0, rows=None):
    table = widen(table)

    def logit(b, h, i):
        return lambda s, j: s + table[h, bucket(j - i, buckets, max_distance)]

    def keys(b, h, i):
        return list(range(q.shape[2]))

    return attend(q, k, v, keys, scale=scale, logit=logit, rows=rows)
