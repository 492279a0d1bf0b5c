# Masks: the closed mask algebra of the attn dialect, as Python values.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The mask algebra of the ``attn`` dialect as Python values.

A mask is a predicate over the logical positions ``(b, h, i, j)``: batch entry,
query head, query and key. Each class has the truth value, written from its
defining inequality, and the spelling in IR, so that one value drives both the
reference and the compiler in a test:

>>> mask = And(Causal(), Or(Window(4), Prefix(1)))
>>> print(mask)
and<causal, or<window<4>, prefix<1>>>

The classes are frozen and hashable. Wrong parameters raise ``ValueError``.
"""

import ast
import math
import re
from dataclasses import dataclass
from typing import Callable

import numpy as np


@dataclass(frozen=True)
class Point:
    """Where a mask is evaluated, for one ``(b, h)``.

    ``i`` is ``int64 [Sq, 1]`` and ``j`` is ``int64 [1, Skv]``, logical
    positions; ``same_segment`` is ``bool [Sq, Skv]`` or ``None`` where no
    segment ids are given; ``parameters`` are the mask's numbers for ``(b, h)``;
    ``ancestors`` is ``int32 [Sq, W]``, a tree's bits, or ``None``.
    """

    b: int
    h: int
    i: np.ndarray
    j: np.ndarray
    same_segment: np.ndarray | None = None
    parameters: tuple = ()
    ancestors: np.ndarray | None = None


class Mask:
    """A predicate over ``(b, h, i, j)``; true where query i sees key j."""

    def evaluate(self, at: Point) -> np.ndarray:
        """The truth value, ``bool`` broadcastable to ``[Sq, Skv]``."""
        raise NotImplementedError

    def reads_segments(self) -> bool:
        """Whether segment ids have to be given."""
        return False

    def num_parameters(self) -> int:
        """How many parameters have to be given."""
        return 0

    def reads_ancestors(self) -> bool:
        """Whether the ancestors of a tree have to be given."""
        return False


@dataclass(frozen=True)
class Causal(Mask):
    """``j <= i``."""

    def evaluate(self, at):
        return at.j <= at.i

    def __str__(self):
        return "causal"


@dataclass(frozen=True)
class Window(Mask):
    """``-right <= i - j < left``; the query itself counts (Beltagy et al. 2020)."""

    left: int
    right: int = 0

    def __post_init__(self):
        if self.left < 1 or self.right < 0:
            raise ValueError(f"C1: window needs left >= 1 and right >= 0, got {self.left}, {self.right}")

    def evaluate(self, at):
        distance = at.i - at.j
        return (-self.right <= distance) & (distance < self.left)

    def __str__(self):
        return f"window<{self.left}, {self.right}>" if self.right else f"window<{self.left}>"


@dataclass(frozen=True)
class Prefix(Mask):
    """``j < length``."""

    length: int

    def __post_init__(self):
        if self.length < 0:
            raise ValueError(f"C1: prefix needs length >= 0, got {self.length}")

    def evaluate(self, at):
        return (at.j < self.length) & (at.i == at.i)

    def __str__(self):
        return f"prefix<{self.length}>"


@dataclass(frozen=True)
class Sink(Mask):
    """``j < count``: the first keys are attention sinks (Xiao et al. 2023)."""

    count: int

    def __post_init__(self):
        if self.count < 0:
            raise ValueError(f"C1: sink needs count >= 0, got {self.count}")

    def evaluate(self, at):
        return (at.j < self.count) & (at.i == at.i)

    def __str__(self):
        return f"sink<{self.count}>"


@dataclass(frozen=True)
class Global(Mask):
    """``i < count or j < count`` (Longformer, Beltagy et al. 2020)."""

    count: int

    def __post_init__(self):
        if self.count < 0:
            raise ValueError(f"C1: global needs count >= 0, got {self.count}")

    def evaluate(self, at):
        return (at.i < self.count) | (at.j < self.count)

    def __str__(self):
        return f"global<{self.count}>"


@dataclass(frozen=True)
class Dilated(Mask):
    """``0 <= i - j < count * step`` and ``step`` divides ``i - j`` (Beltagy et al. 2020)."""

    count: int
    step: int

    def __post_init__(self):
        if self.count < 1 or self.step < 1 or self.count * self.step >= 2**63:
            raise ValueError(f"C1: dilated needs count >= 1 and step >= 1, got {self.count}, {self.step}")

    def evaluate(self, at):
        distance = at.i - at.j
        return (0 <= distance) & (distance < self.count * self.step) & (distance % self.step == 0)

    def __str__(self):
        return f"dilated<{self.count}, {self.step}>"


@dataclass(frozen=True)
class Strided(Mask):
    """``(i - j) mod stride == 0``, in both directions (Child et al. 2019)."""

    stride: int

    def __post_init__(self):
        if self.stride < 1:
            raise ValueError(f"C1: strided needs stride >= 1, got {self.stride}")

    def evaluate(self, at):
        return (at.i - at.j) % self.stride == 0

    def __str__(self):
        return f"strided<{self.stride}>"


@dataclass(frozen=True)
class Chunk(Mask):
    """``i floordiv size == j floordiv size`` (Llama 4)."""

    size: int

    def __post_init__(self):
        if self.size < 1:
            raise ValueError(f"C1: chunk needs size >= 1, got {self.size}")

    def evaluate(self, at):
        return at.i // self.size == at.j // self.size

    def __str__(self):
        return f"chunk<{self.size}>"


@dataclass(frozen=True, init=False)
class Neighborhood(Mask):
    """The window of ``i`` on a grid, moved inside at its borders (NATTEN, Hassani et al. 2023).

    Positions number the cells, the last dimension fastest. Along each dimension
    ``start <= j < start + kernel`` with
    ``start = min(max(i - kernel floordiv 2, 0), grid - kernel)``.
    """

    grid: tuple
    kernel: tuple

    def __init__(self, grid, kernel):
        object.__setattr__(self, "grid", tuple(grid))
        object.__setattr__(self, "kernel", tuple(kernel))
        if not self.grid or len(self.grid) != len(self.kernel):
            raise ValueError(f"C1: neighborhood needs a kernel size for each size of the grid, got {len(self.kernel)} for {len(self.grid)}")
        for size, width in zip(self.grid, self.kernel):
            if not 1 <= width <= size or width % 2 == 0:
                raise ValueError(f"C2: neighborhood needs odd kernel sizes from 1 to {size}, got {width}")
        if self.cells >= 2**63:
            raise ValueError(f"C2: neighborhood needs cells that can be counted, got {self.cells}")

    @property
    def cells(self) -> int:
        """The number of positions."""
        return math.prod(self.grid)

    def _coordinates(self, position):
        """Those of each cell; of the first dimension also behind the grid."""
        coordinates = []
        for size in self.grid[:0:-1]:
            position, coordinate = np.divmod(position, size)
            coordinates.append(coordinate)
        return [position, *coordinates[::-1]]

    def evaluate(self, at):
        cells = int(np.prod(self.grid))
        value = (0 <= at.i) & (at.i < cells) & (0 <= at.j) & (at.j < cells)
        for i, j, size, width in zip(self._coordinates(at.i), self._coordinates(at.j), self.grid, self.kernel):
            start = np.minimum(np.maximum(i - width // 2, 0), size - width)
            value = value & (start <= j) & (j < start + width)
        return value

    def __str__(self):
        return f"neighborhood<{list(self.grid)}, {list(self.kernel)}>"


@dataclass(frozen=True)
class RandomBlock(Mask):
    """`count` of the first `blocks` blocks of keys, for each block of queries and head (BigBird, Zaheer et al. 2020).

    One of each stripe of blocks ``[first_r, first_(r + 1))``, ``first_r = r blocks floordiv count``:
    ``y_r = first_r + (a_r x + b_r h + c_r) mod m_r``, with ``x`` the block of the query and ``m_r`` the width of
    the stripe. The numbers are drawn from the seed by the generator of Park and Miller (1988).
    """

    block: int
    blocks: int
    count: int
    seed: int

    def __post_init__(self):
        if self.block < 1:
            raise ValueError(f"C1: random_block needs block >= 1, got {self.block}")
        if not 1 <= self.count <= self.blocks <= 2**14:
            raise ValueError(f"C2: random_block needs 1 <= count <= blocks <= 2^14, got {self.count}, {self.blocks}")
        if not 1 <= self.seed < 2**31 - 1:
            raise ValueError(f"C3: random_block needs a seed from 1 to 2^31 - 2, got {self.seed}")

    def stripes(self) -> list[tuple]:
        """``(first_r, m_r, a_r, b_r, c_r)`` of each stripe r."""
        result, s = [], self.seed
        for r in range(self.count):
            first, end = (n * self.blocks // self.count for n in (r, r + 1))
            drawn = []
            for _ in "abc":
                s = 48271 * s % (2**31 - 1)
                drawn.append(s % (end - first))
            while math.gcd(drawn[0], end - first) != 1:
                drawn[0] += 1
            result.append((first, end - first, *drawn))
        return result

    def evaluate(self, at):
        x, y = at.i // self.block, at.j // self.block
        value = (x != x) & (y != y)
        for first, m, a, b, c in self.stripes():
            value = value | (y == first + (a * x + b * at.h + c) % m)
        return value

    def __str__(self):
        return f"random_block<block = {self.block}, blocks = {self.blocks}, count = {self.count}, seed = {self.seed}>"


@dataclass(frozen=True)
class Tree(Mask):
    """``j < start``, or bit ``j - start`` of the query's row of ``ancestors`` is set (SpecInfer, Miao et al. 2024).

    The queries are the nodes of a tree of draft tokens, and its keys follow ``start`` others. ``start`` is parameter
    number `start` of the operation; ``ancestors`` are its words of 32 bits, from the lowest bit on.
    """

    start: int = 0

    def __post_init__(self):
        if not 0 <= self.start <= 15:
            raise ValueError(f"C1: tree needs the number of a parameter from 0 to 15, got {self.start}")

    def num_parameters(self):
        return self.start + 1

    def reads_ancestors(self):
        return True

    def evaluate(self, at):
        if at.ancestors is None:
            raise ValueError("C24: the mask reads ancestors, but none are given")
        if len(at.parameters) < self.num_parameters():
            raise ValueError(f"C23: the mask reads {self.num_parameters()} parameters, got {len(at.parameters)}")
        words = np.asarray(at.ancestors).astype(np.int64) & 0xFFFFFFFF
        node = at.j - int(at.parameters[self.start]) + np.zeros_like(at.i)
        known = (0 <= node) & (node < 32 * words.shape[1])
        place = np.where(known, node, 0)
        word = np.take_along_axis(words, place // 32, axis=1)
        return (node < 0) | (known & ((word >> place % 32) & 1 == 1))

    def __str__(self):
        return f"tree<{self.start}>" if self.start else "tree"


@dataclass(frozen=True)
class Segment(Mask):
    """The query and the key have the same segment id."""

    def evaluate(self, at):
        if at.same_segment is None:
            raise ValueError("C10: the mask compares segments, but none are given")
        return at.same_segment

    def reads_segments(self):
        return True

    def __str__(self):
        return "segment"


@dataclass(frozen=True)
class Affine(Mask):
    """A conjunction of quasi-affine constraints, in the spelling of ``affine_set``.

    ``Affine("i - j >= 0, (i - j) mod 4 == 0")``. Division and remainder round
    towards minus infinity (``mod``, ``floordiv``), as the MLIR language
    reference defines them.

    ``Affine("n - 1 - j >= 0", parameters=("n",))`` reads a number that is known at
    run time, by batch entry or head: the operation's ``parameters``. All affine
    masks of an operation number the same parameters.
    """

    constraints: str
    parameters: tuple = ()

    def __post_init__(self):
        self._tests  # Parsed here, so that a bad text fails where it is written.

    @property
    def _tests(self) -> list[Callable]:
        return [_compile_constraint(text, self.parameters) for text in self.constraints.split(",")]

    def num_parameters(self):
        return len(self.parameters)

    def evaluate(self, at):
        value = (at.i == at.i) & (at.j == at.j)
        if len(at.parameters) < len(self.parameters):
            raise ValueError(f"C23: the mask reads {len(self.parameters)} parameters, got {len(at.parameters)}")
        numbers = dict(zip(self.parameters, map(int, at.parameters)))
        for test in self._tests:
            value = value & test(b=at.b, h=at.h, i=at.i, j=at.j, **numbers)
        return value

    def __str__(self):
        symbols = f"[{', '.join(self.parameters)}]" if self.parameters else ""
        return f"affine<affine_set<(b, h, i, j){symbols} : ({self.constraints})>>"


@dataclass(frozen=True, init=False)
class _List(Mask):
    masks: tuple

    def __init__(self, *masks: Mask):
        if not masks:
            raise ValueError(f"C1: {type(self).__name__} needs at least one mask")
        object.__setattr__(self, "masks", masks)

    def reads_segments(self):
        return any(mask.reads_segments() for mask in self.masks)

    def num_parameters(self):
        return max(mask.num_parameters() for mask in self.masks)

    def reads_ancestors(self):
        return any(mask.reads_ancestors() for mask in self.masks)

    def __str__(self):
        return f"{type(self).__name__.lower()}<{', '.join(map(str, self.masks))}>"


class And(_List):
    """True where every mask is."""

    def evaluate(self, at):
        value = self.masks[0].evaluate(at)
        for mask in self.masks[1:]:
            value = value & mask.evaluate(at)
        return value


class Or(_List):
    """True where some mask is."""

    def evaluate(self, at):
        value = self.masks[0].evaluate(at)
        for mask in self.masks[1:]:
            value = value | mask.evaluate(at)
        return value


class PerHead(_List):
    """Head ``h`` sees what mask ``h mod n`` of the ``n`` listed says (DuoAttention, Xiao et al. 2024; MoA, Fu et al. 2024)."""

    def evaluate(self, at):
        return self.masks[at.h % len(self.masks)].evaluate(at)

    def __str__(self):
        return f"per_head<{', '.join(map(str, self.masks))}>"


@dataclass(frozen=True)
class Not(Mask):
    """True where the mask is false."""

    mask: Mask

    def evaluate(self, at):
        return ~self.mask.evaluate(at)

    def reads_segments(self):
        return self.mask.reads_segments()

    def num_parameters(self):
        return self.mask.num_parameters()

    def reads_ancestors(self):
        return self.mask.reads_ancestors()

    def __str__(self):
        return f"not<{self.mask}>"


_ALLOWED_NODES = (
    ast.Expression, ast.Compare, ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant, ast.Load,
    ast.Add, ast.Sub, ast.Mult, ast.Mod, ast.FloorDiv, ast.USub, ast.GtE, ast.LtE, ast.Eq,
)


def _compile_constraint(text: str, parameters: tuple = ()) -> Callable:
    """One constraint of an affine set as a function of b, h, i, j and parameters."""
    if "ceildiv" in text:
        raise ValueError(f"ceildiv is not supported in '{text}', write it with floordiv")
    source = re.sub(r"\bmod\b", "%", re.sub(r"\bfloordiv\b", "//", text)).strip()
    try:
        tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        raise ValueError(f"not an affine constraint: '{text}'") from error
    for node in ast.walk(tree):
        known = isinstance(node, _ALLOWED_NODES)
        if isinstance(node, ast.Name):
            known = node.id in ("b", "h", "i", "j", *parameters)
        if not known:
            raise ValueError(f"not an affine constraint over (b, h, i, j): '{text}'")
    if not isinstance(tree.body, ast.Compare) or len(tree.body.ops) != 1:
        raise ValueError(f"not one comparison: '{text}'")
    code = compile(tree, "<affine constraint>", "eval")
    return lambda **names: eval(code, {"__builtins__": {}}, names)  # noqa: S307 (names are checked above)
