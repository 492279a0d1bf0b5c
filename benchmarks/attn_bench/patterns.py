# The masks that attention is timed under.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A pattern says the same thing in three ways that tests hold against each other: a
mask in IR, a test of positions and the number of visible pairs.

The test takes query i and key j as numbers, arrays of NumPy or tensors of PyTorch;
FlexAttention traces it. Nothing but Python is needed to read this.
"""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Pattern:
    name: str
    ir: str  # Empty where every query sees every key.
    sees: Callable  # Of i and j.
    pairs: Callable  # Of the length.
    window: int = 0  # Of a mask that is a causal window and nothing else.
    document: int = 0  # Tokens of each document, whose ids are operands then.


def triangle(n):
    return n * (n + 1) // 2


def window_pairs(width, length):
    width = min(width, length)
    return triangle(width) + (length - width) * width


def below_window(columns, width, length):
    """Causal pairs in these columns, less those of a window."""
    return sum(max(0, length - width - j) for j in columns)


def window(width):
    return Pattern(
        f"window {width}",
        f"window<{width}>",
        lambda i, j: (j <= i) & (i - j < width),
        lambda length: window_pairs(width, length),
        window=width,
    )


def prefix(size):
    """Causal, but all see the first keys."""
    return Pattern(
        f"prefix {size}",
        f"or<causal, prefix<{size}>>",
        lambda i, j: (j <= i) | (j < size),
        lambda length: triangle(length) + triangle(min(size, length) - 1),
    )


def documents(count, size):
    """Causal within each of them. The ids of segments are data to the compiler."""

    def pairs(length):
        return length // size * triangle(size) + triangle(length % size)

    return Pattern(
        f"documents {count} x {size}",
        "and<segment, causal>",
        lambda i, j: (j <= i) & (i // size == j // size),
        pairs,
        document=size,
    )


def sink(size, width):
    """A window and the first keys."""

    def pairs(length):
        columns = range(min(size, length))
        return window_pairs(width, length) + below_window(columns, width, length)

    return Pattern(
        f"sink {size} window {width}",
        f"and<causal, or<window<{width}>, prefix<{size}>>>",
        lambda i, j: (j <= i) & ((i - j < width) | (j < size)),
        pairs,
    )


def blocks(width, size, every):
    """A window and the last of every so many blocks of keys."""
    last = every - 1
    affine = f"affine_set<(b, h, i, j) : ((j floordiv {size}) mod {every} - {last} == 0)>"

    def pairs(length):
        columns = (j for j in range(length) if j // size % every == last)
        return window_pairs(width, length) + below_window(columns, width, length)

    return Pattern(
        f"window {width} every {every}th {size}",
        f"and<causal, or<window<{width}>, affine<{affine}>>>",
        lambda i, j: (j <= i) & ((i - j < width) | (j // size % every == last)),
        pairs,
    )


FULL = Pattern("full", "", lambda i, j: (i == i) & (j == j), lambda length: length * length)
CAUSAL = Pattern("causal", "causal", lambda i, j: j <= i, triangle)
# Those of the suites gpu-masks and cpu-masks.
GPU = (CAUSAL, window(1024), prefix(4096), documents(16, 1024), sink(64, 1024))
GPU += (blocks(256, 128, 16),)
CPU = (CAUSAL, window(512), sink(64, 512), prefix(2048), documents(8, 1024))
CPU += (blocks(256, 64, 16),)
BY_NAME = {pattern.name: pattern for pattern in (FULL, *GPU, *CPU)}
