# The CPU suite: dense attention beside PyTorch, ONNX Runtime, OpenVINO, IREE.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cells are B1 H16, D 64 and 128, S 1k, 4k and 8k, full and causal, f32 and bf16.

Work counts the visible pairs, 4 H D each (2 for each of two products), the same
for every contestant.
"""

from . import patterns

HEADS = 16


def cells():
    for dtype in ("f32", "bf16"):
        for depth in (64, 128):
            for length in (1024, 4096, 8192):
                for causal in (False, True):
                    cell = dict(dtype=dtype, D=depth, S=length, causal=causal)
                    yield dict(cell, name=name_of(cell), flops=flops(cell))


def name_of(cell):
    return f"{cell['dtype']} D{cell['D']} S{cell['S']} {mask_of(cell)}"


def mask_of(cell):
    return "causal" if cell["causal"] else "full"


def flops(cell):
    return 4.0 * HEADS * cell["D"] * patterns.BY_NAME[mask_of(cell)].pairs(cell["S"])
