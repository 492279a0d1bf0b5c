# Neighbourhood attention in two dimensions, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Neighbourhood attention on a grid of Y x X positions, S = Y * X, row-major.

In each dimension the neighbourhood of coordinate c among n has `kernel` (odd)
coordinates around c, moved inwards at the borders, so that every query sees
kernel_y * kernel_x keys:

    first = min(max(c - floor(kernel / 2), 0), n - kernel)
    neighbours(c) = first .. first + kernel - 1

    (y', x') visible to (y, x)  iff  y' in neighbours(y) and x' in neighbours(x)

Source: Hassani et al. 2023 (NAT: kernel 7, heads of 32, 56 x 56 at the first level).

    q, k, v ``[B, H, Y * X, D]``        out ``[B, H, Y * X, D]``
"""

from ._tokens import attend, make_qkv, neighbours

TEST = dict(grid=(13, 16), kernel=(5, 5))
PAPER = dict(grid=(56, 56), kernel=(7, 7))
SIZES = dict(batch=2, heads=4, kv_heads=4, length=13 * 16, depth=32)
PAPER_SIZES = dict(batch=1, heads=8, kv_heads=8, length=56 * 56, depth=32)


def visible_keys(i, grid, kernel):
    Y, X = grid
    y, x = divmod(i, X)
    return [a * X + b for a in neighbours(y, Y, kernel[0]) for b in neighbours(x, X, kernel[1])]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, grid, kernel, scale=None, rows=None):
    if grid[0] * grid[1] != q.shape[2]:
        raise ValueError(f"a grid of {grid} does not have {q.shape[2]} positions")

    def keys(b, h, i):
        return visible_keys(i, grid, kernel)

    return attend(q, k, v, keys, scale=scale, rows=rows)
