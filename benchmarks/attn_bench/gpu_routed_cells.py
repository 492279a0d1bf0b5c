# The cells of the GPU suite of attention over chosen keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A cell is a dictionary, as those of gpu_cells. Its kind is blocks, in which each block
of queries of each head sees `chosen` blocks of keys out of a list that is an operand, or
rate: all keys, which says what a chosen pair may cost. In moba and nsa tokens choose
blocks of keys, as gpu_chosen says; choosing is that of moba alone. Work counts the pairs
that are chosen.
"""

from . import patterns

DEPTH, HEADS, LENGTH = 128, 16, 16384
SIZES = (128, 64)  # Queries, and keys, of a block.
DENSITIES = (5, 20, 50)  # Percent.
MOBA = dict(H=16, Hkv=16, S=32768, block=512, chosen=8)
NSA = dict(H=64, Hkv=4, block=64, chosen=16)


def attention(kind, name, program, pairs, peers, **more):
    cell = dict(
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
    )
    cell.update(more)
    return dict(
        cell, flops=4.0 * cell["H"] * DEPTH * pairs, exps=float(cell["H"] * pairs)
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


def chosen_pairs(length, block, chosen):
    """Those of one head: the own block up to the token, others whole."""
    begun = (min(chosen, i // block + 1) for i in range(0, length, block))
    return sum(block * (count - 1) * block + block * (block + 1) // 2 for count in begun)


def moba():
    """A program beside dense causal attention, and its choosing alone."""
    shape = dict(MOBA, rows=1, dense="all_keys_causal")
    pairs = chosen_pairs(MOBA["S"], MOBA["block"], MOBA["chosen"])
    yield attention("moba", "MoBA", "moba", pairs, ("dense", "flex", "fla"), **shape)
    # A product with each mean.
    means = MOBA["S"] * (MOBA["S"] // MOBA["block"]) / 2
    yield attention("choosing", "MoBA choosing", "moba_choosing", means, (), **shape)


def nsa(length, rows):
    shape = dict(NSA, S=length, rows=rows)
    name = f"NSA S{length} " + ("a list a token" if rows == 1 else f"a list {rows} tokens")
    pairs = chosen_pairs(length, NSA["block"], NSA["chosen"])
    return attention("nsa", name, f"nsa_{length}_by_{rows}", pairs, ("fla",), **shape)


def cells():
    for size in SIZES:
        for density in DENSITIES:
            yield blocks(size, density)
    yield attention("rate", "all keys", "all_keys", LENGTH**2, ("fa3", "cudnn"))
    causal = dict(MOBA, mask=patterns.CAUSAL.name)
    pairs = patterns.CAUSAL.pairs(MOBA["S"])
    yield attention("rate", "all keys, causal", "all_keys_causal", pairs, ("fa3",), **causal)
    yield from moba()
    for rows in (1, NSA["block"]):
        for length in (8192, 32768):
            yield nsa(length, rows)
