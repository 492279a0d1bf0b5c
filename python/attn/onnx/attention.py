# Imports an ONNX Attention node as attn IR.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From a model with one ``Attention`` node (opset 23 and 24) to attn IR.

The importer writes text and moves arrays: every arithmetic operation of the
node, the masks and the optional outputs included, is in the IR. What an ONNX
input or attribute becomes:

======================  =======================================================
Q, K, V of rank 3       ``tensor.expand_shape`` and ``linalg.transpose``
past_key, past_value    ``tensor.insert_slice`` into present_key, present_value
scale                   ``scale``, by default 1 / sqrt(head size)
softcap                 a ``score`` region with ``math.tanh``
attn_mask, float        ``bias``, and ``where`` it is not -inf: a key that it
                        rules out may hold NaN without harm
attn_mask, bool         a ``where`` region that reads the mask
attn_mask, short        padded with false or -inf
is_causal               ``mask(causal)`` with ``offset``: the length of the past,
                        or nonpad_kv_seqlen - Sq per batch entry, or none
nonpad_kv_seqlen        ``kv_lengths``
softmax_precision       every softmax is f32 (f64 for f64); no more can be asked
qk_matmul_output        ``linalg.generic`` on the whole matrix, which is what it is
======================  =======================================================

A row without a key gives 0, also in qk_matmul_output after softmax.
"""

import math

import onnx

from ..ir import Tensor
from .node import NodeImporter, require

# Significant bits of the types that softmax_precision names.
_PRECISION = {onnx.TensorProto.FLOAT16: 11, onnx.TensorProto.BFLOAT16: 8, onnx.TensorProto.FLOAT: 24,
              onnx.TensorProto.DOUBLE: 53}


class AttentionImporter(NodeImporter):
    """Imports ``Attention``."""

    OP = "Attention"
    OPSETS = (23, 24)
    INPUTS = ("Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen")
    NEEDED = ("Q", "K", "V")
    OUTPUTS = ("Y", "present_key", "present_value", "qk_matmul_output")
    ATTRIBUTES = frozenset({"is_causal", "kv_num_heads", "q_num_heads", "qk_matmul_output_mode", "scale", "softcap",
                            "softmax_precision"})

    def build(self, Q, K, V, attn_mask=None, past_key=None, past_value=None, nonpad_kv_seqlen=None):
        """Emits the attention; returns what makes each output, by role."""
        f = self.f
        require((past_key is None) == (past_value is None), "past_key and past_value come together")
        require(past_key is None or nonpad_kv_seqlen is None, "nonpad_kv_seqlen excludes past_key and past_value")
        flat = len(Q.shape) == 3
        require(len(Q.shape) == len(K.shape) == len(V.shape) and len(Q.shape) in (3, 4), "Q, K and V have rank 3 or rank 4")
        if flat:
            q_heads, kv_heads = self.attribute("q_num_heads", 0), self.attribute("kv_num_heads", 0)
            require(q_heads > 0 and kv_heads > 0, "inputs of rank 3 need q_num_heads and kv_num_heads")
            Q, K, V = self.split_heads(Q, q_heads), self.split_heads(K, kv_heads), self.split_heads(V, kv_heads)
        if past_key is not None:
            K, V = self.concat(past_key, K), self.concat(past_value, V)
        self.q, self.k = Q, K
        self.B, self.Hq, self.Sq, self.D = Q.shape
        self.Hkv, self.Skv = K.shape[1:3]
        require(self.Hkv > 0 and self.Hq % self.Hkv == 0, f"{self.Hq} query heads are no multiple of {self.Hkv}")
        self.wide = "f64" if Q.element == "f64" else "f32"
        precision = self.attribute("softmax_precision", onnx.TensorProto.FLOAT if self.wide == "f32" else 0)
        require(_PRECISION.get(precision, 0) <= (53 if self.wide == "f64" else 24),
                 f"softmax_precision {precision} exceeds {self.wide}, in which attention is accumulated")

        self.scale = self.attribute("scale", 1 / math.sqrt(self.D))
        self.softcap = self.attribute("softcap", 0.0)
        self.is_causal = bool(self.attribute("is_causal", 0))
        self.attn_mask = self.pad_mask(attn_mask) if attn_mask is not None else None
        self.kv_lengths = self.shifted_lengths(nonpad_kv_seqlen, 0) if nonpad_kv_seqlen else None
        self.offset = None  # An index constant, or a tensor of one offset per batch entry.
        if self.is_causal and past_key is not None:
            self.offset = f.index(past_key.shape[2])
        elif self.is_causal and nonpad_kv_seqlen is not None:
            self.offset = self.shifted_lengths(nonpad_kv_seqlen, -self.Sq)

        return {
            "Y": lambda: self.merge_heads(self.attention(V)) if flat else self.attention(V),
            "present_key": lambda: K,
            "present_value": lambda: V,
            "qk_matmul_output": self.matrix,
        }

    # --- Shapes ---------------------------------------------------------------

    def concat(self, past: Tensor, new: Tensor) -> Tensor:
        """`past` then `new` along the sequence."""
        B, H, P, D = past.shape
        require(new.shape[:2] == (B, H) and new.shape[3] == D, f"the past {past.shape} does not fit to {new.shape}")
        whole = self.f.empty((B, H, P + new.shape[2], D), past.element)
        return self.insert(new, self.insert(past, whole, 0), P)

    def insert(self, x: Tensor, into: Tensor, at: int, dim: int = 2) -> Tensor:
        rank = len(x.shape)
        offsets = ", ".join(str(at if d == dim % rank else 0) for d in range(rank))
        sizes, ones = ", ".join(map(str, x.shape)), ", ".join("1" * rank)
        name = self.f.assign("x", f"tensor.insert_slice {x.name} into {into.name}[{offsets}] [{sizes}] [{ones}] : {x.type} into {into.type}")
        return Tensor(name, into.shape, into.element)

    def pad_mask(self, mask: Tensor) -> Tensor:
        rank, target = len(mask.shape), (self.B, self.Hq, self.Sq, self.Skv)
        require(1 <= rank <= 4, f"attn_mask has rank {rank}")
        require(mask.element in ("i1", self.q.element), f"attn_mask is of {mask.element}, Q of {self.q.element}")
        if mask.shape[-1] < self.Skv:
            zero = self.f.integer(0, "i1") if mask.element == "i1" else self.f.number(-math.inf, mask.element)
            whole = self.f.filled((*mask.shape[:-1], self.Skv), mask.element, zero)
            mask = self.insert(mask, whole, 0, dim=-1)
        fits = all(m in (1, t) for m, t in zip(mask.shape[::-1], target[::-1]))
        require(fits, f"attn_mask {mask.shape} does not broadcast to {target}")
        return mask

    def shifted_lengths(self, lengths: Tensor, shift: int) -> Tensor:
        """nonpad_kv_seqlen as i32, plus `shift`."""
        body = [f"%n = arith.trunci %in0 : {lengths.element} to i32"]
        if shift:
            amount = self.f.integer(shift, "i32")
            body.append(f"%m = arith.addi %n, {amount} : i32")
        out = self.f.empty(lengths.shape, "i32")
        return self.f.generic("b", "p", [(lengths, "b")], out, "b", body, ["%m" if shift else "%n"])

    # --- Attention --------------------------------------------------------------

    def attention(self, V: Tensor) -> Tensor:
        f, q, k = self.f, self.q, self.k
        out = f.empty((self.B, self.Hq, self.Sq, V.shape[3]), q.element)
        clauses = [f"scale({self.scale:.17e})"]
        if self.is_causal:
            clauses.append("mask(causal)")
        if isinstance(self.offset, Tensor):
            clauses.append(f"offset({self.offset.typed})")
        elif self.offset:
            clauses.append(f"offset({self.offset} : index)")
        if self.attn_mask is not None and self.attn_mask.element != "i1":
            clauses.append(f"bias({self.attn_mask.typed})")
        if self.kv_lengths is not None:
            clauses.append(f"kv_lengths({self.kv_lengths.typed})")
        if self.attn_mask is not None or isinstance(self.offset, Tensor):
            clauses.append("strict_values")  # A row may be empty and the values it hides NaN.
        regions = ""
        if self.softcap:
            lines, value = self.capped("%s", "%y")
            regions += self.region("score", f"%s: {self.wide}, ", lines, value, self.wide)
        if self.attn_mask is not None:
            lines, row = self.physical_row()
            more, allowed = self.admitted("%b", "%h", row, "%j")
            regions += self.region("where", "", lines + more, allowed, "i1")
        name = f.fresh("o")
        f.emit(f"{name} = attn.attention {q.name}, {k.name}, {V.name} outs({out.name}) {' '.join(clauses)}{regions}\n"
               f"  : {q.type}, {k.type}, {V.type} -> {out.type}")
        return Tensor(name, out.shape, out.element)

    @staticmethod
    def region(keyword, first, lines, value, element) -> str:
        body = "".join(f"\n    {line}" for line in [*lines, f"attn.yield {value} : {element}"])
        return f" {keyword} {{\n  ^bb0({first}%b: index, %h: index, %i: index, %j: index):{body}\n  }}"

    def physical_row(self):
        """A region sees the logical row; the mask is indexed by the physical one."""
        if isinstance(self.offset, Tensor):
            return [f"%n = tensor.extract {self.offset.name}[%b] : {self.offset.type}",
                    "%m = arith.index_cast %n : i32 to index", "%row = arith.subi %i, %m : index"], "%row"
        if self.offset:
            return [f"%row = arith.subi %i, {self.offset} : index"], "%row"
        return [], "%i"

    def capped(self, s: str, name: str):
        cap = self.f.number(self.softcap, self.wide)
        return [f"%sx = arith.divf {s}, {cap} : {self.wide}", f"%st = math.tanh %sx : {self.wide}",
                f"{name} = arith.mulf %st, {cap} : {self.wide}"], name

    def mask_indices(self, b, h, row, column) -> str:
        names = (b, h, row, column)[4 - len(self.attn_mask.shape):]
        return ", ".join(self.f.index(0) if size == 1 else name for name, size in zip(names, self.attn_mask.shape))

    def admitted(self, b, h, row, column):
        """Whether attn_mask lets the query see the key."""
        mask = self.attn_mask
        read = f"%am = tensor.extract {mask.name}[{self.mask_indices(b, h, row, column)}] : {mask.type}"
        if mask.element == "i1":
            return [read], "%am"
        lowest = self.f.number(-math.inf, mask.element)
        return [read, f"%aw = arith.cmpf une, %am, {lowest} : {mask.element}"], "%aw"

    # --- qk_matmul_output ---------------------------------------------------------

    def matrix(self) -> Tensor:
        """The logits, as far as qk_matmul_output_mode wants them computed."""
        mode = self.attribute("qk_matmul_output_mode", 0)
        require(mode in (0, 1, 2, 3), f"qk_matmul_output_mode {mode} is unknown")
        x = self.product()
        if mode >= 1 and self.softcap:
            lines, value = self.capped("%in0", "%y")
            x = self.map(x, lines, value)
        if mode >= 2:
            x = self.masked(x)
        if mode == 3:
            x = self.softmax(x)
        if self.q.element == self.wide:
            return x
        out = self.f.empty(x.shape, self.q.element)
        dims = "b h i j"
        return self.f.generic(dims, "pppp", [(x, dims)], out, dims,
                              [f"%y = arith.truncf %in0 : {self.wide} to {self.q.element}"], ["%y"])

    def product(self) -> Tensor:
        """scale * Q K^T, ``[B, Hq, Sq, Skv]``, with the group of heads as a loop of its own."""
        f, group = self.f, self.Hq // self.Hkv
        q = Tensor(f.fresh("x"), (self.B, self.Hkv, group, self.Sq, self.D), self.q.element)
        sizes = ", ".join(map(str, q.shape))
        f.emit(f"{q.name} = tensor.expand_shape {self.q.name} [[0], [1, 2], [3], [4]] output_shape [{sizes}] : {self.q.type} into {q.type}")
        body = []
        for n in (0, 1):
            body.append(f"%w{n} = arith.extf %in{n} : {q.element} to {self.wide}" if q.element != self.wide else "")
        a, b = ("%w0", "%w1") if q.element != self.wide else ("%in0", "%in1")
        body = [line for line in body if line]
        body += [f"%p = arith.mulf {a}, {b} : {self.wide}", f"%y = arith.addf %out, %p : {self.wide}"]
        init = f.filled((self.B, self.Hkv, group, self.Sq, self.Skv), self.wide, f.number(0.0, self.wide))
        s = f.generic("b g r i j d", "pppppr", [(q, "b g r i d"), (self.k, "b g j d")], init, "b g r i j", body, ["%y"])
        x = Tensor(f.fresh("x"), (self.B, self.Hq, self.Sq, self.Skv), self.wide)
        f.emit(f"{x.name} = tensor.collapse_shape {s.name} [[0], [1, 2], [3], [4]] : {s.type} into {x.type}")
        return self.map(x, [f"%y = arith.mulf %in0, {f.number(self.scale, self.wide)} : {self.wide}"], "%y")

    def map(self, x: Tensor, lines, value) -> Tensor:
        dims = "b h i j"
        return self.f.generic(dims, "pppp", [(x, dims)], self.f.empty(x.shape, self.wide), dims, lines, [value])

    def masked(self, x: Tensor) -> Tensor:
        """Plus the bias, and -inf where the query does not see the key."""
        f, lines, value, tests = self.f, [], "%in0", []
        lines += [f"%{d} = linalg.index {n} : index" for n, d in enumerate("bhij")]
        if self.attn_mask is not None:
            more, allowed = self.admitted("%b", "%h", "%i", "%j")
            lines += more
            tests.append(allowed)
            if (element := self.attn_mask.element) != "i1":
                wide_bias = "%am"
                if element != self.wide:
                    lines.append(f"%ab = arith.extf %am : {element} to {self.wide}")
                    wide_bias = "%ab"
                lines.append(f"%biased = arith.addf %in0, {wide_bias} : {self.wide}")
                value = "%biased"
        if self.is_causal:
            last = "%i"
            if isinstance(self.offset, Tensor):
                lines += [f"%on = tensor.extract {self.offset.name}[%b] : {self.offset.type}",
                          "%om = arith.index_cast %on : i32 to index"]
            if self.offset:
                amount = "%om" if isinstance(self.offset, Tensor) else self.offset
                lines.append(f"%last = arith.addi %i, {amount} : index")
                last = "%last"
            lines.append(f"%causal = arith.cmpi sle, %j, {last} : index")
            tests.append("%causal")
        if self.kv_lengths is not None:
            lines += [f"%ln = tensor.extract {self.kv_lengths.name}[%b] : {self.kv_lengths.type}",
                      "%lm = arith.index_cast %ln : i32 to index", "%inside = arith.cmpi slt, %j, %lm : index"]
            tests.append("%inside")
        lowest = f.number(-math.inf, self.wide)
        for n, test in enumerate(tests):
            lines.append(f"%m{n} = arith.select {test}, {value}, {lowest} : {self.wide}")
            value = f"%m{n}"
        return self.map(x, lines, value) if lines and tests else x

    def softmax(self, x: Tensor) -> Tensor:
        """Softmax of the last dimension; 0 in a row of -inf."""
        f, wide, row = self.f, self.wide, (self.B, self.Hq, self.Sq)
        zero, lowest = f.number(0.0, wide), f.number(-math.inf, wide)
        dims, rows = "b h i j", "b h i"
        top = f.generic(dims, "pppr", [(x, dims)], f.filled(row, wide, lowest), rows,
                        [f"%y = arith.maximumf %in0, %out : {wide}"], ["%y"])
        p = f.generic(dims, "pppp", [(x, dims), (top, rows)], f.empty(x.shape, wide), dims,
                      [f"%no = arith.cmpf oeq, %in1, {lowest} : {wide}", f"%ref = arith.select %no, {zero}, %in1 : {wide}",
                       f"%d = arith.subf %in0, %ref : {wide}", f"%y = math.exp %d : {wide}"], ["%y"])
        total = f.generic(dims, "pppr", [(p, dims)], f.filled(row, wide, zero), rows,
                          [f"%y = arith.addf %in0, %out : {wide}"], ["%y"])
        return f.generic(dims, "pppp", [(p, dims), (total, rows)], f.empty(x.shape, wide), dims,
                         [f"%no = arith.cmpf oeq, %in1, {zero} : {wide}", f"%d = arith.divf %in0, %in1 : {wide}",
                          f"%y = arith.select %no, {zero}, %d : {wide}"], ["%y"])
