# The cells of the GPU suite of attention over chosen keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A cell is a dictionary, as those of gpu_cells. Its kind is blocks, in which each block
of queries of each head sees `chosen` blocks of keys out of a list that is an operand, or
rate: all keys, which says what a chosen pair may cost. Work counts the visited pairs.
"""

from . import patterns

DEPTH, HEADS, LENGTH = 128, 16, 16384
SIZES = (128, 64)  # Queries, and keys, of a block.
DENSITIES = (5, 20, 50)  # Percent.


def attention(kind, name, program, pairs, peers, **more):
    return dict(
        kind=kind,
        name=name,
        program=program,
        D=DEPTH,
        H=HEADS,
        Hkv=HEADS,
        S=LENGTH,
        B=1,
        mask=patterns.FULL.name,
        softcap=0.0,
        alibi=False,
        peers=list(peers),
        flops=4.0 * HEADS * DEPTH * pairs,
        exps=float(HEADS * pairs),
        **more,
    )


def blocks(size, density):
    chosen = round(LENGTH // size * density / 100)
    return attention(
        "blocks",
        f"blocks {size} {density} %",
        f"blocks_{size}_{density}",
        LENGTH * chosen * size,
        ("flex",),
        size=size,
        chosen=chosen,
    )


def cells():
    for size in SIZES:
        for density in DENSITIES:
            yield blocks(size, density)
    yield attention("rate", "all keys", "all_keys", LENGTH**2, ("fa3", "cudnn"))
