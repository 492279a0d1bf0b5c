# Float64 reference of what chooses blocks of keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reference of ``attn.pool``, ``attn.route_score`` and ``attn.select``, one number at a time.

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
