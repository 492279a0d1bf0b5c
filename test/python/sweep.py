# Attention operations drawn from a space of shapes, types and clauses.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One description, three readings: IR for the compiler, arrays, and the reference.

A `Spec` describes an attention operation with all its clauses. `run_batch`
writes a few into one function, so that one run of attn-run serves them, and
holds every result to the acceptance rule.
"""

import re
from dataclasses import dataclass, field

import ml_dtypes
import numpy as np
from attn import driver, reference
from attn.acceptance import reject
from attn.ir import Function, Tensor, element_type, float_literal
from attn.masks import Mask, Neighborhood
from batches import in_batches

DTYPES = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}


@dataclass(frozen=True)
class Spec:
    """An attention operation. Sizes as in the operation's documentation."""

    dtype: str = "f32"
    B: int = 2
    Hq: int = 2
    Hkv: int = 2
    Sq: int = 5
    Skv: int = 7
    Dk: int = 8
    Dv: int = 8
    scale: float = 0.35
    mask: Mask | None = None
    align: str = "top_left"
    offset: int | tuple | None = None  # One number (index) or one per batch entry (tensor).
    bias: tuple | None = None  # Shape; -inf here and there.
    bias_dtype: str = "f32"
    sink: bool = False
    segments: bool = False
    parameters: tuple | None = None  # Nested: by batch entry, by head, the numbers.
    words: int = 0  # Of ancestors in a random tree, for each query.
    kv_lengths: tuple | None = None
    positions: bool = False
    select: tuple | None = None  # (heads, R, C, K): lists of K with numbers of no block, repeated ones and empty lists.
    score: str | None = None  # A key of SCORES.
    where: str | None = None  # A key of WHERES.
    strict_values: bool = False
    lse: bool = True
    dynamic: str = ""  # Letters out of BHKSTDE: which extents the types leave open.
    layout: str = "dense"  # or "sliced": q, k and v are strided slices of larger tensors
    poison: str = ""  # "beyond": NaN behind kv_lengths; "keys", "values": NaN in columns a mask hides from some row
    magnitude: float = 1.0  # of the queries: 3e4 gives logits of about 1e4 to 1e5
    parts: tuple = ()  # Where to cut the keys: partial states, merged and finalized
    tiles: tuple | None = None  # (rows, cols) of a schedule set by hand
    chain: bool = False  # The parts continue one state instead of being merged.
    seed: int = 0

    def __str__(self):
        plain = Spec()
        changed = [f"{n}={getattr(self, n)}" for n in self.__dataclass_fields__ if getattr(self, n) != getattr(plain, n)]
        return f"Spec({', '.join(changed)})"

    @property
    def wide(self):
        return "f64" if self.dtype == "f64" else "f32"


def grids(mask: Mask | None) -> list[Neighborhood]:
    """The neighborhoods in a mask. They are about positions on their grids only."""
    if isinstance(mask, Neighborhood):
        return [mask]
    parts = getattr(mask, "masks", None) or [getattr(mask, "mask", None)]
    return [grid for part in parts if part for grid in grids(part)]


@dataclass(frozen=True)
class Region:
    """A score or where region: lines of IR and the same in NumPy.

    In the lines, W is f32 or f64, ``#2.5`` a constant of that type, ``#3i`` an
    index, and ``$name`` a captured operand.
    """

    ir: str
    numpy: callable
    captures: dict = field(default_factory=dict)  # hint: (element, f(spec) -> array)


def _decay(s, b, h, i, j, wide):
    return s - wide(0.125) * np.abs(i - j).astype(wide)


