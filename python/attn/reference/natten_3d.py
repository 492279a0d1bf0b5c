# Neighbourhood attention in three dimensions, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Neighbourhood attention on a grid of T x Y x X positions, S = T * Y * X, row-major.

In each dimension the neighbourhood of coordinate c among n has `kernel` (odd)
coordinates around c, moved inwards at the borders, so that every query sees
kernel_t * kernel_y * kernel_x keys:

    first = min(max(c - floor(kernel / 2), 0), n - kernel)
    neighbours(c) = first .. first + kernel - 1

    (t', y', x') visible to (t, y, x)  iff  t', y', x' are neighbours of t, y, x

Not causal in time.

Source: Hassani et al. 2023 (NAT) and 2024 (in three dimensions).

    q, k, v ``[B, H, T * Y * X, D]``        out ``[B, H, T * Y * X, D]``
"""

from ._tokens import attend, make_qkv, neighbours

TEST = dict(grid=(4, 6, 9), kernel=(3, 3, 5))
PAPER = dict(grid=(8, 14, 14), kernel=(3, 5, 5))
SIZES = dict(batch=2, heads=4, kv_heads=4, length=4 * 6 * 9, depth=32)
PAPER_SIZES = dict(batch=1, heads=8, kv_heads=8, length=8 * 14 * 14, depth=64)


def visible_keys(i, grid, kernel):
    T, Y, X = grid
    t, y, x = i // (Y * X), i // X % Y, i % X
    return [
        (a * Y + b) * X + c
        for a in neighbours(t, T, kernel[0])
        for b in neighbours(y, Y, kernel[1])
        for c in neighbours(x, X, kernel[2])
    ]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, grid, kernel, scale=None, rows=None):
    if grid[0] * grid[1] * grid[2] != q.shape[2]:
        raise ValueError(f"a grid of {grid} does not have {q.shape[2]} positions")

    def keys(b, h, i):
        return visible_keys(i, grid, kernel)

    return attend(q, k, v, keys, scale=scale, rows=rows)
