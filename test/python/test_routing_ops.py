# What chooses blocks of keys, compiled and by the oracle.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What chooses, groups and moves rows, against float64 references.

Lists are compared number by number: scores that are equal, NaN or infinite are
equal in all three, so that ties are decided by the definition alone.
"""

import numpy as np
import pytest
from attn import driver
from attn.ir import Function, float_literal, numpy_type
from attn.routing import cluster, permute, pool, route_score, select

TARGETS = ("cpu", "oracle")
EPSILON = {"f32": 2e-6, "f64": 1e-14, "f16": 2e-3, "bf16": 1.6e-2}


def run(attn_run, target, cases):
    """The results of several operations in one function; ``case(f) -> (arrays, result)``."""
    f, inputs, results = Function("main"), [], []
    for case in cases:
        arrays, result = case(f)
        inputs += arrays
        results.append(result)
    got = driver.run(f.text(results), inputs, len(results), tool=attn_run, target=target)
    return [x.view(numpy_type("bf16")) if r.element == "bf16" else x for x, r in zip(got, results)]


def apply(f, hint, text, out):
    """Adds an operation that writes `out`, of which no extent is left open."""
    name = f.assign(hint, f"{text} -> {out.type}")
    return type(out)(name, out.shape, out.element)


def close(got, want, element, scale=1.0):
    tolerance = EPSILON[element] * scale
    np.testing.assert_allclose(got.astype(np.float64), want, rtol=tolerance, atol=tolerance)


# --- Pools ----------------------------------------------------------------------------

POOLS = [
    # kind, type, type of the result, S, window, stride, number of windows
    ("mean", "f32", "f32", 13, 4, 4, None), ("sum", "bf16", "f32", 13, 4, 2, 5), ("max", "f32", "f16", 9, 5, 3, None),
    ("min", "f64", "f64", 7, 100, 7, None), ("mean", "f16", "bf16", 70, 32, 16, 3), ("max", "f32", "f32", 5, 2, 3, 2),
]


@pytest.mark.parametrize("target", TARGETS)
def test_pool(attn_run, target):
    rng = np.random.default_rng(0)
    operands = [rng.standard_normal((2, 3, S, 6)).astype(numpy_type(t)) for _, t, _, S, *_ in POOLS]

    def make(case, x):
        kind, element, result, S, window, stride, count = case

        def write(f):
            value = f.argument("x", (2, 3, None, 6), element)
            out = f.empty((2, 3, count or -(-S // stride), 6), result)
            return [x], apply(f, "p", f"attn.pool {kind} {value.name} outs({out.name}) window({window}) "
                                      f"stride({stride}) : {value.type}", out)
        return write

    got = run(attn_run, target, [make(case, x) for case, x in zip(POOLS, operands)])
    for case, x, y in zip(POOLS, operands, got):
        kind, _, result, _, window, stride, count = case
        close(y, pool(x, kind, window=window, stride=stride, count=count), result, window)


# --- Scores ---------------------------------------------------------------------------

CAUSAL = lambda b, h, i, j: j <= i
COMPLETE = lambda b, h, i, j: 4 * j + 3 <= i
WEIGHTED = """^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
  %z = arith.constant 0.0 : f32
  %p = arith.maximumf %s, %z : f32
  %w = tensor.extract WEIGHTS[%h, %i] : TYPE
  %o = arith.addf %p, %w : f32
  %t = arith.mulf %o, %w : f32
  attn.yield %t : f32"""
SCORES = [
    # kind, types of q and k, (B, Hq, Hkv, Hs, Sq, Skv), blocks, mask, its spelling, region, offset
    ("sum", "f32", "f32", (2, 4, 2, 4, 13, 9), (1, 1), None, "", False, 0),
    ("sum", "bf16", "f32", (1, 4, 1, 2, 70, 130), (1, 1), COMPLETE, 'affine<"(b, h, i, j) : (i - 4 * j - 3 >= 0)">', False, 0),
    ("sum", "f32", "f32", (1, 2, 2, 1, 70, 45), (16, 8), CAUSAL, "causal", False, 0),
    ("max", "f16", "f16", (1, 4, 2, 2, 45, 150), (5, 7), CAUSAL, "causal", False, 0),
    ("max", "f64", "f64", (1, 2, 1, 2, 5, 70), (2, 100), None, "", False, 0),
    ("sum", "f32", "f32", (1, 4, 1, 1, 40, 33), (1, 1), CAUSAL, "causal", True, 0),
    ("sum", "f32", "f32", (1, 2, 2, 2, 9, 30), (1, 1), CAUSAL, "causal", False, 20),
    ("max", "f32", "f32", (1, 4, 2, 2, 70, 150), (1, 7), CAUSAL, "causal", False, 0),
    ("sum", "f32", "f32", (1, 4, 1, 1, 40, 300), (1, 256), CAUSAL, "causal", True, 250),
    # What does not exist is no zero: the region makes something of it.
    ("sum", "f32", "f32", (1, 4, 2, 4, 37, 29), (8, 8), None, "", True, 0),
]


@pytest.mark.parametrize("target", TARGETS)
def test_route_score(attn_run, target):
    rng = np.random.default_rng(1)
    operands = []
    for _, tq, tk, (B, Hq, Hkv, _, Sq, Skv), *_ in SCORES:
        operands.append((rng.standard_normal((B, Hq, Sq, 16)).astype(numpy_type(tq)),
                         rng.standard_normal((B, Hkv, Skv, 16)).astype(numpy_type(tk))))
    weights = rng.standard_normal((4, 300)).astype(np.float32)

    def make(case, pair):
        kind, tq, tk, (B, Hq, Hkv, Hs, Sq, Skv), (rows, cols), _, spelling, region, offset = case

        def write(f):
            q = f.argument("q", (B, Hq, None, 16), tq)
            k = f.argument("k", (B, Hkv, None, 16), tk)
            arrays, score = list(pair), ""
            if region:
                w = f.argument("w", weights.shape, "f32")
                arrays.append(weights)
                score = f" score {{\n{WEIGHTED.replace('WEIGHTS', w.name).replace('TYPE', w.type)}\n}}"
            out = f.empty((B, Hs, -(-Sq // rows), -(-Skv // cols)), "f64" if tq == "f64" else "f32")
            mask = f" mask({spelling})" if spelling else ""
            blocks = f" blocks({rows}, {cols})" if (rows, cols) != (1, 1) else ""
            mask += f" offset({f.index(offset)})" if offset else ""
            return arrays, apply(f, "s", f"attn.route_score {kind} {q.name}, {k.name} outs({out.name}) "
                                         f"scale(0.25){blocks}{mask}{score} : {q.type}, {k.type}", out)
        return write

    got = run(attn_run, target, [make(case, pair) for case, pair in zip(SCORES, operands)])
    for case, (q, k), y in zip(SCORES, operands, got):
        kind, tq, _, (_, _, _, Hs, _, _), (rows, cols), mask, _, region, offset = case
        score = (lambda s, b, h, i, j: (max(s, 0.0) + weights[h, i]) * weights[h, i]) if region else None
        want = route_score(q, k, kind, scale=0.25, heads=Hs, rows=rows, cols=cols, mask=mask, score=score,
                           offset=offset)
        close(y, want, "f64" if tq == "f64" else "f32", 8 * rows * cols if kind == "sum" else 8)


# --- Orders ---------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_sort(attn_run, target):
    rng = np.random.default_rng(3)
    operands = [rng.integers(-limit, limit, (2, 3, S)).astype(np.int32)
                for S, limit in ((1, 9), (2, 2), (7, 3), (64, 9), (65, 2**31 - 1), (300, 20))]
    operands[4][0, 0, :3] = -(2**31), 2**31 - 1, -(2**31)

    def make(x):
        def write(f):
            value = f.argument("x", x.shape, "i32")
            out = f.empty(x.shape, "i32")
            return [x], apply(f, "o", f"attn.sort {value.name} outs({out.name}) : {value.type}", out)
        return write

    got = run(attn_run, target, [make(x) for x in operands])
    for x, order in zip(operands, got):
        np.testing.assert_array_equal(order, np.argsort(x, axis=2, kind="stable"))


# --- Clusters -------------------------------------------------------------------------

CLUSTERS = [
    # kind, types of x and of the centroids, (B, Hx, Bc, Hc, H, S, C), mask, its spelling
    ("nearest", "f32", "f32", (2, 3, 2, 3, 3, 70, 9), None, ""),
    ("nearest", "bf16", "bf16", (2, 2, 1, 4, 4, 130, 200), None, ""),
    ("rotated", "bf16", "bf16", (2, 2, 1, 6, 6, 65, 128), None, ""),
    ("rotated", "f32", "f32", (1, 2, 1, 2, 4, 64, 6), None, ""),
    ("rotated", "f64", "f64", (1, 2, 1, 1, 2, 7, 70), None, ""),
    ("nearest", "f32", "f32", (1, 2, 1, 2, 2, 150, 140), CAUSAL, "causal"),
    ("rotated", "f16", "f32", (1, 2, 1, 2, 2, 20, 5), lambda b, h, i, c: c < 3 and i > 1,
     'affine<"(b, h, i, j) : (2 - j >= 0, i - 2 >= 0)">'),
]


def small_numbers(rng, shape, element):
    """Quarters, whose products are exact: many of them are equal."""
    return (np.round(4 * rng.standard_normal(shape)) / 4).astype(numpy_type(element))


@pytest.mark.parametrize("target", TARGETS)
def test_cluster(attn_run, target):
    rng = np.random.default_rng(4)
    operands = []
    for _, tx, tc, (B, Hx, Bc, Hc, _, S, C), *_ in CLUSTERS:
        x, c = small_numbers(rng, (B, Hx, S, 16), tx), small_numbers(rng, (Bc, Hc, C, 16), tc)
        # What ranks nowhere, first and last; rows without any order.
        x[0, 0, 0], x[0, 0, 1], c[0, 0, 2, 3] = np.nan, 0, np.nan
        x[0, 0, 2, :3] = -np.inf, np.inf, 0
        operands.append((x, c))

    def make(case, pair):
        kind, tx, tc, (B, Hx, Bc, Hc, H, S, C), _, spelling = case

        def write(f):
            x = f.argument("x", (B, Hx, None, 16), tx)
            c = f.argument("c", (Bc, Hc, C if kind == "rotated" else None, 16), tc)
            out = f.empty((B, H, S), "i32")
            mask = f" mask({spelling})" if spelling else ""
            return list(pair), apply(f, "c", f"attn.cluster {kind} {x.name}, {c.name} outs({out.name}){mask} : "
                                             f"{x.type}, {c.type}", out)
        return write

    got = run(attn_run, target, [make(case, pair) for case, pair in zip(CLUSTERS, operands)])
    for n, (case, (x, c), numbers) in enumerate(zip(CLUSTERS, operands, got)):
        kind, _, _, (*_, H, _, _), mask, _ = case
        with np.errstate(invalid="ignore"):
            want = cluster(x, c, kind, heads=H, mask=mask)
        np.testing.assert_array_equal(numbers, want, err_msg=str(n))


# --- Permutations ---------------------------------------------------------------------

PERMUTATIONS = [
    # kind, type, shape of x, (Ho, N), H, M, whether numbers name nothing at times
    ("gather", "f32", (2, 3, 13, 6), (3, 20), 3, 20, True), ("gather", "bf16", (2, 2, 70, 16), (6, 64), 6, 64, False),
    ("gather", "f32", (1, 4, 9), (2, 33), 4, 33, True), ("gather", "i32", (1, 2, 9), (4, 5), 4, 5, True),
    ("gather", "f64", (1, 1, 0, 3), (2, 4), 2, 4, True), ("inverse", "f32", (2, 3, 65, 6), (3, 65), 3, 65, False),
    ("inverse", "f16", (1, 2, 20), (1, 20), 2, 31, True), ("inverse", "i32", (1, 2, 9, 4), (2, 9), 2, 5, True),
    ("mean", "f32", (2, 3, 70, 6), (3, 70), 3, 40, True), ("mean", "bf16", (1, 2, 33, 16), (4, 33), 4, 12, True),
    ("mean", "f64", (1, 2, 9), (1, 9), 2, 1, False), ("mean", "f16", (1, 1, 0, 3), (1, 0), 1, 4, False),
]


def numbers_for(rng, case):
    """Numbers of rows, distinct where those that are written must be."""
    kind, _, (B, _, S, *_), (Ho, N), _, M, misses = case
    end = S if kind == "gather" else M
    if kind == "inverse":
        order = np.stack([rng.permutation(max(N, M))[:N] for _ in range(B * Ho)]).reshape(B, Ho, N)
    else:
        order = rng.integers(0, max(end, 1), (B, Ho, N))
    if misses:
        order = np.where(rng.random(order.shape) < 0.2, rng.choice([-1, -(2**31), end, 2**31 - 1], order.shape), order)
    return order.astype(np.int32)


@pytest.mark.parametrize("target", TARGETS)
def test_permute(attn_run, target):
    rng = np.random.default_rng(5)
    operands = []
    for case in PERMUTATIONS:
        x = rng.integers(-99, 99, case[2]) if case[1] == "i32" else rng.standard_normal(case[2])
        operands.append((x.astype(numpy_type(case[1])), numbers_for(rng, case)))

    def make(case, pair):
        kind, element, shape, _, H, M, _ = case

        def write(f):
            x = f.argument("x", (*shape[:2], None, *shape[3:]), element)
            order = f.argument("n", (*pair[1].shape[:2], None), "i32")
            out = f.empty((shape[0], H, M, *shape[3:]), element)
            return list(pair), apply(f, "p", f"attn.permute {kind} {x.name}, {order.name} outs({out.name}) : "
                                             f"{x.type}, {order.type}", out)
        return write

    got = run(attn_run, target, [make(case, pair) for case, pair in zip(PERMUTATIONS, operands)])
    for n, (case, (x, order), y) in enumerate(zip(PERMUTATIONS, operands, got)):
        kind, element, _, _, H, M, _ = case
        want = permute(x, order, kind, heads=H, count=M)
        if kind == "mean":
            close(y, want, element, 8)
        else:
            np.testing.assert_array_equal(y.view(np.uint8), want.view(np.uint8), err_msg=str(n))


# --- Lists ----------------------------------------------------------------------------

OWN = lambda b, h, n, c: n == c
FIRST = lambda b, h, n, c: c < 1
LISTS = [
    # type, (B, H, N, M), K, mask, force, their spellings, other clauses
    ("f32", (1, 2, 9, 9), 4, None, None, {}), ("f32", (2, 2, 9, 9), 4, (CAUSAL, "causal"), (OWN, "window<1>"), {}),
    ("f64", (1, 1, 9, 20), 25, None, (FIRST, "sink<1>"), {}), ("f32", (1, 2, 9, 9), 2, (CAUSAL, "causal"), (CAUSAL, "causal"), {}),
    ("f32", (1, 2, 9, 9), 9, None, (FIRST, "sink<1>"), {"threshold": 0.25}), ("f32", (1, 2, 9, 9), 9, (CAUSAL, "causal"), (OWN, "window<1>"), {"mass": 0.7}),
    ("f32", (1, 2, 2, 9), 3, (CAUSAL, "causal"), (OWN, "window<1>"), {"offset": 5}),
    ("f32", (1, 2, 9, 9), 9, None, None, {"mass": 0.5, "threshold": 0.0}), ("f32", (1, 1, 4, 6), 3, (lambda b, h, n, c: c > n + 3, 'affine<"(b, h, i, j) : (j - i - 4 >= 0)">'), None, {}),
    # Long lists, which are made by a bound of their keys: of all scores, of some, of more than there are.
    ("f32", (1, 2, 3, 90), 64, None, None, {}), ("f32", (2, 1, 3, 300), 70, (CAUSAL, "causal"), (FIRST, "sink<1>"), {"offset": 80}),
    ("f32", (1, 1, 3, 50), 66, None, (FIRST, "sink<1>"), {"threshold": 0.25}),
    # So few of them that candidates are found first, by every other 32 scores; a mask that shows too few of those.
    ("f32", (1, 2, 3, 700), 64, None, None, {}), ("f32", (2, 1, 3, 1500), 80, (CAUSAL, "causal"), (FIRST, "sink<1>"), {"offset": 700}),
]
KNOWN = 512  # Scores of a row, from which on their number is part of the type.


def awkward(rng, shape, element):
    """Quarters, many of them equal, with NaN and infinities."""
    x = np.round(4 * rng.standard_normal(shape)) / 4
    for value, share in ((np.nan, 0.1), (np.inf, 0.04), (-np.inf, 0.08)):
        x[rng.random(shape) < share] = value
    return x.astype(numpy_type(element))


@pytest.mark.parametrize("target", TARGETS)
def test_select(attn_run, target):
    rng = np.random.default_rng(2)
    operands = [awkward(rng, shape, t) if "mass" not in other else np.round(8 * rng.random(shape)).astype(np.float32)
                for t, shape, _, _, _, other in LISTS]
    operands[1][0, 0] = np.nan
    # Nothing of a sample is in the list: there are more candidates than there is room for.
    operands[-2][0, 0, 0] = np.where(np.arange(700) % 64 < 32, -1.0, 1.0)

    def make(case, x):
        element, (B, H, N, M), K, mask, force, other = case

        def write(f):
            value = f.argument("x", (B, H, None, M if M >= KNOWN else None), element)
            out = f.empty((B, H, N, K), "i32")
            clauses = "".join(f" {name}({pair[1]})" for name, pair in (("mask", mask), ("force", force)) if pair)
            clauses += "".join(f" {name}({f.index(number) if name == 'offset' else float_literal(number)})"
                               for name, number in other.items())
            return [x], apply(f, "l", f"attn.select {value.name} outs({out.name}){clauses} : {value.type}", out)
        return write

    got = run(attn_run, target, [make(case, x) for case, x in zip(LISTS, operands)])
    for n, (case, x, lists) in enumerate(zip(LISTS, operands, got)):
        _, _, K, mask, force, other = case
        want = select(x, K, mask=mask and mask[0], force=force and force[0], **other)
        np.testing.assert_array_equal(lists, want, err_msg=str(n))
