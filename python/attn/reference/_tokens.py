# Softmax attention of one query over a list of keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the references of the methods share: one softmax and the loop over queries.

For query row i of head h with the visible keys j, and kv head h // (Hq / Hkv):

    s(j) = scale * q[i] . k[j]
    t(j) = logit(s(j), j)                            t = s without a logit function
    out  = sum_j exp(t(j)) v[j] / (sum_j exp(t(j)) + exp(sink))
    lse  = ln(sum_j exp(t(j)) + exp(sink))

Without keys out = 0 and lse = sink, -inf without a sink.

Everything is float64. Inside ``with unfused(dtype):`` the same lines are the
unfused evaluation in that type: the operands, s, t, the weights and out are
rounded to ``dtype``, sums are float32 (float64 for float64).
"""

from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

# The types that values are rounded to, and computed in.
_TYPES = ContextVar("types", default=(np.float64, np.float64))


@contextmanager
def unfused(dtype):
    """Evaluates methods as whole-array operations of the precision `dtype` would."""
    wide = np.float64 if np.dtype(dtype) == np.float64 else np.float32
    token = _TYPES.set((dtype, wide))
    try:
        yield
    finally:
        _TYPES.reset(token)


def narrow(x):
    """`x` rounded as a tensor of the evaluation is."""
    dtype, wide = _TYPES.get()
    return np.asarray(x).astype(dtype, copy=False).astype(wide, copy=False)


def widen(x):
    """`x` in the type that is computed in: for operands that are not rounded further."""
    return np.asarray(x).astype(_TYPES.get()[1], copy=False)


def softmax(q, k, v, keys, *, scale, logit=None, sink=None):
    """``(out [Dv], lse)`` of the query q ``[D]`` over rows `keys` of k ``[S, D]``, v ``[S, Dv]``.

    ``logit(s, j) -> t``; ``sink`` is a number.
    """
    sink = widen(-np.inf if sink is None else sink)
    if len(keys) == 0:
        return widen(np.zeros(v.shape[1])), sink
    t = narrow(widen(scale) * (k[keys] @ q))
    if logit is not None:
        t = narrow([logit(s, j) for s, j in zip(t, keys)])
    top = np.maximum(t.max(), sink)
    weights = np.exp(t - top)
    total = weights.sum() + np.exp(sink - top)
    return narrow(narrow(weights / total) @ v[keys]), top + np.log(total)


def for_each_row(row, q, k, v, rows=None):
    """``out [B, Hq, R, Dv]`` from ``row(b, h, i, q[i], k, v) -> out[i]``.

    Called for each batch entry b, query head h and the R query positions i of
    `rows` (all by default) with q[i] ``[D]`` and k ``[S, D]``, v ``[S, Dv]`` of
    the head, rounded.
    """
    (B, Hq, S, _), Hkv = q.shape, k.shape[1]
    if Hq % Hkv:
        raise ValueError(f"{Hq} query heads are no multiple of {Hkv} kv heads")
    rows = range(S) if rows is None else rows
    q, k, v = narrow(q), narrow(k), narrow(v)
    out = widen(np.zeros((B, Hq, len(rows), v.shape[3])))
    for b in range(B):
        for h in range(Hq):
            g = h // (Hq // Hkv)
            for n, i in enumerate(rows):
                out[b, h, n] = row(b, h, i, q[b, h, i], k[b, g], v[b, g])
    return out


def attend(q, k, v, keys, *, scale=None, logit=None, sink=None, rows=None):
    """Softmax attention over the keys that ``keys(b, h, i) -> list`` names.

    q ``[B, Hq, S, D]``, k ``[B, Hkv, S, D]``, v ``[B, Hkv, S, Dv]``; ``scale`` is
    D**-0.5 by default; ``logit(b, h, i)`` makes the logit function of a row;
    sink ``[Hq]``. Returns ``out [B, Hq, R, Dv]`` for the R `rows`.
    """
    scale = q.shape[3] ** -0.5 if scale is None else scale

    def row(b, h, i, q, k, v):
        out, _ = softmax(
            q,
            k,
            v,
            keys(b, h, i),
            scale=scale,
            logit=None if logit is None else logit(b, h, i),
            sink=None if sink is None else sink[h],
        )
        return out

    return for_each_row(row, q, k, v, rows)


def sums_after(terms):
    """``sum_{l > j} terms[l]`` for each j.

    Frameworks take such sums as differences of prefix sums; so does the
    unfused evaluation.
    """
    _, wide = _TYPES.get()
    if wide != np.float64:
        prefix = np.cumsum(widen(terms), dtype=wide)
        return prefix[-1] - prefix
    sums, total = [], 0.0
    for term in reversed(terms):
        sums.append(total)
        total += term
    return sums[::-1]


def neighbours(c, n, kernel):
    """The `kernel` (odd) coordinates around c among n, moved inwards at the borders."""
    first = c - kernel // 2
    if first < 0:
        first = 0
    if first > n - kernel:
        first = n - kernel
    return range(first, first + kernel)


def make_qkv(rng, sizes):
    """q, k and v, standard normal: ``batch``, ``heads``, ``kv_heads``, ``length``, ``depth``."""
    B, S, D = sizes["batch"], sizes["length"], sizes["depth"]
    return {
        "q": rng.standard_normal((B, sizes["heads"], S, D)),
        "k": rng.standard_normal((B, sizes["kv_heads"], S, D)),
        "v": rng.standard_normal((B, sizes["kv_heads"], S, D)),
    }


def make_last(rng, sizes):
    """The same, with the last query alone, as in decoding."""
    arrays = make_qkv(rng, sizes)
    return arrays | {"q": arrays["q"][:, :, -1:]}
