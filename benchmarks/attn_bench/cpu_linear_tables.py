# Renders the results of the CPU suite of linear attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/cpu-linear.json makes."""

import statistics

from . import tables

HEADER = (
    "cell",
    "threads",
    "peak GF/s",
    "attn, ms",
    "spread",
    "attn, % of peak",
    "ATen, ms",
    "ATen chunk",
    "attn / ATen",
)


def milliseconds(cell, who):
    return 1e3 * statistics.median(cell["contestants"][who]["seconds"])


def fastest_peer(cell):
    """The name of the fastest of the peers, if any took part."""
    peers = [who for who in cell["contestants"] if who != "attn"]
    return min(peers, key=lambda who: milliseconds(cell, who), default=None)


def share(cell):
    """Percent of the peak that the work of the cell was done at."""
    return 100 * cell["flops"] / milliseconds(cell, "attn") / 1e6 / cell["peak_gflops"]


def ratio(cell):
    peer = fastest_peer(cell)
    return milliseconds(cell, peer) / milliseconds(cell, "attn") if peer else None


def row(cell):
    seconds, peer = cell["contestants"]["attn"]["seconds"], fastest_peer(cell)
    columns = [cell["name"], str(cell["threads"]), f"{cell['peak_gflops']:.0f}"]
    columns += [f"{milliseconds(cell, 'attn'):.1f}", f"{max(seconds) / min(seconds):.2f}"]
    columns.append(f"{share(cell):.0f}")
    if peer:
        columns += [f"{milliseconds(cell, peer):.1f}", peer.removeprefix("aten_")]
    columns += ["", ""] if not peer else []
    columns.append(f"{ratio(cell):.2f}" if peer else "")
    return f"| {' | '.join(columns)} |"


def section(results):
    cells = [cell for cell in results["cells"] if "attn" in cell["contestants"]]
    if not cells:
        return []
    cells.sort(key=lambda cell: (cell["name"], cell["threads"]))
    protocol, first = results["protocol"], cells[0]
    ratios = {f"{cell['name']}, {cell['threads']} threads": ratio(cell) for cell in cells}
    mean = tables.mean_and_lowest(ratios)
    lines = [
        "## Linear attention on the CPU (`benchmarks/run.py cpu-linear`)",
        "",
        tables.cpu_machine(results),
        "",
        f"B1 H{protocol['heads']} S{first['S']}, keys and values of {first['D']}, f32, slow gates; "
        f"medians of {protocol['rounds']} rounds in windows of {protocol['window_seconds']} s. Work "
        "is counted as that of chunks of 64 tokens whatever the chunk, 98.3 and 163.8 kFLOP a "
        "token and head, and set against the multiply-add peak of the same run. ATen is the chunk "
        "form in PyTorch's batched products (`benchmarks/peers/aten_chunks.py`), with the fastest "
        "of chunks of 32, 64 and 128 tokens.",
        "",
        *tables.table(HEADER, map(row, cells), cells),
    ]
    return lines + ([f"Geometric mean of the ratios to ATen {mean}.", ""] if mean else [])
