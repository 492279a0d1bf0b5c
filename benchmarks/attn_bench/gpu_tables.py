# Renders the results of the dense GPU suite.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/gpu-dense.json makes, and
what sections of other suites have in common with it."""

import statistics

from . import gpu_cells, tables

NAMES = {
    "attn": "attn",
    "dense": "attn, all keys",
    "flex": "Flex",
    "fa3": "FA3",
    "cudnn": "cuDNN",
    "fa2": "FA2",
    "torch": "torch.matmul",
    "fla": "FLA",
    "fla_gamma": "FLA given rates",
}
# Peers that ratios are taken to; FA2 is there for reference, where nothing else is said.
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
    return tables.mean_and_lowest({cell["name"]: ratio(cell, rival) for cell in cells})


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


def commit_line(cells):
    commits = sorted({c["commit"] for c in cells if "attn" in c["contestants"] and "commit" in c})
    return [f"Commit {', '.join(commits)}.", ""] if commits else []


def table(title, cells, device, rivals=RIVALS, summarised=False):
    if not cells:
        return []
    peers = [who for who in NAMES if who != "attn" and any(who in c["contestants"] for c in cells)]
    rivals = [who for who in peers if who in rivals]
    header = ["cell", "attn", "spread", *(NAMES[who] for who in peers)]
    header += [*(f"attn / {NAMES[who]}" for who in rivals), "% of floor"]
    lines = [f"### {title}", "", f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    lines += [row(cell, peers, rivals, device) for cell in cells]
    lines += ["", *commit_line(cells)]
    if summarised:
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


def facts(results):
    """The line under the title of a section."""
    device = results["device"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    found = [device["name"], f"{device['multiprocessors']} multiprocessors"]
    found += [f"{device['power_limit_w']:.0f} W"] if "power_limit_w" in device else []
    found.append(f"driver {device['driver']}")
    return f"{', '.join(found)}; {results['date']}; {versions}."


def timing(cells):
    """How the times of a section were taken."""
    rounds = {len(entry["ms"]) for cell in cells for entry in cell["contestants"].values()}
    windows = {cell["window_ms"] for cell in cells}
    return (
        f"medians of {extent(rounds)} rounds in windows of {extent(windows)} ms by CUDA events, "
        "in one process, order alternating. Spread is our slowest round over our fastest."
    )


def protocol(cells):
    """How the figures of a section of attention were taken."""
    return f"TFLOP/s, 4 D a visible pair and query head for every contestant, {timing(cells)}"


def floor(device, cells):
    """What the last column is, where it is known."""
    peak = gpu_cells.peak(device)
    if not peak:
        return []
    text = (
        f"Floor: {gpu_cells.FLOPS_PER_CLOCK} FLOPs a clock and multiprocessor, which is a peak "
        f"of {peak / 1e12:.0f} TFLOP/s at the highest clock, {device['max_clock_mhz']:.0f} "
        f"MHz, or one exponential a pair, {gpu_cells.EXPS_PER_CLOCK} a clock and "
        "multiprocessor, whichever take longer: at D64 both take the same time, and with a "
        "soft-cap there are two of the latter. The last column is the floor over our time."
    )
    clocks = [cell["clock_mhz"] for cell in cells if "clock_mhz" in cell]
    if clocks:
        text += f" The clock under load was {extent(clocks)} MHz, by cell."
    return [text, ""]


def preamble(results, cells):
    return [
        "## Dense attention on a GPU (`benchmarks/run.py gpu-dense`)",
        "",
        facts(results),
        "",
        f"bf16, forward. {protocol(cells)} FA3 is FlashAttention-3, cuDNN and FA2 are backends of "
        "PyTorch's scaled_dot_product_attention.",
        "",
        *floor(results["device"], cells),
    ]


def extent(values):
    low, high = min(values), max(values)
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


def in_order(results, cells):
    """The results of a suite's cells, in the order of the suite."""
    order = {cell["name"]: place for place, cell in enumerate(cells)}
    found = [cell for cell in results["cells"] if cell["name"] in order]
    return sorted(found, key=lambda cell: order[cell["name"]])


def section(results):
    cells = in_order(results, gpu_cells.cells())
    if not cells:
        return []
    device = results["device"]
    dense = [cell for cell in cells if cell["kind"] == "dense"]
    lines = preamble(results, cells)
    for mask in ("full", "causal"):
        chosen = [cell for cell in dense if cell["mask"] == mask]
        lines += table(f"bf16, {mask}", chosen, device, summarised=True)
    if len({cell["mask"] for cell in dense}) == 2:
        count = sum("attn" in cell["contestants"] for cell in dense)
        lines += summaries(dense, RIVALS, f"In both tables, {count} cells, geometric")
    others = [cell for cell in cells if cell["kind"] == "other"]
    lines += table("bf16, width 192, grouped heads, soft-cap", others, device)
    lines += grouped(cells)
    products = [cell for cell in cells if cell["kind"] == "matmul"]
    lines += table("bf16, a product written in the tiled level", products, device)
    older = [cell for cell in cells if cell["kind"] == "portable"]
    title = "bf16, as for GPUs before Hopper (`mma.sync`, compiled for sm_90)"
    return lines + table(title, older, device, rivals=("fa2",), summarised=True)
