"""Programs whose loops are dealt to threads, warps and lanes."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from dataclasses import dataclass
from typing import Callable

import numpy as np


@dataclass
class Case:
    name: str
    text: str
    make_inputs: Callable
    reference: Callable
    results: list
    # What must have been executed.
    instructions: tuple = ()
    tolerance: float = 0


# What the threads of a block share: as many for each, and some more.
MANY = 2 ** 15 + 700
# Scores with ties, zeros of both signs, infinities and NaN: twice as many as lanes and some.
ROWS, NUMBERS = 11, 70


def make_scores(generator):
    scores = generator.integers(-3, 4, (1, 2, ROWS, NUMBERS)).astype(np.float32)
    scores[scores == 0] *= generator.choice([-1.0, 1.0], (scores == 0).sum())
    scores[:, :, 1::3] += generator.standard_normal((1, 2, len(scores[0, 0, 1::3]), NUMBERS))
    scores[:, :, 4] = np.nan
    scores[:, 1, 7, ::2] = np.nan
    scores[:, :, 5, 3::7] = np.inf
    scores[:, :, 6] = -np.inf
    return [scores.astype(np.float32)]


def select(scores, length, candidate=lambda i, c: True, forced=lambda i, c: False,
           threshold=None, mass=None):
    """Lists as attn.select defines them, by sorting."""
    out = np.full((*scores.shape[:3], length), -1, np.int32)
    for at in np.ndindex(*scores.shape[:3]):
        row = scores[at]
        ranks = sorted((not forced(at[2], c), bool(np.isnan(x)), -x if x == x else 0, c)
                       for c, x in enumerate(row) if candidate(at[2], c))
        total = np.float32(0)
        for _, is_nan, minus, _ in ranks:
            total += np.float32(0) if is_nan else np.float32(-minus)
        taken = np.float32(0)
        for place, (unforced, is_nan, minus, c) in enumerate(ranks[:length]):
            enough = threshold is None or (not is_nan and -minus >= threshold)
            if mass is not None:
                enough = taken < np.float32(total * np.float32(mass))
            if unforced and not enough:
                break
            taken += np.float32(0) if is_nan else np.float32(-minus)
            out[at][place] = c
    return out


def selecting(name, clauses, length, scores=make_scores, numbers=NUMBERS, **reference):
    types = (f"tensor<1x2x{ROWS}x{numbers}xf32>", f"tensor<1x2x{ROWS}x{length}xi32>")
    text = f"""func.func @{name}(%s: {types[0]}) -> {types[1]} {{
  %0 = tensor.empty() : {types[1]}
  %lists = attn.select %s outs(%0) {clauses} : {types[0]} -> {types[1]}
  return %lists : {types[1]}
}}
"""
    return Case(name, text, lambda g: [x[..., :numbers] for x in scores(g)],
                lambda s: [select(s, length, **reference)],
                [((1, 2, ROWS, length), np.int32)], ("redux",))


def make_weights(generator):
    return [generator.integers(0, 9, (1, 2, ROWS, NUMBERS)).astype(np.float32)]


def make_many(generator):
    return [generator.integers(-300, 300, (1, 2, ROWS, 1536)).astype(np.float32)]


def pooling(kind, length=75, window=20, stride=20, width=40):
    count = -(-length // stride)
    types = (f"tensor<1x2x{length}x{width}xf32>", f"tensor<1x2x{count}x{width}xf32>")
    text = f"""func.func @pool_{kind}(%k: {types[0]}) -> {types[1]} {{
  %0 = tensor.empty() : {types[1]}
  %r = attn.pool {kind} %k outs(%0) window({window}) stride({stride}) : {types[0]} -> {types[1]}
  return %r : {types[1]}
}}
"""
    work = {"mean": np.mean, "max": np.max, "sum": np.sum, "min": np.min}[kind]
    return Case(
        f"pool_{kind}", text,
        lambda g: [g.standard_normal((1, 2, length, width)).astype(np.float32)],
        lambda k: [np.stack([work(k[:, :, n:n + window], axis=2)
                             for n in range(0, length, stride)], 2)],
        [((1, 2, count, width), np.float32)], tolerance=1e-5)


# Sums of rows, in f32 and as counts; rows are what lanes read side by side.
REDUCTIONS = """
#row = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> (i, j)>
func.func @reductions(%x: tensor<9x77xf32>, %n: tensor<9x77xi32>)
    -> (tensor<9xf32>, tensor<9xf32>, tensor<9xi32>, tensor<9xi32>) {
  %f = tensor.empty() : tensor<9xf32>
  %n0 = tensor.empty() : tensor<9xi32>
  %f0 = arith.constant 0.0 : f32
  %f1 = arith.constant 0xFF800000 : f32
  %i0 = arith.constant 0 : i32
  %i1 = arith.constant 2147483647 : i32
  %zero = linalg.fill ins(%f0 : f32) outs(%f : tensor<9xf32>) -> tensor<9xf32>
  %low = linalg.fill ins(%f1 : f32) outs(%f : tensor<9xf32>) -> tensor<9xf32>
  %none = linalg.fill ins(%i0 : i32) outs(%n0 : tensor<9xi32>) -> tensor<9xi32>
  %large = linalg.fill ins(%i1 : i32) outs(%n0 : tensor<9xi32>) -> tensor<9xi32>
  %0 = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<9x77xf32>) outs(%zero : tensor<9xf32>) {
  ^bb0(%a: f32, %b: f32):
    %y = arith.addf %a, %b : f32
    linalg.yield %y : f32
  } -> tensor<9xf32>
  %1 = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<9x77xf32>) outs(%low : tensor<9xf32>) {
  ^bb0(%a: f32, %b: f32):
    %y = arith.maximumf %a, %b : f32
    linalg.yield %y : f32
  } -> tensor<9xf32>
  %2 = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%n : tensor<9x77xi32>) outs(%none : tensor<9xi32>) {
  ^bb0(%a: i32, %b: i32):
    %y = arith.addi %a, %b : i32
    linalg.yield %y : i32
  } -> tensor<9xi32>
  %3 = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%n : tensor<9x77xi32>) outs(%large : tensor<9xi32>) {
  ^bb0(%a: i32, %b: i32):
    %y = arith.minsi %a, %b : i32
    linalg.yield %y : i32
  } -> tensor<9xi32>
  return %0, %1, %2, %3 : tensor<9xf32>, tensor<9xf32>, tensor<9xi32>, tensor<9xi32>
}
"""


def reductions(extent=77):
    return Case(
        f"reductions_{extent}", REDUCTIONS.replace("77", str(extent)),
        lambda g: [g.integers(-9, 9, (9, extent)).astype(np.float32) / 8,
                   g.integers(-99, 99, (9, extent)).astype(np.int32)],
        lambda x, n: [x.sum(1), x.max(1), n.sum(1), n.min(1)],
        [((9,), np.float32)] * 2 + [((9,), np.int32)] * 2, ("redux", "shfl"), 1e-4)


# The largest number of a row, and the first place that has it.
LARGEST = """
func.func @largest(%x: memref<5x$xi32>, %out: memref<5x2xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant $ : index
  %low = arith.constant -100 : i32
  %behind = arith.constant $ : i32
  scf.forall (%i) in (5) {
    %best:2 = scf.for %j = %c0 to %n step %c1 iter_args(%v = %low, %k = %behind) -> (i32, i32) {
      %a = memref.load %x[%i, %j] : memref<5x$xi32>
      %number = arith.index_cast %j : index to i32
      %more = arith.cmpi sgt, %a, %v : i32
      %same = arith.cmpi eq, %a, %v : i32
      %front = arith.cmpi slt, %number, %k : i32
      %first = arith.andi %same, %front : i1
      %better = arith.ori %more, %first : i1
      %v1 = arith.select %better, %a, %v : i32
      %k1 = arith.select %better, %number, %k : i32
      scf.yield %v1, %k1 : i32, i32
    }
    memref.store %best#0, %out[%i, %c0] : memref<5x2xi32>
    memref.store %best#1, %out[%i, %c1] : memref<5x2xi32>
  }
  return
}
"""


def largest(extent):
    return Case(f"largest_{extent}", LARGEST.replace("$", str(extent)),
                lambda g: [g.integers(-9, 60, (5, extent)).astype(np.int32)],
                lambda x: [np.stack([x.max(1), x.argmax(1)], 1).astype(np.int32)],
                [((5, 2), np.int32)], ("redux",))


# Numbers of what is positive, in order, behind how many they are: lists of any length.
COMPACT = """
func.func @compact(%x: memref<5x$xf32>, %list: memref<5x#xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant $ : index
  %none = arith.constant -1 : i32
  %zero = arith.constant 0.0 : f32
  %own = memref.alloc() : memref<5x#xi32>
  scf.forall (%i) in (5) {
    scf.forall (%j) in (#) {
      memref.store %none, %own[%i, %j] : memref<5x#xi32>
    }
    %count = scf.for %j = %c0 to %n step %c1 iter_args(%k = %c0) -> (index) {
      %a = memref.load %x[%i, %j] : memref<5x$xf32>
      %taken = arith.cmpf ogt, %a, %zero : f32
      scf.if %taken {
        %at = arith.addi %k, %c1 : index
        %number = arith.index_cast %j : index to i32
        memref.store %number, %own[%i, %at] : memref<5x#xi32>
      }
      %more = arith.addi %k, %c1 : index
      %next = arith.select %taken, %more, %k : index
      scf.yield %next : index
    }
    %found = arith.index_cast %count : index to i32
    memref.store %found, %own[%i, %c0] : memref<5x#xi32>
  }
  scf.forall (%i, %j) in (5, #) {
    %a = memref.load %own[%i, %j] : memref<5x#xi32>
    memref.store %a, %list[%i, %j] : memref<5x#xi32>
  }
  return
}
"""


def compact(x):
    out = np.full((5, x.shape[1] + 1), -1, np.int32)
    for row, values in zip(out, x, strict=True):
        numbers = np.flatnonzero(values > 0)
        row[0] = len(numbers)
        row[1:len(numbers) + 1] = numbers
    return [out]


def compacting(extent):
    def make(generator):
        x = generator.standard_normal((5, extent)).astype(np.float32)
        x[1], x[2] = -1, 1
        return [x]

    text = COMPACT.replace("$", str(extent)).replace("#", str(extent + 1))
    return Case(f"compact_{extent}", text, make, compact,
                [((5, extent + 1), np.int32)], ("vote",))


def sorting(extent):
    kind = f"tensor<1x2x{extent}xi32>"
    text = f"""func.func @sort(%k: {kind}) -> {kind} {{
  %0 = tensor.empty() : {kind}
  %r = attn.sort %k outs(%0) : {kind} -> {kind}
  return %r : {kind}
}}
"""
    return Case(f"sort_{extent}", text,
                lambda g: [g.integers(-5, 5, (1, 2, extent)).astype(np.int32)],
                lambda k: [k.argsort(2, kind="stable").astype(np.int32)],
                [((1, 2, extent), np.int32)])


def leading_back(extent):
    kind = f"tensor<1x2x{extent}xi32>"
    text = f"""func.func @back(%k: {kind}) -> {kind} {{
  %0 = tensor.empty() : {kind}
  %order = attn.sort %k outs(%0) : {kind} -> {kind}
  %1 = tensor.empty() : {kind}
  %r = attn.sort %order outs(%1) : {kind} -> {kind}
  return %r : {kind}
}}
"""
    return Case(f"back_{extent}", text,
                lambda g: [g.integers(-5, 5, (1, 2, extent)).astype(np.int32)],
                lambda k: [k.argsort(2, kind="stable").argsort(2).astype(np.int32)],
                [((1, 2, extent), np.int32)])


def scoring(kind, rows, cols, length=45, width=32):
    """Scores of blocks that are reduced behind tiles of logits."""
    shape = (-(-length // rows), -(-length // cols))
    types = (f"tensor<1x2x{length}x{width}xf32>", f"tensor<1x2x{shape[0]}x{shape[1]}xf32>")
    text = f"""func.func @scores(%q: {types[0]}, %k: {types[0]}) -> {types[1]} {{
  %0 = tensor.empty() : {types[1]}
  %r = attn.route_score {kind} %q, %k outs(%0) scale(0.25) blocks({rows}, {cols}) mask(causal)
    : {types[0]}, {types[0]} -> {types[1]}
  return %r : {types[1]}
}}
"""

    def reference(q, k):
        logits = 0.25 * q.astype(np.float64) @ k.swapaxes(2, 3)
        nothing = 0.0 if kind == "sum" else -np.inf
        logits = np.where(np.tri(length, dtype=bool), logits, nothing)
        out = np.full((1, 2, *shape), nothing)
        for i, j in np.ndindex(length, length):
            at = (slice(None), slice(None), i // rows, j // cols)
            out[at] = (np.add if kind == "sum" else np.maximum)(out[at], logits[:, :, i, j])
        return [out]

    return Case(f"scores_{kind}_{rows}x{cols}", text,
                lambda g: [g.standard_normal((1, 2, length, width)).astype(np.float32)
                           for _ in range(2)],
                reference, [((1, 2, *shape), np.float32)], ("mma",), tolerance=2e-5)


def weighing(length=77, keys=70, width=32):
    """Sums over two heads of what a region makes of a logit and a number of its row.
    The mask hides whole tiles."""
    types = [f"tensor<1x2x{length}x{width}xf32>", f"tensor<1x1x{keys}x{width}xf32>",
             f"tensor<1x2x{length}xf32>", f"tensor<1x1x{length}x{keys}xf32>"]
    text = f"""func.func @weights(%q: {types[0]}, %k: {types[1]}, %n: {types[2]}) -> {types[3]} {{
  %0 = tensor.empty() : {types[3]}
  %r = attn.route_score sum %q, %k outs(%0) scale(0.25) mask(causal) score {{
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %of_row = tensor.extract %n[%b, %h, %i] : {types[2]}
    %y = arith.subf %s, %of_row : f32
    attn.yield %y : f32
  }} : {types[0]}, {types[1]} -> {types[3]}
  return %r : {types[3]}
}}
"""

    def reference(q, k, n):
        scores = 0.25 * q.astype(np.float64) @ k.swapaxes(2, 3) - n[..., None]
        return [np.where(np.tri(length, keys, dtype=bool), scores, 0).sum(1, keepdims=True)]

    return Case("weights", text,
                lambda g: [g.standard_normal(shape).astype(np.float32) for shape in
                           ((1, 2, length, width), (1, 1, keys, width), (1, 2, length))],
                reference, [((1, 1, length, keys), np.float32)], ("mma",), tolerance=2e-5)


ATTENTION = """func.func @attention(%q: $T, %k: $T, %v: $T, %at: tensor<1x$Sxi32>,
    %lists: tensor<1x1x$Cx2xi32>) -> $T {
  %0 = tensor.empty() : $T
  %r = attn.attention %q, %k, %v outs(%0) scale(0.25) mask(causal)
      positions(%at, %at : tensor<1x$Sxi32>, tensor<1x$Sxi32>)
      select(%lists : tensor<1x1x$Cx2xi32>) blocks($B, $B) : $T, $T, $T -> $T
  return %r : $T
}
"""


def attending(block, length=45, width=32):
    """Attention to blocks of keys, with positions in any order: the tiles are the blocks."""
    count = -(-length // block)
    kind = f"tensor<1x2x{length}x{width}xf32>"
    text = (ATTENTION.replace("$T", kind).replace("$S", str(length))
            .replace("$C", str(count)).replace("$B", str(block)))

    def make(generator):
        q, k, v = (generator.standard_normal((1, 2, length, width)).astype(np.float32)
                   for _ in range(3))
        at = generator.permutation(length).astype(np.int32)[None]
        lists = generator.integers(-1, count + 1, (1, 1, count, 2)).astype(np.int32)
        return [q, k, v, at, lists]

    def reference(q, k, v, at, lists):
        logits = 0.25 * q.astype(np.float64) @ k.swapaxes(2, 3)
        place = np.arange(length) // block
        chosen = (lists[0, 0][place][:, :, None] == place).any(1)
        seen = chosen & (at[0][:, None] >= at[0])
        weights = np.where(seen, np.exp(logits), 0)
        sums = weights.sum(-1, keepdims=True)
        return [weights @ v / np.where(sums > 0, sums, 1)]

    return Case(f"attention_{block}", text, make, reference,
                [((1, 2, length, width), np.float32)], ("mma",), tolerance=2e-5)


def attending_strictly(rows=40, columns=70, width=32):
    """Values that only some rows see are infinite, of both signs, or NaN."""
    q, k = (f"tensor<1x1x{extent}x{width}xf32>" for extent in (rows, columns))
    text = f"""func.func @attention(%q: {q}, %k: {k}, %v: {k}) -> {q} {{
  %0 = tensor.empty() : {q}
  %out = attn.attention %q, %k, %v outs(%0) scale(0.25) mask(causal) align(bottom_right)
    strict_values : {q}, {k}, {k} -> {q}
  return %out : {q}
}}
"""

    def make(generator):
        q, k, v = (generator.standard_normal((1, 1, extent, width)).astype(np.float32)
                   for extent in (rows, columns, columns))
        v[..., 55, 1], v[..., 60, 1] = -np.inf, np.inf
        v[..., 61, 2], v[..., 62, 3], v[..., 69, :] = np.inf, np.nan, np.nan
        return [q, k, v]

    def reference(q, k, v):
        logits = 0.25 * q[0, 0].astype(np.float64) @ k[0, 0].T
        out = np.zeros(q.shape)
        for row in range(rows):
            seen = columns - rows + row + 1
            weights = np.exp(logits[row, :seen])
            # Not a product of matrices, which would warn of what is meant here.
            with np.errstate(invalid="ignore"):
                out[0, 0, row] = (weights[:, None] * v[0, 0, :seen]).sum(0) / weights.sum()
        return [out]

    return Case("strict_values", text, make, reference, [((1, 1, rows, width), np.float32)],
                ("mma",), tolerance=2e-5)


def attending_once(rows=40, width=32):
    """The only weight of a row is 1, and the result the value, to the last bit."""
    q, k = (f"tensor<1x1x{extent}x{width}xf32>" for extent in (rows, 1))
    text = f"""func.func @attention(%q: {q}, %k: {k}, %v: {k}) -> {q} {{
  %0 = tensor.empty() : {q}
  %out = attn.attention %q, %k, %v outs(%0) scale(0.7) : {q}, {k}, {k} -> {q}
  return %out : {q}
}}
"""

    def make(generator):
        return [generator.standard_normal((1, 1, extent, width)).astype(np.float32)
                for extent in (rows, 1, 1)]

    return Case("one_key", text, make, lambda q, k, v: [np.broadcast_to(v, q.shape)],
                [((1, 1, rows, width), np.float32)], ("mma",))


CASES = [
    selecting("topk", "", 5),
    selecting("topk_all", "", 75),
    selecting("causal", "mask(causal) force(window<1>)", 5,
              candidate=lambda i, c: c <= i, forced=lambda i, c: c == i),
    selecting("threshold", "threshold(1.0) force(sink<2>)", 40,
              forced=lambda i, c: c < 2, threshold=1.0),
    selecting("mass", "mass(0.5)", 40, scores=make_weights, mass=0.5),
    # As many numbers for each lane, which keeps them.
    selecting("kept", "mask(causal) force(window<1>)", 5, numbers=64,
              candidate=lambda i, c: c <= i, forced=lambda i, c: c == i),
    selecting("kept_mass", "force(sink<2>) mass(0.25)", 40, scores=make_weights, numbers=64,
              forced=lambda i, c: c < 2, mass=0.25),
    # Lists so long that they are made by a bound of their keys.
    selecting("long", "", 64),
    selecting("long_causal", "mask(causal) force(window<1>)", 66,
              candidate=lambda i, c: c <= i, forced=lambda i, c: c == i),
    selecting("long_threshold", "threshold(1.0) force(sink<2>)", 66,
              forced=lambda i, c: c < 2, threshold=1.0),
    # So long that the threads of a block share them.
    selecting("long_by_block", "", 192, scores=make_many, numbers=1536),
    pooling("mean"), pooling("max"),
    reductions(), largest(77),
    compacting(70), compacting(64), compacting(9),
    reductions(MANY), largest(MANY), compacting(MANY),
    sorting(100), sorting(64), sorting(5), leading_back(77),
    scoring("sum", 8, 8), scoring("max", 3, 6), scoring("sum", 1, 6), weighing(),
    attending(16), attending(32, 77), attending(48, 100), attending_strictly(),
    attending_once(),
]
