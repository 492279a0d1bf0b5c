# Compiled masks at every length.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every kind of mask at each length from 1 to 300, in tiles of several sizes.

Queries are 0, so that a row of the result is the mean of the values it sees.
Values are random integers: sums of them are exact, and other keys have another
mean. Lengths are dynamic, so that one shared library has all masks in tiles of
one size; it is called once for each length. The compiler's own tiles are larger
than most lengths, so that they get the plain masks only.
"""

import ctypes
import random
import subprocess

import numpy as np
import pytest
from attn import driver
from attn.masks import (
    Affine, And, Causal, Chunk, Dilated, Global, Neighborhood, Not, Or, PerHead, Point, Prefix, RandomBlock, Segment, Sink, Strided,
    Tree, Window,
)
from sweep import grids

MOST = 300
HEADS, COLUMNS = 3, 3
# Positions of queries, where they are moved.
LOW, HIGH = -40, 360
LEAVES = [
    Causal(), Window(17), Window(20, 5), Prefix(33), Sink(4), Global(5), Dilated(7, 3), Strided(5), Chunk(48), Segment(),
    Neighborhood([13, 16], [5, 5]), Neighborhood([300], [31]), Neighborhood([5, 6, 10], [3, 1, 7]), Neighborhood([37, 5], [9, 3]),
    PerHead(Causal(), Window(9)), Affine("i - j >= 0, (i - j) mod 4 == 0"), RandomBlock(16, 19, 3, 7), RandomBlock(48, 7, 2, 5), Tree(),
]
MASKS = LEAVES + [
    And(Causal(), Or(Window(40), Sink(4))), Or(Window(16, 16), Global(3)), And(Causal(), Strided(7)), And(Causal(), Chunk(32)),
    And(Causal(), Or(Window(24), Affine("j mod 64 - 48 >= 0"))), And(Segment(), Causal()), Not(Chunk(20)), Not(And(Causal(), Window(30))),
    Or(Window(8), Affine("j mod 32 - 16 >= 0")), Or(Global(12), Window(12, 12), RandomBlock(12, 25, 2, 3)), And(Tree(), Not(RandomBlock(24, 9, 4, 9))),
    PerHead(Sink(3), And(Causal(), Chunk(16)), Not(Dilated(4, 2))), And(Causal(), Or(Window(8), Strided(16), PerHead(Prefix(5), Global(9)))),
]


def nested(rng, depth=2):
    """A list of leaves or of such lists."""
    masks = [rng.choice(LEAVES) if depth == 0 or rng.random() < 0.4 else nested(rng, depth - 1) for _ in range(rng.randint(2, 3))]
    return rng.choice((And, Or, PerHead, lambda *masks: Not(And(*masks))))(*masks)


MASKS += [nested(random.Random(seed)) for seed in range(4)]


def schedules():
    """Tiles of random sizes."""
    rng = random.Random(11)
    for cols, flags in ((1, ""), (2, ", partial_first = true"), (5, ", hoist_pack = false, longest_first = true")):
        yield (f"schedule(#attn.schedule<rows = {6 * rng.randint(1, 12)}, cols = {16 * cols}, "
               f"micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>{flags}>)")


class Data:
    """Values, of which a call takes the first, and the segment of each position."""

    rng = np.random.default_rng(5)
    v = rng.integers(1, 4096, (MOST, COLUMNS))
    _segments = np.sort(rng.integers(0, 8, HIGH - LOW)).astype(np.int32)

    # Bits of nodes behind the first keys, as if positions were rows of a tree.
    _ancestors = rng.integers(-(2**31), 2**31, (HIGH - LOW, -(-MOST // 32))).astype(np.int32)
    start = np.full((1, 1, 1), 40, np.int32)

    @classmethod
    def segments(cls, first, count):
        return cls._segments[None, first - LOW : first - LOW + count]

    @classmethod
    def ancestors(cls, first, count):
        return cls._ancestors[None, first - LOW : first - LOW + count]


def means(mask, first, rows):
    """``[h, i, n]``: what the query at position `first` + i has for the result if there are n keys."""
    i, j = first + np.arange(rows)[:, None], np.arange(MOST)[None]
    same = Data.segments(first, rows).T == Data.segments(0, MOST)
    sums = np.zeros((HEADS, rows, MOST + 1, COLUMNS))
    counts = np.zeros((HEADS, rows, MOST + 1, 1))
    for h in range(HEADS):
        at = Point(0, h, i, j, same, (40,), Data.ancestors(first, rows)[0])
        seen = np.broadcast_to(mask.evaluate(at), same.shape)
        np.cumsum(seen[..., None] * Data.v, axis=1, out=sums[h, :, 1:])
        np.cumsum(seen[..., None], axis=1, out=counts[h, :, 1:])
    return (sums / np.maximum(counts, 1)).astype(np.float32)


def write(masks, clauses, entry):
    """A function of all masks, with dynamic lengths and an offset."""
    q, k, v, o = (f"tensor<1x{heads}x?x{width}xf32>" for heads, width in ((HEADS, 1), (1, 1), (1, COLUMNS), (HEADS, COLUMNS)))
    segment, start, words = "tensor<1x?xi32>", "tensor<1x1x1xi32>", f"tensor<1x?x{-(-MOST // 32)}xi32>"
    lines = ["%c2 = arith.constant 2 : index", f"%n = tensor.dim %q, %c2 : {q}"]
    for number, mask in enumerate(masks):
        operands = f"segments(%qs, %ks : {segment}, {segment})" if mask.reads_segments() else ""
        operands += f" parameters(%start : {start})" if mask.num_parameters() else ""
        operands += f" ancestors(%words : {words})" if mask.reads_ancestors() else ""
        lines += [f"%e{number} = tensor.empty(%n) : {o}",
                  f"%r{number} = attn.attention %q, %k, %v outs(%e{number}) scale(1.0) mask({mask}) {operands} {clauses} : {q}, {k}, {v} -> {o}"]
    types, body = ", ".join([o] * len(masks)), "\n  ".join(lines)
    names = ", ".join(f"%r{number}" for number in range(len(masks)))
    return (f"func.func @{entry}(%q: {q}, %k: {k}, %v: {v}, %qs: {segment}, %ks: {segment}, %start: {start}, %words: {words}, %offset: index) -> ({types}) {{\n"
            f"  {body}\n  return {names} : {types}\n}}\n")


class Program:
    """All masks, compiled into one shared library."""

    def __init__(self, folder, masks, clauses):
        tool = driver.find_tool("attn-compile")
        if tool is None:
            pytest.skip("attn-compile is not built: set ATTN_BUILD_DIR or build it into build")
        self.masks = masks
        source, library = folder / "masks.mlir", folder / "masks.so"
        source.write_text(write(masks, clauses, "masks"))
        done = subprocess.run([tool, source, "--entry=masks", "--target=host", "--opt-level=0", "--emit=so", "-o", library],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        self.entry = ctypes.CDLL(str(library))._mlir_ciface_masks

    def __call__(self, Sq, Skv, offset=0):
        """The result of each mask, as ``[h, i, column]``."""
        q, k = np.zeros((1, HEADS, Sq, 1), np.float32), np.zeros((1, 1, Skv, 1), np.float32)
        v = Data.v[None, None, :Skv].astype(np.float32)
        outs = [np.full((1, HEADS, Sq, COLUMNS), np.nan, np.float32) for _ in self.masks]
        tensors = [descriptor(x) for x in (q, k, v, Data.segments(offset, Sq), Data.segments(0, Skv), Data.start, Data.ancestors(offset, Sq))]
        self.entry(*tensors, ctypes.c_int64(offset), *map(descriptor, outs))
        return [out[0] for out in outs]


def descriptor(array):
    """A memref as the compiled code takes it."""
    strides = (stride // array.itemsize for stride in array.strides)
    words = [array.ctypes.data, array.ctypes.data, 0, *array.shape, *strides]
    return (ctypes.c_int64 * len(words))(*words)


def differences(program, wanted, runs, first=0):
    """One line for each mask that is wrong somewhere: the first run and row where it is.

    A run is ``(Sq, Skv, offset)``; `first` is the position of row 0 of `wanted`.
    """
    lines = {}
    for Sq, Skv, offset in runs:
        begin = offset - first
        for number, (want, got) in enumerate(zip(wanted, program(Sq, Skv, offset))):
            mask = program.masks[number]
            off_grid = any(offset < 0 or max(offset + Sq, Skv) > grid.cells for grid in grids(mask))
            if number in lines or off_grid:
                continue
            right = np.isclose(got, want[:, begin : begin + Sq, Skv], rtol=1e-6, atol=0).all(-1)
            if not right.all():
                h, i = np.argwhere(~right)[0]
                lines[number] = f"{mask}: Sq = {Sq}, Skv = {Skv}, offset = {offset}: {np.sum(~right)} wrong rows, first h = {h}, i = {i}"
    return list(lines.values())


def some_runs(count, offsets):
    """Runs with other numbers of queries than of keys."""
    rng = random.Random(3)
    for _ in range(count):
        offset = rng.choice(offsets)
        yield rng.randint(1, min(MOST, HIGH - offset)), rng.randint(1, MOST), offset


@pytest.fixture(scope="module")
def unmoved():
    """The means of all masks where query i has position i."""
    return [means(mask, 0, MOST) for mask in MASKS]


@pytest.mark.parametrize("clauses", ["", *schedules()], ids=["own", "tiles1", "tiles2", "tiles3"])
def test_every_length(tmp_path, unmoved, clauses):
    program = Program(tmp_path, MASKS if clauses else LEAVES, clauses)
    runs = [(n, n, 0) for n in range(1, MOST + 1)]
    wrong = differences(program, unmoved, [*runs, *some_runs(50, [0])])
    assert not wrong, "\n".join(wrong)


def test_moved_queries(tmp_path):
    program = Program(tmp_path, MASKS, f"offset(%offset : index) {next(schedules())}")
    wanted = [means(mask, LOW, HIGH - LOW) for mask in MASKS]
    wrong = differences(program, wanted, some_runs(150, range(LOW, HIGH)), LOW)
    assert not wrong, "\n".join(wrong)


def test_the_harness_catches_a_wrong_mask(tmp_path):
    """Its must-fail twin: a mask that is one key wider for one head, and one that is right."""
    program = Program(tmp_path, [PerHead(Causal(), Causal(), Window(17)), Chunk(48)], "")
    wanted = [means(mask, 0, MOST) for mask in (PerHead(Causal(), Causal(), Window(18)), Chunk(48))]
    wrong = differences(program, wanted, [(17, 17, 0), (18, 18, 0), (19, 19, 0)])
    assert wrong == ["per_head<causal, causal, window<17>>: Sq = 18, Skv = 18, offset = 0: 1 wrong rows, first h = 2, i = 17"]