SCORES = {
    "softcap": Region("""%x = arith.divf %s, #2.5 : W
%t = math.tanh %x : W
%y = arith.mulf %t, #2.5 : W""", lambda s, b, h, i, j, wide: wide(2.5) * np.tanh(s / wide(2.5))),
    "decay": Region("""%n = arith.subi %i, %j : index
%m = arith.index_cast %n : index to i64
%a = math.absi %m : i64
%f = arith.sitofp %a : i64 to W
%p = arith.mulf %f, #0.125 : W
%y = arith.subf %s, %p : W""", _decay),
    "table": Region("""%e = tensor.extract $slopes[%h] : $slopes.type
%n = arith.addi %b, %j : index
%m = arith.index_cast %n : index to i32
%f = arith.sitofp %m : i32 to W
%p = arith.mulf %e, %f : W
%y = arith.addf %s, %p : W""",
                    lambda s, b, h, i, j, wide, slopes: s + slopes[h] * (b + j).astype(wide),
                    {"slopes": ("W", lambda spec: np.linspace(-0.5, 0.25, spec.Hq))}),
}

WHERES = {
    "thirds": Region("""%n = arith.addi %i, %j : index
%m = arith.addi %n, %h : index
%p = arith.addi %m, %b : index
%r = arith.remsi %p, #3i : index
%y = arith.cmpi ne, %r, #0i : index""", lambda b, h, i, j: np.fmod(i + j + h + b, 3) != 0),
    "table": Region("""%y = tensor.extract $seen[%j] : $seen.type""", lambda b, h, i, j, seen: (seen[j] & (i == i)),
                    {"seen": ("i1", lambda spec: np.random.default_rng(spec.seed).random(spec.Skv) < 0.6)}),
}


# --- Arrays -------------------------------------------------------------------


