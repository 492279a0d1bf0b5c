# Float64 reference of softmax attention and of its states.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reference of ``attn.attention``, ``attn.partial``, ``attn.merge`` and ``attn.finalize``.

Written from the equations, without tiling, online updates or anything else
that the compiler does, so that an agreement of the two means something. For
batch entry b, query head h, row i and column j, with kv head g = h // (Hq / Hkv):

    s(i, j)   = scale * sum_d q[b, h, i, d] * k[b, g, j, d]
    t(i, j)   = score(s(i, j), b, h, i', j') + bias[b, h, i, j]
    allowed   = mask(b, h, i', j') and where(b, h, i', j') and j < kv_lengths[b]
                and j // C in ids[b, h // (Hq / Hs), i // R]
    den(i)    = sum_{j allowed} exp(t(i, j)) + exp(sink[h])
    out(i, e) = sum_{j allowed} exp(t(i, j)) / den(i) * v[b, g, j, e]
    lse(i)    = ln den(i)

i' and j' are logical positions: i' = i + offset, j' = j, or the `positions`.
A row that sums nothing has out = 0 and lse = -inf (lse = sink with sinks).
Whatever is not allowed is not read: a NaN there, in keys or in values, cannot
reach the result. That makes the reference stricter than the operation, which
promises this for values only with `strict_values` and beyond `kv_lengths`.

