# The compiler's knowledge of tiles against an integer set library.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which tiles of a mask are empty, full or partial: isl decides, the compiler has to agree.

isl gets each mask as a Presburger set, written from its documentation, and
projects it on tiles, which loses nothing. The compiler says what it knows in
pictures of tiles, of any size at any position, and in the counts of the IO
report, for operations with up to a million queries and keys. What it calls empty
or full has to be that always, and what is empty or full has to be called so.
"""

import functools
import json
import math
import os
import random
import re
import subprocess
from dataclasses import dataclass

import islpy as isl
import numpy as np
import pytest
from attn import driver
from attn.masks import (
    Affine,
    And,
    Causal,
    Chunk,
    Dilated,
    Global,
    Mask,
    Neighborhood,
    Not,
    Or,
    PerHead,
    Point,
    Prefix,
    RandomBlock,
    Sink,
    Strided,
    Window,
)
from attn.pictures import letters

# --- Masks --------------------------------------------------------------------

SIMPLE = [
    Causal(), Window(17), Window(20, 5), Window(1000), Prefix(33), Prefix(0), Sink(4), Global(5), Chunk(48), Chunk(1),
    Affine("2 * i - 3 * j + 50 >= 0"), Affine("i + j - 40 >= 0"), Affine("i - 2 * j >= 0, 2 * j - i + 9 >= 0"),
    Affine("(i + h) floordiv 16 - j floordiv 16 == 0"), Affine("i floordiv 16 - j floordiv 24 >= 0"), Affine("i - j - 4 == 0"),
    PerHead(Causal(), Window(9)), PerHead(Sink(3), And(Causal(), Chunk(16)), Global(40)),
    Not(Window(9, 4)), Not(Chunk(20)), Not(Or(Prefix(30), Chunk(48))), Not(And(Causal(), Window(30))),
    And(Causal(), Chunk(32)), And(Causal(), Or(Window(40), Sink(4))), And(Window(60, 20), Not(Window(10))),
    Or(Prefix(20), Not(Prefix(50))), Or(Causal(), Prefix(100)), And(Or(Causal(), Prefix(30)), Or(Window(12, 12), Sink(4))),
]
# Terms that hold for different rows of a tile, and for none together.
CROSSING = [
    And(Causal(), Not(Causal())), Or(Causal(), Not(Causal())), And(Causal(), Not(Chunk(32))), Or(Window(16, 16), Global(3)),
    Not(Or(Window(5), Global(3))),
    And(Not(And(Window(50), Not(Sink(7)))), Or(Causal(), Not(Or(Chunk(64), Prefix(9))))),
    Affine("i - j >= 0, 20 - i - j >= 0"), Affine("103 - i >= 0, j - 104 >= 0, i floordiv 16 - (j - 104) floordiv 16 - 1 >= 0"),
]
# A remainder, also that of a cell's number on its grid.
REPEATING = [
    Dilated(7, 3), Strided(5), Strided(40), Not(Strided(9)), And(Causal(), Strided(40)), Affine("i - j >= 0, (i - j) mod 4 == 0"),
    Affine("j mod 64 - 48 >= 0"), Affine("i mod 32 - 16 >= 0"), Or(Window(8), Affine("j mod 32 - 16 >= 0")),
    And(Causal(), Or(Window(24), Affine("j mod 64 - 48 >= 0"))), And(Causal(), Or(Window(8), Strided(40), PerHead(Prefix(5), Global(9)))),
    Neighborhood([13, 16], [5, 5]), Neighborhood([37, 5], [9, 3]), Neighborhood([5, 6, 10], [3, 1, 7]),
    And(Causal(), Neighborhood([13, 16], [5, 5])), Not(Neighborhood([13, 16], [5, 5])),
    RandomBlock(16, 9, 3, 7), RandomBlock(5, 40, 2, 12345), RandomBlock(96, 7, 4, 1), And(Causal(), RandomBlock(12, 20, 2, 3)),
    Or(Global(16), Window(16, 16), RandomBlock(16, 40, 3, 9)), Not(RandomBlock(20, 30, 5, 2**31 - 2)),
    PerHead(Causal(), Dilated(9, 4), Neighborhood([13, 16], [5, 5])), Not(And(Or(Causal(), Dilated(7, 3)), PerHead(Chunk(48), Strided(5)))),
]
MASKS = SIMPLE + CROSSING + REPEATING
# With parameters for long sequences; the same kinds.
LONG = [
    Causal(), Window(1024), Window(4096, 100), Prefix(4096), Global(700), And(Causal(), Chunk(8192)), And(Causal(), Or(Sink(64), Window(1024))),
    Or(Causal(), Prefix(5000)), Not(And(Causal(), Window(3000))), Affine("2 * i - 3 * j + 50 >= 0"),
]
LONG_REPEATING = [
    Dilated(256, 4), Dilated(64, 512), Strided(128), And(Causal(), Or(Window(128), Strided(128))), And(Causal(), Or(Window(128), Strided(4096))),
    And(Causal(), Or(Window(256), Affine("j mod 2048 - 1920 >= 0"))), And(Causal(), Or(Chunk(128), Affine("j mod 128 - 120 >= 0"))),
    RandomBlock(64, 500, 3, 7), RandomBlock(1024, 1024, 3, 7), Or(Global(64), Window(64, 64), RandomBlock(64, 64, 3, 7)),
    Neighborhood([1024, 1024], [13, 13]), Neighborhood([16, 256, 256], [3, 5, 7]),
]

# --- Definitions --------------------------------------------------------------


def formula(mask: Mask, h: int) -> str:
    """The definition of `mask` for head h, as isl spells it, over i and j."""
    match mask:
        case Causal():
            return "j <= i"
        case Window(left, right):
            return f"{-right} <= i - j < {left}"
        case Prefix(length) | Sink(length):
            return f"j < {length}"
        case Global(count):
            return f"i < {count} or j < {count}"
        case Dilated(count, step):
            return f"0 <= i - j < {count * step} and (i - j) mod {step} = 0"
        case Strided(stride):
            return f"(i - j) mod {stride} = 0"
        case Chunk(size):
            return f"floor(i / {size}) = floor(j / {size})"
        case RandomBlock(block, blocks, count, seed):
            return " or ".join(f"floor(j / {block}) = {first} + (({a} * floor(i / {block}) + {b * h + c}) mod {m})"
                               for first, m, a, b, c in stripes(blocks, count, seed))
        case Neighborhood():
            return neighborhood(mask)
        case Affine(text):
            text = re.sub(r"(\([^()]*\)|\w+) floordiv (\d+)", r"floor((\1) / \2)", text.replace("==", "="))
            return re.sub(r"\bh\b", str(h), text).replace(",", " and ")
        case PerHead(masks):
            return formula(masks[h % len(masks)], h)
        case And(masks):
            return " and ".join(f"({formula(term, h)})" for term in masks)
        case Or(masks):
            return " or ".join(f"({formula(term, h)})" for term in masks)
        case Not(term):
            return f"not ({formula(term, h)})"
    raise TypeError(f"no definition of {mask}")


def stripes(blocks, count, seed):
    """Of each stripe the first block, the width, and the numbers that a block is drawn by."""
    s = [seed * pow(48271, k, 2**31 - 1) % (2**31 - 1) for k in range(3 * count + 1)]
    for r in range(count):
        first, m = r * blocks // count, (r + 1) * blocks // count - r * blocks // count
        a, b, c = (s[3 * r + k] % m for k in (1, 2, 3))
        yield first, m, next(n for n in range(a, a + m + 1) if math.gcd(n, m) == 1), b, c


def neighborhood(mask):
    """Along each dimension the window of the cell, moved inside at the borders."""
    terms, below = [], 1
    for size, width in zip(mask.grid[::-1], mask.kernel[::-1]):
        i, j = (f"(floor({x} / {below}) mod {size})" for x in "ij")
        start = f"min(max({i} - {width // 2}, 0), {size - width})"
        terms.append(f"{start} <= {j} < {start} + {width}")
        below *= size
    return " and ".join([*terms, f"0 <= i < {below} and 0 <= j < {below}"])


@functools.cache
def sets(mask, h):
    """The pairs that are seen, and those that are not."""
    seen = isl.Set(f"{{ [i, j] : {formula(mask, h)} }}")
    return seen, seen.complement()


@dataclass(frozen=True)
class Tiles:
    """`height` x `width` tiles of `rows` x `cols` pairs, from query `first` and key 0 on."""

    rows: int
    cols: int
    height: int
    width: int
    first: int = 0

    @property
    def extents(self):
        return self.height * self.rows, self.width * self.cols

    def touched_by(self, pairs):
        """The tiles (x, y) that some of the pairs are in."""
        cut = isl.Map(f"{{ [i, j] -> [floor((i - {self.first}) / {self.rows}), floor(j / {self.cols})] }}")
        tiles = pairs.apply(cut).intersect(isl.Set(f"{{ [x, y] : 0 <= x < {self.height} and 0 <= y < {self.width} }}"))
        # Counting takes isl up to 200 times as long without this, by the order of the parts.
        return tiles.coalesce()

    def letters(self, mask, h):
        """What a picture has to show."""
        has_seen, has_hidden = (self.table(self.touched_by(pairs)) for pairs in sets(mask, h))
        return np.where(~has_seen, ".", np.where(has_hidden, "+", "#"))

    def table(self, tiles):
        result = np.zeros((self.height, self.width), bool)

        def mark(point):
            result[tuple(point.get_coordinate_val(isl.dim_type.set, n).to_python() for n in (0, 1))] = True

        tiles.foreach_point(mark)
        return result


# --- Pictures -----------------------------------------------------------------


@pytest.fixture(autouse=True)
def attn_opt():
    tool = driver.find_tool("attn-opt")
    if tool is None:
        pytest.skip("attn-opt is not built: set ATTN_BUILD_DIR or build it into build")
    return tool


def random_tiles(seed):
    """Tiles, and the numbers of queries and keys of a picture that they do not divide."""
    rng = random.Random(seed)
    rows, cols = rng.randint(1, 30), rng.randint(2, 45)
    height, width = rng.randint(3, 9), rng.randint(3, 9)
    tiles = Tiles(rows, cols, height, width, rng.choice([0, 0, 7, 100, -40]))
    return tiles, rows * height - rng.randrange(rows), cols * width - rng.randrange(cols)


def differences(mask, shown, right):
    """A line if tiles are shown as what they are not."""
    wrong = shown != right
    for x, y in np.argwhere(wrong)[:1]:
        yield f"{mask}: {np.sum(wrong)} of {wrong.size} tiles, first ({x}, {y}): {shown[x, y]} is {right[x, y]}"


def check_pictures(tiles, queries, keys, h):
    """All masks; tiles reach behind the last query and key."""
    pictures = letters(MASKS, queries, keys, tile=(tiles.rows, tiles.cols), offset=tiles.first, head=h)
    wrong = [line for mask, picture in zip(MASKS, pictures, strict=True)
             for line in differences(mask, picture, tiles.letters(mask, h))]
    assert not wrong, "\n".join([str(tiles), *wrong])


@pytest.mark.parametrize("first", [0, -40])
def test_definitions(first):
    """Those for isl are those of the package, pair by pair."""
    tiles = Tiles(1, 1, 60, 80, first)
    at = Point(0, 1, first + np.arange(60)[:, None], np.arange(80)[None])
    for mask in MASKS:
        want = np.where(np.broadcast_to(mask.evaluate(at), (60, 80)), "#", ".")
        assert (tiles.letters(mask, 1) == want).all(), str(mask)


@pytest.mark.parametrize("seed", range(20))
def test_pictures(seed):
    check_pictures(*random_tiles(seed), seed % HEADS)


def test_pictures_of_a_million_positions():
    check_pictures(Tiles(3, 65000, 5, 17, 2**20 - 500), 14, 17 * 65000 - 7, 1)


def test_a_wrong_picture_is_seen():
    """The twin that must fail: a window that is one key wider, and a full tile that is called partial."""
    tiles = Tiles(4, 5, 9, 9)
    right = tiles.letters(Window(17), 0)
    shown, = letters([Window(18)], *tiles.extents, tile=(4, 5))
    assert list(differences("m", shown, right)) == ["m: 1 of 81 tiles, first (6, 2): # is +"]
    assert list(differences("m", np.where(right == "#", "+", right), right))


# --- Counts -------------------------------------------------------------------

HEADS, ROWS, COLS = 3, 96, 256


@dataclass(frozen=True)
class Extents:
    """Of an operation. Where it is aligned so, the last query has the position of the last key."""

    queries: int
    keys: int
    bottom_right: bool = False

    @property
    def first(self):
        return self.keys - self.queries if self.bottom_right else 0


def report(tool, folder, masks, extents):
    """The numbers of tiles that the IO report has for each mask, over all heads."""
    q, k = (f"tensor<1x{HEADS}x{n}x16xf32>" for n in (extents.queries, extents.keys))
    align = "align(bottom_right)" if extents.bottom_right else ""
    schedule = f"schedule(#attn.schedule<rows = {ROWS}, cols = {COLS}, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>)"
    source, result = folder / "masks.mlir", folder / "report.json"
    source.write_text("".join(
        f"func.func @mask{number}(%q: {q}, %k: {k}) -> {q} {{\n"
        f"  %r = attn.attention %q, %k, %k outs(%q) scale(1.0) mask({mask}) {align} {schedule} : {q}, {k}, {k} -> {q}\n"
        f"  return %r : {q}\n}}\n" for number, mask in enumerate(masks)))
    done = subprocess.run([tool, source, f"--attn-io-report=cpu=x86-64-v3 threads=2 format=json file={result}", "-o", os.devnull],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [fold["tiles"] for fold in json.loads(result.read_text())["folds"]]


def solve(mask, extents):
    """These numbers by isl. A tile that reaches behind the last key is not full."""
    tiles = Tiles(ROWS, COLS, -(-extents.queries // ROWS), -(-extents.keys // COLS), extents.first)
    rows = isl.Set(f"{{ [i, j] : i < {extents.first + extents.queries} }}")
    exists = isl.Set(f"{{ [i, j] : j < {extents.keys} }}")
    total, seen, hidden = HEADS * tiles.height * tiles.width, 0, 0
    for h in range(HEADS):
        visible, invisible = sets(mask, h)
        seen += tiles.touched_by(visible & exists & rows).count_val().to_python()
        hidden += tiles.touched_by((invisible | exists.complement()) & rows).count_val().to_python()
    return {"empty": total - seen, "full": total - hidden, "partial": seen + hidden - total}


def look(mask, extents):
    """These numbers by looking at all pairs."""
    i, j = extents.first + np.arange(extents.queries)[:, None], np.arange(-(-extents.keys // COLS) * COLS)[None]
    numbers = {"empty": 0, "full": 0, "partial": 0}
    for h in range(HEADS):
        seen = mask.evaluate(Point(0, h, i, j)) & (j < extents.keys)
        some, every = (f.reduceat(f.reduceat(seen, range(0, len(i), ROWS), axis=0), range(0, j.size, COLS), axis=1)
                       for f in (np.logical_or, np.logical_and))
        for name, tiles in (("empty", ~some), ("full", every), ("partial", some & ~every)):
            numbers[name] += int(tiles.sum())
    return numbers


@pytest.mark.parametrize("extents", [Extents(1000, 1000), Extents(700, 1003, True), Extents(1003, 700), Extents(1300, 900, True)], ids=str)
def test_counts_by_brute_force(attn_opt, tmp_path, extents):
    for mask, found in zip(MASKS, report(attn_opt, tmp_path, MASKS, extents), strict=True):
        right = look(mask, extents)
        assert solve(mask, extents) == found == right, str(mask)


@pytest.mark.parametrize("extents", [Extents(2**15, 2**15), Extents(32000, 32777, True), Extents(2**20, 2**20)], ids=str)
def test_counts_of_long_sequences(attn_opt, tmp_path, extents):
    for mask, found in zip(LONG, report(attn_opt, tmp_path, LONG, extents), strict=True):
        assert found == solve(mask, extents), str(mask)


@pytest.mark.parametrize("mask", LONG_REPEATING, ids=str)
def test_counts_of_what_repeats(attn_opt, tmp_path, mask):
    """Holes that repeat along the keys, narrower and wider than a tile."""
    wrong = []
    for extents in (Extents(1000, 1000), Extents(32000, 32777, True), Extents(2**20, 2**20)):
        found, = report(attn_opt, tmp_path, [mask], extents)
        right = solve(mask, extents)
        if found != right:
            wrong.append(f"{extents}: {found}, is {right}")
    assert not wrong, "\n".join(wrong)


def test_a_wrong_count_is_seen(attn_opt, tmp_path):
    """The twin that must fail: a window that is one key wider, so that it reaches one tile more."""
    extents = Extents(700, 1003, True)
    found, = report(attn_opt, tmp_path, [Window(144)], extents)
    assert found == solve(Window(144), extents) != solve(Window(145), extents)
