# What the CPU suites of attention feed in and expect.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs of a cell, and rows of its first head in float64."""

import numpy as np

from . import contestants


def draw(cell, heads, rng):
    shape = (1, heads, cell["S"], cell["D"])
    inputs = [rng.standard_normal(shape, dtype=np.float32) for _ in range(3)]
    if cell["dtype"] == "bf16":
        inputs = [contestants.round_to_bf16(x) for x in inputs]
    return inputs


def expected(inputs, pattern, rows):
    q, k, v = (x[0, 0].astype(np.float64) for x in inputs)
    logits = q[rows] @ k.T / np.sqrt(q.shape[1])
    visible = pattern.sees(rows[:, None], np.arange(k.shape[0])[None, :])
    logits[~visible] = -np.inf
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ v
