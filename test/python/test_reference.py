# Tests of the float64 reference itself.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The reference against closed forms, identities and a second formulation."""

import math

import ml_dtypes
import numpy as np
import pytest
from attn import reference
from attn.masks import (
    Affine, And, Causal, Chunk, Dilated, Global, Neighborhood, Not, Or, PerHead, Point, Prefix, RandomBlock, Segment, Sink, Strided,
    Tree, Window,
)
from hypothesis import given, settings
from hypothesis import strategies as st

INF = math.inf


def data(B=2, Hq=4, Hkv=2, Sq=5, Skv=7, Dk=3, Dv=2, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((B, Hq, Sq, Dk)), rng.standard_normal((B, Hkv, Skv, Dk)),
            rng.standard_normal((B, Hkv, Skv, Dv)))


def scalar_attention(q, k, v, scale, allowed, extra=lambda s, b, h, i, j: s, sink=None):
    """A second formulation, one number at a time with math.fsum."""
    B, Hq, Sq, _ = q.shape
    Hkv, Skv, Dv = k.shape[1], k.shape[2], v.shape[3]
    out, lse = np.zeros((B, Hq, Sq, Dv)), np.full((B, Hq, Sq), -INF)
    for b in range(B):
        for h in range(Hq):
            g = h * Hkv // Hq
            for i in range(Sq):
                seen = [j for j in range(Skv) if allowed(b, h, i, j)]
                t = [extra(scale * math.fsum(q[b, h, i] * k[b, g, j]), b, h, i, j) for j in seen]
                terms = t + ([sink[h]] if sink is not None else [])
                if not terms or max(terms) == -INF:
                    continue
                top = max(terms)
                den = math.fsum(math.exp(x - top) for x in terms)
                lse[b, h, i] = top + math.log(den)
                for e in range(Dv):
                    out[b, h, i, e] = math.fsum(math.exp(x - top) / den * v[b, g, j, e] for x, j in zip(t, seen))
    return out, lse


def check(got, want):
    for a, b in zip(got, want):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


# --- Closed forms ---------------------------------------------------------


def test_equal_logits_give_the_mean_and_log_count():
    _, k, v = data()
    out, lse = reference.attention(np.zeros((2, 4, 5, 3)), k, v, scale=1.0)
    np.testing.assert_allclose(out[0, 3, 2], v[0, 1].mean(axis=0))
    np.testing.assert_allclose(lse, math.log(7))


def test_two_keys_are_a_logistic_function():
    q, k = np.full((1, 1, 1, 1), 2.0), np.array([1.0, -1.0]).reshape(1, 1, 2, 1)
    v = np.array([1.0, 0.0]).reshape(1, 1, 2, 1)
    out, lse = reference.attention(q, k, v, scale=0.75)
    assert out[0, 0, 0, 0] == pytest.approx(1 / (1 + math.exp(-3)))
    assert lse[0, 0, 0] == pytest.approx(math.log(math.exp(1.5) + math.exp(-1.5)))


def test_scale_is_used_and_not_one_over_sqrt_d():
    q, k, v = data()
    assert not np.allclose(reference.attention(q, k, v, scale=0.3)[0],
                           reference.attention(q, k, v, scale=3**-0.5)[0], atol=1e-3)


def test_causal_row_zero_sees_one_key():
    q, k, v = data()
    out, _ = reference.attention(q, k, v, scale=1.0, mask=Causal())
    np.testing.assert_allclose(out[:, ::2, 0], v[:, :, 0])


def test_huge_logits_select_the_largest():
    q, k, v = data()
    out, lse = reference.attention(1e4 * q, k, v, scale=1.0)
    s = np.einsum("bhid,bhjd->bhij", 1e4 * q, np.repeat(k, 2, axis=1))
    np.testing.assert_allclose(lse, s.max(axis=-1), rtol=1e-6)
    assert np.isfinite(out).all()


# --- Every clause against the scalar formulation ---------------------------


