# Tests of the references of linear attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each method, from its own equation, against the recurrence that has all of them."""


import ml_dtypes
import numpy as np
import pytest
from attn.recurrence import recurrence
from attn.reference import _tokens
from families import check_rows, evaluate, make, method, names


NAMES = names("linear")


def elu1(x):
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))


def softmax(x):
    weights = np.exp(x - x.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def random_features(x, w, shift):
    """Those of the Performer, up to a constant that a ratio does not have."""
    x = x * x.shape[3] ** -0.25
    exponents = np.einsum("...d,fd->...f", x, w) - (x**2).sum(-1, keepdims=True) / 2
    return np.exp(exponents - (exponents.max(-1, keepdims=True) if shift else 0)) + 1e-4


def fourier_features(x, w):
    angles = np.einsum("...htd,hfd->...htf", x / np.linalg.norm(x, axis=-1, keepdims=True), w)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)


def cosines(x):
    angles = np.pi / 2 * np.arange(x.shape[2])[:, None] / x.shape[2]
    return np.concatenate([np.maximum(x, 0) * np.sin(angles), np.maximum(x, 0) * np.cos(angles)], axis=-1)


def mirrored(x, w):
    y = np.einsum("...htd,hfd->...htf", x, w)
    return softmax(np.concatenate([y, -y], axis=-1))


def taylor(x):
    """Half of the pairs, which have the weight of both."""
    x = x * x.shape[3] ** -0.25
    a, b = np.triu_indices(x.shape[3])
    pairs = x[..., a] * x[..., b] * np.where(a == b, 0.5**0.5, 1)
    return np.concatenate([np.ones_like(x[..., :1]), x, pairs], axis=-1)


def running_maximum(logs, i):
    """m_t = max_j <= t (i_j + the logs behind j)."""
    sums = np.cumsum(logs, axis=-1)
    return np.maximum.accumulate(i - sums, axis=-1) + sums


def ratio(q, k, v, **options):
    return recurrence(q, k, v, scale=options.pop("scale", 1.0), update="additive", norm="sum", **options)[0]


# Methods that are the recurrence, and something around it.
AROUND = {
    "linear_transformer": lambda q, k, v: ratio(elu1(q), elu1(k), v),
    "performer": lambda q, k, v, w: ratio(random_features(q, w, True), random_features(k, w, False), v),
    "rfa": lambda q, k, v, g, w: ratio(
        fourier_features(q, w), -np.expm1(g)[..., None] * fourier_features(k, w), v, g=g),
    "cosformer": lambda q, k, v: ratio(cosines(q), cosines(k), v),
    "hedgehog": lambda q, k, v, wq, wk: ratio(mirrored(q, wq), mirrored(k, wk), v),
    "based": lambda q, k, v: ratio(taylor(q), taylor(k), v),
}


def by_deltaproduct(q, k, v, g, beta):
    """Tokens of several steps: gates on the first of them, queries on the last."""
    steps = k.shape[2] // q.shape[2]
    queries, gates = np.zeros_like(k), np.zeros_like(beta)
    queries[:, :, steps - 1 :: steps], gates[:, :, ::steps] = q, g
    out, _ = recurrence(queries, k, v, scale=q.shape[3] ** -0.5, g=gates, beta=beta)
    return out[:, :, steps - 1 :: steps]


def by_hgrn2(q, x, v, l):
    gates = np.log(l[:, None] + (1 - l[:, None]) / (1 + np.exp(-x)))
    return recurrence(q, -np.expm1(gates), v, scale=1.0, update="additive", g=gates)[0]


def by_gsa(q, k, v, g):
    written = -np.expm1(g)
    logits, _ = recurrence(q, k, written, scale=q.shape[3] ** -0.5, update="additive", g=g, decay="value")
    return recurrence(softmax(logits), written, v, scale=1.0, update="additive", g=g)[0]


def by_abc(q, k, v, s):
    """As slots whose averages decay: what is left of an average, and the share of the token."""
    totals = np.logaddexp.accumulate(np.clip(s, -32, 32), axis=2)
    before = np.concatenate([np.full_like(totals[:, :, :1], -np.inf), totals[:, :, :-1]], axis=2)
    gates, shares = np.maximum(before - totals, -800), np.exp(np.clip(s, -32, 32) - totals)
    logits, _ = recurrence(q, k, shares, scale=q.shape[3] ** -0.5, update="additive", g=gates, decay="value")
    return recurrence(softmax(logits), shares, v, scale=1.0, update="additive", g=gates)[0]


