# Reformer and the Routing Transformer on a GPU: the programs.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The examples of both methods, with the sizes of a cell; of parts, what leads to them.

Buckets of Reformer are pairs of hashes, one of each of two rotations, as its authors
made them for long sequences: with one rotation of S / 128 columns hashing would take a
time with the square of the length.
"""

import re
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "routed"
KINDS = ("reformer", "routing", "hashing", "order", "members")


def example(name):
    """Its functions of the sizes of the paper."""
    text = (EXAMPLES / f"{name}.mlir").read_text()
    return text[text.index("!paper_q") :]


def with_length(text, length):
    """Dynamic lengths as static ones."""
    text = re.sub(r"x\?(?=[x>])", f"x{length}", text).replace("(%length)", "()", 1000)
    text = re.sub(r"(\(s ceildiv \d+\)>)\(\)", r"\1(%length)", text)
    return re.sub(r"(?<=[\[ ])%length(?=[,\]])", str(length), text)


def until(text, line, result, kind):
    """The last function up to `line`, which returns what is known then."""
    head, _, rest = text.rpartition("func.func @")
    body = rest[: rest.index(line)].replace("-> !paper_q {", f"-> {kind} {{", 1)
    return f"{head}func.func @{body}return {result} : {kind}\n}}\n"


def replaced(text, old, new):
    if old not in text:
        raise ValueError(f"the example has no {old!r}")
    return text.replace(old, new)


def two_hashes(cell):
    """In place of one of all buckets: the first number counts those of the second."""
    first, second = (count // 2 for count in cell["hashes"])
    heads = cell["H"] * cell["rounds"]
    lines = []
    for name, begin, count in (("a", 0, first), ("b", first, second)):
        kind = f"tensor<1x{heads}x{count}x{cell['D']}xbf16>"
        lines += [
            f"%r{name} = tensor.extract_slice %rotations[0, 0, {begin}, 0] "
            f"[1, {heads}, {count}, {cell['D']}] [1, 1, 1, 1] : !paper_rotations to {kind}",
            f"%b{name} = attn.cluster rotated %q, %r{name} outs(%3) "
            f": !paper_q, {kind} -> !paper_order",
        ]
    each = "affine_map<(b, h, i) -> (b, h, i)>"
    return "\n  ".join([
        *lines,
        f"%many = arith.constant {cell['hashes'][1]} : i32",
        f"%buckets = linalg.generic {{indexing_maps = [{each}, {each}, {each}], "
        'iterator_types = ["parallel", "parallel", "parallel"]}',
        "    ins(%ba, %bb : !paper_order, !paper_order) outs(%3 : !paper_order) {",
        "^bb0(%a: i32, %b: i32, %init: i32):",
        "  %x = arith.muli %a, %many : i32",
        "  %y = arith.addi %x, %b : i32",
        "  linalg.yield %y : i32",
        "} -> !paper_order",
    ])


def reformer(cell):
    text = example("reformer")
    text = replaced(text, "x1x?x2xi32", f"x1x{cell['S'] // cell['chunk']}x2xi32")
    text = replaced(text, "x256x64xbf16", f"x{sum(cell['hashes']) // 2}x64xbf16")
    text = replaced(text, "tensor.empty(%chunks)", "tensor.empty()")
    text = re.sub(r"%buckets = attn\.cluster .*", two_hashes(cell), text)
    text = with_length(text, cell["S"])
    if cell["kind"] == "hashing":
        text = until(text, "%order = attn.sort", "%buckets", "!paper_order")
    if cell["kind"] == "order":
        text = until(text, "%back = attn.sort", "%order", "!paper_order")
    return text.replace("reformer_paper", cell["program"])


def routing(cell):
    count, heads = cell["clusters"], cell["H"]
    text = with_length(example("routing_transformer"), cell["S"])
    sizes = {8712: heads * count**2, 1089: count**2, 264: heads * count, 33: count}
    text = re.sub(r"(?<!\d)(8712|1089|264|33)(?!\d)", lambda m: str(sizes[int(m[0])]), text)
    if cell["kind"] == "members":
        text = until(text, "%lk = func.call", "%lq", "!paper_lists")
    return text.replace("routing_transformer_paper", cell["program"])


def source(cell):
    return routing(cell) if cell["kind"] in ("routing", "members") else reformer(cell)
