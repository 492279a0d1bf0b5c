# The references against the ONNX node tests.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The float64 references pass all node tests of Attention and LinearAttention.

Nobody here wrote these cases, so they check the references, and the reading of
ONNX that the importer follows: it is written a second time here, on arrays.
"""

import math

import numpy as np
import onnx
import pytest
from attn import reference
from attn.masks import Causal
from attn.onnx.cases import load_case, mismatch
from attn.recurrence import recurrence
from conftest import ROOT

CASES = (ROOT / "test/Conformance/onnx-cases.txt").read_text().split()
NAMES, LINEAR = ([name for name in CASES if name.startswith(f"test_{kind}")] for kind in ("attention", "linear_attention"))
ROLES = ("Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen")


def split_heads(x, heads):
    return x if x.ndim == 4 else x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


def evaluate(case):
    """Every output of an Attention node, by role."""
    node = case.model.graph.node[0]
    attribute = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    given = {role: case.inputs[name] for role, name in zip(ROLES, node.input) if name}
    q = split_heads(given["Q"], attribute.get("q_num_heads"))
    k, v = (split_heads(given[role], attribute.get("kv_num_heads")) for role in "KV")
    past = 0
    if "past_key" in given:
        past = given["past_key"].shape[2]
        k = np.concatenate([given["past_key"], k], axis=2)
        v = np.concatenate([given["past_value"], v], axis=2)
    B, Hq, Sq, D = q.shape
    Skv = k.shape[2]

    clauses = {"scale": attribute.get("scale", 1 / math.sqrt(D))}
    lengths = given.get("nonpad_kv_seqlen")
    offset = np.full(B, past)
    if attribute.get("is_causal"):
        offset = lengths - Sq if lengths is not None else offset
        clauses |= {"mask": Causal(), "offset": offset}
    if lengths is not None:
        clauses["kv_lengths"] = lengths
    if (mask := given.get("attn_mask")) is not None:
        fill = False if mask.dtype == bool else -np.inf
        mask = np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, Skv - mask.shape[-1])], constant_values=fill)
        if mask.dtype != bool:
            clauses["bias"] = mask
        admitted = np.broadcast_to(mask if mask.dtype == bool else mask != -np.inf, (B, Hq, Sq, Skv))
        moved = offset if attribute.get("is_causal") else np.zeros(B, int)
        clauses["where"] = lambda b, h, i, j: admitted[b, h][i - moved[b], j]
    if cap := attribute.get("softcap", 0.0):
        clauses["score"] = lambda s, b, h, i, j: cap * np.tanh(s / cap)

    out, _ = reference.attention(q, k, v, **clauses)
    if given["Q"].ndim == 3:
        out = out.swapaxes(1, 2).reshape(B, Sq, -1)
    return {"Y": out, "present_key": k, "present_value": v, "qk_matmul_output": matrix(q, k, attribute, clauses)}


def matrix(q, k, attribute, clauses):
    """qk_matmul_output, read off `reference.attention`.

    With the identity for values its output is the softmax; the logits are taken
    from the reference's own function.
    """
    mode = attribute.get("qk_matmul_output_mode", 0)
    clauses = dict(clauses)
    B, Hq, Sq, Skv = *q.shape[:3], k.shape[2]
    if mode == 3:
        eye = np.broadcast_to(np.eye(Skv), (B, k.shape[1], Skv, Skv))
        return reference.attention(q, k, eye, **clauses)[0]
    keep = {0: ("scale",), 1: ("scale", "score"), 2: tuple(clauses)}[mode]
    logits = reference.Logits(**{name: clauses[name] for name in keep if name in clauses})
    shape = reference._check(q, k, k, logits)
    x = np.zeros((B, Hq, Sq, Skv))
    for b, h, g in shape.heads():
        t, allowed = reference._head_logits(q[b, h].astype(float), k[b, g].astype(float), b, h, logits, shape)
        x[b, h] = np.where(allowed, t, -np.inf)
    return x


@pytest.mark.parametrize("name", NAMES)
def test_attention(onnx_node_tests, name):
    case = load_case(onnx_node_tests / name)
    got = evaluate(case)
    for role, output in zip(("Y", "present_key", "present_value", "qk_matmul_output"), case.model.graph.node[0].output):
        if output:
            want = case.outputs[output]
            assert mismatch(got[role].astype(want.dtype), want) is None, role


def test_the_list_names_every_case(onnx_node_tests):
    for kind, names, count in (("attention", NAMES, 76), ("linear_attention", LINEAR, 14)):
        assert sorted(p.name for p in onnx_node_tests.glob(f"test_{kind}*")) == names
        assert len(names) == count
    assert CASES == NAMES + LINEAR


@pytest.mark.parametrize("name", LINEAR)
def test_linear_attention(onnx_node_tests, name):
    case = load_case(onnx_node_tests / name)
    node = case.model.graph.node[0]
    attribute = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    roles = ("query", "key", "value", "past_state", "decay", "beta")
    given = {role: case.inputs[name] for role, name in zip(roles, node.input) if name}
    q_heads, heads = attribute["q_num_heads"], attribute["kv_num_heads"]
    q = split_heads(given["query"], q_heads)
    k, v = (split_heads(given[role], heads) for role in ("key", "value"))
    rule = attribute.get("update_rule", b"gated_delta").decode()
    g = beta = None
    if "gated" in rule:
        g = split_heads(given["decay"], heads)  # [B, H, T, Dk], or one number per head
        g = g[..., 0] if g.shape[-1] == 1 else g
    if "delta" in rule:
        beta = np.broadcast_to(given["beta"], (*k.shape[:1], k.shape[2], heads)).swapaxes(1, 2)
    o, state = recurrence(q, k, v, scale=attribute.get("scale", 0.0) or q.shape[3] ** -0.5, g=g, beta=beta,
                          update="delta" if "delta" in rule else "additive", state=given.get("past_state"))
    o = o.swapaxes(1, 2).reshape(*o.shape[:1], o.shape[2], -1)
    for got, output in zip((o, state), node.output):
        want = case.outputs[output]
        assert mismatch(got.astype(want.dtype), want) is None, output
