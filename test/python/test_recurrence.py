# Tests of the recurrence reference.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The token-by-token recurrence against closed forms."""

import numpy as np
import pytest
from attn.recurrence import gated_delta_rule, recurrence


def data(B=2, Hq=4, Hk=4, Hv=4, T=6, Dk=5, Dv=3, seed=0):
    rng = np.random.default_rng(seed)
    k = rng.standard_normal((B, Hk, T, Dk))
    return (rng.standard_normal((B, Hq, T, Dk)), k / np.linalg.norm(k, axis=-1, keepdims=True),
            rng.standard_normal((B, Hv, T, Dv)), -rng.random((B, Hv, T)), rng.random((B, Hv, T)))


def test_additive_is_masked_linear_attention():
    q, k, v, g, _ = data()
    o, state = recurrence(q, k, v, scale=0.5, g=g, update="additive")
    c = np.cumsum(g, axis=-1)
    decay = np.exp(c[..., :, None] - c[..., None, :]) * np.tri(6)
    np.testing.assert_allclose(o, 0.5 * (q @ k.swapaxes(-1, -2) * decay) @ v)
    np.testing.assert_allclose(state, (k * np.exp(c[..., -1:] - c)[..., None]).swapaxes(-1, -2) @ v)


def test_gated_delta_is_the_chunk_form_with_an_inverse():
    q, k, v, g, beta = data()
    o, state = gated_delta_rule(q, k, v, g, beta, scale=0.5)
    c = np.cumsum(g, axis=-1)
    decay = np.exp(c[..., :, None] - c[..., None, :]) * np.tri(6)
    system = np.eye(6) + beta[..., None] * (k @ k.swapaxes(-1, -2)) * decay * np.tri(6, k=-1)
    x = np.linalg.solve(system, beta[..., None] * v)
    np.testing.assert_allclose(o, 0.5 * (q @ k.swapaxes(-1, -2) * decay) @ x, atol=1e-12)
    np.testing.assert_allclose(state, (k * np.exp(c[..., -1:] - c)[..., None]).swapaxes(-1, -2) @ x, atol=1e-12)


def test_delta_with_unit_key_and_beta_one_stores_the_value_exactly():
    q, k, v, g, _ = data()
    _, state = gated_delta_rule(q, k, v, g, np.ones((2, 4, 6)), scale=1.0)
    np.testing.assert_allclose(np.einsum("bhdv,bhd->bhv", state, k[:, :, -1]), v[:, :, -1])


def test_state_carries_over_a_split():
    q, k, v, g, beta = data()
    whole, last = gated_delta_rule(q, k, v, g, beta, scale=0.5)
    first, state = gated_delta_rule(*(x[:, :, :2] for x in (q, k, v, g, beta)), scale=0.5)
    second, end = gated_delta_rule(*(x[:, :, 2:] for x in (q, k, v, g, beta)), scale=0.5, state=state)
    np.testing.assert_allclose(np.concatenate([first, second], axis=2), whole)
    np.testing.assert_allclose(end, last)


def test_decay_per_key_dimension_generalises_the_scalar():
    q, k, v, g, beta = data()
    wide = np.broadcast_to(g[..., None], (2, 4, 6, 5))
    for a, b in zip(recurrence(q, k, v, scale=1.0, g=wide, beta=beta), gated_delta_rule(q, k, v, g, beta, scale=1.0)):
        np.testing.assert_allclose(a, b)


@pytest.mark.parametrize("Hq, Hk, Hv", [(4, 2, 2), (2, 2, 4), (4, 1, 4)])
def test_heads_are_shared_in_groups(Hq, Hk, Hv):
    q, k, v, g, beta = data(Hq=Hq, Hk=Hk, Hv=Hv)
    o, _ = gated_delta_rule(q, k, v, g, beta, scale=1.0)
    full, _ = gated_delta_rule(*(np.repeat(x, 4 // x.shape[1], axis=1) for x in (q, k, v, g, beta)), scale=1.0)
    np.testing.assert_allclose(o, full)


@pytest.mark.parametrize("bonus", [False, True])
def test_a_norm_is_a_column_of_ones(bonus):
    q, k, v, g, _ = data()
    q, k = np.abs(q), np.abs(k)
    options = {"scale": 0.5, "update": "additive", "g": g, "bonus": np.abs(q[0, :, 0]) if bonus else None,
               "segments": [[0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 0, 2]]}
    state, sums = np.ones((2, 4, 5, 3)), np.full((2, 4, 5), 0.25)
    o, last, z = recurrence(q, k, v, norm="sum", state=state, sums=sums, **options)
    ones = np.concatenate([v, np.ones_like(v[..., :1])], axis=-1)
    wide, joint = recurrence(q, k, ones, state=np.concatenate([state, sums[..., None]], axis=-1), **options)
    np.testing.assert_allclose(o, wide[..., :3] / wide[..., 3:])
    np.testing.assert_allclose(np.concatenate([last, z[..., None]], axis=-1), joint)
    bound = np.full((2, 4, 6), 0.7)
    bounded, _, _ = recurrence(-q, k, v, norm="sum", bound=bound, state=state, sums=sums, **options)
    np.testing.assert_allclose(bounded, -wide[..., :3] / np.maximum(wide[..., 3:], 0.7))


def test_nothing_over_nothing_is_nothing():
    q, k, v, *_ = data()
    o, _, _ = recurrence(q, 0 * k, v, scale=1.0, update="additive", norm="sum")
    assert (o == 0).all()


@pytest.mark.parametrize("change", [
    {"norm": "mean"}, {"update": "delta"}, {"decay": "value", "g": np.zeros((2, 4, 6, 3))}, {"norm": None, "sums": np.zeros((2, 4, 5))},
    {"norm": None, "bound": np.zeros((2, 4, 6))}, {"bound": np.zeros((2, 4, 5))}, {"sums": np.zeros((2, 4, 3))}])
def test_bad_norms_are_refused(change):
    q, k, v, *_ = data()
    with pytest.raises(ValueError):
        recurrence(q, k, v, scale=1.0, **{"update": "additive", "norm": "sum"} | change)


@pytest.mark.parametrize("change", [
    {"k": np.zeros((2, 4, 6, 4))}, {"v": np.zeros((2, 4, 5, 3))}, {"v": np.zeros((2, 3, 6, 3))}, {"g": np.zeros((2, 4, 5))},
    {"beta": np.zeros((2, 4))}, {"state": np.zeros((2, 4, 3, 5))}, {"update": "additive"}, {"update": "other"},
    {"q": np.zeros((4, 6, 5))},
])
def test_bad_shapes_are_refused(change):
    q, k, v, g, beta = data()
    call = {"q": q, "k": k, "v": v, "g": g, "beta": beta, "scale": 1.0} | change
    with pytest.raises(ValueError):
        recurrence(call.pop("q"), call.pop("k"), call.pop("v"), **call)
