# Compiled attention over the space of shapes, types and clauses.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every clause in every type, compiled and by the oracle, against the reference.

The rule is `attn.acceptance.reject`. Groups are compiled a few specs at a
time (`batches`); what fails is run spec by spec, so that the message names the culprit.
"""

from dataclasses import replace

import pytest
from attn.masks import (
    Affine, And, Causal, Chunk, Dilated, Global, Neighborhood, Not, Or, PerHead, Prefix, RandomBlock, Segment, Sink, Strided, Tree, Window,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sweep import SCORES, WHERES, Spec, grids, make_arrays, run_batch, write

MASKS = {
    "causal": Causal(), "window": Window(3), "window2": Window(2, 2), "prefix": Prefix(4),
    "prefix causal": Or(Causal(), Prefix(3)), "window sink": And(Causal(), Or(Window(3), Prefix(2))),
    "not": Not(And(Causal(), Window(4))), "segment": Segment(), "segment causal": And(Segment(), Causal()),
    "affine": Affine("i - j >= 0, (i - j) mod 3 == 0"), "affine heads": Affine("(i + h) floordiv 2 - j floordiv 2 == 0"),
    "nothing": And(Causal(), Not(Causal())), "everything": Or(Causal(), Not(Causal())),
}
PATTERNS = {
    "sink": Sink(4), "sink window": Or(Window(9), And(Causal(), Sink(2))), "global": Global(5), "global window": Or(Window(4, 4), Global(3)),
    "dilated": Dilated(5, 3), "strided": Strided(5), "strided causal": And(Causal(), Or(Window(6), Strided(7))),
    "chunk": Chunk(10), "chunk causal": And(Causal(), Chunk(16)), "repeated": And(Causal(), Or(Window(8), Affine("j mod 16 - 12 >= 0"))),
    "repeated tail": Or(Window(8), Affine("j mod 96 - 32 >= 0")), "repeated never": And(Causal(), Affine("j mod 18 - 18 >= 0")),
    "neighborhood": Neighborhood([16, 13], [5, 3]), "neighborhood line": Neighborhood([300], [21]), "neighborhood cube": Neighborhood([3, 5, 7], [1, 3, 5]),
    "heads": PerHead(Causal(), Window(9)), "heads unlike": PerHead(Sink(3), Causal(), Not(Chunk(8))), "heads segment": PerHead(Segment(), And(Causal(), Segment())),
    "not": Not(Or(Dilated(4, 2), Chunk(6), PerHead(Prefix(3), Strided(4)))),
    "random": RandomBlock(6, 24, 3, 7), "random causal": And(Causal(), RandomBlock(5, 28, 4, 11)), "random all": RandomBlock(16, 9, 9, 2**31 - 2),
    "random rest": Not(Or(RandomBlock(12, 5, 2, 1), Window(3))), "random bigbird": Or(Global(12), Window(12, 12), RandomBlock(12, 12, 2, 3)),
}


def masked(name, **changes):
    return Spec(mask=MASKS[name], segments="segment" in name, **changes)


def pattern(name, **changes):
    """More heads than masks; queries and keys that fill no tile."""
    return Spec(mask=PATTERNS[name], segments="segment" in name, seed=7, **{"B": 1, "Hq": 4, "Hkv": 2, "Sq": 37, "Skv": 53} | changes)


# Each group is compiled for each type. Sizes are small and odd: tails
# everywhere, one key, one query, no square.
GROUPS = {
    "shapes": [
        Spec(), Spec(scale=1.0), Spec(scale=-0.4), Spec(Hq=6, Hkv=2), Spec(Hq=4, Hkv=1, Dv=5), Spec(Sq=1, Skv=33), Spec(Sq=9, Skv=1),
        Spec(Dk=3, Dv=17), Spec(Dk=64, Dv=64, Sq=70, Skv=131, B=1, scale=0.125), Spec(lse=False), Spec(B=1, Hq=1, Hkv=1, Sq=1, Skv=1, Dk=1, Dv=1),
    ],
    "masks": [masked(name, Sq=6, Skv=9) for name in MASKS],
    "large masks": [masked(name, B=1, Sq=90, Skv=141, seed=3, **kw) for name, kw in (
        ("causal", {}), ("window sink", {"align": "bottom_right"}), ("window2", {"offset": 40}), ("prefix causal", {"offset": -30}),
        ("segment causal", {}), ("affine", {}))],
    "alignment": [
        masked("causal", Sq=4, Skv=11, align="bottom_right"), masked("causal", Sq=11, Skv=4, align="bottom_right"),
        masked("window", offset=3), masked("window", offset=-2), masked("causal", offset=(-3, 4)), masked("prefix causal", offset=(-9, 9)),
        masked("causal", positions=True, Sq=6, Skv=9), masked("window2", positions=True, Sq=6, Skv=9, Hq=4),
        masked("affine", positions=True), Spec(positions=True, score="decay"), masked("causal", offset=0),
    ],
    "bias": [Spec(bias=shape, Hq=4, Hkv=2, bias_dtype=t) for shape, t in (
        ((7,), "f32"), ((1,), "f32"), ((5, 7), "f32"), ((5, 1), "f16"), ((4, 1, 7), "bf16"), ((1, 5, 7), "f64"),
        ((2, 1, 1, 7), "f32"), ((2, 4, 5, 7), "f32"), ((1, 1, 1, 1), "f32"))] + [
        Spec(bias=(5, 7), mask=Causal(), offset=1), Spec(bias=(5, 7), score="softcap", mask=Causal()), Spec(bias=(40, 77), Sq=40, Skv=77),
    ],
    "sinks": [
        Spec(sink=True), Spec(sink=True, mask=Causal(), offset=-2), Spec(sink=True, Hq=6, Hkv=2, mask=Window(2)),
        Spec(sink=True, score="softcap"), Spec(sink=True, mask=MASKS["nothing"]), Spec(sink=True, kv_lengths=(0, 3)),
        Spec(sink=True, magnitude=3e4), Spec(sink=True, bias=(5, 7), lse=False),
    ],
    "domain": [
        Spec(kv_lengths=(3, 7)), Spec(kv_lengths=(0, 1)), Spec(kv_lengths=(3, 5), poison="beyond"), Spec(kv_lengths=(0, 6), poison="beyond", sink=True),
        Spec(kv_lengths=(4, 6), mask=Causal(), offset=(0, 2), poison="beyond"), Spec(kv_lengths=(70, 9), Sq=20, Skv=90, poison="beyond"),
        Spec(mask=Causal(), poison="keys"), Spec(mask=Causal(), poison="values", strict_values=True),
        Spec(mask=Window(2), offset=-3, poison="values", strict_values=True, sink=True), Spec(where="table", poison="values", strict_values=True),
        Spec(mask=Causal(), poison="values", strict_values=True, Sq=50, Skv=90),
    ],
    "regions": [Spec(score=score, mask=mask, Sq=6, Skv=9, Hq=4, **kw) for score in SCORES for mask, kw in (
        (None, {}), (Causal(), {"offset": 2}))] + [Spec(where=where, Sq=6, Skv=9, Hq=4, mask=mask) for where in WHERES for mask in (None, Causal())] + [
        Spec(where="thirds", offset=(2, -3)), Spec(score="decay", where="thirds", sink=True, positions=True),
    ],
    "large logits": [
        Spec(magnitude=3e4), Spec(magnitude=3e4, mask=Causal(), Sq=9, Skv=9), Spec(magnitude=3e4, bias=(5, 7)),
        Spec(magnitude=3e4, Sq=30, Skv=77, Dk=32), Spec(magnitude=-3e4, mask=Window(3), offset=2), Spec(magnitude=3e4, score="softcap"),
    ],
    "strides": [Spec(layout="sliced"), Spec(layout="sliced", Hq=4, mask=Causal(), Sq=9, Skv=13), Spec(layout="sliced", Sq=40, Skv=77, Dk=16, Dv=24)],
    "dynamic": [
        Spec(dynamic="ST", mask=Causal()), Spec(dynamic="ST", mask=Causal(), align="bottom_right"), Spec(dynamic="BHKSTDE"),
        Spec(dynamic="BST", Hq=6, sink=True, kv_lengths=(2, 7)), Spec(dynamic="ST", segments=True, mask=MASKS["segment causal"]),
        Spec(dynamic="ST", positions=True, mask=Window(3), Sq=40, Skv=77), Spec(dynamic="T", score="softcap", where="thirds", Sq=33, Skv=65),
        Spec(dynamic="E"), Spec(dynamic="D"), Spec(dynamic="HK", Hq=4, score="table"),
    ],
    "states": [
        Spec(parts=(3,)), Spec(parts=(3,), chain=True), Spec(parts=(1, 2, 5), mask=Causal(), sink=True), Spec(parts=(2, 4), chain=True, mask=Window(2), sink=True),
        Spec(parts=(4,), positions=True, mask=Causal(), Hq=4), Spec(parts=(3,), score="softcap", where="thirds"), Spec(parts=(3,), magnitude=3e4),
        Spec(parts=(50,), Sq=40, Skv=90, mask=Causal(), Hq=4), Spec(parts=(40,), chain=True, Sq=33, Skv=90, lse=False),
    ],
}
PREFIX = Affine("n - 1 - j >= 0", parameters=("n",))
SPAN = Affine("left - 1 - i + j >= 0, i - j + right >= 0", parameters=("left", "right"))
# By batch entry, by head, by both, for all; out of range on either side.
GROUPS["parameters"] = [
    Spec(mask=Or(Causal(), PREFIX), parameters=(((3,),), ((6,),)), Sq=6, Skv=9),
    Spec(mask=And(Causal(), SPAN), parameters=(((2, 0), (1, 0), (5, 3), (99, 0)),), Hq=4, Sq=6, Skv=9),
    Spec(mask=SPAN, parameters=(((2, 1), (0, 0)), ((-3, 9), (4, 2))), Sq=7, Skv=9, sink=True),
    Spec(mask=Or(Causal(), PREFIX), parameters=(((40,),),), Sq=70, Skv=131, offset=-20),
    Spec(mask=Or(Causal(), PREFIX), parameters=(((0,),), ((500,),)), Sq=70, Skv=131, align="bottom_right"),
    Spec(mask=And(Causal(), Or(SPAN, Sink(3))), parameters=(((9, 0), (30, 0)),), Sq=101, Skv=139, dynamic="BST", tiles=(12, 32)),
    Spec(mask=Not(PREFIX), parameters=(((5, 8),),), kv_lengths=(7, 60), Sq=20, Skv=90, dynamic="BHKST"),
    Spec(mask=PerHead(PREFIX, And(Causal(), SPAN)), parameters=(((4, 1), (7, 0)),), positions=True, Sq=6, Skv=9),
    Spec(mask=And(Segment(), Or(Causal(), PREFIX)), parameters=(((30,),), ((9,),)), segments=True, Sq=40, Skv=77),
    Spec(mask=Or(Causal(), PREFIX), parameters=(((5,),), ((8,),)), parts=(3,), chain=True, Skv=9),
]
# The tree at the end of the keys, in front of others, in front of all; with keys that do not exist, and in parts.
GROUPS["trees"] = [
    Spec(mask=Tree(), words=1, parameters=(((4,),),), align="bottom_right", Sq=3, Skv=7),
    Spec(mask=Tree(), words=1, parameters=(((9,),), ((20,),)), kv_lengths=(14, 25), Sq=5, Skv=40, Hq=4),
    Spec(mask=Tree(), words=3, parameters=(((61,),),), align="bottom_right", Sq=70, Skv=131, dynamic="ST"),
    Spec(mask=Tree(), words=2, parameters=(((0,),), ((-5,),)), Sq=40, Skv=50),
    Spec(mask=Tree(1), words=2, parameters=(((9, 90),),), Sq=33, Skv=70),
    Spec(mask=And(Tree(1), Not(Affine("n - 1 - j >= 0", parameters=("n",)))), words=2, parameters=(((7, 60), (0, 61)),), Sq=37, Skv=97, tiles=(12, 32)),
    Spec(mask=Or(Tree(), Sink(70)), words=2, parameters=(((64,),),), Sq=40, Skv=104, sink=True, seed=30),
    Spec(mask=PerHead(Not(Tree()), And(Tree(), Segment())), words=2, parameters=(((30,),),), segments=True, Sq=40, Skv=70),
    Spec(mask=Tree(), words=1, parameters=(((50,),), ((40,),)), parts=(32, 64), chain=True, Sq=30, Skv=80, where="thirds"),
    Spec(mask=Tree(), words=2, parameters=(((50,),),), score="table", Sq=30, Skv=80, dynamic="BHKST"),
]
DTYPES = ("f32", "f64", "f16", "bf16")

LONG = {"B": 1, "Sq": 77, "Skv": 141}

# These are about positions, so that one type for each will do.
PATTERN_GROUPS = {
    "selections": [
        Spec(select=(2, 1, 2, 3)), Spec(select=(1, 2, 3, 4), Hq=4, Hkv=2), Spec(select=(2, 16, 16, 3), Hq=4, Hkv=1, **LONG),
        Spec(select=(4, 32, 64, 2), Hq=4, Hkv=2, mask=Causal(), **LONG), Spec(select=(1, 24, 32, 2), mask=Window(9, 40), **LONG),
        Spec(select=(2, 64, 16, 9), mask=Or(Window(8), Sink(4), Not(Causal())), seed=1, **LONG),
        Spec(select=(2, 1, 16, 4), mask=Causal(), align="bottom_right", **LONG), Spec(select=(2, 7, 5, 6), mask=Causal(), offset=50, **LONG),
        Spec(select=(2, 7, 5, 6), offset=(3,), where="table", sink=True, **LONG), Spec(select=(2, 16, 32, 2), where="thirds", **LONG),
        Spec(select=(1, 32, 32, 3), mask=PerHead(Causal(), Window(9)), score="decay", **LONG),
        Spec(select=(2, 16, 16, 4), mask=Causal(), positions=True, **LONG), Spec(select=(2, 16, 16, 5), kv_lengths=(0, 70), poison="beyond", **LONG | {"B": 2}),
        Spec(select=(2, 16, 16, 4), mask=MASKS["segment causal"], segments=True, **LONG),
        Spec(select=(2, 16, 16, 4), mask=Causal(), poison="values", strict_values=True, **LONG), Spec(select=(2, 16, 16, 0), **LONG),
        Spec(select=(2, 16, 16, 3), bias=(77, 141), lse=False, **LONG), Spec(select=(1, 64, 64, 9), dynamic="BHKST", **LONG),
    ],
    "small": [pattern(name) for name in PATTERNS],
    "large": [pattern(name, dynamic="ST", tiles=(12, 32), **({"Sq": 105, "Skv": 105} if name == "neighborhood cube" else {"Sq": 101, "Skv": 139}))
              for name in PATTERNS],
    "placed": [
        pattern("global window", align="bottom_right"), pattern("dilated", align="bottom_right", Sq=53, Skv=37), pattern("strided causal", offset=-9),
        pattern("chunk", offset=-13), pattern("chunk causal", B=2, offset=(-5, 30)), pattern("neighborhood", align="bottom_right"),
        pattern("neighborhood", positions=True), pattern("repeated", positions=True), pattern("heads", B=2, positions=True, kv_lengths=(20, 53)),
        pattern("heads unlike", Hq=5, Hkv=1, dynamic="BHKST", sink=True), pattern("heads unlike", offset=20, score="decay", where="thirds"),
        pattern("sink window", parts=(10, 30), sink=True), pattern("heads", parts=(32,), chain=True), pattern("not", strict_values=True, poison="values"),
    ],
}


def for_target(specs, target):
    """The specs as a target takes them: the compiler wants the widths D and E to be static."""
    if target == "oracle":
        return specs
    return [replace(spec, dynamic="".join(c for c in spec.dynamic if c not in "DE")) for spec in specs]


def test_the_compiler_refuses_open_widths(attn_run):
    failures = run_batch([Spec(dynamic="D")], tool=attn_run, target="cpu")
    assert len(failures) == 1 and "widths of rows and columns must be static" in failures[0]


@pytest.mark.parametrize("target", ["cpu", "oracle"])
@pytest.mark.parametrize("group", GROUPS)
def test_group(attn_run, group, target):
    specs = [replace(spec, dtype=dtype, seed=spec.seed + n) for dtype in DTYPES for n, spec in enumerate(GROUPS[group])]
    failures = run_batch(for_target(specs, target), tool=attn_run, target=target)
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("group, target", [("small", "cpu"), ("small", "oracle"), ("large", "cpu"), ("placed", "cpu"), ("placed", "oracle"),
                                           ("selections", "cpu"), ("selections", "oracle")])
def test_patterns(attn_run, group, target):
    specs = [replace(spec, dtype=DTYPES[n % len(DTYPES)], seed=spec.seed + n) for n, spec in enumerate(PATTERN_GROUPS[group])]
    failures = run_batch(for_target(specs, target), tool=attn_run, target=target)
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("target", ["cpu", "oracle"])
def test_padded_operands(attn_run, target):
    """All operands and results in buffers with gaps between rows and an offset."""
    specs = [replace(spec, dtype=dtype) for dtype in ("f32", "bf16") for spec in (
        Spec(bias=(5, 7), sink=True, Hq=4), Spec(mask=MASKS["segment causal"], segments=True, Sq=40, Skv=77), Spec(positions=True, mask=Causal()))]
    failures = run_batch(specs, tool=attn_run, target=target, options=["--padding=3"])
    assert not failures, "\n".join(failures)


# --- Random specs -------------------------------------------------------------------


@st.composite
def random_masks(draw, depth=2):
    """A mask of the tables, or a list of such or of patterns with any parameters."""
    number = lambda most, least=1: draw(st.integers(least, most))  # noqa: E731
    kind = draw(st.sampled_from(("table", "pattern", "list", "list") if depth else ("table", "pattern")))
    if kind == "table":
        return draw(st.sampled_from([*MASKS.values(), *PATTERNS.values()]))
    if kind == "pattern":
        return draw(st.sampled_from((
            Sink(number(20, 0)), Global(number(9, 0)), Dilated(number(9), number(9)), Strided(number(20)), Chunk(number(40)),
            Window(number(30), number(30, 0)), Neighborhood([number(9, 5), number(40, 36)], [2 * number(2) + 1, 2 * number(9) + 1]))))
    masks = draw(st.lists(random_masks(depth - 1), min_size=1, max_size=3))
    return draw(st.sampled_from((And, Or, PerHead, lambda *masks: Not(Or(*masks)))))(*masks)


@st.composite
def random_specs(draw):
    one_of = lambda *values: draw(st.sampled_from(values))  # noqa: E731
    Hkv, group = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    Sq, Skv, B = draw(st.integers(1, 45)), draw(st.integers(1, 90)), draw(st.integers(1, 2))
    mask = draw(random_masks()) if draw(st.booleans()) else None
    place = one_of("none", "none", "align", "offset", "offsets", "positions")
    if grids(mask):
        Sq, Skv = (min(size, *(grid.cells for grid in grids(mask))) for size in (Sq, Skv))
        place = "none"
    Hq = Hkv * group
    bias = None
    if draw(st.booleans()):
        full = (B, Hq, Sq, Skv)
        bias = tuple(x if draw(st.booleans()) else 1 for x in full[draw(st.integers(0, 3)):])
    return Spec(
        dtype=one_of(*DTYPES), B=B, Hq=Hq, Hkv=Hkv, Sq=Sq, Skv=Skv, Dk=draw(st.integers(1, 40)), Dv=draw(st.integers(1, 40)),
        scale=one_of(0.1, 0.35, 1.0, -0.5), mask=mask, align="bottom_right" if place == "align" else "top_left",
        offset={"offset": draw(st.integers(-9, 40)), "offsets": tuple(draw(st.integers(-9, 40)) for _ in range(B))}.get(place),
        positions=place == "positions", bias=bias, bias_dtype=one_of("f32", "f16", "bf16"), sink=draw(st.booleans()),
        segments=mask is not None and mask.reads_segments(), kv_lengths=one_of(None, tuple(draw(st.integers(0, Skv)) for _ in range(B))),
        score=one_of(None, None, *SCORES), where=one_of(None, None, "thirds"), strict_values=draw(st.booleans()), lse=draw(st.booleans()),
        dynamic=one_of("", "", "ST", "BHKSTDE"), magnitude=one_of(1.0, 1.0, 1e4), seed=draw(st.integers(0, 999)))


@pytest.mark.parametrize("target", ["cpu", "oracle"])
def test_random(attn_run, target):
    # Derandomised and never shrunk: a run is a process, and its message names the spec.
    @settings(max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(st.lists(random_specs(), min_size=12, max_size=12))
    def search(specs):
        failures = run_batch(for_target(specs, target), tool=attn_run, target=target)
        assert not failures, "\n".join(failures)

    search()


# --- The harness itself -----------------------------------------------------------------


def test_the_harness_catches_a_wrong_result(attn_run, monkeypatch):
    """Its must-fail twin: a reference with another scale disagrees, in every type."""
    import sweep

    right = sweep.expected
    monkeypatch.setattr(sweep, "expected", lambda spec, arrays: right(replace(spec, scale=spec.scale * 1.05), arrays))
    specs = [Spec(dtype=dtype) for dtype in DTYPES]
    assert len(run_batch(specs, tool=attn_run)) == len(specs)


def test_specs_are_deterministic():
    spec = Spec(bias=(5, 7), sink=True, kv_lengths=(2, 3), positions=True)
    assert write([spec])[0] == write([spec])[0]
    a, b = make_arrays(spec), make_arrays(spec)
    assert all((a[name] == b[name]).all() for name in a)
