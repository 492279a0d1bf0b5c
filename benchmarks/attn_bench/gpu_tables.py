# Renders the results of the GPU suite.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/gpu-dense.json makes."""

import math
import statistics

from . import gpu_cells

NAMES = {
    "attn": "attn",
    "fa3": "FA3",
    "cudnn": "cuDNN",
    "fa2": "FA2",
    "torch": "torch.matmul",
}
# Peers that ratios are taken to; FA2 is there for reference.
RIVALS = ("fa3", "cudnn", "torch")


def milliseconds(cell, who):
    entry = cell["contestants"].get(who)
    return statistics.median(entry["ms"]) if entry else None


def ratio(cell, rival):
    """How many times as fast as the rival, or nothing."""
    ours, theirs = milliseconds(cell, "attn"), milliseconds(cell, rival)
    return theirs / ours if ours and theirs else None


def spread(cell):
    ms = cell["contestants"].get("attn", {}).get("ms")
    return f"{max(ms) / min(ms):.2f}" if ms else ""


def share_of_floor(cell, device):
    ours, least = milliseconds(cell, "attn"), gpu_cells.floor_ms(cell, device)
    return f"{100 * least / ours:.0f}" if ours and least else ""


def row(cell, peers, rivals, device):
    rates = {who: milliseconds(cell, who) for who in ("attn", *peers)}
    rates = {who: f"{cell['flops'] / ms / 1e9:.0f}" if ms else "" for who, ms in rates.items()}
    ratios = [ratio(cell, rival) for rival in rivals]
    columns = [cell["name"], rates["attn"], spread(cell), *(rates[who] for who in peers)]
    columns += [f"{value:.2f}" if value else "" for value in ratios]
    return "| " + " | ".join([*columns, share_of_floor(cell, device)]) + " |"


def summary(cells, rival):
    """The mean and the lowest of the ratios to a rival."""
    ratios = {cell["name"]: ratio(cell, rival) for cell in cells}
    ratios = {name: value for name, value in ratios.items() if value}
    if not ratios:
        return None
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    lowest = min(ratios, key=ratios.get)
    return f"{mean:.2f}, lowest {ratios[lowest]:.2f} ({lowest})"


def summaries(cells, rivals, prefix="Geometric"):
    found = [(rival, summary(cells, rival)) for rival in rivals]
    text = "; ".join(f"to {NAMES[rival]} {text}" for rival, text in found if text)
    return [f"{prefix} mean of the ratios {text}.", ""] if text else []


def left_out(cells):
    """Who did not take part, why and where."""
    where = {}
    for cell in cells:
        for who, why in cell.get("left_out", {}).items():
            where.setdefault((NAMES[who], why), []).append(cell["name"])
    lines = []
    for (who, why), names in where.items():
        place = "every cell" if len(names) == len(cells) else ", ".join(names)
        lines += [f"Left out: {who} ({why}) in {place}.", ""]
    return lines


def table(title, cells, device):
    if not cells:
        return []
    peers = [who for who in NAMES if who != "attn" and any(who in c["contestants"] for c in cells)]
    rivals = [who for who in peers if who in RIVALS]
    header = ["cell", "attn", "spread", *(NAMES[who] for who in peers)]
    header += [*(f"attn / {NAMES[who]}" for who in rivals), "% of floor"]
    lines = [f"### {title}", "", f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    lines += [row(cell, peers, rivals, device) for cell in cells]
    commits = sorted({c["commit"] for c in cells if "attn" in c["contestants"] and "commit" in c})
    lines += ["", *([f"Commit {', '.join(commits)}.", ""] if commits else [])]
    if cells[0]["kind"] == "dense":
        lines += summaries(cells, rivals)
    return lines + left_out(cells)


def grouped(cells):
    """How much of the time with as many heads of keys the one with fewer takes."""
    times = {}
    for cell in cells:
        ms = milliseconds(cell, "attn")
        if ms and cell["kind"] == "other" and not cell["softcap"] and cell["D"] == 128:
            times[cell["mask"], cell["Hkv"]] = ms
    parts = [
        f"{mask} {times[mask, 8] / times[mask, 32]:.3f}"
        for mask in ("full", "causal")
        if (mask, 8) in times and (mask, 32) in times
    ]
    if not parts:
        return []
    return [f"Time of attn with 8 heads of keys over that with 32: {', '.join(parts)}.", ""]


def preamble(results, cells):
    device = results["device"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    facts = [device["name"], f"{device['multiprocessors']} multiprocessors"]
    facts += [f"{device['power_limit_w']:.0f} W"] if "power_limit_w" in device else []
    facts.append(f"driver {device['driver']}")
    rounds = {len(entry["ms"]) for cell in cells for entry in cell["contestants"].values()}
    windows = {cell["window_ms"] for cell in cells}
    clocks = [cell["clock_mhz"] for cell in cells if "clock_mhz" in cell]
    lines = [
        "## Dense attention on a GPU (`benchmarks/run.py gpu-dense`)",
        "",
        f"{', '.join(facts)}; {results['date']}; {versions}.",
        "",
        "bf16, forward. TFLOP/s, 4 D a visible pair and query head for every contestant, medians "
        f"of {extent(rounds)} rounds in windows of {extent(windows)} ms by CUDA events, in one "
        "process, order alternating. Spread is our slowest round over our fastest. FA3 is "
        "FlashAttention-3, cuDNN and FA2 are backends of PyTorch's scaled_dot_product_attention.",
        "",
    ]
    peak = gpu_cells.peak(device)
    if peak:
        text = (
            f"Floor: {gpu_cells.FLOPS_PER_CLOCK} FLOPs a clock and multiprocessor, which is a peak "
            f"of {peak / 1e12:.0f} TFLOP/s at the highest clock, {device['max_clock_mhz']:.0f} "
            f"MHz, or one exponential a pair, {gpu_cells.EXPS_PER_CLOCK} a clock and "
            "multiprocessor, whichever take longer: at D64 both take the same time, and with a "
            "soft-cap there are two of the latter. The last column is the floor over our time."
        )
        if clocks:
            text += f" The clock under load was {extent(clocks)} MHz, by cell."
        lines += [text, ""]
    return lines


def extent(values):
    low, high = min(values), max(values)
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


def section(results):
    order = {cell["name"]: place for place, cell in enumerate(gpu_cells.cells())}
    cells = [cell for cell in results["cells"] if cell["name"] in order]
    cells.sort(key=lambda cell: order[cell["name"]])
    if not cells:
        return []
    device = results["device"]
    dense = [cell for cell in cells if cell["kind"] == "dense"]
    lines = preamble(results, cells)
    for mask in ("full", "causal"):
        lines += table(f"bf16, {mask}", [cell for cell in dense if cell["mask"] == mask], device)
    if len({cell["mask"] for cell in dense}) == 2:
        count = sum("attn" in cell["contestants"] for cell in dense)
        lines += summaries(dense, RIVALS, f"In both tables, {count} cells, geometric")
    others = [cell for cell in cells if cell["kind"] == "other"]
    lines += table("bf16, width 192, grouped heads, soft-cap", others, device)
    lines += grouped(cells)
    products = [cell for cell in cells if cell["kind"] == "matmul"]
    return lines + table("bf16, a product written in the tiled level", products, device)