#: Node 0 is the root, 1 and 2 follow it, 3 follows 1, 4 follows 3; words behind the first have no bits.
TREE = np.zeros((2, 5, 3), np.int32)
TREE[:, :, 0] = [0b1, 0b11, 0b101, 0b1011, 0b11011]

CASES = {
    "plain": ({}, lambda b, h, i, j: True),
    "causal": ({"mask": Causal()}, lambda b, h, i, j: j <= i),
    "bottom_right": ({"mask": Causal(), "align": "bottom_right"}, lambda b, h, i, j: j <= i + 2),
    "offset": ({"mask": Causal(), "offset": -2}, lambda b, h, i, j: j <= i - 2),
    "offset per batch": ({"mask": Causal(), "offset": np.array([-9, 3])},
                         lambda b, h, i, j: j <= i + (-9, 3)[b]),
    "window": ({"mask": Window(2)}, lambda b, h, i, j: 0 <= i - j < 2),
    "two-sided window": ({"mask": Window(2, 3)}, lambda b, h, i, j: -3 <= i - j < 2),
    "prefix": ({"mask": Prefix(3)}, lambda b, h, i, j: j < 3),
    "sink": ({"mask": Sink(3)}, lambda b, h, i, j: j < 3),
    "global": ({"mask": Global(2)}, lambda b, h, i, j: min(i, j) < 2),
    "dilated": ({"mask": Dilated(2, 3)}, lambda b, h, i, j: i - j in (0, 3)),
    "strided": ({"mask": Strided(3)}, lambda b, h, i, j: abs(i - j) in (0, 3, 6)),
    "strided behind": ({"mask": Strided(4), "offset": -3}, lambda b, h, i, j: (i - 3 - j) % 4 == 0),
    "chunk": ({"mask": Chunk(3)}, lambda b, h, i, j: (0, 0, 0, 1, 1)[i] == (0, 0, 0, 1, 1, 1, 2)[j]),
    "chunk behind": ({"mask": Chunk(3), "offset": -2}, lambda b, h, i, j: i >= 2 and (i - 2) // 3 == j // 3),
    "neighborhood": ({"mask": Neighborhood([2, 4], [1, 3])},
                     lambda b, h, i, j: i // 4 == j // 4 and abs(j % 4 - (1, 1, 2, 2)[i % 4]) <= 1),
    "neighborhood across": ({"mask": Neighborhood([4, 2], [3, 1])},
                            lambda b, h, i, j: i % 2 == j % 2 and abs(j // 2 - (1, 1, 2, 2)[i // 2]) <= 1),
    # Drawn from 7: 337897, 1278240558, 449829614, then 518142577, 1665781405, 704006134 for the stripe of two blocks.
    "random_block": ({"mask": RandomBlock(2, 3, 2, 7)},
                     lambda b, h, i, j: j // 2 in (0, 1 + (i // 2 + h) % 2)),
    "random_block behind": ({"mask": RandomBlock(2, 3, 2, 7), "offset": -3},
                            lambda b, h, i, j: j // 2 in (0, 1 + ((i - 3) // 2 + h) % 2)),
    "tree": ({"mask": Tree(), "parameters": np.array([2, 0]).reshape(2, 1, 1), "ancestors": TREE},
             lambda b, h, i, j: j < (2, 0)[b] or (j - (2, 0)[b]) in ((0,), (0, 1), (0, 2), (0, 1, 3), (0, 1, 3, 4))[i]),
    "tree behind": ({"mask": And(Causal(), Tree(1)), "parameters": np.array([[[9, -40]]]), "ancestors": TREE, "offset": 9},
                    lambda b, h, i, j: False),
    "per_head": ({"mask": PerHead(Causal(), Window(2), Prefix(3))},
                 lambda b, h, i, j: (j <= i, 0 <= i - j < 2, j < 3, j <= i)[h]),
    "in lists": ({"mask": And(Causal(), Or(Sink(1), Not(PerHead(Strided(2), Chunk(2)))))},
                 lambda b, h, i, j: j <= i and (j < 1 or not ((i - j) % 2 == 0 if h % 2 == 0 else i // 2 == j // 2))),
    "or": ({"mask": Or(Causal(), Prefix(3))}, lambda b, h, i, j: j <= i or j < 3),
    "nested": ({"mask": And(Causal(), Or(Window(2), Not(Not(Prefix(1)))))},
               lambda b, h, i, j: j <= i and (i - j < 2 or j < 1)),
    "affine": ({"mask": Affine("i - j >= 0, (i - j + h) mod 2 == 0")},
               lambda b, h, i, j: i >= j and (i - j + h) % 2 == 0),
    "parameters": ({"mask": Or(Causal(), Affine("n - 1 - j >= 0", parameters=("n",))),
                    "parameters": np.array([3, 6]).reshape(2, 1, 1)}, lambda b, h, i, j: j <= i or j < (3, 6)[b]),
    "parameters of heads": ({"mask": Affine("i - j + right >= 0, left - i + j >= 0", parameters=("left", "right")),
                             "parameters": np.array([[[0, 0], [1, 2], [9, 0], [-4, 9]]])},
                            lambda b, h, i, j: -(0, 2, 0, 9)[h] <= i - j <= (0, 1, 9, -4)[h]),
    "affine blocks": ({"mask": Affine("i floordiv 2 - j floordiv 2 == 0")},
                      lambda b, h, i, j: i // 2 == j // 2),
    "segments": ({"mask": And(Segment(), Causal()),
                  "segments": (np.array([[0, 0, 1, 1, 2]] * 2), np.array([[0, 1, 1, 0, 2, 2, 9]] * 2))},
                 lambda b, h, i, j: (0, 0, 1, 1, 2)[i] == (0, 1, 1, 0, 2, 2, 9)[j] and j <= i),
    "kv_lengths": ({"kv_lengths": np.array([0, 4])}, lambda b, h, i, j: j < (0, 4)[b]),
    "positions": ({"mask": Causal(), "positions": (np.array([[4, 0, 9, 1, 2]] * 2), np.array([[6, 5, 4, 3, 2, 1, 0]] * 2))},
                  lambda b, h, i, j: 6 - j <= (4, 0, 9, 1, 2)[i]),
    "where": ({"where": lambda b, h, i, j: (i + j + b + h) % 3 != 0, "mask": Causal()},
              lambda b, h, i, j: (i + j + b + h) % 3 != 0 and j <= i),
}


@pytest.mark.parametrize("sink", [None, np.array([0.5, -3.0, 2.0, -INF])], ids=["", "sink"])
@pytest.mark.parametrize("name", CASES)
def test_clause(name, sink):
    clauses, allowed = CASES[name]
    q, k, v = data()
    check(reference.attention(q, k, v, scale=0.7, sink=sink, **clauses),
          scalar_attention(q, k, v, 0.7, allowed, sink=sink))


@pytest.mark.parametrize("name", [name for name in CASES if name != "plain"])
def test_clause_bites(name):
    """The twin of the above: without the clause the result is another one."""
    q, k, v = data()
    _, allowed = CASES[name]
    with pytest.raises(AssertionError):
        check(reference.attention(q, k, v, scale=0.7), scalar_attention(q, k, v, 0.7, allowed))


@pytest.mark.parametrize("shape", [(7,), (1,), (5, 7), (5, 1), (4, 1, 7), (1, 5, 7), (2, 4, 5, 7), (2, 1, 1, 7)])
def test_bias_broadcasts_at_the_right(shape):
    q, k, v = data()
    bias = np.random.default_rng(1).standard_normal(shape)
    full = np.broadcast_to(bias, (2, 4, 5, 7))
    check(reference.attention(q, k, v, scale=0.7, bias=bias, mask=Causal()),
          scalar_attention(q, k, v, 0.7, lambda b, h, i, j: j <= i, lambda s, b, h, i, j: s + full[b, h, i, j]))


def test_order_is_scale_score_bias_mask():
    q, k, v = data()
    bias = np.random.default_rng(1).standard_normal((5, 7))
    check(reference.attention(q, k, v, scale=2.0, bias=bias, score=lambda s, b, h, i, j: np.tanh(s) + 0.1 * h * (i - j)),
          scalar_attention(q, k, v, 2.0, lambda *_: True,
                           lambda s, b, h, i, j: math.tanh(s) + 0.1 * h * (i - j) + bias[i, j]))


def test_score_sees_logical_positions_and_bias_does_not():
    q, k, v = data()
    bias = np.random.default_rng(1).standard_normal((5, 7))
    check(reference.attention(q, k, v, scale=1.0, offset=3, bias=bias, score=lambda s, b, h, i, j: s - 0.2 * (i - j)),
          scalar_attention(q, k, v, 1.0, lambda *_: True, lambda s, b, h, i, j: s - 0.2 * (i + 3 - j) + bias[i, j]))


# --- Empty rows, sinks, what is not read -----------------------------------


@pytest.mark.parametrize("clauses", [{"mask": Causal(), "offset": -2}, {"bias": np.where(np.arange(5) < 2, -INF, 0)[:, None]}])
def test_empty_rows(clauses):
    q, k, v = data()
    out, lse = reference.attention(q, k, v, scale=1.0, **clauses)
    assert (out[:, :, :2] == 0).all() and np.isneginf(lse[:, :, :2]).all()
    assert np.isfinite(lse[:, :, 2:]).all() and (out[:, :, 2:] != 0).all()
    sink = np.array([0.5, -3.0, 2.0, 9.0])
    out, lse = reference.attention(q, k, v, scale=1.0, sink=sink, **clauses)
    assert (out[:, :, :2] == 0).all()
    np.testing.assert_allclose(lse[:, :, 0], np.broadcast_to(sink, (2, 4)))


def test_no_keys_at_all():
    q, k, v = data(Skv=0)
    out, lse = reference.attention(q, k, v, scale=1.0)
    assert out.shape == (2, 4, 5, 2) and (out == 0).all() and np.isneginf(lse).all()


@pytest.mark.parametrize("poison", [np.nan, INF, -INF])
def test_what_is_not_allowed_is_not_read(poison):
    q, k, v = data()
    clean = reference.attention(q, k, v, scale=1.0, mask=Causal(), kv_lengths=np.array([4, 5]))
    k, v = k.copy(), v.copy()
    k[0, :, 4:], v[0, :, 4:], k[1, :, 5:], v[1, :, 5:] = poison, poison, poison, poison
    check(reference.attention(q, k, v, scale=1.0, mask=Causal(), kv_lengths=np.array([4, 5])), clean)
    # A value that some rows see reaches these rows and no others.
    v[0, 1, 2, 0] = poison
    out, _ = reference.attention(q, k, v, scale=1.0, mask=Causal(), kv_lengths=np.array([4, 5]))
    bad = ~np.isfinite(out)
    assert bad[0, 2:, 2:, 0].all() and bad.sum() == 2 * 3


def test_infinite_weights_do_not_hide_a_nan_that_is_allowed():
    q, k, v = data()
    k[0, 0, 3] = np.nan
    out, lse = reference.attention(q, k, v, scale=1.0, mask=Causal())
    assert np.isnan(out[0, :2, 3:]).all() and np.isnan(lse[0, :2, 3:]).all()
    assert np.isfinite(out[0, :2, :3]).all()


# --- States ------------------------------------------------------------------


@settings(max_examples=30, deadline=None, derandomize=True)
@given(cuts=st.lists(st.integers(0, 7), max_size=3), seed=st.integers(0, 99), sink=st.booleans())
def test_merge_of_splits_is_the_whole(cuts, seed, sink):
    q, k, v = data(seed=seed)
    sinks = np.array([0.5, -3.0, 2.0, 0.0]) if sink else None
    edges = [0, *sorted(cuts), 7]
    state = reference.identity((2, 4, 5, 2))
    for lo, hi in zip(edges, edges[1:]):
        columns = np.arange(lo, hi)
        positions = (np.tile(np.arange(5), (2, 1)), np.tile(columns, (2, 1)))
        part = reference.partial(q, k[:, :, lo:hi], v[:, :, lo:hi], scale=0.9, mask=Causal(), positions=positions)
        state = reference.merge(part, state) if lo % 2 else reference.merge(state, part)
    check(reference.finalize(state, sink=sinks), reference.attention(q, k, v, scale=0.9, mask=Causal(), sink=sinks))


def test_partial_continues_a_state_with_any_reference_point():
    q, k, v = data()
    first = reference.partial(q, k[:, :, :3], v[:, :, :3], scale=1.0)
    shift = 5.0
    moved = reference.State(first.acc * np.exp(-shift), first.ref + shift, first.sum * np.exp(-shift))
    whole = reference.attention(q, k, v, scale=1.0)
    check(reference.finalize(reference.partial(q, k[:, :, 3:], v[:, :, 3:], scale=1.0, state=moved)), whole)


def test_identity_is_neutral_and_finalizes_to_an_empty_row():
    q, k, v = data()
    state = reference.partial(q, k, v, scale=1.0)
    empty = reference.identity((2, 4, 5, 2))
    check(reference.finalize(reference.merge(empty, state)), reference.finalize(state))
    out, lse = reference.finalize(reference.merge(empty, empty))
    assert (out == 0).all() and np.isneginf(lse).all()


# --- Rounded evaluation ------------------------------------------------------


@pytest.mark.parametrize("dtype, low, high", [(np.float64, 0, 1e-14), (np.float32, 1e-9, 3e-6),
                                              (np.float16, 1e-5, 5e-3), (ml_dtypes.bfloat16, 1e-4, 5e-2)])
def test_rounded_errs_as_its_type_does(dtype, low, high):
    q, k, v = (x.astype(dtype) for x in data(Sq=40, Skv=50, Dk=16))
    clauses = {"scale": 0.25, "mask": Or(Causal(), Prefix(2)), "bias": np.linspace(-1, 1, 50)}
    want, want_lse = reference.attention(q, k, v, **clauses)
    out, lse = reference.rounded(q, k, v, dtype=dtype, **clauses)
    assert out.dtype == dtype
    for a, b in ((out, want), (lse, want_lse)):
        assert low <= np.abs(a.astype(np.float64) - b).max() < high


def test_rounded_agrees_on_empty_rows_sinks_and_poison():
    q, k, v = (x.astype(np.float32) for x in data())
    v[:, :, 5:] = np.nan
    clauses = {"scale": 1.0, "mask": Causal(), "offset": -2, "sink": np.array([0.5, -INF, 2.0, 0.0])}
    want, want_lse = reference.attention(q, k, v, **clauses)
    out, lse = reference.rounded(q, k, v, dtype=np.float32, **clauses)
    np.testing.assert_allclose(out, want, atol=1e-6)
    np.testing.assert_allclose(lse, want_lse, atol=1e-6)


# --- Masks ---------------------------------------------------------------------


def test_masks_are_spelled_as_in_ir():
    assert str(And(Causal(), Or(Window(1024), Window(3, 2), Prefix(4)))) == "and<causal, or<window<1024>, window<3, 2>, prefix<4>>>"
    assert str(Not(And(Segment()))) == "not<and<segment>>"
    assert str(Affine("i - j >= 0, (i - j) mod 4 == 0")) == "affine<affine_set<(b, h, i, j) : (i - j >= 0, (i - j) mod 4 == 0)>>"


def test_patterns_are_spelled_as_in_ir():
    assert str(Or(Sink(4), Global(5), Dilated(7, 3), Strided(5), Chunk(48))) == "or<sink<4>, global<5>, dilated<7, 3>, strided<5>, chunk<48>>"
    assert str(Neighborhood([13, 16], (5, 5))) == "neighborhood<[13, 16], [5, 5]>"
    assert str(PerHead(Causal(), Window(9))) == "per_head<causal, window<9>>"
    assert str(RandomBlock(64, 64, 3, 7)) == "random_block<block = 64, blocks = 64, count = 3, seed = 7>"
    assert str(Or(Tree(), Tree(2))) == "or<tree, tree<2>>"


def test_equal_masks_are_equal():
    assert len({Neighborhood([3, 4], [3, 3]), Neighborhood((3, 4), (3, 3)), PerHead(Causal()), PerHead(Causal()), And(Causal())}) == 3
    assert PerHead(Causal(), Segment()).reads_segments() and not PerHead(Causal(), Sink(2)).reads_segments()


@pytest.mark.parametrize("blocks, count", [(16, 3), (13, 1), (9, 9), (64, 5)])
def test_random_blocks_are_drawn_evenly(blocks, count):
    """A block of queries sees `count` blocks of keys, one of each stripe; in a stripe all are drawn once before any is again."""
    mask = RandomBlock(1, blocks, count, 12345)
    for h in range(3):
        seen = np.stack([mask.evaluate(Point(0, h, np.array([[x]]), np.arange(3 * blocks)[None]))[0] for x in range(3 * blocks)])
        edges = [r * blocks // count for r in range(count + 1)]
        assert not seen[:, blocks:].any()
        for begin, end in zip(edges, edges[1:]):
            assert (seen[:, begin:end].sum(axis=1) == 1).all()
            assert (seen[7 : 7 + end - begin, begin:end].sum(axis=0) == 1).all()


@pytest.mark.parametrize("grid, kernel", [((7,), (3,)), ((5, 6), (3, 5)), ((3, 4, 5), (3, 1, 5)), ((2, 3, 2, 3), (1, 3, 1, 1))])
def test_neighborhood_cell_by_cell(grid, kernel):
    """All cells see equally many, themselves too, and along each dimension the nearest ones."""
    cells = list(np.ndindex(grid))
    at = np.arange(len(cells))
    seen = Neighborhood(grid, kernel).evaluate(Point(0, 0, at[:, None], at[None]))
    assert seen.diagonal().all() and (seen.sum(axis=1) == math.prod(kernel)).all()
    for i, cell in enumerate(cells):
        for d, size in enumerate(grid):
            reached = {cells[j][d] for j in at[seen[i]]}
            assert reached == set(sorted(range(size), key=lambda x: abs(x - cell[d]))[: kernel[d]])


def test_affine_division_rounds_down_for_negative_positions():
    at = Point(0, 0, np.array([[-3]]), np.array([[1]]))
    assert Affine("i mod 4 - 1 == 0, i floordiv 4 + 1 == 0").evaluate(at).all()


@pytest.mark.parametrize("rule, make", [
    ("C1", lambda: Sink(-1)), ("C1", lambda: Global(-1)), ("C1", lambda: Dilated(0, 3)), ("C1", lambda: Dilated(7, 0)),
    ("C1", lambda: Dilated(2**62, 2)), ("C1", lambda: Strided(0)), ("C1", lambda: Chunk(0)), ("C1", lambda: PerHead()),
    ("C1", lambda: Neighborhood([], [])), ("C1", lambda: Neighborhood([13, 16], [5])), ("C1", lambda: Neighborhood([13], [5, 5])),
    ("C2", lambda: Neighborhood([13, 16], [-1, 5])), ("C2", lambda: Neighborhood([13, 4], [5, 5])), ("C2", lambda: Neighborhood([13, 16], [5, 4])),
    ("C2", lambda: Neighborhood([0], [1])), ("C2", lambda: Neighborhood([2**62, 2], [1, 1])),
    ("C1", lambda: RandomBlock(0, 4, 1, 1)), ("C2", lambda: RandomBlock(8, 4, 0, 1)), ("C2", lambda: RandomBlock(8, 4, 5, 1)),
    ("C2", lambda: RandomBlock(8, 2**14 + 1, 5, 1)), ("C3", lambda: RandomBlock(8, 4, 1, 0)), ("C3", lambda: RandomBlock(8, 4, 1, 2**31 - 1)),
    ("C1", lambda: Tree(-1)), ("C1", lambda: Tree(16)),
])
def test_bad_patterns_are_refused(rule, make):
    with pytest.raises(ValueError, match=f"^{rule}:"):
        make()


@pytest.mark.parametrize("make", [
    lambda: Window(0), lambda: Window(1, -1), lambda: Prefix(-1), lambda: And(), lambda: Or(),
    lambda: Affine("x >= 0"), lambda: Affine("i"), lambda: Affine("i >="), lambda: Affine("__import__('os') == 0"),
    lambda: Affine("i ceildiv 2 == 0"),
])
def test_bad_masks_are_refused(make):
    with pytest.raises(ValueError):
        make()


# --- Refusals, each the twin of something accepted above -------------------------


@pytest.mark.parametrize("rule, change", [
    ("C1", {"q": np.zeros((4, 5, 3))}),
    ("C3", {"q": np.zeros((1, 4, 5, 3))}),
    ("C4", {"v": np.zeros((2, 2, 6, 2))}),
    ("C5", {"q": np.zeros((2, 4, 5, 4))}),
    ("C6", {"q": np.zeros((2, 3, 5, 3))}),
    ("C8", {"bias": np.zeros((5, 6))}),
    ("C8", {"bias": np.zeros((1, 2, 4, 5, 7))}),
    ("C8", {"bias": np.float64(1)}),
    ("C9", {"sink": np.zeros(3)}),
    ("C10", {"mask": Segment()}),
    ("C23", {"mask": Affine("n - j >= 0", parameters=("n",))}),
    ("C23", {"mask": Causal(), "parameters": np.zeros((1, 1, 1), int)}),
    ("C24", {"mask": Tree(), "parameters": np.zeros((1, 1, 1), int)}), ("C24", {"mask": Causal(), "ancestors": TREE}),
    ("C24", {"mask": Tree(), "parameters": np.zeros((1, 1, 1), int), "ancestors": TREE[:, :4]}),
    ("C24", {"mask": Tree(), "parameters": np.zeros((1, 1, 1), int), "ancestors": TREE[..., :0]}),
    ("C23", {"mask": Affine("n - j >= 0", parameters=("n",)), "parameters": np.zeros((3, 1, 1), int)}),
    ("C10", {"mask": Causal(), "segments": (np.zeros((2, 5)), np.zeros((2, 7)))}),
    ("C10", {"mask": Segment(), "segments": (np.zeros((2, 7)), np.zeros((2, 5)))}),
    ("C11", {"kv_lengths": np.zeros(3)}),
    ("C12", {"positions": (np.zeros((2, 5)), np.zeros((2, 6)))}),
    ("C12", {"positions": (np.zeros((2, 5)), np.zeros((2, 7))), "offset": 1}),
    ("C13", {"offset": 1, "align": "bottom_right"}),
    ("C13", {"offset": np.zeros(3)}),
    ("C16", {"scale": INF}),
])
def test_refusals_name_the_constraint(rule, change):
    q, k, v = data()
    call = {"q": q, "k": k, "v": v, "scale": 1.0} | change
    with pytest.raises(ValueError, match=f"^{rule}:"):
        reference.attention(call.pop("q"), call.pop("k"), call.pop("v"), **call)


def test_states_of_different_shapes_do_not_merge():
    with pytest.raises(ValueError, match="^C1:"):
        reference.merge(reference.identity((1, 1, 2, 3)), reference.identity((1, 1, 2, 4)))
    q, k, v = data()
    with pytest.raises(ValueError, match="^C19:"):
        reference.partial(q, k, v, scale=1.0, state=reference.identity((2, 4, 5, 3)))
