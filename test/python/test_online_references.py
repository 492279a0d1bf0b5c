# Tests of the references of training at test time.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each method against another form of itself: the one by products, or finite differences."""


import numpy as np
import pytest
from attn.reference import _tokens, lact
from families import check_operands, check_rows, make, method, names


NAMES = names("online")


def test_there_are_some():
    assert NAMES == ["lact", "titans_linear", "ttt_linear"]


def test_titans_by_products():
    """Of 16 tokens: o = beta (q M) + f (q S) - 2 (tril(q k^T) G) g."""
    a = make("titans_linear", length=16, batch=1, heads=1)
    q, k, v, alpha, eta, theta = (x[0, 0] for x in a.values())
    keep = np.cumprod(1 - alpha)
    G = np.zeros((16, 16))
    for i in range(16):
        for j in range(i + 1):
            G[i, j] = sum(keep[i] / keep[n] * theta[j] * np.prod(eta[j + 1:n + 1]) for n in range(j, i + 1))
    want = -2 * (q @ k.T * G) @ -v
    np.testing.assert_allclose(method("titans_linear").evaluate(*a.values())[0, 0], want, atol=1e-13)


def test_ttt_descends():
    """What the first token teaches, by the loss itself: the change of b is -tok_0 lr_0 d loss / d b."""
    a = make("ttt_linear", length=1, batch=1, heads=1, depth=8)
    q, k, v, lr = (a[name][0, 0, 0] for name in ("q", "k", "v", "lr"))
    w, b, gamma, delta, tok = a["w0"][0], a["b0"][0], a["weight"][0], a["bias"][0], a["tok"][0]

    def model(x, w, b):
        z = x @ w + b
        return gamma * (z - z.mean()) / np.sqrt(z.var() + 1e-6) + delta

    def slope(change):
        losses = [0.5 * ((model(k, w, b + e * change) - (v - k)) ** 2).sum() for e in (1e-5, -1e-5)]
        return (losses[0] - losses[1]) / 2e-5

    grad = np.array([slope(change) for change in np.eye(8)])
    want = q + model(q, w - tok * lr * np.outer(k, grad), b - tok * lr * grad)
    np.testing.assert_allclose(method("ttt_linear").evaluate(*a.values())[0, 0, 0], want, atol=1e-7)


def test_lact_learns_by_gradients():
    """Of <f(k), v>, by finite differences; muon makes singular values that are near 1."""
    rng = np.random.default_rng(0)
    shapes = ((12, 8), (8, 12), (12, 8))
    key, value, *weights = (rng.standard_normal(shape) for shape in (8, 8, *shapes))

    def score(w0, w1, w2):
        gate = w0 @ key
        return (w1 @ (gate / (1 + np.exp(-gate)) * (w2 @ key))) @ value

    for n, got in enumerate(lact.learn_token(key, value, *weights)):
        for at in np.ndindex(got.shape):
            scores = []
            for e in (1e-5, -1e-5):
                moved = [w.copy() for w in weights]
                moved[n][at] += e
                scores.append(score(*moved))
            assert abs((scores[0] - scores[1]) / 2e-5 - got[at]) < 1e-6
    values = np.linalg.svd(lact.muon(rng.standard_normal((8, 12))), compute_uv=False)
    assert (0.6 < values).all() and (values < 1.3).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_operand_counts(name):
    check_operands(name, 150)


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_whole(name):
    check_rows(name, [0, 17, 39])


@pytest.mark.parametrize("name", NAMES)
def test_unfused_errs_as_its_type_does(name):
    arrays = make(name, length=60)
    want = method(name).evaluate(*arrays.values())
    with _tokens.unfused(np.float32):
        got = method(name).evaluate(*arrays.values())
    assert got.dtype == np.float32
    assert 1e-9 < np.abs(got - want).max() / np.abs(want).max() < 1e-5
