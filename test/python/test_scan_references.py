# Tests of the references of elementwise recurrences.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each method, from its own equation, against the scan that has all of them."""


import ml_dtypes
import numpy as np
import pytest
from attn.recurrence import recurrence
from attn.reference import _tokens
from attn.scan import scan
from families import check_rows, make, method, names


NAMES = names("scan")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def mamba1(u, dt, a_log, b, c, d):
    return scan(dt * u, key=b, query=c, gate=dt, rate=-np.exp(a_log).transpose(0, 2, 1))[0] + d[:, None] * u


def hgrn(i, f, bound):
    kept = bound[:, None] + (1 - bound[:, None]) * sigmoid(f)
    return scan((1 - kept) * i, gate=np.log(kept))[0]


def rg_lru(x, r, i, lam):
    log_a = -8 * np.log1p(np.exp(lam))[:, None] * sigmoid(r)
    factors = np.sqrt(1 - np.exp(2 * log_a))
    factors[:, :, 0] = 1
    return scan(factors * sigmoid(i) * x, gate=log_a)[0]


def rwkv4(k, v, w, u):
    return scan(v, weights=k, rate=-np.exp(w)[:, None], bonus=u)[0]


def longhorn(u, dt, k, q, d):
    s = sigmoid(dt)
    steps = s / (1 + s * (k**2).sum(axis=-1)[..., None])
    return scan(u, key=k, query=q, beta=steps)[0] + d[:, None] * u


def gateloop(q, k, v, r, phi):
    theta = np.cumsum(phi, axis=2)
    turn = [np.concatenate([x * np.cos(theta), x * np.sin(theta)], axis=-1) for x in (q, k)]
    g = np.log(sigmoid(r))
    return recurrence(*turn, v, scale=1.0, g=np.concatenate([g, g], axis=-1), update="additive")[0]


def h3(q, k, v, taps, alpha, omega, c_re, c_im, d):
    """By the convolution that each state space model is."""
    B, H, S, D = q.shape
    shifted = np.zeros(k.shape)
    for j in range(taps.shape[2]):
        shifted[:, :, j:] += taps[:, :, -1 - j][:, None] * k[:, :, :S - j]
    kv = shifted[..., :, None] * v[..., None, :]
    powers = np.exp((-alpha + 1j * omega)[..., None] * np.arange(S))
    kernel = ((c_re + 1j * c_im)[..., None] * powers).sum(axis=1).real
    y = np.zeros(kv.shape)
    for t in range(S):
        y[:, :, t] = np.einsum("hs,bhsij->bhij", kernel[:, t::-1], kv[:, :, :t + 1])
    return np.einsum("bhti,bhtij->bhtj", q, y + d[:, None, None, None] * kv)


def test_there_are_some():
    assert NAMES == ["gateloop", "h3", "hgrn", "longhorn", "mamba1", "rg_lru", "rwkv4"]


@pytest.mark.parametrize("name", NAMES)
def test_is_a_case_of_the_scan(name):
    arrays = make(name, length=70)
    want = globals()[name](**arrays)
    np.testing.assert_allclose(method(name).evaluate(*arrays.values()), want, atol=1e-11 * np.abs(want).max())
    # An operand that is another one shows.
    for changed in arrays:
        other = dict(arrays) | {changed: arrays[changed] * 1.01}
        assert np.abs(method(name).evaluate(*other.values()) - want).max() > 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_whole(name):
    check_rows(name, [0, 7, 39])


@pytest.mark.parametrize("name", NAMES)
def test_unfused_errs_as_its_type_does(name):
    arrays = make(name)
    rows = range(5, 190, 9)
    want = method(name).evaluate(*arrays.values(), rows=rows)
    for dtype, low, high in ((np.float32, 1e-9, 1e-5), (np.float16, 1e-5, 2e-2), (ml_dtypes.bfloat16, 1e-4, 2e-1)):
        with _tokens.unfused(dtype):
            got = method(name).evaluate(*arrays.values(), rows=rows)
        assert low < np.abs(got - want).max() / np.abs(want).max() < high
