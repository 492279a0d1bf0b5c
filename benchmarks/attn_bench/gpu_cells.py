# The cells of the dense GPU suite, and what suites ask of any cell.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is timed, the work in it, and the least time that a Hopper GPU needs.

A cell is a dictionary, as it is written to the results: `kind` is dense, other,
portable or matmul; the mask is causal or full. Work counts the visible pairs, 4 D a
pair and query head (2 for each of two products), the same for every contestant.
"""

import random

from . import patterns

SIZES = ((64, 32), (128, 16), (256, 8))  # D, heads
TOKENS = 16384  # B x S
SOFTCAP = 50.0
MATMUL = 8192
MATMUL_TILES = ((128, 128, 64), (256, 128, 64), (128, 256, 64))
# By kind; other cells name their own.
PEERS = {
    "dense": ("fa3", "cudnn", "fa2"),
    "other": ("fa3", "cudnn", "fa2"),
    "portable": ("fa2",),
    "matmul": ("torch",),
}
# Per clock and multiprocessor of compute capability 9.0: dense bf16 products and
# exponentials (or hyperbolic tangents, of the same unit).
FLOPS_PER_CLOCK, EXPS_PER_CLOCK = 4096, 16


def attention(kind, depth, heads, length, mask, kv_heads=0, softcap=0.0):
    kv_heads = kv_heads or heads
    batch = TOKENS // length
    group = "" if kv_heads == heads else f"/{kv_heads}"
    cap = f" softcap {softcap:g}" if softcap else ""
    pairs = patterns.BY_NAME[mask].pairs(length)
    return dict(
        kind=kind,
        name=f"D{depth} H{heads}{group} S{length} B{batch} {mask}{cap}",
        program=f"dense_d{depth}_h{heads}{group.replace('/', '_')}_{mask}"
        + (f"_softcap{softcap:g}" if softcap else ""),
        D=depth,
        H=heads,
        Hkv=kv_heads,
        S=length,
        B=batch,
        mask=mask,
        softcap=softcap,
        flops=4.0 * batch * heads * depth * pairs,
        exps=float(batch * heads * pairs * (2 if softcap else 1)),
    )


def portable(length, mask):
    """Compiled for Hopper without what only Hopper has: warps multiply on their own."""
    cell = attention("portable", 128, 16, length, mask)
    name, program = f"{cell['name']} portable", f"{cell['program']}_portable"
    return dict(cell, name=name, program=program, chip="sm_90")


def matmul(tile):
    text = "x".join(map(str, tile))
    return dict(
        kind="matmul",
        name=f"matmul {MATMUL} tile {text}",
        program=f"matmul_{MATMUL}_{text}",
        size=MATMUL,
        tile=list(tile),
        flops=2.0 * MATMUL**3,
        exps=0.0,
    )


def cells():
    for mask in ("full", "causal"):
        for depth, heads in SIZES:
            for length in (1024, 4096, 16384):
                yield attention("dense", depth, heads, length, mask)
    for mask in ("full", "causal"):
        yield attention("other", 192, 10, TOKENS, mask)
    for mask in ("full", "causal"):
        for kv_heads in (32, 8):
            yield attention("other", 128, 32, TOKENS, mask, kv_heads)
    yield attention("other", 128, 16, TOKENS, "causal", softcap=SOFTCAP)
    yield from map(matmul, MATMUL_TILES)
    for mask in ("full", "causal"):
        for length in (1024, 4096, 16384):
            yield portable(length, mask)


def contestants(cell):
    """Who is timed in a cell of any suite."""
    peers = PEERS[cell["kind"]] if cell["kind"] in PEERS else cell["peers"]
    return ("attn", *peers)


def window_of(cell, text):
    """Milliseconds, out of one number or three, for 16k, 4k and 1k keys."""
    windows = [float(part) for part in text.split(",")]
    if len(windows) not in (1, 3) or min(windows) <= 0:
        raise ValueError(f"expected one window or three, got '{text}'")
    place = {4096: 1, 1024: 2}.get(cell.get("S"), 0)
    return windows[place] if len(windows) == 3 else windows[0]


def sample_rows(length, count=24):
    """Both ends, the sides of the first tiles, and rows drawn anew."""
    fixed = {0, 1, 63, 64, 127, 128, length - 128, length - 1}
    return sorted(fixed | set(random.sample(range(length), count - len(fixed))))


def peak(device):
    """FLOP/s of dense bf16 products at the highest clock, or nothing if not known."""
    if device.get("capability") != [9, 0] or not device.get("max_clock_mhz"):
        return None
    return FLOPS_PER_CLOCK * device["multiprocessors"] * device["max_clock_mhz"] * 1e6


def floor_ms(cell, device):
    """What products or exponentials alone take, whichever take longer."""
    rate = peak(device)
    if not rate:
        return None
    exps = cell["exps"] / (rate * EXPS_PER_CLOCK / FLOPS_PER_CLOCK)
    return 1e3 * max(cell["flops"] / rate, exps)