Sources: Vaswani et al. 2017 (attention); Ainslie et al. 2023 (grouped queries);
Xiao et al. 2023 and gpt-oss (sinks); Milakov and Gimelshein 2018, Dao et al.
2022 (states and their merge).
"""

from dataclasses import dataclass
from typing import Callable, NamedTuple

import numpy as np

from ..masks import Mask, Point


class State(NamedTuple):
    """Attention over some keys, unnormalised (natural units).

    ``acc [B, Hq, Sq, Dv] = sum exp(t - ref) * v``, ``ref [B, Hq, Sq]`` any finite
    reference point, ``sum [B, Hq, Sq] = sum exp(t - ref)``. The value is
    ``acc / sum``, the lse is ``ref + ln(sum)``.
    """

    acc: np.ndarray
    ref: np.ndarray
    sum: np.ndarray


@dataclass(frozen=True)
class Logits:
    """How a logit is made: the clauses that attention and its partial form share.

    ==============  ==========================================================
    scale           finite float
    mask            a `Mask` or ``f(b, h, i, j) -> bool`` on logical positions
    align           ``"top_left"`` (i' = i) or ``"bottom_right"`` (i' = i + Skv - Sq)
    offset          int, or int ``[B]``: i' = i + offset; may be negative
    bias            float, rank 1 to 4, broadcasts to ``[B, Hq, Sq, Skv]``
    segments        int ``[B, Sq]`` and int ``[B, Skv]``, for a mask that reads them
    parameters      int ``[1 or B, 1 or Hq, N]``, for a mask that reads them
    ancestors       int32 ``[B, Sq, W]``, for a mask that reads them
    kv_lengths      int ``[B]``: columns at or beyond it are not in the domain
    select          ``(ids, R, C)``: int ``[B, Hs, ceil(Sq / R), K]``, the blocks of C
                    columns that blocks of R rows see; numbers of none are ignored
    positions       int ``[B, Sq]`` and int ``[B, Skv]``: logical i' and j'
    score           ``f(s, b, h, i, j) -> t`` with s ``[Sq, Skv]``, i ``[Sq, 1]``,
                    j ``[1, Skv]``, b and h integers
    where           ``f(b, h, i, j) -> bool``, ANDed with the mask
    strict_values   accepted; the reference is always strict
    precision       the NumPy type computed in, float64 or longdouble
    ==============  ==========================================================
    """

    scale: float
    mask: Mask | Callable | None = None
    align: str = "top_left"
    offset: int | np.ndarray | None = None
    bias: np.ndarray | None = None
    segments: tuple[np.ndarray, np.ndarray] | None = None
    parameters: np.ndarray | None = None
    ancestors: np.ndarray | None = None
    kv_lengths: np.ndarray | None = None
    select: tuple[np.ndarray, int, int] | None = None
    positions: tuple[np.ndarray, np.ndarray] | None = None
    score: Callable | None = None
    where: Callable | None = None
    strict_values: bool = False
    precision: type = np.float64


def attention(q, k, v, *, sink=None, **clauses):
    """Softmax attention, the module's equation.

    q ``[B, Hq, Sq, Dk]``, k ``[B, Hkv, Skv, Dk]``, v ``[B, Hkv, Skv, Dv]`` of any
    float type, sink ``[Hq]`` float; ``clauses`` are the fields of `Logits`.
    Returns ``(out [B, Hq, Sq, Dv], lse [B, Hq, Sq])`` in float64 (``precision``).
    Raises ``ValueError``, naming the constraint of the operation, on operands
    that the operation's verifier refuses.
    """
    logits = Logits(**clauses)
    return finalize(_state_over(q, k, v, logits), sink=sink)


def partial(q, k, v, *, state: State | None = None, **clauses) -> State:
    """`state` continued over the given keys (the identity if none is given).

    Operands as for `attention`. Returns a `State` in float64.
    """
    logits = Logits(**clauses)
    over = _state_over(q, k, v, logits)
    if state is None:
        return over
    for name, a, b in zip(State._fields, state, over):
        if np.shape(a) != b.shape:
            raise ValueError(f"C19: expected {name} of shape {b.shape}, got {np.shape(a)}")
    return merge(state, over)


def merge(a: State, b: State) -> State:
    """The state over the union of two disjoint sets of keys.

        ref = max(ref_a, ref_b)
        acc = exp(ref_a - ref) acc_a + exp(ref_b - ref) acc_b,  sum alike

    Associative and commutative up to rounding. Raises ``ValueError`` where the
    shapes of the states differ.
    """
    for name, x, y in zip(State._fields, a, b):
        if np.shape(x) != np.shape(y):
            raise ValueError(f"C1: states differ in {name}: {np.shape(x)} and {np.shape(y)}")
    a, b = State(*map(_widen, a)), State(*map(_widen, b))
    # A state that has summed nothing has no say in the reference point.
    ref_a = np.where(a.sum == 0, np.finfo(a.ref.dtype).min, a.ref)
    ref_b = np.where(b.sum == 0, np.finfo(b.ref.dtype).min, b.ref)
    ref = np.maximum(ref_a, ref_b)
    weight_a, weight_b = np.exp(ref_a - ref), np.exp(ref_b - ref)
    return State(
        weight_a[..., None] * a.acc + weight_b[..., None] * b.acc,
        ref,
        weight_a * a.sum + weight_b * b.sum,
    )


def finalize(state: State, *, sink=None):
    """The value and the lse of a state.

        out = acc / (sum + exp(sink - ref))      0 where nothing was summed
        lse = ref + ln(sum + exp(sink - ref))    -inf where nothing was summed

    ``sink [Hq]`` is optional. Returns ``(out, lse)``.
    """
    acc, ref, total = map(_widen, state)
    empty = total == 0
    ref = np.where(empty, -np.inf, ref)
    if sink is None:
        sink = np.full(acc.shape[1], -np.inf, acc.dtype)
    sink = _widen(sink)
    if sink.shape != (acc.shape[1],):
        raise ValueError(f"C9: expected sink of shape ({acc.shape[1]},), got {sink.shape}")
    sink = np.broadcast_to(sink[None, :, None], ref.shape)
    top = np.maximum(ref, sink)
    finite_top = np.where(np.isneginf(top), 0, top)
    weight = np.exp(ref - finite_top)
    den = weight * total + np.exp(sink - finite_top)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.where(empty[..., None], 0, weight[..., None] * acc / den[..., None])
        lse = np.where(np.isneginf(top), -np.inf, finite_top + np.log(den))
    return out, lse


def identity(shape: tuple, dtype=np.float64) -> State:
    """The state over no keys, for a result of shape ``[B, Hq, Sq, Dv]``."""
    ref = np.full(shape[:3], np.finfo(np.float32).min, dtype)
    return State(np.zeros(shape, dtype), ref, np.zeros(shape[:3], dtype))


def rounded(q, k, v, *, dtype, sink=None, **clauses):
    """The unfused evaluation in the precision `dtype`: what a framework would do.

    Every operation of the module's equation is one whole-array operation whose
    result is rounded to ``dtype`` (float16, bfloat16, float32 or float64): the
    scaled product, the score, the logits, the weights and the output. Sums
    inside an operation are float32 (float64 for float64), as in the matrix
    units and softmax of every framework. Its distance from the reference is the
    yardstick that the compiler's results are held against: a fused kernel may
    err by at most twice as much (Dao et al. 2022 test by the same rule).

    Takes what `attention` takes; returns ``(out, lse)``, out of ``dtype`` and
    lse of float32 (float64).
    """
    wide = np.float64 if np.dtype(dtype) == np.float64 else np.float32
    logits = Logits(**{**clauses, "precision": wide})

    def narrow(x):
        with np.errstate(over="ignore"):
            return np.asarray(x).astype(dtype).astype(wide)

    shape = _check(q, k, v, logits)
    q, k, v = (narrow(x) for x in (q, k, v))
    out, lse = np.zeros(shape.out, dtype), np.zeros(shape.out[:3], wide)
    for b, h, g in shape.heads():
        with np.errstate(invalid="ignore", over="ignore"):
            t, allowed = _head_logits(q[b, h], k[b, g], b, h, logits, shape, narrow)
        masked = np.where(allowed, t, wide(-np.inf))
        column = wide(-np.inf) if sink is None else wide(sink[h])
        top = np.maximum(masked.max(axis=1, initial=-np.inf), column)
        finite_top = np.where(np.isneginf(top), wide(0), top)[:, None]
        weights = np.exp(masked - finite_top)
        den = weights.sum(axis=1, dtype=wide) + np.exp(column - finite_top[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.where(allowed & (den > 0)[:, None], weights / den[:, None], 0)
            lse[b, h] = np.where(den > 0, finite_top[:, 0] + np.log(den), -np.inf)
        out[b, h] = _weighted_values(narrow(p), v[b, g], allowed).astype(dtype)
    return out, lse


# ---------------------------------------------------------------------------
# One head
# ---------------------------------------------------------------------------


def _state_over(q, k, v, logits: Logits) -> State:
    """The state over all keys that `logits` allows."""
    shape = _check(q, k, v, logits)
    q, k, v = (np.asarray(x).astype(logits.precision) for x in (q, k, v))
    state = identity(shape.out, logits.precision)
    for b, h, g in shape.heads():
        with np.errstate(invalid="ignore", over="ignore"):
            t, allowed = _head_logits(q[b, h], k[b, g], b, h, logits, shape)
        masked = np.where(allowed, t, -np.inf)
        top = masked.max(axis=1, initial=-np.inf)
        has_some = ~np.isneginf(top)
        ref = np.where(has_some, top, 0)
        weights = np.exp(masked - ref[:, None])
        state.ref[b, h] = np.where(has_some, ref, state.ref[b, h])
        state.sum[b, h] = weights.sum(axis=1)
        state.acc[b, h] = _weighted_values(weights, v[b, g], allowed)
    return state


def _head_logits(q, k, b, h, logits: Logits, shape, narrow=lambda x: x):
    """t and allowed, ``[Sq, Skv]``, of one head; `narrow` rounds each step."""
    row = np.arange(shape.Sq)[:, None]
    column = np.arange(shape.Skv)[None, :]
    if logits.positions is not None:
        i = np.asarray(logits.positions[0])[b].astype(np.int64)[:, None]
        j = np.asarray(logits.positions[1])[b].astype(np.int64)[None, :]
    else:
        i, j = row + _offset(logits, b, shape), column

    allowed = np.ones((shape.Sq, shape.Skv), bool)
    if logits.kv_lengths is not None:
        allowed &= column < np.asarray(logits.kv_lengths)[b]
    if logits.select is not None:
        ids, R, C = logits.select
        ids = np.asarray(ids)[b, h // (shape.Hq // np.shape(ids)[1])]
        for n in range(shape.Sq):
            allowed[n] &= np.isin(column[0] // C, ids[n // R])
    if isinstance(logits.mask, Mask):
        same = None
        if logits.segments is not None:
            ids_q, ids_k = (np.asarray(ids)[b] for ids in logits.segments)
            same = ids_q[:, None] == ids_k[None, :]
        numbers = ()
        if logits.parameters is not None:
            given = np.asarray(logits.parameters)
            numbers = tuple(np.broadcast_to(given, (shape.B, shape.Hq, given.shape[2]))[b, h])
        ancestors = None if logits.ancestors is None else np.asarray(logits.ancestors)[b]
        allowed &= logits.mask.evaluate(Point(b, h, i, j, same, numbers, ancestors))
    elif logits.mask is not None:
        allowed &= np.asarray(logits.mask(b, h, i, j), bool)
    if logits.where is not None:
        allowed &= np.asarray(logits.where(b, h, i, j), bool)

    t = narrow(logits.precision(logits.scale) * (q @ k.T))
    if logits.score is not None:
        t = narrow(logits.score(t, b, h, i, j)).astype(logits.precision)
    if logits.bias is not None:
        bias = np.asarray(logits.bias).astype(logits.precision)
        bias = np.broadcast_to(bias, (shape.B, shape.Hq, shape.Sq, shape.Skv))
        t = narrow(t + bias[b, h])
    return t, allowed


def _weighted_values(weights, v, allowed):
    """``weights @ v`` that reads a value only where it is allowed."""
    finite = np.isfinite(v).all(axis=1)
    out = weights @ np.where(finite[:, None], v, 0)
    for j in np.flatnonzero(~finite):
        with np.errstate(invalid="ignore"):
            out = out + np.where(allowed[:, j, None], weights[:, j, None] * v[j], 0)
    return out


def _offset(logits: Logits, b: int, shape) -> int:
    if logits.align == "bottom_right":
        return shape.Skv - shape.Sq
    if logits.offset is None:
        return 0
    return int(np.broadcast_to(np.asarray(logits.offset), (shape.B,))[b])


def _widen(x):
    x = np.asarray(x)
    return x if x.dtype in (np.float64, np.longdouble) else x.astype(np.float64)


# ---------------------------------------------------------------------------
# Constraints, by the numbers of the operation's verifier
# ---------------------------------------------------------------------------


class _Shape(NamedTuple):
    B: int
    Hq: int
    Hkv: int
    Sq: int
    Skv: int
    Dv: int

    @property
    def out(self):
        return (self.B, self.Hq, self.Sq, self.Dv)

    def heads(self):
        """(b, h, g): batch entry, query head, the kv head that it reads."""
        for b in range(self.B):
            for h in range(self.Hq):
                yield b, h, h // (self.Hq // self.Hkv)


def _require(condition, message):
    if not condition:
        raise ValueError(message)


def _check(q, k, v, logits: Logits) -> _Shape:
    q, k, v = map(np.shape, (q, k, v))
    shapes = f"got query {q}, key {k}, value {v}"
    _require(len(q) == len(k) == len(v) == 4, f"C1: rank 4, {shapes}")
    _require(q[0] == k[0] == v[0], f"C3: batch sizes agree, {shapes}")
    _require(k[1:3] == v[1:3], f"C4: key and value agree in heads and length, {shapes}")
    _require(q[3] == k[3], f"C5: query and key agree in width, {shapes}")
    _require(k[1] > 0 and q[1] % k[1] == 0, f"C6: query heads are a multiple of kv heads, {shapes}")
    shape = _Shape(q[0], q[1], k[1], q[2], k[2], v[3])

    if logits.bias is not None:
        full, bias = (shape.B, shape.Hq, shape.Sq, shape.Skv), np.shape(logits.bias)
        fits = 1 <= len(bias) <= 4 and all(x in (1, y) for x, y in zip(bias[::-1], full[::-1]))
        _require(fits, f"C8: bias broadcasts to {full}, got {bias}")
    reads = isinstance(logits.mask, Mask) and logits.mask.reads_segments()
    _require(reads == (logits.segments is not None), "C10: segments are given exactly when the mask reads them")
    count = logits.mask.num_parameters() if isinstance(logits.mask, Mask) else 0
    _require((count > 0) == (logits.parameters is not None),
             "C23: parameters are given exactly when the mask reads them")
    if count:
        given = np.shape(logits.parameters)
        fits = len(given) == 3 and given[0] in (1, shape.B) and given[1] in (1, shape.Hq) and given[2] >= count
        _require(fits, f"C23: expected parameters of shape 1 or {shape.B} x 1 or {shape.Hq} x {count} or more, got {given}")
    for rule, pair in (("C10", logits.segments), ("C12", logits.positions)):
        if pair is not None:
            want = ((shape.B, shape.Sq), (shape.B, shape.Skv))
            _require(tuple(map(np.shape, pair)) == want, f"{rule}: expected shapes {want}")
    reads = isinstance(logits.mask, Mask) and logits.mask.reads_ancestors()
    _require(reads == (logits.ancestors is not None), "C24: ancestors are given exactly when the mask reads them")
    if reads:
        given = np.shape(logits.ancestors)
        _require(len(given) == 3 and given[:2] == (shape.B, shape.Sq) and 32 * given[2] >= shape.Sq,
                 f"C24: expected ancestors of shape {shape.B} x {shape.Sq} x W with 32 W >= {shape.Sq}, got {given}")
        _require(logits.positions is None, "C24: ancestors exclude positions")
    if logits.kv_lengths is not None:
        _require(np.shape(logits.kv_lengths) == (shape.B,), f"C11: kv_lengths has shape ({shape.B},)")
    if logits.select is not None:
        ids, R, C = logits.select
        given = np.shape(ids)
        _require(R > 0 and C > 0, f"C26: expected blocks of positive sizes, got {R} and {C}")
        fits = len(given) == 4 and given[0] == shape.B and given[2] == -(-shape.Sq // R)
        _require(fits and given[1] > 0 and shape.Hq % given[1] == 0,
                 f"C26: expected a selection of shape ({shape.B}, a divisor of {shape.Hq}, "
                 f"{-(-shape.Sq // R)}, K), got {given}")
    _require(logits.align in ("top_left", "bottom_right"), f"unknown alignment {logits.align!r}")
    moved = logits.align != "top_left"
    _require(logits.positions is None or not (moved or logits.offset is not None),
             "C12: positions exclude offset and align")
    if logits.offset is not None:
        _require(not moved, "C13: offset excludes align")
        _require(np.shape(logits.offset) in ((), (shape.B,)), f"C13: offset is a number or has shape ({shape.B},)")
    _require(np.isfinite(logits.scale), "C16: scale is finite")
    return shape
