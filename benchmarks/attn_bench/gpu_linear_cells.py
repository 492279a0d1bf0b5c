# The cells of the GPU suite of linear attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A cell is a dictionary, as those of gpu_cells: `method` names what `attn.recurrence` is
told, `gates` how they are drawn, and `bytes` counts inputs and outputs once, which is the
least that has to be moved. Its kind is recurrence, or decode: one token with a state in
and out, `steps` times in a CUDA graph, `states` states in turn.
"""

import statistics
from dataclasses import dataclass

DEPTH, HEADS = 128, 16
SHAPES = ((8, 2048), (1, 16384), (1, 65536))  # batch, length
LONG = 1 << 20


@dataclass(frozen=True)
class Method:
    """`gates` are the ways in which gates are drawn; without any there is no decay."""

    gates: tuple
    delta: bool
    peers: tuple = ("fla",)
    # There is a gate for each key.
    wide: bool = False
    depth: int = DEPTH


METHODS = {
    "linear": Method((), False),
    # FLA's function computes the rates at each call; it can be given them, too.
    "retention": Method(("constant",), False, ("fla", "fla_gamma")),
    "simple_gla": Method(("slow", "fast"), False),
    "delta": Method((), True),
    "gated_delta": Method(("slow", "fast"), True),
    "gla": Method(("slow", "fast"), False, wide=True),
    "gla64": Method(("slow", "fast"), False, wide=True, depth=64),
    "kda": Method(("slow", "fast"), True, wide=True),
    "kda64": Method(("slow", "fast"), True, wide=True, depth=64),
}
# Those whose time per token is looked at further on, by ours alone.
GROWING = ("simple_gla", "gated_delta")
DECODING = ("linear", "simple_gla", "delta", "gated_delta", "gla")
BATCHES, STATES, STEPS = (64, 1), 8, 100


def bytes_of_token(method):
    """For each head: q, k, v and o of bf16, gates of f32, a beta of bf16."""
    gates = (method.depth if method.wide else 1) if method.gates else 0
    return 4 * 2 * method.depth + 4 * gates + (2 if method.delta else 0)


def recurrence(name, batch, length, gates, peers):
    method = METHODS[name]
    fast = " fast" if gates == "fast" else ""
    return dict(
        kind="recurrence",
        name=f"{name} B{batch} S{length}{fast}",
        program=f"recurrence_{name}",
        method=name,
        gates=gates,
        delta=method.delta,
        wide=method.wide,
        D=method.depth,
        H=HEADS,
        S=length,
        B=batch,
        peers=list(peers),
        bytes=batch * HEADS * length * bytes_of_token(method),
    )


def decode(name, batch):
    method = METHODS[name]
    cell = recurrence(name, batch, 1, (method.gates or ("",))[0], method.peers)
    states = 2 * batch * HEADS * DEPTH * DEPTH * 4  # in and out
    return dict(
        cell,
        kind="decode",
        name=f"{name} decode B{batch}",
        program=f"decode_{name}",
        states=STATES,
        steps=STEPS,
        bytes=STEPS * (cell["bytes"] + states),
    )


def cells():
    for turn in (0, 1):
        for name, method in METHODS.items():
            drawn = (method.gates or ("",))[turn : turn + 1]
            for gates in drawn:
                for batch, length in SHAPES:
                    yield recurrence(name, batch, length, gates, method.peers)
    for name in GROWING:
        yield recurrence(name, 1, LONG, METHODS[name].gates[0], ())
    for name in DECODING:
        for batch in BATCHES:
            yield decode(name, batch)


def floor_ms(cell):
    """What moving the bytes takes at the speed of the copy beside it."""
    copy = cell.get("copy")
    return cell["bytes"] / copy["bytes"] * statistics.median(copy["ms"]) if copy else None
