# Renders the results of the GPU suite of attention over chosen keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/gpu-routed.json makes."""

from . import gpu_routed_cells, gpu_tables

# Whose rate over all keys a pair of a listed block is compared with.
DENSE = ("attn", "fa3", "cudnn")


def rate(cell, who):
    ms = gpu_tables.milliseconds(cell, who)
    return cell["flops"] / ms / 1e9 if ms else None


def shares(cells, dense):
    """How much of the dense rates ours is, cell by cell."""
    rates = {who: rate(dense, who) for who in DENSE} if dense else {}
    rates = {who: value for who, value in rates.items() if value}
    if not rates:
        return []
    header = ["cell", *(f"% of {gpu_tables.NAMES[who]} over all keys" for who in rates)]
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    for cell in cells:
        ours = rate(cell, "attn")
        columns = [f"{100 * ours / value:.0f}" if ours else "" for value in rates.values()]
        lines.append(f"| {' | '.join([cell['name'], *columns])} |")
    return [*lines, ""]


def section(results):
    cells = gpu_tables.in_order(results, gpu_routed_cells.cells())
    if not cells:
        return []
    listed = [cell for cell in cells if cell["kind"] == "blocks"]
    dense = [cell for cell in cells if cell["kind"] == "rate"]
    return [
        "## Chosen blocks of keys on a GPU (`benchmarks/run.py gpu-routed`)",
        "",
        gpu_tables.facts(results),
        "",
        f"bf16, forward, B1 H{gpu_routed_cells.HEADS} D{gpu_routed_cells.DEPTH} "
        f"S{gpu_routed_cells.LENGTH}. {gpu_tables.protocol(cells)} Each block of queries of each "
        "head sees blocks of as many keys, drawn at random; the lists are an operand, which "
        "attn sorts in its time. Flex is PyTorch's FlexAttention, compiled, with the lists as a "
        "block mask, made before the clock starts.",
        "",
        *gpu_tables.floor(results["device"], cells),
        *gpu_tables.table("Listed blocks", listed, results["device"], ("flex",), summarised=True),
        *gpu_tables.table("All keys", dense, results["device"]),
        *shares(listed, dense[0] if dense else None),
    ]
