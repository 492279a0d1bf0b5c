# The cells of the GPU suite of attention over chosen keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A cell is a dictionary, as those of gpu_cells. Its kind is blocks, in which each block
of queries of each head sees `chosen` blocks of keys out of a list that is an operand, or
rate: all keys, which says what a chosen pair may cost. In moba and nsa tokens choose
blocks of keys, as gpu_chosen says; choosing is that of moba alone. reformer and routing
attend in clusters, as gpu_clusters says; hashing, order and members are what they begin
with. Work counts the pairs that are chosen, of what only leads to them those compared.
"""

from . import patterns

DEPTH, HEADS, LENGTH = 128, 16, 16384
SIZES = (128, 64)  # Queries, and keys, of a block.
DENSITIES = (5, 20, 50)  # Percent.
MOBA = dict(H=16, Hkv=16, S=32768, block=512, chosen=8)
NSA = dict(H=64, Hkv=4, block=64, chosen=16)
CLUSTERS = dict(H=8, Hkv=8, D=64)
REFORMER = dict(rounds=4, chunk=64)
CLUSTERED = (32768, 262144)  # Tokens of which clusters are made.


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
        cell, flops=4.0 * cell["H"] * cell["D"] * pairs, exps=float(cell["H"] * pairs)
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


def clustered(kind, name, program, length, pairs, **more):
    """Beside dense causal attention where that is no matter of seconds."""
    whole = kind in ("reformer", "routing") and length == CLUSTERED[0]
    peers = ("dense",) if whole else ()
    shape = dict(CLUSTERS, S=length, dense="all_keys_causal_d64", **more)
    return attention(kind, f"{name} S{length}", f"{program}_{length}", pairs, peers, **shape)


def reformer(length):
    """Two hashes of as many buckets as there are chunks; each token sees two chunks, of
    those keys half, in each round."""
    chunk, rounds = REFORMER["chunk"], REFORMER["rounds"]
    count = length // chunk
    first = 1 << (count.bit_length() // 2)
    shape = dict(REFORMER, hashes=(count // first, first))
    compared = rounds * length * (first + count // first)
    yield clustered("reformer", "Reformer", "reformer", length, rounds * length * chunk, **shape)
    yield clustered("hashing", "Reformer, hashing", "reformer_hashing", length, compared, **shape)
    yield clustered(
        "order", "Reformer, hashing and sort", "reformer_order", length, compared, **shape
    )


def routing(length):
    """As many clusters as a token of a cluster has neighbours, which see half of them."""
    count = round(length**0.5)
    pairs, compared = count**3 / 2, length * count
    name = "Routing Transformer"
    yield clustered("routing", name, "routing", length, pairs, clusters=count)
    name += ", members for queries"
    yield clustered("members", name, "routing_members", length, compared, clusters=count)


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
    causal = dict(CLUSTERS, S=CLUSTERED[0], mask=patterns.CAUSAL.name)
    pairs = patterns.CAUSAL.pairs(CLUSTERED[0])
    name = "all_keys_causal_d64"
    yield attention("rate", "all keys, causal, D64", name, pairs, ("fa3",), **causal)
    for length in CLUSTERED:
        yield from reformer(length)
        yield from routing(length)
