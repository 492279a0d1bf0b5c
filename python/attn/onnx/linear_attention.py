# Imports an ONNX LinearAttention node as attn IR.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``LinearAttention`` (opset 27) is one ``attn.recurrence``.

=======================  ======================================================
query, key, value        ``tensor.expand_shape`` and ``linalg.transpose``
update_rule              ``update(delta %beta)`` of the delta rules, else additive
decay ``[B, T, H * D]``  ``decay(key %g)``
decay ``[B, T, H]``      ``decay(scalar %g)``
beta ``[B, T, 1]``       is repeated for each head
past_state               ``init``, in the type of states; present_state is of the
                         type of past_state, of the query's if there is none
scale                    ``scale``, 1 / sqrt(key size) by default and for 0
chunk_size               nothing: a hint
=======================  ======================================================

A decay as wide as the heads are many is one for each head, also where a key has
one element, which is the same.
"""

import math

from ..ir import Tensor
from .node import NodeImporter, require

# Whether there is a decay, and a delta rule.
_RULES = {"linear": (False, False), "gated": (True, False), "delta": (False, True), "gated_delta": (True, True)}


class LinearAttentionImporter(NodeImporter):
    """Imports ``LinearAttention``."""

    OP = "LinearAttention"
    OPSETS = (27,)
    INPUTS = ("query", "key", "value", "past_state", "decay", "beta")
    NEEDED = ("query", "key", "value")
    OUTPUTS = ("output", "present_state")
    ATTRIBUTES = frozenset({"chunk_size", "kv_num_heads", "q_num_heads", "scale", "update_rule"})

    def build(self, query, key, value, past_state=None, decay=None, beta=None):
        q_heads, kv_heads = self.attribute("q_num_heads", 0), self.attribute("kv_num_heads", 0)
        require(q_heads > 0 and kv_heads > 0, "q_num_heads and kv_num_heads are needed")
        require(q_heads % kv_heads == 0, f"{q_heads} query heads are no multiple of {kv_heads}")
        rule = self.attribute("update_rule", b"gated_delta").decode()
        require(rule in _RULES, f"update_rule '{rule}' is none of {', '.join(_RULES)}")
        require((decay is not None, beta is not None) == _RULES[rule],
                f"update_rule '{rule}' has {' and '.join(n for n, has in zip(('decay', 'beta'), _RULES[rule]) if has) or 'neither decay nor beta'}")
        require(all(len(x.shape) == 3 for x in (query, key, value)), "query, key and value have rank 3")
        self.B, self.T = query.shape[:2]
        for name, x in (("key", key), ("value", value), ("decay", decay), ("beta", beta)):
            require(x is None or x.shape[:2] == (self.B, self.T) and len(x.shape) == 3,
                    f"{name} {x and x.shape} does not have the tokens of query {query.shape}")
        self.heads, self.element = kv_heads, query.element
        self.wide = "f64" if query.element == "f64" else "f32"
        q, k, v = (self.split_heads(x, h) for x, h in ((query, q_heads), (key, kv_heads), (value, kv_heads)))
        require(q.shape[3] == k.shape[3], f"a query has {q.shape[3]} elements, a key {k.shape[3]}")
        state = (self.B, kv_heads, k.shape[3], v.shape[3])
        require(past_state is None or past_state.shape == state, f"past_state {past_state and past_state.shape} is not {state}")

        f = self.f
        clauses = [f"scale({self.attribute('scale', 0.0) or 1 / math.sqrt(k.shape[3]):.17e})"]
        if decay is not None:
            clauses.append(self.decay(decay, k.shape[3]))
        if beta is not None:
            clauses.append(f"update(delta {self.beta(beta).typed})")
        if past_state is not None:
            clauses.append(f"init({self.convert(past_state, self.wide).typed})")
        outs = [f.empty((self.B, q_heads, self.T, v.shape[3]), self.element), f.empty(state, self.wide)]
        name = f.fresh("r")
        f.emit(f"{name}:2 = attn.recurrence {q.name}, {k.name}, {v.name} outs({outs[0].name}, {outs[1].name}) {' '.join(clauses)} "
               f": {q.type}, {k.type}, {v.type} -> {outs[0].type}, {outs[1].type}")
        out, last = (Tensor(f"{name}#{n}", x.shape, x.element) for n, x in enumerate(outs))
        return {"output": lambda: self.merge_heads(out),
                "present_state": lambda: self.convert(last, past_state.element if past_state else self.element)}

    def decay(self, decay: Tensor, depth: int) -> str:
        heads, width = self.heads, decay.shape[2]
        require(width in (heads, heads * depth),
                f"decay has a width of {width}, expected {heads} (heads) or {heads * depth} (elements of keys)")
        if width == heads:
            gate = self.numbers(decay)
            return f"decay(scalar {self.convert(gate, self.wide).typed})"
        return f"decay(key {self.convert(self.split_heads(decay, heads), self.wide).typed})"

    def beta(self, beta: Tensor) -> Tensor:
        width = beta.shape[2]
        require(width in (1, self.heads), f"beta has a width of {width}, expected 1 or {self.heads} (heads)")
        return self.numbers(beta)

    def numbers(self, x: Tensor) -> Tensor:
        """``[B, T, H]``, or ``[B, T, 1]`` for all heads, as ``[B, H, T]``."""
        out = self.f.empty((self.B, self.heads, self.T), x.element)
        dims = "b t h" if x.shape[2] == self.heads else "b t 0"
        return self.f.generic("b h t", "ppp", [(x, dims)], out, "b h t", [], ["%in0"])

    def convert(self, x: Tensor, element: str) -> Tensor:
        if x.element == element:
            return x
        widths = {"f16": 16, "bf16": 16, "f32": 32, "f64": 64}
        require(x.element in widths and widths[x.element] != widths[element], f"{x.element} is not converted to {element}")
        op = "extf" if widths[x.element] < widths[element] else "truncf"
        dims = " ".join("abcd"[:len(x.shape)])
        return self.f.generic(dims, "p" * len(x.shape), [(x, dims)], self.f.empty(x.shape, element), dims,
                              [f"%y = arith.{op} %in0 : {x.element} to {element}"], ["%y"])
