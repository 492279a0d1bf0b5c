# Renders the results of the GPU suite of masks.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/gpu-masks.json makes."""

from . import gpu_mask_cells, gpu_tables

RIVALS = ("flex", "fa3")


def preamble(results, cells):
    return [
        "## Masks and scores on a GPU (`benchmarks/run.py gpu-masks`)",
        "",
        gpu_tables.facts(results),
        "",
        f"bf16, forward, B1 H{gpu_mask_cells.HEADS} D{gpu_mask_cells.DEPTH}. "
        f"{gpu_tables.protocol(cells)} Flex is PyTorch's FlexAttention, compiled, with block masks "
        "built before the clock starts; FA3 is FlashAttention-3; cuDNN and FA2 are backends of "
        "PyTorch's scaled_dot_product_attention. Documents are causal, and told apart by ids that "
        "attn reads and by positions in FlexAttention.",
        "",
        *gpu_tables.floor(results["device"], cells),
    ]


def block_masks(cells):
    """What FlexAttention's masks cost before the first call."""
    costs = {cell["name"]: cell["contestants"].get("flex", {}).get("block_mask") for cell in cells}
    costs = {name: cost for name, cost in costs.items() if cost}
    if not costs:
        return []
    header = ["cell", *(f"{turn}, ms" for turn in ("first", "again")), "most memory, MiB"]
    header += [f"compiled: {column}" for column in header[1:]]
    lines = [
        "### Building FlexAttention's block masks",
        "",
        "`create_block_mask` as it is and compiled, by a clock of the host: the first call for a "
        "mask, in which it is compiled, and another one. Memory is the largest of both calls, "
        "beyond what is in use before. attn builds nothing beforehand; what it computes of ids "
        "is in its time.",
        "",
        f"| {' | '.join(header)} |",
        "|---" * len(header) + "|",
    ]
    for name, cost in costs.items():
        columns = [name, *columns_of(cost.get("plain")), *columns_of(cost.get("compiled"))]
        lines.append(f"| {' | '.join(columns)} |")
    return [*lines, ""]


def columns_of(cost):
    if not cost or "failure" in cost:
        return [cost["failure"] if cost else "", "", ""]
    memory = max(cost["first"]["bytes"], cost["again"]["bytes"]) / 2**20
    times = (1e3 * cost[turn]["seconds"] for turn in ("first", "again"))
    return [*(f"{ms:.1f}" for ms in times), f"{memory:.0f}"]


def lengths(cells):
    """Whether the time of a window grows with the number of queries."""
    if not cells:
        return []
    lines = [
        "### The same window at growing lengths",
        "",
        "| cell | attn, ms | spread | microseconds per query | TFLOP/s |",
        "|---|---|---|---|---|",
    ]
    for cell in cells:
        ms = gpu_tables.milliseconds(cell, "attn")
        row = [cell["name"], "", "", "", ""]
        if ms:
            row[1:] = [f"{ms:.3f}", gpu_tables.spread(cell), f"{1e3 * ms / cell['S']:.4f}"]
            row.append(f"{cell['flops'] / ms / 1e9:.0f}")
        lines.append(f"| {' | '.join(row)} |")
    return [*lines, "", *gpu_tables.commit_line(cells), *gpu_tables.left_out(cells)]


def section(results):
    cells = gpu_tables.in_order(results, gpu_mask_cells.cells())
    if not cells:
        return []
    masks = [cell for cell in cells if cell["kind"] == "mask"]
    lines = preamble(results, cells)
    title = f"bf16, S{gpu_mask_cells.LENGTH}"
    lines += gpu_tables.table(title, masks, results["device"], RIVALS, summarised=True)
    lines += block_masks(masks)
    return lines + lengths([cell for cell in cells if cell["kind"] == "length"])
