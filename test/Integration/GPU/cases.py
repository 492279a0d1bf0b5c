"""What is compiled for a GPU, and with which sizes and data it is run there.

A `Case` is a program and its runs; its fields are those of `attn.attention`.
`GROUPS` has the cases by the row of docs/status.md that counts them. Nothing
but Python is needed to read this.
"""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from dataclasses import dataclass, replace
from math import gcd

# What a mask is called here: its spelling in IR, and its value where query i of
# head h may see key j. `same` says whether both are in one segment.
MASKS = {
    "causal": ("causal", lambda h, i, j, same: j <= i),
    "window": ("window<100>", lambda h, i, j, same: (i - j >= 0) & (i - j < 100)),
    "window2": ("window<40, 30>", lambda h, i, j, same: (i - j >= -30) & (i - j < 40)),
    "prefix": ("prefix<70>", lambda h, i, j, same: (j < 70) & (i == i)),
    "segment": ("segment", lambda h, i, j, same: same),
    "affine": ("affine<affine_set<(b, h, i, j) : (i - j >= 0, (i - j) mod 3 == 0)>>",
               lambda h, i, j, same: (i >= j) & ((i - j) % 3 == 0)),
    "affine_heads": ("affine<affine_set<(b, h, i, j) : ((i + h) floordiv 64 - j floordiv 64 == 0)>>",
                     lambda h, i, j, same: (i + h) // 64 == j // 64),
    "or": ("or<causal, prefix<50>>", lambda h, i, j, same: (j <= i) | (j < 50)),
    "and": ("and<causal, or<window<64>, prefix<4>>>",
            lambda h, i, j, same: (j <= i) & ((i - j < 64) | (j < 4))),
    "not": ("not<and<causal, window<64>>>",
            lambda h, i, j, same: ~((j <= i) & (i - j < 64))),
    "segment_causal": ("and<segment, causal>", lambda h, i, j, same: same & (j <= i)),
    "nothing": ("and<causal, not<causal>>", lambda h, i, j, same: (i != i) & (j != j)),
}


def is_near(i, j, grid, kernel):
    """Whether cell j is in the window of cell i along each dimension."""
    near = (i == i) & (j == j)
    for size, width in zip(grid[::-1], kernel[::-1]):
        start = (i % size - width // 2).clamp(0, size - width)
        near = near & (start <= j % size) & (j % size < start + width)
        i, j = i // size, j // size
    return near


def is_drawn(h, i, j, block, blocks, count, seed):
    """Whether the block of key j is one that is drawn for the block of query i."""
    drawn = (i != i) & (j != j)
    for r in range(count):
        first, m = r * blocks // count, (r + 1) * blocks // count - r * blocks // count
        a, b, c = (seed * pow(48271, 3 * r + n, 2**31 - 1) % (2**31 - 1) % m for n in (1, 2, 3))
        while gcd(a, m) > 1:
            a += 1
        drawn = drawn | (j // block - first == (a * (i // block) + b * h + c) % m)
    return drawn


def is_before_or_ancestor(j, start, words):
    """Whether key j lies before the tree, or its bit is set in the words of a query."""
    node = (j - start).expand(len(words), j.shape[1])
    known = (node >= 0) & (node < 32 * words.shape[1])
    place = node.where(known, 0)
    return (node < 0) | known & (words.gather(1, place // 32) >> place % 32 & 1 == 1)


# Sparse patterns; keys of which some tiles see nothing lie between others.
PATTERNS = {
    "sink_window": ("or<window<40>, and<causal, sink<4>>>",
                    lambda h, i, j, same: (j <= i) & ((i - j < 40) | (j < 4))),
    "global": ("or<window<16, 16>, global<3>>",
               lambda h, i, j, same: (i - j >= -16) & (i - j < 16) | (i < 3) | (j < 3)),
    "dilated": ("dilated<40, 5>",
                lambda h, i, j, same: (i >= j) & (i - j < 200) & ((i - j) % 5 == 0)),
    "strided": ("and<causal, or<window<32>, strided<32>>>",
                lambda h, i, j, same: (j <= i) & ((i - j < 32) | ((i - j) % 32 == 0))),
    "chunk": ("and<causal, chunk<48>>",
              lambda h, i, j, same: (j <= i) & (i // 48 == j // 48)),
    "neighborhood": ("neighborhood<[13, 16], [5, 5]>",
                     lambda h, i, j, same: is_near(i, j, (13, 16), (5, 5))),
    "per_head": ("per_head<causal, window<100>>",
                 lambda h, i, j, same: (j <= i) & ((i - j < 100) | (h % 2 == 0))),
    "random_block": ("or<window<40, 30>, random_block<block = 64, blocks = 11, count = 2, seed = 7>>",
                     lambda h, i, j, same: (i - j >= -30) & (i - j < 40) | is_drawn(h, i, j, 64, 11, 2, 7)),
    "repeated": ("and<causal, or<window<64>, affine<affine_set<(b, h, i, j) : "
                 "(j mod 256 - 192 >= 0)>>>>",
                 lambda h, i, j, same: (j <= i) & ((i - j < 64) | (j % 256 >= 192))),
}
MASKS |= PATTERNS
# Those that read a number by batch entry, or by head, in the place of `same`.
PARAMETERS = {
    "prefix_n": ("or<causal, affine<affine_set<(b, h, i, j)[n] : (n - 1 - j >= 0)>>>", "B11",
                 lambda h, i, j, n: (j <= i) | (j < n)),
    "span_n": ("and<causal, affine<affine_set<(b, h, i, j)[n] : (n - 1 - i + j >= 0)>>>", "1H1",
               lambda h, i, j, n: (j <= i) & (i - j < n)),
}
# Also the words of ancestors.
PARAMETERS["tree"] = ("tree", "B11", lambda h, i, j, same: is_before_or_ancestor(j, *same))
MASKS |= {name: (text, holds) for name, (text, _, holds) in PARAMETERS.items()}


def softcap(cap):
    return (f"""%cap = arith.constant {cap} : f32
%x = arith.divf %s, %cap : f32
%t = math.tanh %x : f32
%y = arith.mulf %t, %cap : f32""", lambda s, b, h, i, j, slopes: cap * (s / cap).tanh())


# Score and mask regions: their lines, and their value by the methods of a
# tensor. `slopes` and `seen` are operands, by head and by key.
SCORES = {
    "softcap": softcap(5.0),
    "alibi": ("""%h1 = arith.index_cast %h : index to i32
%h2 = arith.sitofp %h1 : i32 to f32
%h3 = arith.negf %h2 : f32
%slope = math.exp2 %h3 : f32
%n = arith.subi %j, %i : index
%m = arith.index_cast %n : index to i32
%f = arith.sitofp %m : i32 to f32
%p = arith.mulf %f, %slope : f32
%y = arith.addf %s, %p : f32""",
              lambda s, b, h, i, j, slopes: s + ((j - i) * 2.0 ** -h).to(s.dtype)),
    "slopes": ("""%slope = tensor.extract %slopes[%h] : $slopes
%n = arith.addi %b, %j : index
%m = arith.index_cast %n : index to i32
%f = arith.sitofp %m : i32 to f32
%p = arith.mulf %f, %slope : f32
%y = arith.addf %s, %p : f32""",
               lambda s, b, h, i, j, slopes: s + ((b + j) * slopes[h]).to(s.dtype)),
}
WHERES = {
    "thirds": ("""%three = arith.constant 3 : index
%zero = arith.constant 0 : index
%n = arith.addi %i, %j : index
%m = arith.addi %n, %h : index
%p = arith.addi %m, %b : index
%r = arith.remsi %p, %three : index
%y = arith.cmpi ne, %r, %zero : index""",
               lambda b, h, i, j, seen: (i + j + h + b) % 3 != 0),
    "seen": ("""%y = tensor.extract %seen[%j] : $seen""",
             lambda b, h, i, j, seen: seen[j] & (i == i)),
}


@dataclass(frozen=True)
class Case:
    name: str = ""
    dtype: str = "bf16"
    B: int = 1
    Hq: int = 4
    Hkv: int = 2
    Sq: int = 200
    Skv: int = 333
    Dk: int = 64
    Dv: int = 0  # Dk if it is 0
    scale: float = 0.0  # 1 / sqrt(Dk) if it is 0
    mask: str = ""
    bottom_right: bool = False
    offset: object = None  # one number, or a tuple with one for each batch entry
    bias: tuple = ()  # letters of the extents that it has, "1" for one
    bias_dtype: str = "f32"
    sink: str = ""  # its type
    parameters: tuple = ()  # of a mask in PARAMETERS
    kv_lengths: tuple = ()
    positions: bool = False
    score: str = ""
    where: str = ""
    strict_values: bool = False
    lse: bool = True
    dynamic: str = ""  # letters out of BHKSTW: extents that the types leave open
    file: str = ""  # another program than attention, in Inputs
    method: str = ""  # one of the examples, at the sizes of its reference
    family: str = "masks"  # the folder that it is in
    paper: bool = False  # its function with the larger parameters
    length: int = 0  # tokens of a method, in place of its own number
    refused: str = ""  # part of the diagnostic
    sanitize: bool = False
    chip: str = "sm_90a"
    # Data: the size of queries, and how operands and the result lie in memory.
    magnitude: float = 1.0
    growth: float = 0.0  # how much larger the logits of the next key are
    grown: int = 0  # the heads of keys that this holds for, the first; all if it is 0
    # How many blocks are done again in a run, which then is compiled to count them.
    repeats: object = None
    special: str = ""  # nan_key, -inf_value, ...: one element; huge_values
    layout: str = "BHSD"  # BSHD; packed, all three in one tensor; gaps
    poison: bool = False  # NaN in keys and values behind kv_lengths
    runs: tuple = ({},)  # what is different in each run

    def extent(self, letter):
        return {"B": self.B, "H": self.Hq, "K": self.Hkv, "S": self.Sq,
                "T": self.Skv, "D": self.Dk, "E": self.Dv, "1": 1,
                "W": -(-self.Sq // 32)}[letter]

    @property
    def entry(self):
        if self.method:
            return self.method + "_paper" * self.paper
        return self.file.removesuffix(".mlir") or self.name

    @property
    def is_run(self):
        """Whether the GPU of the check, a Hopper, can run it."""
        return self.chip in ("sm_90", "sm_90a")

    def with_run(self, run):
        return replace(self, **run)


def operands(case):
    """Name, letters of the extents and type of each argument, in order."""
    yield from (("q", "BHSD", case.dtype), ("k", "BKTD", case.dtype),
                ("v", "BKTE", case.dtype))
    if case.offset is not None:
        yield ("offset", "B", "i32") if isinstance(case.offset, tuple) else (
            "offset", None, "index")
    if case.bias:
        yield "bias", "".join(case.bias), case.bias_dtype
    if "segment" in case.mask:
        yield from (("qseg", "BS", "i32"), ("kseg", "BT", "i32"))
    if case.parameters:
        yield "parameters", PARAMETERS[case.mask][1], "i32"
    if case.mask == "tree":
        yield "ancestors", "BSW", "i32"
    if case.kv_lengths:
        yield "kv_lengths", "B", "i32"
    if case.positions:
        yield from (("qpos", "BS", "i32"), ("kpos", "BT", "i32"))
    if case.sink:
        yield "sink", "H", case.sink
    if case.score == "slopes":
        yield "slopes", "H", "f32"
    if case.where == "seen":
        yield "seen", "T", "i1"


def results(case):
    yield "out", "BHSE", case.dtype
    if case.lse:
        yield "lse", "BHS", "f32"


def sizes(*pairs, **more):
    return tuple({"Sq": s, "Skv": t, **more} for s, t in pairs)


WIDTHS = (32, 40, 64, 72, 80, 96, 112, 128, 160, 192, 256)
TAILS = sizes((1, 1), (1, 63), (63, 65), (65, 130), (130, 777), (777, 1000),
              (1000, 1), (1, 1000), (64, 64))


def attention():
    for width in WIDTHS:
        for dtype in ("bf16", "f16"):
            yield Case(f"d{width}_{dtype}", dtype, Dk=width,
                       sanitize=width in (40, 64, 128) and dtype == "bf16")
    for dtype in ("bf16", "f16"):
        yield Case(f"dk192_dv128_{dtype}", dtype, Dk=192, Dv=128)
    yield Case("dk64_dv128", Dk=64, Dv=128)
    yield Case("dk128_dv72", Dk=128, Dv=72)
    yield Case("d36", Dk=36)
    yield Case("scale_1", scale=1.0)
    yield Case("scale_negative", scale=-0.3, dtype="f16")
    for heads in (8, 4, 2, 1):
        yield Case(f"gqa_{8 // heads}", B=2, Hq=8, Hkv=heads, Dk=128)
    yield Case("mqa_f16", "f16", B=3, Hq=6, Hkv=1, mask="causal")
    yield Case("no_lse", lse=False, Dk=128)
    yield Case("one_query", Hq=1, Hkv=1, Sq=1, Skv=1, sanitize=True)
    yield Case("decode", Hq=8, Hkv=2, Sq=1, Skv=1000, Dk=128)
    yield Case("square_64", Sq=64, Skv=64)
    yield Case("square_1024", Sq=1024, Skv=1024, Dk=128)
    yield Case("tail_65_63", Sq=65, Skv=63, Dk=128)
    yield Case("tail_777_1000", Sq=777, Skv=1000, Dk=80, dtype="f16")
    yield Case("tail_1000_777", Sq=1000, Skv=777, Dk=256)
    for width, dtype in ((64, "bf16"), (128, "bf16"), (80, "f16"), (256, "bf16")):
        yield Case(f"dynamic_d{width}", dtype, Dk=width, dynamic="ST", runs=TAILS,
                   sanitize=width == 128)
    yield Case("dynamic_all", dynamic="BHKST", runs=(
        {}, {"B": 2, "Hq": 6, "Hkv": 3, "Sq": 65, "Skv": 130}, {"Hq": 1, "Hkv": 1, "Sq": 1}))
    for width, dtype in ((64, "bf16"), (128, "f16")):
        yield Case(f"large_logits_d{width}", dtype, Dk=width, magnitude=100.0)
    yield Case("large_logits_causal", magnitude=100.0, mask="causal", Sq=333)
    # Where the maximum of the first keys says nothing of that of the others.
    for width in (64, 128, 256):
        yield Case(f"growing_d{width}", Dk=width, growth=1.0, Skv=1000,
                   sanitize=width == 64)
    yield Case("growing_causal", mask="causal", growth=0.5, Sq=777, Skv=777, Dk=128)
    yield Case("growing_window", mask="window", growth=2.0, Sq=777, Skv=777)
    yield Case("growing_sink", growth=1.0, sink="f32", Skv=1000)
    yield Case("growing_f16", "f16", growth=1.0, Skv=1000)
    yield Case("growing_some", B=9, Hq=16, Hkv=16, Sq=500, Skv=500, dynamic="ST", runs=(
        {"growth": 0.09}, {"growth": 0.5, "Sq": 130}, {}))
    # Of these it is counted how often a block of 128 rows begins again: 3 of each head,
    # 12 in all, if the maximum of the first keys is of no use. Whole tiles only: one that
    # is cut, the last, would be looked at first.
    counted = dict(Dk=128, Hkv=4, Sq=300, Skv=1024)
    yield Case("repeats_none", repeats=0, **counted)
    yield Case("repeats_growing", growth=1.0, repeats=12, sanitize=True, **counted)
    yield Case("repeats_heads", growth=1.0, repeats=3, grown=1, **counted)
    yield Case("repeats_sink", growth=1.0, sink="f32", repeats=12, **counted)
    yield Case("repeats_nan", special="nan_key", repeats=3, **counted)
    yield Case("repeats_inf", special="inf_key", repeats=3, **counted)
    # Of lengths that are not known the last whole tile comes first.
    yield Case("repeats_runs", growth=-1.0, dynamic="ST", repeats=12, runs=(
        {}, {"growth": 0.0, "repeats": 0}, {"Sq": 129, "repeats": 8}), **counted)
    for special in ("nan_key", "inf_key", "inf_value", "huge_values"):
        yield Case(special, special=special, growth=0.05, Skv=1000)
    for width in (32, 64, 128, 256):
        yield Case(f"d{width}_f32", "f32", Dk=width, sanitize=width == 64)
    yield Case("d40_f32", "f32", Dk=40)
    yield Case("dk96_dv64_f32", "f32", Dk=96, Dv=64, B=2, Hq=8, Hkv=1)
    yield Case("causal_f32", "f32", mask="causal", Sq=333, Dk=128)
    yield Case("dynamic_f32", "f32", dynamic="ST", runs=TAILS)
    yield Case("dynamic_causal_f32", "f32", dynamic="ST", mask="causal", runs=TAILS,
               Dk=128)
    yield Case("long_f32", "f32", Hq=1, Hkv=1, Sq=130, Skv=5000)
    yield Case("large_logits_f32", "f32", magnitude=100.0)
    layouts = tuple({"layout": x} for x in ("BHSD", "BSHD", "packed", "gaps"))
    yield Case("layouts", B=2, Hkv=4, Sq=333, Dk=128, runs=layouts)
    yield Case("layouts_dynamic", "f16", B=2, Hkv=4, Sq=130, Skv=130, dynamic="ST",
               mask="causal", runs=layouts + ({"layout": "packed", "Sq": 77, "Skv": 77},))


def masks():
    for mask in MASKS:
        if mask != "nothing" and mask not in PATTERNS and mask not in PARAMETERS:
            yield Case(f"mask_{mask}", B=2, mask=mask, Sq=300,
                       sanitize=mask in ("causal", "window2"))
    for mask in ("causal", "window", "segment_causal"):
        yield Case(f"mask_{mask}_d128_f16", "f16", mask=mask, Dk=128)
    for mask in ("causal", "window"):
        yield Case(f"mask_{mask}_bottom_right", mask=mask, bottom_right=True)
        yield Case(f"mask_{mask}_bottom_right_d128", mask=mask, bottom_right=True,
                   Dk=128, Sq=333, Skv=200)
        yield Case(f"mask_{mask}_dynamic", mask=mask, dynamic="ST", runs=TAILS,
                   Dk=128)
        yield Case(f"mask_{mask}_bottom_right_dynamic", mask=mask,
                   bottom_right=True, dynamic="ST", runs=TAILS)
    yield Case("mask_causal_d256", mask="causal", Dk=256, Sq=500, Skv=500)
    for mask in PATTERNS:
        # A neighborhood is one of all cells of its grid.
        lengths, runs = {"Sq": 300}, TAILS
        if mask == "neighborhood":
            lengths, runs = {"Sq": 208, "Skv": 208}, sizes((208, 208), (130, 208), (208, 65))
        yield Case(f"mask_{mask}", B=2, mask=mask, **lengths)
        yield Case(f"mask_{mask}_dynamic", mask=mask, dynamic="ST", runs=runs, Dk=128)
    for mask in ("repeated", "sink_window"):
        yield Case(f"mask_{mask}_d128", mask=mask, Dk=128, Sq=1000, Skv=1000)
    for name, numbers in (("prefix_n", (5, 260)), ("span_n", (1, 40, 100, 400))):
        yield Case(f"mask_{name}", B=2, mask=name, parameters=numbers, sanitize=True)
        yield Case(f"mask_{name}_dynamic", B=2, mask=name, parameters=numbers, Dk=128,
                   dynamic="ST", bottom_right=True, runs=TAILS)
    yield Case("mask_tree", B=2, mask="tree", parameters=(133, 260), Sq=64, sanitize=True)
    yield Case("mask_tree_dynamic", B=2, mask="tree", parameters=(0, 70), Dk=128, dynamic="STW", runs=TAILS)
    # Up to 2048 keys have a schedule of their own.
    for width in (64, 256):
        yield Case(f"versions_d{width}", mask="causal", Dk=width, dynamic="ST", bottom_right=True,
                   runs=sizes((130, 2047), (130, 2048), (130, 2049), (2100, 2100)))


def clauses():
    shapes = (("T",), ("1",), ("S", "T"), ("S", "1"), ("H", "1", "T"),
              ("1", "S", "T"), ("B", "1", "1", "T"), ("B", "H", "S", "T"),
              ("B", "1", "S", "1"), ("1", "H", "S", "1"), ("B", "H", "1", "1"),
              ("1", "1", "1", "1"))
    for shape in shapes:
        yield Case(f"bias_{''.join(shape)}", B=2, bias=shape)
    yield Case("bias_bf16", B=2, bias=("S", "T"), bias_dtype="bf16", mask="causal")
    yield Case("bias_f16", "f16", bias=("B", "H", "S", "T"), bias_dtype="f16", Dk=128)
    yield Case("bias_rows_bf16", bias=("H", "1", "T"), bias_dtype="bf16", sink="f32")
    yield Case("bias_dynamic", bias=("B", "H", "S", "T"), dynamic="ST", runs=TAILS)
    yield Case("sink_f32", sink="f32")
    yield Case("sink_bf16", sink="bf16", mask="causal", Dk=128)
    yield Case("kv_lengths", B=3, kv_lengths=(333, 70, 1), sanitize=True)
    yield Case("kv_lengths_poison", B=3, kv_lengths=(64, 70, 200), poison=True,
               mask="causal", Dk=128)
    yield Case("kv_lengths_dynamic", B=2, kv_lengths=(100, 7), dynamic="BST", runs=(
        {}, {"B": 3, "kv_lengths": (333, 2, 128)}))
    yield Case("positions", B=2, positions=True, mask="causal")
    yield Case("positions_window", B=2, positions=True, mask="window2", Dk=128)
    yield Case("offset", mask="causal", offset=100, runs=(
        {}, {"offset": 0}, {"offset": 333}, {"offset": -20}))
    yield Case("offset_window", mask="window", offset=64, Dk=128)
    yield Case("offsets", B=2, mask="causal", offset=(10, 133))
    # What is infinite or NaN is in a tile that only some rows see.
    yield Case("strict_values", B=2, kv_lengths=(333, 100), mask="causal", strict_values=True,
               special="inf_value", poison=True, sanitize=True)
    yield Case("strict_values_f16", "f16", mask="causal", Dk=128, strict_values=True,
               special="-inf_value")
    yield Case("strict_values_f32", "f32", mask="causal", strict_values=True,
               special="nan_value")


def regions():
    for score in SCORES:
        yield Case(f"score_{score}", B=2, score=score)
        yield Case(f"score_{score}_causal", B=2, score=score, mask="causal", Sq=333,
                   Dk=128)
    yield Case("score_softcap_f16", "f16", score="softcap", bias=("S", "T"), sink="f32")
    for where in WHERES:
        yield Case(f"where_{where}", B=2, where=where)
        yield Case(f"where_{where}_causal", B=2, where=where, mask="causal", Dk=128)


def empty():
    yield Case("empty_offset", mask="causal", offset=-50, sanitize=True)
    yield Case("empty_window", mask="window", offset=400)
    yield Case("empty_bottom_right", mask="causal", bottom_right=True, Sq=333, Skv=70)
    yield Case("empty_all", mask="nothing")
    yield Case("empty_all_sink", mask="nothing", sink="f32")
    yield Case("empty_sink", mask="causal", offset=-50, sink="f32", Dk=128)
    yield Case("empty_kv_lengths", B=3, kv_lengths=(0, 333, 5))
    yield Case("empty_no_keys", Skv=0)
    yield Case("empty_dynamic", dynamic="BST", runs=(
        {"Skv": 0}, {"Sq": 0}, {"B": 0}, {}))


def tiled():
    yield Case("matmul", file="matmul.mlir", sanitize=True)
    yield Case("chain", file="chain.mlir", sanitize=True)


METHODS = (
    "alibi", "bigbird", "block_diffusion", "chunk_local", "dilated", "documents",
    "duo_attention", "fox", "gpt_oss", "logsparse", "longformer", "longnet", "moa",
    "natten_2d", "natten_3d", "prefix_lm", "shared_prefix", "sliding_window", "softcap",
    "sparse_transformer_fixed", "sparse_transformer_strided", "streaming_llm", "t5_bias")


# Those that a GPU takes a chunk at a time.
LINEAR = ("deltanet", "gated_deltanet", "lightning", "mamba2", "retnet", "simple_gla")
# Those with more around it than the types of operands, as they are: in bf16.
LINEAR_PAPER = ("abc", "based", "cosformer", "deltaproduct", "gla", "hedgehog",
                "hgrn2", "linear_transformer", "mlstm", "performer", "rfa")

LINEAR_LONG = ("deltanet", "gated_deltanet", "gla", "hgrn2", "kda", "lightning",
               "linear_transformer", "retnet", "simple_gla")


# Those that it takes a token at a time, as their gates are, or their sums.
LINEAR_STEPS = ("gsa", "kda", "rwkv5", "rwkv6", "rwkv7")


def linear():
    for method in LINEAR:
        # Mamba-2 scales its inputs in the program, in f32.
        dtype = "f32" if method == "mamba2" else "bf16"
        yield Case(f"linear_{method}", dtype, method=method, family="linear", lse=False)
    for method in LINEAR_PAPER:
        yield Case(f"linear_{method}", method=method, family="linear", paper=True, lse=False)
    for method in LINEAR_STEPS:
        yield Case(f"linear_{method}", "f32", method=method, family="linear", lse=False)
    yield Case("linear_kda_paper", method="kda", family="linear", paper=True, lse=False)
    yield Case("linear_kda_states", file="kda_states.mlir")
    # So many tokens for few heads that they are cut into pieces.
    for method in LINEAR_LONG:
        yield Case(f"linear_{method}_long", method=method, family="linear", length=1500,
                   paper=method in (*LINEAR_PAPER, "kda"), lse=False,
                   sanitize=method in ("simple_gla", "gated_deltanet", "kda"))


# Methods that choose keys by their values, or have fewer keys than tokens.
ROUTED = ("clusterformer", "clusterkv", "csa", "double_sparsity", "dsa", "fastgen",
          "flexprefill", "infllm_v2", "landmark", "linformer", "luna", "magicpig",
          "minference", "minimax_m3", "moba", "moh", "nsa", "nystrom", "quest", "reformer",
          "resa", "retrievalattention", "retroinfer", "routing_transformer",
          "seerattention", "spargeattn", "switchhead", "xattention")

# With the number of tokens, of which NumPy takes some seconds.
ROUTED_PAPER = {"clusterformer": 1100, "clusterkv": 1331, "csa": 331, "fastgen": 1100,
                "flexprefill": 1100, "infllm_v2": 331, "linformer": 4096, "luna": 1100,
                "magicpig": 1100, "minference": 1100, "minimax_m3": 1100, "moba": 1100,
                "nsa": 331, "quest": 1100, "reformer": 1100, "retrievalattention": 1331,
                "retroinfer": 1331, "routing_transformer": 1100, "switchhead": 131}


def routed():
    for method in ROUTED:
        yield Case(f"routed_{method}", "f32", method=method, family="routed", lse=False)
    for method in ROUTED_PAPER:
        yield Case(f"routed_{method}_paper", method=method, family="routed", paper=True,
                   length=ROUTED_PAPER[method], lse=False,
                   sanitize=method == "moba")


def steps():
    yield Case("step_key_gates", file="step.mlir", sanitize=True)
    yield Case("step_odd_widths", file="step_odd.mlir")


SCANS = ("gateloop", "h3", "hgrn", "longhorn", "mamba1", "rg_lru", "rwkv4")


def scan():
    for method in SCANS:
        yield Case(f"scan_{method}", "f32", method=method, family="scan", lse=False)
        yield Case(f"scan_{method}_paper", method=method, family="scan", paper=True, lse=False,
                   sanitize=method == "mamba1")


HYBRIDS = ("falcon_h1", "hymba", "jamba", "kimi_linear", "lolcats", "minimax", "qwen3_next")
ONLINE = ("lact", "titans_linear", "ttt_linear")


def hybrid():
    for method in HYBRIDS:
        yield Case(f"hybrid_{method}", "f32", method=method, family="hybrid", lse=False)


def online():
    for method in ONLINE:
        yield Case(f"online_{method}", "f32", method=method, family="online", lse=False)


def methods():
    for method in METHODS:
        yield Case(f"method_{method}", method=method, lse=False)


def refused():
    yield Case("refused_f64", "f64", lse=False,
               refused="expected operands of bf16, f16 or f32")
    yield Case("refused_dk576_dv512", Dk=576, Dv=512, Hkv=1,
               refused="fits no schedule")


# Cases that are also compiled for a chip without wgmma, by their group. Hopper
# runs sm_90, where warps multiply on their own as on all others.
PORTABLE = {
    "attention": (
        *(f"d{width}_{dtype}" for width in WIDTHS for dtype in ("bf16", "f16")
          if dtype == "bf16" or width in (32, 64, 128, 256)),
        "dk192_dv128_f16", "dk64_dv128", "d36", "gqa_1", "gqa_4", "mqa_f16",
        "one_query", "decode", "square_1024", "tail_777_1000", "tail_1000_777",
        "dynamic_d64", "dynamic_d128", "large_logits_d64", "layouts",
        "layouts_dynamic", "d32_f32", "d64_f32", "d128_f32", "causal_f32",
        "dynamic_f32"),
    "masks": (
        "mask_causal", "mask_window2", "mask_segment_causal", "mask_affine",
        "mask_causal_d128_f16", "mask_causal_bottom_right_dynamic",
        "mask_causal_d256"),
    "clauses": (
        "bias_ST", "bias_BHST", "bias_bf16", "bias_f16", "sink_bf16", "kv_lengths",
        "kv_lengths_poison", "kv_lengths_dynamic", "positions_window", "offsets"),
    "regions": ("score_softcap", "score_alibi_causal", "where_seen_causal"),
    "empty": ("empty_offset", "empty_kv_lengths", "empty_dynamic"),
    "tiled": ("matmul", "chain"),
}
# What is compiled for other chips, and run nowhere.
CHIPS = ("sm_80", "sm_86", "sm_89", "sm_100", "sm_120")


def on_chip(case, chip, prefix):
    return replace(case, name=f"{prefix}_{case.name}", chip=chip,
                   file=case.file)


GROUPS = {function.__name__: [
    replace(case, Dv=case.Dv or case.Dk, scale=case.scale or case.Dk ** -0.5)
    for case in function()] for function in (
        attention, masks, clauses, regions, empty, tiled, methods, linear, steps, scan, hybrid,
        online, routed, refused)}
_BY_NAME = {case.name: case for cases in GROUPS.values() for case in cases}
GROUPS |= {f"portable_{group}": [on_chip(_BY_NAME[name], "sm_90", "portable")
                                 for name in names]
           for group, names in PORTABLE.items()}
GROUPS["chips"] = [on_chip(_BY_NAME[name], chip, chip) for chip in CHIPS
                   for name in ("d64_bf16", "d128_f16", "d256_bf16", "d64_f32",
                                "mask_causal_d128_f16")]
CASES = {case.name: case for cases in GROUPS.values() for case in cases}
