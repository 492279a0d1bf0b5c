# Tests of the references of the methods.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each method against what its equation gives by hand at a few tokens.

With queries and keys of zeros and unit vectors as values the output is the
weights, and without changes of the logits they are 1 / count on visible keys.
"""

import ast
import importlib
import math
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from attn import reference
from attn.reference import _tokens
from families import method, names

ROOT = Path(__file__).resolve().parents[2]


# Methods of linear attention are no softmax: test_linear_references.py.
NAMES = names("softmax")


def weights(name, length, *operands, shape=(1, 1, 1), **parameters):
    """``[B, Hq, S, S]``; `shape` is B, Hq and Hkv."""
    B, Hq, Hkv = shape
    q, k = np.zeros((B, Hq, length, 2)), np.zeros((B, Hkv, length, 2))
    v = np.tile(np.eye(length), (B, Hkv, 1, 1))
    return method(name).evaluate(q, k, v, *map(np.array, operands), **parameters)


CAUSAL = "x... xx.. xxx. xxxx"
# Method, (B, Hq, Hkv), operands, parameters, and for (b, h) what each query sees.
PATTERNS = [
    ("sliding_window", (1, 2, 1), [], {"window": 2}, {(0, 1): "x... xx.. .xx. ..xx"}),
    ("dilated", (1, 1, 1), [], {"window": 2, "dilation": 2},
     {(0, 0): "x..... .x.... x.x... .x.x.. ..x.x. ...x.x"}),
    ("sparse_transformer_strided", (1, 1, 1), [], {"stride": 3},
     {(0, 0): "x...... xx..... xxx.... xxxx... .xxxx.. ..xxxx. x..xxxx"}),
    ("sparse_transformer_fixed", (1, 1, 1), [], {"stride": 3, "summary": 1},
     {(0, 0): "x....... xx...... xxx..... ..xx.... ..xxx... ..xxxx.. ..x..xx. ..x..xxx"}),
    # Drawn from 12: a = 2, b = 6, c = 4 of the one stripe, so 4 6 1 3 5 0 2 for one head and 3 5 0 2 4 6 1 for the other.
    ("bigbird", (1, 2, 2), [], {"block": 2, "blocks": 7, "random": 1, "seed": 12},
     {(0, 0): "xxxxxxxxxxxxx xxxxxxxxxxxxx xxxxxx......x xxxxxx......x xxxxxxxx....x xxxxxxxx....x "
              "xx..xxxxxx..x xx..xxxxxx..x xx....xxxxxxx xx....xxxxxxx xx......xxxxx xx......xxxxx xxxxxxxxxxxxx",
      (0, 1): "xxxxxxxxxxxxx xxxxxxxxxxxxx xxxxxx....xxx xxxxxx....xxx xxxxxxxx....x xxxxxxxx....x "
              "xx..xxxxxx..x xx..xxxxxx..x xx....xxxxxxx xx....xxxxxxx xx......xxxxx xx......xxxxx xxxxxxxxxxxxx"}),
    ("streaming_llm", (1, 1, 1), [], {"sinks": 1, "window": 2},
     {(0, 0): "x.... xx... xxx.. x.xx. x..xx"}),
    ("logsparse", (1, 1, 1), [], {}, {(0, 0): "x........ xx....... xxx...... .xxx..... x.xxx.... "
                                              ".x.xxx... ..x.xxx.. ...x.xxx. x...x.xxx"}),
    ("chunk_local", (1, 1, 1), [], {"chunk": 3}, {(0, 0): "x.... xx... xxx.. ...x. ...xx"}),
    ("prefix_lm", (2, 1, 1), [[2, 0]], {}, {(0, 0): "xx.. xx.. xxx. xxxx", (1, 0): CAUSAL}),
    ("documents", (2, 1, 1), [[[0, 0, 2, 3], [1, 4, 4, 4]]], {},
     {(0, 0): "x... xx.. ..x. ...x", (1, 0): "x... .x.. .xx. .xxx"}),
    ("shared_prefix", (2, 1, 1), [[[0, 0, 1, 1, 2], [0, 0, 1, 2, 2]]], {"prefix": 2},
     {(0, 0): "x.... xx... xxx.. xxxx. xx..x", (1, 0): "x.... xx... xxx.. xx.x. xx.xx"}),
    ("block_diffusion", (1, 1, 1), [], {"block": 2},
     {(0, 0): "xx.... xx.... ..xxx. ...xx. ...xx. ...xxx"}),
    ("natten_2d", (1, 1, 1), [], {"grid": (2, 4), "kernel": (1, 3)},
     {(0, 0): "xxx..... xxx..... .xxx.... .xxx.... ....xxx. ....xxx. .....xxx .....xxx"}),
    ("natten_3d", (1, 1, 1), [], {"grid": (4, 1, 2), "kernel": (3, 1, 1)},
     {(0, 0): "x.x.x... .x.x.x.. x.x.x... .x.x.x.. ..x.x.x. ...x.x.x ..x.x.x. ...x.x.x"}),
    ("duo_attention", (1, 4, 2), [], {"streaming": (False, True), "sinks": 1, "recent": 1},
     {(0, 0): CAUSAL, (0, 1): CAUSAL, (0, 2): "x... xx.. x.x. x..x",
      (0, 3): "x... xx.. x.x. x..x"}),
    ("moa", (1, 2, 2), [], {"spans": (1, 2), "sinks": 1},
     {(0, 0): "x... xx.. x.x. x..x", (0, 1): "x... xx.. xxx. x.xx"}),
    ("gpt_oss", (1, 1, 1), [[-np.inf]], {"window": 2}, {(0, 0): "x... xx.. .xx. ..xx"}),
    ("alibi", (1, 1, 1), [[0.0]], {}, {(0, 0): CAUSAL}),
    ("fox", (1, 1, 1), [[[[0.0] * 4]]], {}, {(0, 0): CAUSAL}),
    ("softcap", (1, 1, 1), [], {"cap": 1.0}, {(0, 0): CAUSAL}),
    ("t5_bias", (1, 1, 1), [[[0.0] * 32]], {"buckets": 32, "max_distance": 64},
     {(0, 0): "xxxx xxxx xxxx xxxx"}),
]


@pytest.mark.parametrize("name, shape, operands, parameters, patterns", PATTERNS,
                         ids=[case[0] for case in PATTERNS])
def test_visible_keys(name, shape, operands, parameters, patterns):
    length = len(next(iter(patterns.values())).split()[0])
    got = weights(name, length, *operands, shape=shape, **parameters)
    for (b, h), text in patterns.items():
        sees = np.array([[c == "x" for c in row] for row in text.split()])
        np.testing.assert_allclose(got[b, h], sees / sees.sum(axis=1, keepdims=True), atol=1e-15)


@pytest.mark.parametrize("name, i, grid, kernel, keys", [
    ("natten_2d", 0, (4, 5), (3, 3), [0, 1, 2, 5, 6, 7, 10, 11, 12]),
    ("natten_2d", 7, (4, 5), (3, 3), [1, 2, 3, 6, 7, 8, 11, 12, 13]),
    ("natten_2d", 19, (4, 5), (3, 3), [7, 8, 9, 12, 13, 14, 17, 18, 19]),
    ("natten_2d", 3, (1, 7), (1, 5), [1, 2, 3, 4, 5]),
    ("natten_3d", 3, (1, 1, 7), (1, 1, 5), [1, 2, 3, 4, 5]),
    ("natten_3d", 27, (2, 4, 5), (1, 3, 3), [21, 22, 23, 26, 27, 28, 31, 32, 33]),
    ("natten_3d", 10, (4, 2, 2), (3, 1, 1), [6, 10, 14]),
    ("natten_3d", 35, (4, 3, 3), (3, 1, 3), [15, 16, 17, 24, 25, 26, 33, 34, 35]),
])
def test_neighbourhoods(name, i, grid, kernel, keys):
    assert method(name).visible_keys(i, grid, kernel) == keys


def test_longformer_rows_of_global_tokens_have_their_own_projections():
    zeros, eye = np.zeros((1, 1, 5, 2)), np.eye(5)[None, None]
    kg = zeros.copy()
    kg[0, 0, 4, 0] = math.log(3)  # Key 4 weighs thrice as much in the global row.
    out = method("longformer").evaluate(
        zeros, zeros, eye, np.ones((1, 1, 1, 2)), kg, 2 * eye, window=2, global_tokens=1, scale=1.0)
    sees = np.array([[c == "x" for c in row] for row in "xxx.. xxxx. x.xxx x..xx".split()])
    np.testing.assert_allclose(out[0, 0, 0], np.array([2, 2, 2, 2, 6]) / 7)
    np.testing.assert_allclose(out[0, 0, 1:], sees / sees.sum(axis=1, keepdims=True))


def test_longnet_merges_by_lse():
    got = weights("longnet", 5, shape=(1, 2, 2), segments=((2, 1), (4, 2)))
    # Row 2: one key in its segment of 2; keys 0 and 2 in that of 4, for head 0 only.
    np.testing.assert_allclose(got[0, 0, 2], [1 / 3, 0, 2 / 3, 0, 0])
    np.testing.assert_allclose(got[0, 1, 2], [0, 0, 1, 0, 0])
    # Row 3: keys 2 and 3; keys 1 and 3 for head 1 only.
    np.testing.assert_allclose(got[0, 0, 3], [0, 0, 1 / 2, 1 / 2, 0])
    np.testing.assert_allclose(got[0, 1, 3], [0, 1 / 4, 1 / 4, 1 / 2, 0])
    np.testing.assert_allclose(got[0, :, 4], [[0, 0, 0, 0, 1]] * 2)
    # A row that takes part nowhere.
    assert (weights("longnet", 2, segments=((2, 2),))[0, 0, 1] == 0).all()


def test_bigbird_draws_a_block_of_each_stripe():
    module = method("bigbird")
    for blocks, random in ((13, 2), (32, 3), (9, 9)):
        edges = [r * blocks // random for r in range(random + 1)]
        drawn = np.array([[module.drawn_blocks(h, x, blocks, random, 7) for x in range(blocks)] for h in range(4)])
        for r in range(random):
            assert ((edges[r] <= drawn[..., r]) & (drawn[..., r] < edges[r + 1])).all()
            # Before a block is drawn again, all others are.
            assert (np.sort(drawn[:, : edges[r + 1] - edges[r], r]) == np.arange(edges[r], edges[r + 1])).all()
        assert random == blocks or len({head.tobytes() for head in drawn}) > 1


def test_alibi():
    module = method("alibi")
    np.testing.assert_allclose(module.make_slopes(8), [2.0**-n for n in range(1, 9)])
    got = weights("alibi", 3, [0.5, 2.0], shape=(1, 2, 2))[0, :, 2]
    for h, slope in enumerate((0.5, 2.0)):
        want = np.exp([-2 * slope, -slope, 0])
        np.testing.assert_allclose(got[h], want / want.sum())


def test_t5_bias():
    module = method("t5_bias")
    at_128 = {0: 0, -1: 1, -7: 7, -8: 8, -11: 8, -12: 9, -15: 9, -16: 10, -31: 11, -32: 12, -63: 13,
              -64: 14, -90: 14, -91: 15, -500: 15, 1: 17, 7: 23, 8: 24, 127: 31, 128: 31, 4000: 31}
    assert {d: module.bucket(d, 32, 128) for d in at_128} == at_128
    at_64 = {-8: 8, -10: 8, -11: 9, -13: 9, -14: 10, -49: 14, -50: 15, 64: 31}
    assert {d: module.bucket(d, 32, 64) for d in at_64} == at_64
    table = np.zeros((1, 32))
    table[0, [0, 1, 17]] = math.log(5), math.log(2), math.log(3)
    got = weights("t5_bias", 3, table, buckets=32, max_distance=64)
    np.testing.assert_allclose(got[0, 0, 1], [2 / 10, 5 / 10, 3 / 10])
    # Logits are not scaled by default.
    q, k = np.full((1, 1, 2, 4), 0.5), np.zeros((1, 1, 2, 4))
    k[0, 0, 1] = math.log(3) / 2
    v = np.eye(2)[None, None]
    out = module.evaluate(q, k, v, np.zeros((1, 32)), buckets=32, max_distance=64)
    np.testing.assert_allclose(out[0, 0, 0], [0.25, 0.75])


def test_softcap():
    q, k, v = np.ones((1, 1, 2, 1)), np.array([3.0, 0]).reshape(1, 1, 2, 1), np.eye(2)[None, None]
    out = method("softcap").evaluate(q, k, v, cap=1.5, scale=1.0)
    capped = math.exp(1.5 * math.tanh(2))
    np.testing.assert_allclose(out[0, 0], [[1, 0], [capped / (capped + 1), 1 / (capped + 1)]])


def test_fox():
    got = weights("fox", 3, [[[-9.0, -0.5, -0.25]]])[0, 0]
    for i, logits in enumerate(([0], [-0.5, 0], [-0.75, -0.25, 0])):
        want = np.exp(logits)
        np.testing.assert_allclose(got[i, : i + 1], want / want.sum())


def test_gpt_oss_sinks_take_weight():
    got = weights("gpt_oss", 3, [0.0, math.log(2)], shape=(1, 2, 1), window=2)[0]
    np.testing.assert_allclose(got[0], [[1 / 2, 0, 0], [1 / 3, 1 / 3, 0], [0, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(got[1], [[1 / 3, 0, 0], [1 / 4, 1 / 4, 0], [0, 1 / 4, 1 / 4]])


# --- All methods ---------------------------------------------------------------


def evaluate(name, *, changes=None, sizes=None, rows=None, ones=False, paper=False):
    """A method on its own inputs; `changes` replace parameters or map operands."""
    module = method(name)
    sizes = (module.PAPER_SIZES if paper else module.SIZES) | {"batch": 1} | (sizes or {})
    parameters = module.PAPER if paper else module.TEST
    arrays = module.inputs(np.random.default_rng(0), sizes, parameters)
    for change, value in (changes or {}).items():
        if change in arrays:
            arrays[change] = value(arrays[change])
        else:
            parameters = parameters | {change: value}
    for operand in arrays:
        if ones and operand in ("v", "vg"):
            arrays[operand] = np.ones_like(arrays[operand])
    return module.evaluate(*arrays.values(), **parameters, rows=rows)


def test_methods_are_stated_independently():
    assert len(NAMES) == 23
    for file in Path(reference.__file__).parent.glob("[a-z_]*.py"):
        if file.name != "__init__.py":
            imports = [node for node in ast.walk(ast.parse(file.read_text()))
                       if isinstance(node, (ast.Import, ast.ImportFrom))]
            names = {getattr(node, "module", None) or node.names[0].name for node in imports}
            shared = {"numpy", "functools", "contextlib", "contextvars", "_tokens", "_states", "_channels", "_layers", "_routing"}
            # A hybrid is made of methods, each stated once.
            parts = {"gated_deltanet", "kda", "lightning", "mamba1", "mamba2"}
            hybrid = getattr(importlib.import_module(f"attn.reference.{file.stem}"), "FAMILY", "") == "hybrid"
            assert names <= shared | (parts if hybrid else set())


@pytest.mark.parametrize("name", NAMES)
def test_operands_and_sizes(name):
    module = method(name)
    for sizes, parameters in ((module.SIZES, module.TEST), (module.PAPER_SIZES, module.PAPER)):
        B, S, D = sizes["batch"], sizes["length"], sizes["depth"]
        arrays = module.inputs(np.random.default_rng(0), sizes, parameters)
        assert list(arrays)[:3] == ["q", "k", "v"]
        assert all(x.dtype in (np.float64, np.int32) for x in arrays.values())
        assert arrays["q"].shape == (B, sizes["heads"], S, D)
        assert arrays["k"].shape == arrays["v"].shape == (B, sizes["kv_heads"], S, D)
    assert module.SIZES["length"] >= 192 and module.SIZES["length"] % 64
    assert module.PAPER_SIZES["length"] % 128


@pytest.mark.parametrize("name", NAMES)
def test_weights_sum_to_one(name):
    out = evaluate(name, rows=[0, 1, 77, 191], ones=True)
    if name == "gpt_oss":
        assert ((0 < out) & (out < 0.99)).all()
    else:
        np.testing.assert_allclose(out, 1)


@pytest.mark.parametrize("paper", [False, True], ids=["test", "paper"])
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_whole(name, paper):
    length = method(name).SIZES["length"]
    rows = [0, 3, length - 1]
    some = evaluate(name, rows=rows)
    np.testing.assert_array_equal(some, evaluate(name)[:, :, rows])
    if paper:
        last = method(name).PAPER_SIZES["length"] - 1
        out = evaluate(name, paper=True, sizes={"depth": 4}, rows=[1, last])
        assert np.isfinite(out).all() and (out != 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_method_shows_at_its_sizes(name):
    """Dense and causal attention give something else, for the tests and for the papers."""
    for paper in (False, True):
        module = method(name)
        parameters = module.PAPER if paper else module.TEST
        sizes = (module.PAPER_SIZES if paper else module.SIZES) | {"batch": 1, "depth": 8}
        arrays = module.inputs(np.random.default_rng(0), sizes, parameters)
        rows = [*range(0, sizes["length"], sizes["length"] // 7), sizes["length"] - 1]
        got = module.evaluate(*arrays.values(), **parameters, rows=rows)
        scale = 1.0 if name == "t5_bias" else parameters.get("scale")
        for ends in (range(1, sizes["length"] + 1), [sizes["length"]] * sizes["length"]):
            plain = _tokens.attend(
                arrays["q"], arrays["k"], arrays["v"], rows=rows, scale=scale,
                keys=lambda b, h, i, ends=ends: list(range(ends[i])))
            assert np.abs(got - plain).max() > 1e-2


MUTANTS = [
    ("sliding_window", {"window": 65}), ("dilated", {"window": 17}), ("dilated", {"dilation": 4}),
    ("sparse_transformer_strided", {"stride": 15}), ("sparse_transformer_fixed", {"stride": 15}),
    ("sparse_transformer_fixed", {"summary": 3}), ("longformer", {"window": 34}),
    ("longformer", {"global_tokens": 2}), ("longformer", {"qg": np.negative}),
    ("longformer", {"kg": np.negative}), ("longformer", {"vg": np.negative}),
    ("bigbird", {"seed": 8}), ("streaming_llm", {"sinks": 3}),
    ("streaming_llm", {"window": 63}), ("longnet", {"segments": ((32, 1), (64, 2), (128, 2))}),
    ("longnet", {"segments": ((32, 1), (64, 2))}), ("chunk_local", {"chunk": 47}),
    ("prefix_lm", {"prefix_lengths": lambda x: x + 1}), ("documents", {"ids": lambda x: x // 2}),
    ("shared_prefix", {"ids": lambda x: x // 2}), ("shared_prefix", {"prefix": 51}),
    ("block_diffusion", {"block": 15}), ("natten_2d", {"kernel": (5, 3)}),
    ("natten_2d", {"grid": (16, 13)}), ("natten_3d", {"kernel": (1, 3, 5)}),
    ("natten_3d", {"grid": (4, 9, 6)}), ("duo_attention", {"streaming": (True, False)}),
    ("duo_attention", {"sinks": 3}), ("duo_attention", {"recent": 33}),
    ("moa", {"spans": (16, 32, 64, 127)}), ("moa", {"sinks": 5}), ("gpt_oss", {"window": 47}),
    ("gpt_oss", {"sinks": lambda x: x[::-1]}), ("alibi", {"slopes": lambda x: x[::-1]}),
    ("t5_bias", {"max_distance": 63}), ("t5_bias", {"table": lambda x: x[:, ::-1]}),
    ("softcap", {"cap": 5.0}), ("fox", {"log_f": lambda x: x[:, :, ::-1]}),
]


@pytest.mark.parametrize("name, changes", MUTANTS, ids=[f"{n} {list(c)[0]}" for n, c in MUTANTS])
def test_every_parameter_and_operand_counts(name, changes):
    assert np.abs(evaluate(name) - evaluate(name, changes=changes)).max() > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_unfused_errs_as_its_type_does(name):
    want = evaluate(name, rows=range(5, 190, 9))
    for dtype, low, high in ((np.float32, 1e-8, 1e-5), (np.float16, 1e-5, 1e-2),
                             (ml_dtypes.bfloat16, 1e-4, 8e-2)):
        with _tokens.unfused(dtype):
            got = evaluate(name, rows=range(5, 190, 9))
        assert (got == got.astype(dtype)).all()
        assert low < np.abs(got - want).max() < high


def test_the_shared_softmax_is_that_of_the_operation():
    rng = np.random.default_rng(0)
    q = rng.standard_normal((2, 4, 9, 3))
    k, v = rng.standard_normal((2, 2, 2, 9, 3))
    bias, seen = rng.standard_normal((4, 9, 9)), rng.random((2, 4, 9, 9)) < 0.3
    assert not seen.any(axis=3).all()
    for sink in (None, rng.standard_normal(4)):
        got = _tokens.attend(
            q, k, v, lambda b, h, i: list(np.flatnonzero(seen[b, h, i])), scale=0.7, sink=sink,
            logit=lambda b, h, i: lambda s, j: 2 * np.tanh(s) + bias[h, i, j])
        want, _ = reference.attention(
            q, k, v, scale=0.7, sink=sink, mask=lambda b, h, i, j: seen[b, h],
            score=lambda s, b, h, i, j: 2 * np.tanh(s) + bias[h])
        np.testing.assert_allclose(got, want, atol=1e-14)
    with pytest.raises(ValueError, match="no multiple"):
        _tokens.attend(q[:, :3], k, v, lambda b, h, i: [0])


# --- The checker of compiled methods --------------------------------------------

WINDOW = """
func.func @sliding_window(%q: tensor<2x4x?x32xf32>, %k: tensor<2x2x?x32xf32>,
                          %v: tensor<2x2x?x32xf32>) -> tensor<2x4x?x32xf32> {
  %c2 = arith.constant 2 : index
  %s = tensor.dim %q, %c2 : tensor<2x4x?x32xf32>
  %e = tensor.empty(%s) : tensor<2x4x?x32xf32>
  %o = attn.attention %q, %k, %v outs(%e) scale(0.17677669529663687) mask(window<64>)
    : tensor<2x4x?x32xf32>, tensor<2x2x?x32xf32>, tensor<2x2x?x32xf32> -> tensor<2x4x?x32xf32>
  return %o : tensor<2x4x?x32xf32>
}
"""


@pytest.mark.parametrize("change, options, status, message", [
    (("", ""), [], 0, "sliding_window: max error "), (("f32", "bf16"), ["--seed=3"], 0, "allowed"),
    (("<64>", "<65>"), [], 1, "exceeds"), (("<64>", "<65>"), ["--wrong"], 0, "exceeds"),
    (("", ""), ["--wrong"], 1, "not wrong"), (("window<64>", "nonsense"), [], 2, "attn-run"),
    (("window<64>", "nonsense"), ["--wrong"], 2, "attn-run"),
    (("@sliding_window", "@f"), [], 2, "no function"),
    (("@sliding_window", "@f"), ["--entry=f", "--length=70"], 0, "allowed"),
    (("", ""), ["--dtype=bf16"], 2, "of f32"), (("", ""), ["--sizes=paper"], 2, "attn-run"),
])
def test_the_checker_tells_wrong_from_broken(attn_run, tmp_path, change, options, status, message):
    file = tmp_path / "window.mlir"
    file.write_text(WINDOW.replace(*change) if change[0] else WINDOW)
    script = ROOT / "test" / "Examples" / "check_method.py"
    command = [sys.executable, script, "sliding_window", file, f"--attn-run={attn_run}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert message in done.stdout + done.stderr
