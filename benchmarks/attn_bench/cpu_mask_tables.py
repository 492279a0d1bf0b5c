# Renders the results of the CPU suite of masks.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/cpu-masks.json makes."""

import statistics

from . import patterns, tables

# What the time of a visited tile may differ by from that of full attention.
TOLERANCE = 0.15
HEADER = (
    "cell",
    "attn, ms",
    "spread",
    "Flex, ms",
    "full, ms",
    "attn / Flex",
    "tile",
    "full",
    "partial",
    "empty",
    "visible, %",
    "time per visited tile",
    "to full in such tiles",
)


def milliseconds(cell, who):
    entry = cell["contestants"].get(who)
    return 1e3 * statistics.median(entry["seconds"]) if entry else None


def spread(cell):
    seconds = cell["contestants"].get("attn", {}).get("seconds")
    return f"{max(seconds) / min(seconds):.2f}" if seconds else ""


def ratio(cell):
    """How many times as fast as FlexAttention."""
    ours, theirs = milliseconds(cell, "attn"), milliseconds(cell, "flex")
    return theirs / ours if ours and theirs else None


def hidden_by_data(cell, tiles):
    """Of the tiles that a report takes for partial because data decides, those in which
    no query sees a key."""
    pattern, length = patterns.BY_NAME[cell["mask"]], cell["S"]
    if not pattern.document:
        return 0
    count = 0
    for row in range(0, length, tiles["rows"]):
        # Of the keys up to the last query, those in front of the first one's document.
        first = row // pattern.document * pattern.document
        count += first // tiles["cols"]
    return count * cell["flops"] // (4 * cell["D"] * pattern.pairs(length))


def visited(tiles, hidden=0):
    """Positions of queries and keys in the tiles that are not empty."""
    return (tiles["full"] + tiles["partial"] - hidden) * tiles["rows"] * tiles["cols"]


def per_tile(cell):
    """Time per position of a visited tile, in units of that of full attention. Their
    tiles need not be of one size."""
    ours, full = milliseconds(cell, "attn"), milliseconds(cell, "full")
    if not ours or not full or "tiles" not in cell:
        return None
    positions = visited(cell["tiles"], hidden_by_data(cell, cell["tiles"]))
    return ours / positions / (full / visited(cell["full_tiles"]))


def per_same_tile(cell):
    """Time per position of a visited tile, in units of that of full attention in tiles of
    that size."""
    ours, full = milliseconds(cell, "attn"), milliseconds(cell, "same_tiles")
    if not ours or not full or "tiles" not in cell:
        return None
    tiles, side = cell["tiles"], {}
    for size in ("rows", "cols"):
        side[size] = -(-cell["S"] // tiles[size]) * tiles[size]
    heads = cell["flops"] // (4 * cell["D"] * patterns.BY_NAME[cell["mask"]].pairs(cell["S"]))
    positions = visited(tiles, hidden_by_data(cell, tiles))
    return ours / positions / (full / (heads * side["rows"] * side["cols"]))


def visible(cell):
    """Percent of the positions of visited tiles where a query sees a key."""
    if "tiles" not in cell:
        return None
    positions = visited(cell["tiles"], hidden_by_data(cell, cell["tiles"]))
    return 100 * cell["flops"] / (4 * cell["D"]) / positions


def decimals(value, count):
    return f"{value:.{count}f}" if value else ""


def row(cell):
    tiles = cell.get("tiles")
    columns = [cell["name"], decimals(milliseconds(cell, "attn"), 1), spread(cell)]
    columns += [decimals(milliseconds(cell, who), 1) for who in ("flex", "full")]
    columns.append(decimals(ratio(cell), 2))
    counts = [str(tiles[kind]) for kind in ("full", "partial", "empty")] if tiles else [""] * 3
    columns += [f"{tiles['rows']} x {tiles['cols']}" if tiles else "", *counts]
    columns += [decimals(visible(cell), 0), decimals(per_tile(cell), 2)]
    columns.append(decimals(per_same_tile(cell), 2))
    return f"| {' | '.join(columns)} |"


def summary(cells):
    """What the ratios and the times per tile come to."""
    lines, text = [], tables.mean_and_lowest({cell["name"]: ratio(cell) for cell in cells})
    if text:
        lines += [f"Geometric mean of the ratios to Flex {text}.", ""]
    for measure, what in ((per_tile, ""), (per_same_tile, " in such tiles")):
        shares = {cell["name"]: measure(cell) for cell in cells}
        shares = {name: value for name, value in shares.items() if value}
        slower = [name for name, value in shares.items() if value > 1 + TOLERANCE]
        faster = [name for name, value in shares.items() if value < 1 - TOLERANCE]
        if not shares:
            continue
        text = f"Within {100 * TOLERANCE:.0f} % of full attention's time per visited tile{what}: "
        text += f"{len(shares) - len(slower) - len(faster)} of {len(shares)}"
        text += f"; above: {', '.join(slower)}" if slower else ""
        text += f"; below: {', '.join(faster)}" if faster else ""
        lines += [f"{text}.", ""]
    return lines


def table(results, threads):
    order = {pattern.name: place for place, pattern in enumerate(patterns.CPU)}
    cells = [cell for cell in results["cells"] if cell["threads"] == threads]
    cells = sorted((c for c in cells if c["name"] in order), key=lambda c: order[c["name"]])
    if not cells:
        return []
    lines = [
        f"### f32 under masks, {threads} thread{'s' if threads > 1 else ''}",
        "",
        *tables.table(HEADER, map(row, cells), cells),
    ]
    return [*lines, *summary(cells)]


def section(results):
    if not results["cells"]:
        return []
    protocol, cell = results["protocol"], results["cells"][0]
    lines = [
        "## Masks on the CPU (`benchmarks/run.py cpu-masks`)",
        "",
        tables.cpu_machine(results),
        "",
        f"B1 H{protocol['heads']} S{cell['S']} D{cell['D']}, medians of {protocol['rounds']} "
        f"rounds in windows of {protocol['window_seconds']} s. Flex is PyTorch's FlexAttention, "
        "compiled, its block mask built before the clock starts; full is attention of ours "
        "without a mask, in the same rounds. Tiles are those of the compiled schedule, in all "
        "heads, by `attn-io-report`, which takes what data hides (documents) for visible. The last "
        "three columns do not: the share of the positions of visited tiles that the mask lets "
        "through; the time per position of a visited tile, in units of that of full attention, "
        "whose tiles are larger; and in units of full attention in tiles of the mask's size.",
        "",
    ]
    for threads in sorted({cell["threads"] for cell in results["cells"]}):
        lines += table(results, threads)
    return lines