def by_mlstm(q, k, v, i, f):
    logs = -np.logaddexp(0, -f)
    m = running_maximum(logs, i)
    gates = logs + np.concatenate([m[..., :1] - logs[..., :1], m[..., :-1]], axis=-1) - m
    return ratio(q, np.exp(i - m)[..., None] * k, v, scale=q.shape[3] ** -0.5, g=gates, bound=np.exp(-m))


AROUND |= {"deltaproduct": by_deltaproduct, "hgrn2": by_hgrn2, "gsa": by_gsa, "abc": by_abc, "mlstm": by_mlstm}


def by_recurrence(name, q, k=None, v=None, **operands):
    """The method as a case of the general recurrence, or of it and what is around it."""
    if name in AROUND:
        rest = {n: x for n, x in (("k", k), ("v", v)) if x is not None}
        return AROUND[name](q, **rest, **operands)
    scale, after = q.shape[3] ** -0.5, 0
    if name == "retnet":
        rates = np.log(1 - 2.0 ** (-5 - np.arange(v.shape[1])))
        options = {"g": np.broadcast_to(rates[:, None], v.shape[:3])}
    elif name == "mamba2":
        dt, scale = operands["dt"], 1.0
        options, after = {"g": dt * operands["a"][:, None]}, operands["d"][:, None, None] * v
        v = dt[..., None] * v
    elif name == "lightning":
        scale, options = 1.0, {"g": np.broadcast_to(-operands["slopes"][:, None], v.shape[:3])}
    elif name == "rwkv5":
        rates = -np.exp(operands["w"])
        scale, options = 1.0, {"g": np.broadcast_to(rates[:, None], k.shape), "bonus": operands["u"]}
    elif name == "rwkv6":
        scale, options = 1.0, {"g": operands["g"], "bonus": operands["u"]}
    else:
        scale, options = 1.0 if name == "rwkv7" else scale, operands
    update = "delta" if "beta" in options else "dplr" if "a" in options else "additive"
    return recurrence(q, k, v, scale=scale, update=update, **options)[0] + after


def test_there_are_some():
    assert NAMES == ["abc", "based", "cosformer", "deltanet", "deltaproduct", "gated_deltanet", "gla", "gsa", "hedgehog",
                     "hgrn2", "kda", "lightning", "linear_transformer", "mamba2", "mlstm", "performer", "retnet", "rfa",
                     "rwkv5", "rwkv6", "rwkv7", "simple_gla"]


@pytest.mark.parametrize("name", NAMES)
def test_is_a_case_of_the_recurrence(name):
    arrays = make(name, length=70)
    want = by_recurrence(name, **arrays)
    np.testing.assert_allclose(evaluate(name, arrays), want, atol=1e-12)
    # An operand that is another one shows.
    for changed in arrays:
        noise = np.random.default_rng(1).standard_normal(arrays[changed].shape)
        other = dict(arrays) | {changed: arrays[changed] * (1 + 0.02 * noise)}
        assert np.abs(evaluate(name, other) - want).max() > 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_whole(name):
    check_rows(name, [0, 7, 39])


@pytest.mark.parametrize("name", NAMES)
def test_operands_and_sizes(name):
    module = method(name)
    for paper in (False, True):
        sizes, arrays = module.PAPER_SIZES if paper else module.SIZES, make(name, paper)
        # The first says the type, and these two the shape of what comes out.
        assert list(arrays)[0] == "q" and "v" in arrays
        assert arrays["q"].shape[1:3] == (sizes["heads"], sizes["length"])
        assert arrays["v"].shape[1] == sizes["value_heads"] and arrays["v"].shape[3] == sizes["depth"]
    assert module.SIZES["length"] >= 192 and module.SIZES["length"] % 64


@pytest.mark.parametrize("name", NAMES)
def test_unfused_errs_as_its_type_does(name):
    arrays = make(name)
    rows = range(5, 190, 9)
    want = evaluate(name, arrays, rows=rows)
    for dtype, low, high in ((np.float32, 1e-9, 1e-5), (np.float16, 1e-5, 4e-3), (ml_dtypes.bfloat16, 1e-4, 3e-2)):
        with _tokens.unfused(dtype):
            got = evaluate(name, arrays, rows=rows)
        assert got.dtype == np.float32 and (got == got.astype(dtype)).all()
        assert low < np.abs(got - want).max() / np.abs(want).max() < high