def make_arrays(spec: Spec) -> dict:
    """The operands, by name, in the types that the function takes."""
    rng = np.random.default_rng(spec.seed)
    dtype = DTYPES[spec.dtype]
    # The unfused evaluation has to hold its logits in f16.
    magnitude = spec.magnitude if spec.dtype != "f16" else float(np.clip(spec.magnitude, -2e3, 2e3))
    B, Hq, Hkv, Sq, Skv = spec.B, spec.Hq, spec.Hkv, spec.Sq, spec.Skv
    arrays = {
        "q": (magnitude * rng.standard_normal((B, Hq, Sq, spec.Dk))).astype(dtype),
        "k": rng.standard_normal((B, Hkv, Skv, spec.Dk)).astype(dtype),
        "v": rng.standard_normal((B, Hkv, Skv, spec.Dv)).astype(dtype),
    }
    if isinstance(spec.offset, tuple):
        arrays["offset"] = np.array(spec.offset, np.int32)
    elif spec.offset is not None:
        arrays["offset"] = np.array(spec.offset, np.int64)
    if spec.bias is not None:
        bias = rng.standard_normal(spec.bias)
        bias[rng.random(spec.bias) < 0.1] = -np.inf
        arrays["bias"] = bias.astype(DTYPES[spec.bias_dtype])
    if spec.sink:
        sink = rng.standard_normal(Hq)
        sink[0] = 5.0
        arrays["sink"] = sink.astype(np.float32)
    if spec.segments:
        arrays["qseg"] = np.sort(rng.integers(0, 4, (B, Sq))).astype(np.int32)
        arrays["kseg"] = np.sort(rng.integers(0, 4, (B, Skv))).astype(np.int32)
    if spec.parameters is not None:
        arrays["parameters"] = np.array(spec.parameters, np.int32)
    if spec.words:
        arrays["ancestors"] = np.stack([random_tree(rng, Sq, spec.words) for _ in range(B)])
    if spec.kv_lengths is not None:
        arrays["kv_lengths"] = np.array(spec.kv_lengths, np.int32)
    if spec.select is not None:
        arrays["ids"] = random_lists(rng, spec)
    if spec.positions:
        arrays["qpos"] = rng.integers(0, 2 * Skv + 1, (B, Sq)).astype(np.int32)
        arrays["kpos"] = np.stack([rng.permutation(Skv) for _ in range(B)]).astype(np.int32)
    for regions, name in ((SCORES, spec.score), (WHERES, spec.where)):
        if name:
            for hint, (element, make) in regions[name].captures.items():
                element = spec.wide if element == "W" else element
                arrays[hint] = np.asarray(make(spec)).astype(bool if element == "i1" else DTYPES[element])
    if spec.poison == "beyond":
        for b, length in enumerate(spec.kv_lengths):
            arrays["k"][b, :, length:] = np.nan
            arrays["v"][b, :, length:] = np.nan
    elif spec.poison:
        operand = arrays["k" if spec.poison == "keys" else "v"]
        operand[0, :, -1], operand[0, 0, spec.Skv // 2, 0] = np.nan, np.inf
    return arrays


def random_lists(rng, spec):
    """Lists that nobody should write: in any order, with what is no block."""
    heads, R, C, K = spec.select
    blocks = -(-spec.Skv // C)
    ids = rng.integers(-2, blocks + 2, (spec.B, heads, -(-spec.Sq // R), K))
    wild = rng.choice([-(2**31), 2**31 - 1, -1, blocks], ids.shape)
    ids = np.where(rng.random(ids.shape) < 0.15, wild, ids)
    ids[0, 0, -1] = -1
    return ids.astype(np.int32)


def random_tree(rng, nodes, words):
    """The bits of each node's ancestors and its own, as words of int32."""
    seen = np.eye(nodes, 32 * words, dtype=bool)
    for node in range(1, nodes):
        if (parent := rng.integers(-1, node)) >= 0:
            seen[node] |= seen[parent]
    return np.packbits(seen, axis=1, bitorder="little").view("<i4")


# --- The reference ----------------------------------------------------------------


def expected(spec: Spec, arrays: dict):
    """``((out, lse), (out, lse))``: the reference and the unfused evaluation."""
    numpy_wide = DTYPES[spec.wide]
    clauses = {"scale": spec.scale, "mask": spec.mask, "align": spec.align, "strict_values": spec.strict_values,
               "offset": arrays.get("offset"), "bias": arrays.get("bias"), "kv_lengths": arrays.get("kv_lengths"),
               "parameters": arrays.get("parameters"), "ancestors": arrays.get("ancestors"),
               "sink": arrays.get("sink"),
               "segments": (arrays["qseg"], arrays["kseg"]) if spec.segments else None,
               "select": (arrays["ids"], *spec.select[1:3]) if spec.select else None,
               "positions": (arrays["qpos"], arrays["kpos"]) if spec.positions else None}
    if spec.where:
        region = WHERES[spec.where]
        captured = {hint: arrays[hint] for hint in region.captures}
        clauses["where"] = lambda b, h, i, j: region.numpy(b, h, i, j, **captured)

    def score(precision):
        if not spec.score:
            return None
        region = SCORES[spec.score]
        captured = {hint: arrays[hint].astype(precision) for hint in region.captures}
        return lambda s, b, h, i, j: region.numpy(s, b, h, i, j, precision, **captured)

    operands = arrays["q"], arrays["k"], arrays["v"]
    # A float64 result is held against a wider reference than itself.
    precise = np.longdouble if spec.dtype == "f64" else np.float64
    want = reference.attention(*operands, **clauses, score=score(precise), precision=precise)
    unfused = reference.rounded(*operands, dtype=DTYPES[spec.dtype], **clauses, score=score(numpy_wide))
    return want, unfused


# --- IR -----------------------------------------------------------------------------

_LETTERS = {"B": "B", "H": "Hq", "K": "Hkv", "S": "Sq", "T": "Skv", "D": "Dk", "E": "Dv"}


class _Writer:
    def __init__(self, f: Function, spec: Spec, arrays: dict):
        self.f, self.spec, self.inputs = f, spec, []
        self.arrays = arrays
        self.values = {}
        layouts = {"q": "BHSD", "k": "BKTD", "v": "BKTE", "qseg": "BS", "kseg": "BT", "qpos": "BS", "kpos": "BT",
                   "kv_lengths": "B", "sink": "H", "slopes": "H", "seen": "T", "ancestors": "BS", "ids": "B"}
        for name, array in arrays.items():
            if spec.layout == "sliced" and name in "qkv":
                self.values[name] = self.slice_of_larger(name, array)
                continue
            if name == "offset":
                value = f.argument("off", array.shape, "i32") if array.ndim else self.index_argument()
            else:
                letters = layouts.get(name)
                shape = self.open(letters) + array.shape[len(letters):] if letters else array.shape
                value = f.argument(name, shape, element_type(array.dtype))
            self.inputs.append(array)
            self.values[name] = value

    def open(self, letters):
        """The shape in the types: None where the spec leaves an extent open."""
        return tuple(None if c in self.spec.dynamic else getattr(self.spec, _LETTERS[c]) for c in letters)

    def index_argument(self):
        value = _Scalar(self.f.fresh("off"), "index")
        self.f.arguments.append(value)
        return value

    def slice_of_larger(self, name, array):
        """Every other row of a wider tensor whose other elements are NaN."""
        B, H, S, D = array.shape
        large = np.full((B, H + 1, 2 * S + 1, D + 3), np.nan).astype(array.dtype)
        large[:, 1:, 1::2, 2 : D + 2] = array
        whole = self.f.argument(name, large.shape, element_type(array.dtype))
        self.inputs.append(large)
        part = Tensor(self.f.fresh(name), array.shape, whole.element)
        self.f.emit(f"{part.name} = tensor.extract_slice {whole.name}[0, 1, 1, 2] [{B}, {H}, {S}, {D}] [1, 1, 2, 1] : {whole.type} to {part.type}")
        return part

    def size(self, letter):
        """An extent as an index value."""
        operand, dim = {"B": ("q", 0), "H": ("q", 1), "S": ("q", 2), "D": ("q", 3), "K": ("k", 1), "T": ("k", 2), "E": ("v", 3)}[letter]
        value = self.values[operand]
        return self.f.assign("d", f"tensor.dim {value.name}, {self.f.index(dim)} : {value.type}")

    def empty(self, letters, element):
        shape = self.open(letters)
        sizes = [self.size(c) for c, extent in zip(letters, shape) if extent is None]
        return self.f.empty(shape, element, sizes)

    def filled(self, letters, element, number):
        e, value = self.empty(letters, element), self.f.number(number, element)
        return Tensor(self.f.assign("f", f"linalg.fill ins({value} : {element}) outs({e.typed}) -> {e.type}"), e.shape, element)

    def region(self, keyword, region: Region, first, element):
        lines = region.ir
        for hint in region.captures:
            value = self.values[hint]
            lines = lines.replace(f"${hint}.type", value.type).replace(f"${hint}", value.name)
        lines = re.sub(r"#(\d+)i", lambda m: self.f.index(int(m[1])), lines)
        lines = re.sub(r"#([\d.]+)", lambda m: self.f.number(float(m[1]), self.spec.wide), lines)
        lines = lines.replace(" W", f" {self.spec.wide}")
        body = "".join(f"\n    {line}" for line in [*lines.splitlines(), f"attn.yield %y : {element}"])
        return f" {keyword} {{\n  ^bb0({first}%b: index, %h: index, %i: index, %j: index):{body}\n  }}"

    def clauses(self, *, positions=None, origin=None):
        spec, values = self.spec, self.values
        text = [f"scale({float_literal(spec.scale)})"]
        if spec.mask is not None:
            text.append(f"mask({spec.mask})")
        if spec.align != "top_left":
            text.append(f"align({spec.align})")
        for name in ("offset", "bias", "parameters", "ancestors", "kv_lengths"):
            if name in values:
                text.append(f"{name}({values[name].typed})")
        for name, a, b in (("segments", "qseg", "kseg"), ("positions", "qpos", "kpos")):
            if name == "positions" and positions:
                a, b = positions
            elif a in values:
                a, b = values[a], values[b]
            else:
                continue
            text.append(f"{name}({a.name}, {b.name} : {a.type}, {b.type})")
        if "ids" in values:
            _, rows, cols, _ = spec.select
            text.append(f"select({values['ids'].typed}) blocks({rows}, {cols})")
        if origin is not None:
            text.append(f"origin({', '.join(map(self.f.index, (0, 0, 0, origin)))})")
        if spec.strict_values:
            text.append("strict_values")
        if spec.tiles:
            rows, cols = spec.tiles
            lanes = 4 if spec.wide == "f64" else 8
            text.append(f"schedule(#attn.schedule<rows = {rows}, cols = {cols}, "
                        f"micro = #tile.micro_tile<rows = 6, cols = {2 * lanes}, lanes = {lanes}>>)")
        return " ".join(text)

    def regions(self):
        text = ""
        if self.spec.score:
            text += self.region("score", SCORES[self.spec.score], f"%s: {self.spec.wide}, ", self.spec.wide)
        if self.spec.where:
            text += self.region("where", WHERES[self.spec.where], "", "i1")
        return text

    def attention(self):
        spec, f = self.spec, self.f
        q, k, v = (self.values[name] for name in "qkv")
        outs = [self.empty("BHSE", spec.dtype)] + ([self.empty("BHS", spec.wide)] if spec.lse else [])
        sink = f" sink({self.values['sink'].typed})" if spec.sink else ""
        return self.results("o", outs, f"attn.attention {q.name}, {k.name}, {v.name} outs({', '.join(o.name for o in outs)}) "
                            f"{self.clauses()}{sink}{self.regions()}\n  : {q.type}, {k.type}, {v.type}")

    def in_parts(self):
        """The same from states over parts of the keys. Static shapes only."""
        spec, f = self.spec, self.f
        q, k, v = (self.values[name] for name in "qkv")
        edges = [0, *spec.parts, spec.Skv]

        def identity():
            lowest = float(np.finfo(np.float32).min)
            return [self.filled("BHSE", spec.wide, 0.0), self.filled("BHS", spec.wide, lowest), self.filled("BHS", spec.wide, 0.0)]

        state = None
        for lo, hi in zip(edges, edges[1:]):
            # Where positions do not number the keys, the part says where it begins.
            place = {"origin": lo} if spec.words else {"positions": self.position_slices(lo, hi)}
            key, value = self.rows(k, lo, hi), self.rows(v, lo, hi)
            outs = state if state and spec.chain else identity()
            part = self.results("p", outs, f"attn.partial {q.name}, {key.name}, {value.name} outs({', '.join(o.name for o in outs)}) "
                                f"{self.clauses(**place)}{self.regions()}\n  : {q.type}, {key.type}, {value.type}")
            if state and not spec.chain:
                outs = [self.empty(letters, spec.wide) for letters in ("BHSE", "BHS", "BHS")]
                both = [*state, *part]
                part = self.results("m", outs, f"attn.merge {', '.join(x.name for x in both)} outs({', '.join(o.name for o in outs)}) "
                                    f": {', '.join(x.type for x in both)}")
            state = part
        outs = [self.empty("BHSE", spec.dtype)] + ([self.empty("BHS", spec.wide)] if spec.lse else [])
        sink = f" sink({self.values['sink'].typed})" if spec.sink else ""
        return self.results("o", outs, f"attn.finalize {', '.join(x.name for x in state)} outs({', '.join(o.name for o in outs)})"
                            f"{sink} : {', '.join(x.type for x in state)}")

    def results(self, hint, outs, text):
        names = [self.f.fresh(hint) for _ in outs]
        self.f.emit(f"{', '.join(names)} = {text} -> {', '.join(o.type for o in outs)}")
        return [Tensor(name, o.shape, o.element) for name, o in zip(names, outs)]

    def rows(self, x, lo, hi):
        B, H, S, D = x.shape
        part = Tensor(self.f.fresh("s"), (B, H, hi - lo, D), x.element)
        self.f.emit(f"{part.name} = tensor.extract_slice {x.name}[0, 0, {lo}, 0] [{B}, {H}, {hi - lo}, {D}] [1, 1, 1, 1] : {x.type} to {part.type}")
        return part

    def position_slices(self, lo, hi):
        """Positions of the part: those of the spec, or the row and column numbers."""
        spec, f = self.spec, self.f
        if spec.positions:
            kpos = self.values["kpos"]
            part = Tensor(f.fresh("s"), (spec.B, hi - lo), "i32")
            f.emit(f"{part.name} = tensor.extract_slice {kpos.name}[0, {lo}] [{spec.B}, {hi - lo}] [1, 1] : {kpos.type} to {part.type}")
            return self.values["qpos"], part
        pair = []
        for count, start in ((spec.Sq, 0), (hi - lo, lo)):
            body = ["%x = linalg.index 1 : index", "%y = arith.index_cast %x : index to i32",
                    f"%z = arith.addi %y, {f.integer(start, 'i32')} : i32"]
            pair.append(f.generic("b i", "pp", [], f.empty((spec.B, count), "i32"), "b i", body, ["%z"]))
        return pair


@dataclass(frozen=True)
class _Scalar:
    name: str
    type: str

    @property
    def typed(self):
        return f"{self.name} : {self.type}"


# --- Running --------------------------------------------------------------------------


def write(specs):
    """``(text, inputs, results per spec, arrays per spec)`` of one function for all of `specs`."""
    f, inputs, results, arrays = Function("main"), [], [], []
    for spec in specs:
        arrays.append(make_arrays(spec))
        writer = _Writer(f, spec, arrays[-1])
        inputs += writer.inputs
        results.append(writer.in_parts() if spec.parts else writer.attention())
    return f.text([r for group in results for r in group]), inputs, results, arrays


def check(spec: Spec, arrays: dict, got) -> str | None:
    """Why the results of `spec` are not accepted, or None."""
    (want, want_lse), (unfused, unfused_lse) = expected(spec, arrays)
    out = got[0].view(ml_dtypes.bfloat16) if spec.dtype == "bf16" and got[0].dtype == np.uint16 else got[0]
    if out.dtype != DTYPES[spec.dtype]:
        return f"out is of {out.dtype}"
    if reason := reject(out, want, unfused, DTYPES[spec.dtype]):
        return f"out {reason}"
    if spec.lse and (reason := reject(got[1], want_lse, unfused_lse, DTYPES[spec.wide])):
        return f"lse {reason}"
    return None


def run_batch(specs, *, tool, target="cpu", options=()) -> list[str]:
    """Runs `specs`; what went wrong, one line per spec that failed."""
    return in_batches(specs, lambda batch, _: _run_together(batch, tool=tool, target=target, options=options))


def _run_together(specs, *, tool, target, options) -> list[str]:
    """Runs `specs` in one process.

    If the process fails, each spec is run on its own, so that the lines name
    the ones at fault.
    """
    text, inputs, results, arrays = write(specs)
    try:
        outputs = driver.run(text, inputs, sum(map(len, results)), target=target, options=options, tool=tool)
    except driver.RunError as error:
        if len(specs) == 1:
            return [f"{specs[0]}: {error}"]
        lines = [line for spec in specs for line in _run_together([spec], tool=tool, target=target, options=options)]
        return lines or [f"together, not one by one, {', '.join(map(str, specs))}: {error}"]
    failures, at = [], 0
    for spec, group, operands in zip(specs, results, arrays):
        if reason := check(spec, operands, outputs[at : at + len(group)]):
            failures.append(f"{spec}: {reason}")
        at += len(group)
    return failures
