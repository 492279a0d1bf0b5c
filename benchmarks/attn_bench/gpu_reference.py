# What the GPU suites expect, and how far a result is from it.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The error of a result is the largest, over samples of rows of every head, of
|found - expected| / |expected| of a row, expected in float64; it is about 0.003 where
weights and results are rounded to bf16, and at least 1 in a row that is wrong
altogether."""

import math
import random

import torch

from . import gpu_artefacts, gpu_cells, gpu_chosen, gpu_chosen_reference, gpu_clusters
from . import gpu_clusters_reference, gpu_linear_artefacts, gpu_linear_reference, gpu_routed
from . import patterns

import cases  # noqa: E402

# Rows of a sample that only a stretch of the keys is read for.
STRETCH = 100


def samples(cell):
    """Rows, and the keys that are looked at for them: all, or as many as a window lets
    some neighbouring rows see, at both ends and in between."""
    if cell["kind"] == "matmul":
        return [(gpu_cells.sample_rows(cell["size"]), None)]
    length = cell["S"]
    if cell["kind"] != "length":
        return [(gpu_cells.sample_rows(length), range(length))]
    width = patterns.BY_NAME[cell["mask"]].window
    firsts = (0, random.randrange(STRETCH, length - 2 * STRETCH), length - STRETCH)
    stretches = [range(first, first + STRETCH) for first in firsts]
    return [(rows, range(max(0, rows[0] - width), rows[-1] + 1)) for rows in stretches]


def rows_of(array, rows):
    """A stretch of rows is a slice, which no index has to be computed for."""
    if isinstance(rows, range):
        return array[..., rows.start : rows.stop, :]
    return array[..., rows, :]


def expected_rows(cell, inputs, rows, keys):
    """Rows of the result, in float64."""
    if cell["kind"] == "matmul":
        a, b = inputs
        return a[rows].double() @ b.double()
    if cell["kind"] in gpu_chosen.KINDS:
        return gpu_chosen_reference.expected_rows(cell, inputs, rows)
    if cell["kind"] in gpu_clusters.KINDS:
        return gpu_clusters_reference.expected_rows(cell, inputs, rows)
    case = gpu_artefacts.case_of(cell)
    h = torch.arange(cell["H"], device="cuda", dtype=torch.float64)[:, None, None]
    i = torch.tensor(list(rows), device="cuda")[:, None]
    j = torch.arange(keys.start, keys.stop, device="cuda")[None]
    expected = []
    for entry, (q, k, v) in enumerate(zip(*inputs[:3])):
        k, v = (rows_of(x, keys).double() for x in (k, v))
        # Heads of keys, then the rows of all heads of queries that read them.
        q = rows_of(q, rows).double().reshape(cell["Hkv"], -1, cell["D"])
        logits = q @ k.transpose(1, 2) * case.scale
        logits = logits.reshape(cell["H"], len(rows), len(keys))
        if case.score:
            logits = cases.SCORES[case.score][1](logits, 0, h, i, j, None)
        if case.mask:
            allowed = cases.MASKS[case.mask][1](h, i, j, None)
            logits = logits.masked_fill(~allowed, -torch.inf)
        if cell["kind"] == gpu_routed.KIND:
            seen = gpu_routed.chosen_pairs(cell, inputs[3][entry], rows)
            logits = logits.masked_fill(~seen, -torch.inf)
        weights = logits.softmax(-1).reshape(cell["Hkv"], -1, len(keys))
        expected.append((weights @ v).reshape(cell["H"], len(rows), cell["D"]))
    return torch.stack(expected)


def expectations(cell, inputs):
    """Pairs of rows and what they have to be."""
    if cell["kind"] in gpu_linear_artefacts.KINDS:
        return gpu_linear_reference.expectations(cell, inputs)
    return [(rows, expected_rows(cell, inputs, rows, keys)) for rows, keys in samples(cell)]


def error_of(result, expected):
    """The error, or infinity if any element of the whole result is not finite. What is
    expected to be NaN is not looked at."""
    if not result.isfinite().all():
        return math.inf
    largest = []
    for rows, wanted in expected:
        distances = (rows_of(result, rows).double() - wanted).norm(dim=-1)
        errors = distances / wanted.norm(dim=-1)
        largest.append(errors[~wanted.isnan().all(-1)].max())
    return float(torch.stack(largest).max())
