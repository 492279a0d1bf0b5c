# Random functions of attn operations.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes functions that are valid by construction, but for a few on purpose.

A function `f` takes tensors only, so that attn-run can make up its inputs; the
sizes behind its `?` are in `Program.dims`, in the order of the arguments.
"""
from dataclasses import dataclass, field

# How often the types leave an extent open. The CPU path needs the widths.
OPEN = {"Sq": 36, "Skv": 36, "B": 20, "Hq": 20, "Dk": 3, "Dv": 3}
ELEMENT_TYPES = ["f32", "f32", "f32", "f64", "f16", "bf16"]


@dataclass
class Program:
    text: str
    # Sizes of the `?` of the arguments, in order.
    dims: list
    # Whether it should verify.
    is_valid: bool
    # Whether it should lower and agree with the oracle.
    lowers: bool


@dataclass
class Sizes:
    B: int
    Hq: int
    Hkv: int
    Sq: int
    Skv: int
    Dk: int
    Dv: int
    # The letters whose extent the types leave open.
    dynamic: set = field(default_factory=set)

    def type(self, letters, element):
        dims = ["?" if x in self.dynamic else str(getattr(self, x)) for x in letters]
        return "tensor<" + "".join(d + "x" for d in dims) + element + ">"

    def open(self, letters):
        return [getattr(self, x) for x in letters if x in self.dynamic]


class Writer:
    """The text of one function while it grows."""

    def __init__(self, rng):
        self.rng = rng
        self.arguments = []
        self.dims = []
        self.lines = []
        self.count = 0

    def name(self, hint):
        self.count += 1
        return f"%{hint}{self.count}"

    def argument(self, hint, type, open_sizes=()):
        name = self.name(hint)
        self.arguments.append(f"{name}: {type}")
        self.dims += open_sizes
        return name

    def line(self, text):
        self.lines.append("  " + text)

    def constant(self, value, type):
        name = self.name("c")
        self.line(f"{name} = arith.constant {value} : {type}")
        return name

    def finish(self, results, types):
        head = f"func.func @f({', '.join(self.arguments)}) -> ({', '.join(types)}) {{"
        tail = f"  return {', '.join(results)} : {', '.join(types)}\n}}\n"
        return "\n".join([head, *self.lines]) + "\n" + tail


def chance(rng, percent):
    return rng.randrange(100) < percent


def draw_sizes(rng):
    kv_heads = rng.choice([1, 1, 2, 3])
    width = rng.choice([1, 2, 3, 4, 7, 8, 16, 17, 32, 64])
    sizes = Sizes(
        B=rng.choice([1, 1, 2, 3]), Hkv=kv_heads,
        Hq=kv_heads * rng.choice([1, 1, 2, 3]),
        Sq=rng.choice([1, 2, 5, 8, 16, 33, 64, 97]),
        Skv=rng.choice([1, 2, 3, 7, 16, 31, 64, 65, 130, 300]),
        Dk=width, Dv=rng.choice([width, width, 1, 5, 8, 24, 48]))
    for letter, percent in OPEN.items():
        if chance(rng, percent):
            sizes.dynamic.add(letter)
    # One `?` for both counts of heads: that one divides the other is then a
    # matter of run time.
    if "Hq" in sizes.dynamic:
        sizes.dynamic.add("Hkv")
    return sizes


def draw_mask(rng, depth, segments):
    # Not a neighborhood: offsets and positions leave its grid.
    leaves = [
        "causal", f"window<{rng.choice([1, 2, 5, 16, 64])}>",
        f"window<{rng.randint(1, 9)}, {rng.randint(0, 9)}>",
        f"prefix<{rng.choice([0, 1, 4, 33])}>",
        "affine<affine_set<(b, h, i, j) : "
        f"({rng.randint(1, 3)} * i - j + {rng.randint(-4, 8)} >= 0, "
        f"i + j + h * {rng.randint(0, 2)} - {rng.randint(0, 9)} >= 0)>>",
        "affine<affine_set<(b, h, i, j) : "
        f"((i - j) mod {rng.randint(2, 5)} == 0)>>",
        "affine<affine_set<(b, h, i, j) : "
        f"(i floordiv {rng.randint(2, 9)} - j floordiv {rng.randint(2, 9)} >= 0)>>",
        f"sink<{rng.choice([0, 1, 4, 33])}>", f"global<{rng.choice([0, 1, 5])}>",
        f"dilated<{rng.randint(1, 9)}, {rng.randint(1, 9)}>",
        f"strided<{rng.randint(1, 20)}>", f"chunk<{rng.choice([1, 2, 7, 16, 48])}>",
        f"random_block<block = {rng.choice([1, 5, 16, 48])}, blocks = {rng.randint(4, 20)}, "
        f"count = {rng.randint(1, 4)}, seed = {rng.randint(1, 99)}>",
    ]
    if segments:
        leaves.append("segment")
    if depth == 0 or chance(rng, 45):
        return rng.choice(leaves)
    kind = rng.choice(["and", "or", "not", "and", "or", "per_head"])
    count = 1 if kind == "not" else rng.randint(2, 3)
    terms = [draw_mask(rng, depth - 1, segments) for _ in range(count)]
    return f"{kind}<{', '.join(terms)}>"


def draw_score(rng, writer, sizes, element):
    """A region in natural units that keeps logits of a few units small."""
    type = "f64" if element == "f64" else "f32"
    slopes = None
    if "Hq" not in sizes.dynamic and chance(rng, 40):
        slopes = writer.argument("slopes", f"tensor<{sizes.Hq}x{type}>")
    lines, value = [], "%s"
    for step in range(rng.randint(1, 3)):
        out = f"%y_{step}"
        kind = rng.choice(["mul", "add", "tanh", "distance", "select"])
        if kind in ("mul", "add"):
            number = rng.choice(["0.5", "-1.25", "1.5", "0.0"])
            lines.append(f"%n_{step} = arith.constant {number} : {type}")
            lines.append(f"{out} = arith.{kind}f {value}, %n_{step} : {type}")
        elif kind == "tanh":
            lines.append(f"{out} = math.tanh {value} : {type}")
        elif kind == "distance":
            lines += [
                f"%d_{step} = arith.subi %j, %i : index",
                f"%e_{step} = arith.index_cast %d_{step} : index to i32",
                f"%g_{step} = arith.sitofp %e_{step} : i32 to {type}",
                f"%k_{step} = arith.constant 0.03125 : {type}",
                f"%p_{step} = arith.mulf %g_{step}, %k_{step} : {type}"]
            if slopes:
                lines += [
                    f"%x_{step} = tensor.extract {slopes}[%h] : tensor<{sizes.Hq}x{type}>",
                    f"%z_{step} = arith.mulf %p_{step}, %x_{step} : {type}",
                    f"{out} = arith.addf {value}, %z_{step} : {type}"]
            else:
                lines.append(f"{out} = arith.addf {value}, %p_{step} : {type}")
        else:
            predicate = rng.choice(["slt", "sge", "eq"])
            lines += [
                f"%t_{step} = arith.cmpi {predicate}, %i, %j : index",
                f"%m_{step} = arith.negf {value} : {type}",
                f"{out} = arith.select %t_{step}, {value}, %m_{step} : {type}"]
        value = out
    body = "\n    ".join(lines)
    return (f" score {{\n  ^bb0(%s: {type}, %b: index, %h: index, %i: index, %j: index):\n"
            f"    {body}\n    attn.yield {value} : {type}\n  }}")


def draw_where(rng):
    kind = rng.choice(["compare", "parity", "head"])
    body = {
        "compare": [f"%t = arith.cmpi {rng.choice(['sle', 'sge', 'ne'])}, %j, %i : index"],
        "parity": [f"%n = arith.constant {rng.randint(2, 4)} : index",
                   "%z = arith.constant 0 : index",
                   "%x = arith.addi %i, %j : index",
                   "%r = arith.remsi %x, %n : index",
                   "%t = arith.cmpi ne, %r, %z : index"],
        "head": ["%x = arith.addi %h, %b : index",
                 "%t = arith.cmpi sge, %j, %x : index"],
    }[kind]
    return (" where {\n  ^bb0(%b: index, %h: index, %i: index, %j: index):\n    "
            + "\n    ".join(body) + "\n    attn.yield %t : i1\n  }")


def draw_clauses(rng, writer, sizes, element, can_sink):
    """The clauses before and the regions after which the types come."""
    clauses = []
    segments = chance(rng, 15)
    if segments:
        q = writer.argument("qs", sizes.type(["B", "Sq"], "i32"), sizes.open(["B", "Sq"]))
        k = writer.argument("ks", sizes.type(["B", "Skv"], "i32"), sizes.open(["B", "Skv"]))
        clauses.append(f"segments({q}, {k} : {sizes.type(['B', 'Sq'], 'i32')}, "
                       f"{sizes.type(['B', 'Skv'], 'i32')})")
        mask = "segment" if chance(rng, 50) else f"and<segment, {draw_mask(rng, 2, True)}>"
        clauses.append(f"mask({mask})")
    elif chance(rng, 65):
        clauses.append(f"mask({draw_mask(rng, 2, False)})")
    place = rng.randrange(10)
    if place == 0:
        clauses.append("align(bottom_right)")
    elif place == 1:
        name = writer.constant(rng.choice([-3, 0, 2, 40]), "index")
        clauses.append(f"offset({name} : index)")
    elif place == 2:
        type = sizes.type(["B"], "i32")
        clauses.append(f"offset({writer.argument('off', type, sizes.open(['B']))} : {type})")
    elif place == 3:
        types = sizes.type(["B", "Sq"], "i32"), sizes.type(["B", "Skv"], "i32")
        q = writer.argument("qp", types[0], sizes.open(["B", "Sq"]))
        k = writer.argument("kp", types[1], sizes.open(["B", "Skv"]))
        clauses.append(f"positions({q}, {k} : {types[0]}, {types[1]})")
    if chance(rng, 20):
        letters = ["B", "Hq", "Sq", "Skv"][rng.randrange(4):]
        ones = [x if chance(rng, 70) else None for x in letters]
        dims = ["1" if x is None else "?" if x in sizes.dynamic else str(getattr(sizes, x))
                for x in ones]
        type = "tensor<" + "".join(d + "x" for d in dims) + rng.choice([element, "f32"]) + ">"
        name = writer.argument("bias", type, sizes.open([x for x in ones if x]))
        clauses.append(f"bias({name} : {type})")
    if chance(rng, 15):
        type = sizes.type(["B"], "i32")
        clauses.append(f"kv_lengths({writer.argument('len', type, sizes.open(['B']))} : {type})")
    if chance(rng, 10):
        clauses.append("strict_values")
    if can_sink and chance(rng, 15):
        type = sizes.type(["Hq"], "f64" if element == "f64" else "f32")
        clauses.append(f"sink({writer.argument('sink', type, sizes.open(['Hq']))} : {type})")
    rng.shuffle(clauses)
    regions = ""
    if chance(rng, 20):
        regions += draw_score(rng, writer, sizes, element)
    if chance(rng, 15):
        regions += draw_where(rng)
    return " ".join(clauses), regions


def twist(rng, text):
    """Makes one thing wrong: a clause, an extent, a type or an operand."""
    swaps = [("x1x", "x2x"), ("f32", "f16"), ("scale(", "scale(-"), ("outs(", "outs(%q1, "),
             (" : index", " : i64"), ("i32>", "i64>"), ("causal", "window<0>"), ("<1x", "<"),
             ("?x", "4x"), ("attn.attention", "attn.merge"), ("(%", "(%q1, %")]
    swaps = [s for s in swaps if s[0] in text]
    old, new = rng.choice(swaps)
    parts = text.split(old)
    at = rng.randrange(1, len(parts))
    return old.join(parts[:at]) + new + old.join(parts[at:])
