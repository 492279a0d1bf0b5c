# The cells of the GPU suite of masks.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A cell is a dictionary, as those of gpu_cells; its mask names a pattern, and `kind`
is mask, beside peers, or length, which has ours alone at growing lengths. Work counts
the visible pairs.
"""

import re

from . import patterns

DEPTH, HEADS, LENGTH = 128, 16, 16384
LENGTHS = (1 << 14, 1 << 16, 1 << 18, 1 << 20)
SOFTCAP = 50.0


def attention(kind, pattern, length, peers, softcap=0.0, alibi=False):
    name = pattern.name + (f" softcap {softcap:g}" if softcap else "")
    name += " alibi" if alibi else ""
    pairs = pattern.pairs(length)
    return dict(
        kind=kind,
        name=name if kind == "mask" else f"{name} S{length}",
        program="mask_" + re.sub(r"\W+", "_", name),
        D=DEPTH,
        H=HEADS,
        Hkv=HEADS,
        S=length,
        B=1,
        mask=pattern.name,
        softcap=softcap,
        alibi=alibi,
        peers=list(peers),
        flops=4.0 * HEADS * DEPTH * pairs,
        exps=float(HEADS * pairs * (2 if softcap else 1)),
    )


def peers(pattern):
    """FlexAttention has every mask; the others what they have a parameter for."""
    if pattern is patterns.CAUSAL:
        return ("flex", "fa3", "cudnn", "fa2")
    return ("flex", "fa3") if pattern.window else ("flex",)


def cells():
    for pattern in patterns.GPU:
        yield attention("mask", pattern, LENGTH, peers(pattern))
    yield attention("mask", patterns.CAUSAL, LENGTH, ("flex", "fa3"), softcap=SOFTCAP)
    yield attention("mask", patterns.CAUSAL, LENGTH, ("flex",), alibi=True)
    for length in LENGTHS:
        yield attention("length", patterns.BY_NAME["window 1024"], length, ())
