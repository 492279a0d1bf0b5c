# Float64 reference of what chooses blocks of keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reference of ``attn.pool``, ``attn.route_score``, ``attn.select``, ``attn.cluster`` and
``attn.permute``, one number at a time.

Written from the documentation of the operations. Masks are functions of numbers,
``mask(b, h, i, j) -> bool``; without one everything is visible.

Sources: Lu et al. 2025 (MoBA); Yuan et al. 2025 (NSA); Lai et al. 2025
(FlexPrefill); Xu et al. 2025 (XAttention).
"""

import itertools
import math

import numpy as np

_POOLS = {"mean": np.mean, "max": np.max, "min": np.min, "sum": np.sum}


def pool(x, kind, *, window, stride, count=None):
    """Windows of rows of x ``[B, H, S, D]``: ``[B, H, count, D]``.

    Window c has the rows from c * stride on, `window` of them or those that there
    are; `count` is ceil(S / stride) by default, and no larger.
    """
    x = np.asarray(x).astype(np.float64)
    S = x.shape[2]
    most = -(-S // stride)
    count = most if count is None else count
    if window <= 0 or stride <= 0:
        raise ValueError(f"C2: expected a positive window and stride, got {window} and {stride}")
    if count > most:
        raise ValueError(f"C3: expected at most {most} windows, got {count}")
    rows = [_POOLS[kind](x[:, :, c * stride : c * stride + window], axis=2) for c in range(count)]
    return np.stack(rows, axis=2)


def route_score(q, k, kind, *, scale, heads=None, rows=1, cols=1, mask=None, score=None, offset=0):
    """``[B, heads, ceil(Sq / rows), ceil(Skv / cols)]``: blocks of logits, reduced.

    q ``[B, Hq, Sq, D]``, k ``[B, Hkv, Skv, D]``; `kind` is ``"sum"`` or ``"max"``;
    ``score(s, b, h, i, j) -> t`` for each visible logit; `heads` is Hq by default.
    Both, the mask and the score, see query i as i + offset.
    """
    q, k = (np.asarray(x).astype(np.float64) for x in (q, k))
    (B, Hq, Sq, _), Hkv, Skv = q.shape, k.shape[1], k.shape[2]
    heads = Hq if heads is None else heads
    if Hq % Hkv or Hq % heads:
        raise ValueError(f"{Hq} query heads are a multiple of {Hkv} kv heads and {heads} heads of scores")
    out = np.full((B, heads, -(-Sq // rows), -(-Skv // cols)), 0.0 if kind == "sum" else -np.inf)
    for b, h in itertools.product(range(B), range(Hq)):
        s = scale * (q[b, h] @ k[b, h // (Hq // Hkv)].T)
        for i, j in itertools.product(range(Sq), range(Skv)):
            if mask is not None and not mask(b, h, i + offset, j):
                continue
            t = s[i, j] if score is None else score(s[i, j], b, h, i + offset, j)
            at = b, h // (Hq // heads), i // rows, j // cols
            out[at] = out[at] + t if kind == "sum" else np.maximum(out[at], t)
    return out


def select(scores, count, *, mask=None, force=None, threshold=None, mass=None, offset=0):
    """Lists ``[B, H, N, count]`` of the best of scores ``[B, H, N, M]``, then -1.

    Those that `force` holds for come first; then the larger score, a NaN last;
    then the smaller number. With `threshold` or `mass` a list may end early. Masks see
    row n as n + offset.
    """
    scores = np.asarray(scores)
    lists = np.full((*scores.shape[:3], count), -1, np.int32)
    for at in np.ndindex(*scores.shape[:3]):
        row = scores[at].astype(np.float64)
        n = at[2] + offset
        candidates = [c for c in range(len(row)) if mask is None or mask(*at[:2], n, c)]
        forced = {c for c in candidates if force is not None and force(*at[:2], n, c)}

        def rank(c):
            missing = math.isnan(row[c])
            return c not in forced, missing, 0.0 if missing else -row[c], c

        def weight(c):
            return 0.0 if math.isnan(row[c]) else row[c]

        total, taken, chosen = 0.0, 0.0, []
        if mass is not None:
            total = sum(map(weight, candidates))
        for c in sorted(candidates, key=rank):
            wanted = threshold is None or row[c] >= threshold
            wanted &= mass is None or taken < mass * total
            if len(chosen) == count or not (wanted or c in forced):
                break
            chosen.append(c)
            taken += 0.0 if mass is None else weight(c)
        lists[at][: len(chosen)] = chosen
    return lists


def cluster(x, centroids, kind, *, heads=None, mask=None):
    """``[B, heads, S]``: for each row the number of the centroid with the largest product.

    x ``[B, Hx, S, D]``, centroids ``[B or 1, Hc, C, D]``; `kind` is ``"nearest"``, or
    ``"rotated"``, where -c is centroid C + c. The smallest of equal ones, a NaN never;
    -1 if there is none that ``mask(b, h, i, c)`` holds for.
    """
    x, centroids = (np.asarray(a).astype(np.float64) for a in (x, centroids))
    (B, Hx, S, _), (Bc, Hc, C, _) = x.shape, centroids.shape
    heads = Hx if heads is None else heads
    if heads % Hx or heads % Hc or Bc not in (1, B):
        raise ValueError(f"{heads} heads are a multiple of {Hx} and {Hc}, {Bc} entries are {B} or 1")
    out = np.full((B, heads, S), -1, np.int32)
    for b, h, i in np.ndindex(*out.shape):
        products = centroids[b if Bc > 1 else 0, h // (heads // Hc)] @ x[b, h // (heads // Hx), i]
        if kind == "rotated":
            products = np.concatenate([products, -products])
        best = None
        for c, product in enumerate(products):
            if math.isnan(product) or (mask is not None and not mask(b, h, i, c % C)):
                continue
            if best is None or product > products[best]:
                best = c
        out[b, h, i] = -1 if best is None else best
    return out


def permute(x, order, kind, *, heads=None, count=None):
    """Rows of x ``[B, Hx, S, ...]`` by their numbers ``[B, Ho, N]``: ``[B, heads, M, ...]``.

    `kind` is ``"gather"`` (M = N), ``"inverse"`` or ``"mean"`` (S = N, M = `count`, by
    default N). A number of no row names nothing; what nothing is named for is 0.
    """
    x, order = np.asarray(x), np.asarray(order)
    (B, Hx), (_, Ho, N) = x.shape[:2], order.shape
    heads = max(Hx, Ho) if heads is None else heads
    if heads % Hx or heads % Ho:
        raise ValueError(f"{heads} heads are a multiple of {Hx} and {Ho}")
    M = N if kind == "gather" or count is None else count
    out = np.zeros((B, heads, M, *x.shape[3:]), np.float64 if kind == "mean" else x.dtype)
    counts = np.zeros((B, heads, M), int)
    for b, h, i in np.ndindex(B, heads, N):
        number, rows = order[b, h // (heads // Ho), i], x[b, h // (heads // Hx)]
        if kind == "gather":
            if 0 <= number < len(rows):
                out[b, h, i] = rows[number]
        elif 0 <= number < M:
            counts[b, h, number] += 1
            out[b, h, number] = rows[i] + (out[b, h, number] if kind == "mean" else 0)
    if kind == "mean":
        out /= np.maximum(counts, 1).reshape(*counts.shape, *[1] * (x.ndim - 3))
    return out
