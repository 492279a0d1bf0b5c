# Renders the results of the GPU suite of linear attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/gpu-linear.json makes."""

import statistics

from . import gpu_linear_cells, gpu_tables, tables

RIVALS = ("fla", "fla_gamma")
# A call that keeps the host for this share of its time may wait for it.
BOUND = 0.9


def preamble(results, cells):
    copies = [cell["copy"]["bytes"] / statistics.median(cell["copy"]["ms"]) / 1e9 for cell in cells]
    low, high = f"{min(copies):.2f}", f"{max(copies):.2f}"
    speed = low if low == high else f"{low} to {high}"
    return [
        "## Linear attention on a GPU (`benchmarks/run.py gpu-linear`)",
        "",
        gpu_tables.facts(results),
        "",
        f"bf16, forward, H{gpu_linear_cells.HEADS}, keys and values of "
        f"{gpu_linear_cells.DEPTH}, of gla64 and kda64 64. Milliseconds, "
        f"{gpu_tables.timing(cells)} FLA are the chunk "
        "functions of flash-linear-attention, on the same numbers in its own layout; for retention "
        "also its function for given rates, those of the first computed at each call.",
        "",
        f"Floor: inputs and outputs once, 4 x 2 x {gpu_linear_cells.DEPTH} bytes a token and head "
        "for q, k, v and o, half of it for gla64 and kda64, 4 for a gate, of which these, gla and "
        "kda have one for each key, and 2 for a beta, at the speed of a copy in the same "
        f"rounds, which was {speed} TB/s, by cell. Gates are logsigmoid(N(0, 1)), a hundredth of "
        "it where they are slow, ln(1 - 2^(-5 - h)) for retention; betas are sigmoid(N(0, 1)), "
        "keys have norm 1.",
        "",
    ]


def share_of_floor(cell):
    ours, least = gpu_tables.milliseconds(cell, "attn"), gpu_linear_cells.floor_ms(cell)
    return f"{100 * least / ours:.0f}" if ours and least else ""


def number(value, digits):
    return f"{value:.{digits}f}" if value else ""


def time_of(cell, who):
    """Milliseconds, or microseconds of a step where steps are many."""
    ms = gpu_tables.milliseconds(cell, who)
    return number(1e3 * ms / cell["steps"], 2) if ms and "steps" in cell else number(ms, 3)


def row(cell, peers):
    columns = [cell["name"], time_of(cell, "attn"), gpu_tables.spread(cell), share_of_floor(cell)]
    columns += [time_of(cell, who) for who in peers]
    columns += [number(gpu_tables.ratio(cell, who), 2) for who in peers]
    return f"| {' | '.join(columns)} |"


def by_method(cells):
    """Means of the ratios to FLA, method by method."""
    ratios = {}
    for cell in cells:
        if value := gpu_tables.ratio(cell, "fla"):
            ratios.setdefault(cell["method"], []).append(value)
    found = [f"{name} {tables.geometric_mean(values):.2f}" for name, values in ratios.items()]
    return [f"By method, to FLA: {', '.join(found)}.", ""] if found else []


def bound_by_host(cells):
    """Who may have waited for the host, and where."""
    where = {}
    for cell in cells:
        for who, entry in cell["contestants"].items():
            if entry["host_ms"] > BOUND * min(entry["ms"]):
                where.setdefault(gpu_tables.NAMES[who], []).append(cell["name"])
    return [
        line
        for who, names in where.items()
        for line in (f"{who} may be bound by the host in {', '.join(names)}.", "")
    ]


def table(title, cells):
    if not cells:
        return []
    peers = [who for who in RIVALS if any(who in cell["contestants"] for cell in cells)]
    header = ["cell", "attn", "spread", "% of floor", *(gpu_tables.NAMES[who] for who in peers)]
    header += [f"attn / {gpu_tables.NAMES[who]}" for who in peers]
    lines = [f"### {title}", "", f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    lines += [row(cell, peers) for cell in cells]
    lines += ["", *gpu_tables.commit_line(cells), *gpu_tables.summaries(cells, RIVALS)]
    return lines + by_method(cells) + bound_by_host(cells) + gpu_tables.left_out(cells)


def decoding(cells):
    """A token at a time."""
    lines = table("Decoding, microseconds a token", cells)
    if not lines:
        return []
    note = (
        f"A CUDA graph of {gpu_linear_cells.STEPS} steps, each of one token, slow gates and a "
        f"state in f32 in and out, {gpu_linear_cells.STATES} states in turn; the floor counts "
        "both states, though at batch 1 all states fit into the cache. FLA are its functions that "
        "go token by token."
    )
    return [*lines[:2], note, "", *lines[2:]]


def lengths(cells):
    """Whether the time grows with the number of tokens."""
    longest = [cell for cell in cells if not cell["peers"]]
    if not longest:
        return []
    methods = {cell["method"] for cell in longest}
    lines = [
        "### Time per token at growing lengths, one sequence",
        "",
        "| cell | attn, ms | spread | nanoseconds per token | % of floor |",
        "|---|---|---|---|---|",
    ]
    alone = [c for c in cells if c["B"] == 1 and c["gates"] == "slow" and c["method"] in methods]
    alone = [cell for cell in alone if cell["kind"] == "recurrence"]
    for cell in sorted(alone, key=lambda cell: (cell["method"], cell["S"])):
        ms = gpu_tables.milliseconds(cell, "attn")
        columns = [cell["name"], number(ms, 3), gpu_tables.spread(cell)]
        columns += [number(1e6 * ms / cell["S"] if ms else None, 1), share_of_floor(cell)]
        lines.append(f"| {' | '.join(columns)} |")
    return [*lines, "", *gpu_tables.commit_line(longest), *gpu_tables.left_out(longest)]


def section(results):
    cells = gpu_tables.in_order(results, gpu_linear_cells.cells())
    if not cells:
        return []
    beside = [cell for cell in cells if cell["peers"] and cell["kind"] == "recurrence"]
    fast = [cell for cell in beside if cell["gates"] == "fast"]
    others = [cell for cell in beside if cell["gates"] != "fast"]
    lines = preamble(results, cells)
    lines += table("bf16, no decay, a constant one or a slow one", others)
    lines += table("bf16, fast decay", fast)
    lines += lengths(cells)
    return lines + decoding([cell for cell in cells if cell["kind"] == "decode"])
