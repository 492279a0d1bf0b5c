# Checks and times the contestants of one cell on a GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All in one process. What is wrong is not timed."""

import math
import sys
import time

import torch

from . import gpu_chosen, gpu_chosen_reference, gpu_clusters, gpu_clusters_reference
from . import gpu_contestants, gpu_linear_artefacts
from . import gpu_linear_reference, gpu_reference, gpu_routed, patterns
from .gpu_device import Watch

from operands import GUARD  # noqa: E402

LIMIT = 1e-2
# Operands of all products in a chunk are rounded: 0.003 to 0.006 is usual, and 0.02 the
# most that those formulas, so rounded, were seen to give a row whose terms cancel.
LIMITS = {"recurrence": 5e-2, "decode": 5e-2}
WARM_MS = 30
# What is copied where the floor is the speed of a copy, read and written.
COPY_BYTES = 1 << 30


def randn(*shape):
    return torch.randn(shape, device="cuda", dtype=torch.bfloat16)


def make_inputs(cell):
    if cell["kind"] == "matmul":
        return [randn(cell["size"], cell["size"]) for _ in "ab"]
    if cell["kind"] in gpu_linear_artefacts.KINDS:
        return gpu_linear_reference.make_inputs(cell)
    heads = (cell["H"], cell["Hkv"], cell["Hkv"])
    inputs = [randn(cell["B"], count, cell["S"], cell["D"]) for count in heads]
    if cell["kind"] == gpu_routed.KIND:
        return [*inputs, gpu_routed.make_lists(cell)]
    if cell["kind"] in gpu_chosen.KINDS:
        return gpu_chosen_reference.make_inputs(cell, inputs)
    if cell["kind"] in gpu_clusters.KINDS:
        return gpu_clusters_reference.make_inputs(cell, inputs)
    document = patterns.BY_NAME[cell["mask"]].document
    if document:
        # The same for queries and keys.
        ids = torch.arange(cell["S"], device="cuda", dtype=torch.int32) // document
        inputs += 2 * [ids.expand(cell["B"], -1).contiguous()]
    return inputs


def is_intact(buffer):
    """Whether what lies around a dense result is as it was."""
    sides = (buffer.bits[:GUARD], buffer.bits[-GUARD:])
    return all(bool((side == buffer.poison).all()) for side in sides)


def enter(name, make, cell, inputs, folder, expected):
    """The contestant after its first call, and its error. What a peer cannot do leaves
    it out; that ours cannot, or a wrong result, is a failure."""
    try:
        contestant = make(cell, inputs, folder)
        result = contestant.view(contestant.call())
        torch.cuda.synchronize()
    except gpu_contestants.Absent:
        raise
    except Exception as error:
        torch.cuda.synchronize()  # Fails if nothing else can be timed either.
        text = (str(error).strip().splitlines() or [""])[0]
        kind = ValueError if name == "attn" else gpu_contestants.Absent
        raise kind(f"{type(error).__name__}: {text}") from error
    if contestant.expected:
        expected = contestant.expected()
    error = gpu_reference.error_of(result, expected)
    if not error <= LIMITS.get(cell["kind"], LIMIT):
        raise ValueError(f"wrong result, error {error:.3g}")
    if contestant.buffer and not is_intact(contestant.buffer):
        raise ValueError("wrote outside of the result")
    return contestant, error


def check_again(contestant, first):
    """Of ours, whose buffer is known: the last call of the rounds and a new one give
    the first result, written anew."""
    if not torch.equal(contestant.buffer.array, first):
        raise ValueError("two runs differ")
    contestant.buffer.bits.fill_(contestant.buffer.poison)
    contestant.call()
    torch.cuda.synchronize()
    if not torch.equal(contestant.buffer.array, first):
        raise ValueError("two runs differ")
    if not is_intact(contestant.buffer):
        raise ValueError("wrote outside of the result")


def elapsed(call, count, warm=0):
    """Milliseconds a call, by the clock of the GPU."""
    for _ in range(warm):
        call()
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(count):
        call()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) / count


def host_ms(call, count=10):
    """Milliseconds that a call occupies the host; if that is more than the kernel
    takes, it is the host that is timed."""
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(count):
        call()
    taken = time.perf_counter() - start
    torch.cuda.synchronize()
    return 1e3 * taken / count


def rounds(calls, count, window):
    """Milliseconds of each call in each round, in turn, the order alternating."""
    taken = {name: [] for name in calls}
    once = {name: elapsed(call, 5, warm=3) for name, call in calls.items()}
    for turn in range(count):
        order = list(calls) if turn % 2 == 0 else list(reversed(calls))
        for name in order:
            times = max(1, math.ceil(window / once[name]))
            warm = max(1, math.ceil(WARM_MS / once[name]))
            taken[name].append(round(elapsed(calls[name], times, warm), 6))
    return taken


def copying():
    """A copy as large as the caches are not."""
    here, there = (torch.empty(COPY_BYTES // 2, dtype=torch.uint8, device="cuda") for _ in "ab")
    return lambda: there.copy_(here)


@torch.no_grad()
def measure(cell, folder, count, window):
    """What is added to the cell in the results."""
    torch.seed()
    inputs = make_inputs(cell)
    expected = gpu_reference.expectations(cell, inputs)
    record = dict(window_ms=window, contestants={}, left_out={})
    entered = {}
    for name, make in gpu_contestants.makers(cell).items():
        try:
            entered[name], error = enter(name, make, cell, inputs, folder, expected)
            facts = dict(error=float(f"{error:.3g}"), **entered[name].facts)
            record["contestants"][name] = facts
        except gpu_contestants.Absent as reason:
            record["left_out"][name] = str(reason)
        except ValueError as error:
            record["left_out"][name] = str(error)
            record["failure"] = f"{name}: {error}"
    del expected
    ours = entered.get("attn")
    first = ours.buffer.array.clone() if ours else None
    calls = {name: contestant.call for name, contestant in entered.items()}
    copies = {"copy": copying()} if "bytes" in cell else {}
    with Watch() as watch:
        taken = rounds(calls | copies, count, window)
    record.update(watch.medians)
    if copies:
        record["copy"] = dict(bytes=COPY_BYTES, ms=taken["copy"])
    for name, call in calls.items():
        entry = record["contestants"][name]
        entry["ms"], entry["host_ms"] = taken[name], round(host_ms(call), 4)
        if entry["host_ms"] > 0.9 * min(entry["ms"]):
            print(f"{cell['name']}: {name} may be bound by the host", file=sys.stderr)
    try:
        if ours:
            check_again(ours, first)
    except ValueError as error:
        record["left_out"]["attn"], record["failure"] = str(error), f"attn: {error}"
        del record["contestants"]["attn"]
    return record
