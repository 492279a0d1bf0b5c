# Tests of the references of routed and low-rank attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each method where it is another one that is known: choosing everything is dense
attention, and so is a projection that keeps everything. What it chooses of two blocks
is told by hand.
"""

import numpy as np
import pytest
from attn.reference import _tokens
from attn.reference import attention
from families import check_operands, check_rows, make, method, names

NAMES = names("routed")
DECODING = ["double_sparsity", "quest", "resa", "clusterkv", "fastgen", "magicpig", "retrievalattention", "retroinfer"]


def test_there_are_some():
    assert NAMES == ["clusterformer", "clusterkv", "csa", "double_sparsity", "dsa", "fastgen", "flexprefill", "infllm_v2", "landmark",
                     "linformer", "luna", "magicpig", "minference", "minimax_m3", "moba", "moh", "nsa", "nystrom", "quest", "reformer",
                     "resa", "retrievalattention", "retroinfer", "routing_transformer", "seerattention", "spargeattn", "switchhead",
                     "xattention"]


def dense(q, k, v, causal=True):
    mask = (lambda b, h, i, j: j <= i) if causal else None
    return attention(q, k, v, scale=q.shape[3] ** -0.5, mask=mask)[0]


@pytest.mark.parametrize("name, all_of_it", [
    ("moba", {"topk": 99}), ("minimax_m3", {"topk": 99}), ("seerattention", {"topk": 99}), ("dsa", {"topk": 999}),
    ("infllm_v2", {"topk": 99}), ("xattention", {"mass": 9.0}), ("spargeattn", {"mass": 9.0}), ("spargeattn", {"threshold": 1.0}), ("resa", {"ratio": 1}), ("quest", {"topk": 99}), ("double_sparsity", {"topk": 999})])
def test_everything_is_dense(name, all_of_it):
    arrays = make(name, length=70)
    got = method(name).evaluate(*arrays.values(), **method(name).TEST | all_of_it)
    want = dense(arrays["q"], arrays["k"], arrays["v"], causal=name not in DECODING)
    np.testing.assert_allclose(got, want, atol=1e-12)


def test_nsa_by_its_branches():
    """Gates that open one branch: means of blocks, all tokens, a window."""
    arrays = make("nsa", length=70)
    q, k, v = arrays["q"], arrays["k"], arrays["v"]
    group = q.shape[1] // k.shape[1]
    means = [np.stack([x[:, :, c * 16 : c * 16 + 16].mean(axis=2) for c in range(4)], axis=2) for x in (k, v)]
    want = [attention(q, *means, scale=32**-0.5, mask=lambda b, h, i, c: 16 * c + 15 <= i)[0], dense(q, k, v),
            attention(q, k, v, scale=32**-0.5, mask=lambda b, h, i, j: (j <= i) & (i - j < 24))[0]]
    assert group == 2
    for branch in range(3):
        gates = [np.full(q.shape[:3], 99.0 if n == branch else -99.0) for n in range(3)]
        got = method("nsa").evaluate(q, k, v, *gates, size=16, topk=99, window=24)
        np.testing.assert_allclose(got, want[branch], atol=1e-12)


@pytest.mark.parametrize("name, size", [("moba", 4), ("minimax_m3", 4)])
def test_the_best_block(name, size):
    """Of three blocks before the own one, the middle one is chosen: its keys point the way of the query."""
    S, D = 4 * size, 8
    q, k = np.zeros((1, 1, S, D)), np.zeros((1, 1, S, D))
    q[..., 0] = 1.0
    k[0, 0, size : 2 * size, 0] = 1.0
    v = np.eye(S)[None, None]
    more = [q, k] if name == "minimax_m3" else []
    weights = method(name).evaluate(q, k, v, *more, size=size, topk=2, scale=0.0)[0, 0, -1]
    want = np.zeros(S)
    want[size : 2 * size] = want[3 * size :] = 1 / (2 * size)
    np.testing.assert_allclose(weights, want)


def test_linformer_that_keeps_all():
    arrays = make("linformer", length=40)
    got = method("linformer").evaluate(arrays["q"], arrays["k"], arrays["v"], np.eye(40), np.eye(40))
    np.testing.assert_allclose(got, dense(arrays["q"], arrays["k"], arrays["v"], causal=False), atol=1e-12)


def test_luna_of_one():
    """One query of its own finds one value, which all tokens see."""
    arrays = make("luna", length=40, packed=1)
    found = dense(arrays["p"], arrays["k"], arrays["v"], causal=False)
    got = method("luna").evaluate(*arrays.values())
    np.testing.assert_allclose(got, np.broadcast_to(found, got.shape), atol=1e-12)


def test_nystrom_inverts():
    """With the pseudo-inverse itself: F A^-1 (B v)."""
    arrays = make("nystrom", length=58, batch=1, heads=1, kv_heads=1)
    q, k, v = (x[0, 0] for x in arrays.values())
    ql, kl = (x.reshape(2, 29, -1).mean(axis=1) for x in (q, k))

    def softmax(x, y):
        s = np.exp(x @ y.T / 32**0.5)
        return s / s.sum(axis=1, keepdims=True)

    want = softmax(q, kl) @ np.linalg.inv(softmax(ql, kl)) @ (softmax(ql, k) @ v)
    got = method("nystrom").evaluate(*arrays.values(), segment=29, steps=20)
    np.testing.assert_allclose(got[0, 0], want, atol=1e-9)


def test_reformer_in_one_chunk():
    """Each round is then attention with unit keys, in which a token hardly sees itself."""
    arrays = make("reformer", length=30)
    q, v = arrays["q"], arrays["v"]
    k = q / np.linalg.norm(q, axis=3, keepdims=True)
    want = attention(q, k, v, scale=32**-0.5, mask=lambda b, h, i, j: j <= i,
                     score=lambda s, b, h, i, j: np.where(i == j, -5e4, s))[0]
    got = method("reformer").evaluate(*arrays.values(), chunk=64)
    np.testing.assert_allclose(got, want, atol=1e-12)


def test_reformer_sorts_by_bucket():
    """Two directions, taken in turn: each token sees those of its own direction."""
    q, v = np.zeros((1, 1, 8, 2)), np.eye(8)[None, None]
    q[0, 0, ::2, 0] = q[0, 0, 1::2, 1] = 1.0
    got = method("reformer").evaluate(q, v, np.eye(2)[None, None], chunk=2, scale=0.0)[0, 0]
    # The last of the even tokens is in the chunk behind that of 0 and 2.
    np.testing.assert_allclose(got[6], [1 / 3, 0, 1 / 3, 0, 1 / 3, 0, 0, 0], atol=1e-12)


def test_routing_of_one_cluster():
    arrays = make("routing_transformer", length=30, clusters=1)
    got = method("routing_transformer").evaluate(*arrays.values(), window=30)
    np.testing.assert_allclose(got, dense(arrays["q"], arrays["k"], arrays["v"]), atol=1e-12)


def test_landmark_as_a_merge():
    """Of partial states: the own block with its lse, earlier blocks with the logits of their landmarks."""
    arrays = make("landmark", length=45, batch=1, heads=1, kv_heads=1)
    q, k, v = (x[0, 0] for x in arrays.values())
    got = method("landmark").evaluate(*arrays.values(), size=16, topk=9)[0, 0, 44]
    s = k @ q[44] / 32**0.5
    parts = []
    for tokens, lse in ((range(32, 45), None), (range(15), s[15]), (range(16, 31), s[31])):
        p = np.exp(s[list(tokens)])
        parts.append((np.log(p.sum()) if lse is None else lse, p @ v[list(tokens)] / p.sum()))
    weights = np.exp([lse for lse, _ in parts])
    np.testing.assert_allclose(got, sum(w * o for w, (_, o) in zip(weights, parts)) / weights.sum(), atol=1e-12)


def test_moh_weighs_heads():
    """Gates of a token sum to two if all are on."""
    arrays = make("moh", length=5)
    arrays["v"] = np.ones(arrays["v"].shape)
    got = method("moh").evaluate(*arrays.values(), topk=4)
    np.testing.assert_allclose(got.sum(axis=1), 2.0)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DECODING + ["nystrom", "routing_transformer"]])
def test_rows(name):
    check_rows(name, [0, 17, 39])


@pytest.mark.parametrize("name", ["moba", "nsa", "infllm_v2", "landmark", "xattention", "linformer", "luna", "moh", "reformer", "routing_transformer"])
def test_operands(name):
    check_operands(name, length=40)
