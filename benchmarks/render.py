#!/usr/bin/env python3
# Renders docs/benchmarks.md from benchmarks/results.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Usage: benchmarks/render.py [--check]. With --check, only says whether they agree."""

import json
import statistics
import sys
from pathlib import Path

from attn_bench import cpu_linear_tables, cpu_mask_tables, gpu_profile_tables, gpu_suites, tables

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("torch", "onnxruntime", "openvino", "iree")


def figures(cell):
    """Percent of peak by contestant: (median, best), and the ratio to the best peer."""
    shares, rates = {}, {}
    for who, entry in cell["contestants"].items():
        median = cell["flops"] / statistics.median(entry["seconds"]) / 1e9
        best = cell["flops"] / min(entry["seconds"]) / 1e9
        rates[who] = median
        shares[who] = (100 * median / cell["peak_gflops"], 100 * best / cell["peak_gflops"])
    peers = [rates[who] for who in PEERS if who in rates]
    ratio = rates["attn"] / max(peers) if peers and "attn" in rates else None
    return shares, ratio


def spread(cell):
    seconds = cell["contestants"].get("attn", {}).get("seconds", [])
    return f"{max(seconds) / min(seconds):.2f}" if seconds else ""


def cpu_table(results, threads, dtype):
    cells = [c for c in results["cells"] if (c["threads"], c["dtype"]) == (threads, dtype)]
    if not cells:
        return []
    cells.sort(key=lambda c: (c["D"], c["S"], c["causal"]))
    present = [who for who in PEERS if any(who in c["contestants"] for c in cells)]
    lines = [
        f"### {dtype}, {threads} thread{'s' if threads > 1 else ''}",
        "",
        "| cell | peak GF/s | attn median | attn best | spread | "
        + " | ".join(present)
        + " | attn / best peer |",
        "|---" * (6 + len(present)) + "|",
    ]
    ratios = []
    for cell in cells:
        shares, ratio = figures(cell)
        row = [cell["name"].split(" ", 1)[1], f"{cell['peak_gflops']:.0f}"]
        ours = shares.get("attn")
        row += [f"{ours[0]:.0f}", f"{ours[1]:.0f}", spread(cell)] if ours else ["", "", ""]
        row += [f"{shares[who][0]:.0f}" if who in shares else "" for who in present]
        row.append(f"{ratio:.2f}" if ratio else "")
        if ratio:
            ratios.append(ratio)
        lines.append("| " + " | ".join(row) + " |")
    commits = ", ".join(sorted({c["commit"] for c in cells}))
    lines += ["", f"Commit {commits}."]
    if ratios:
        mean = tables.geometric_mean(ratios)
        lines += ["", f"Geometric mean of the ratios: {mean:.2f}; lowest: {min(ratios):.2f}."]
    return lines + [""]


def cpu(results):
    protocol = results["protocol"]
    lines = [
        "## Dense attention on the CPU (`benchmarks/run.py cpu`)",
        "",
        tables.cpu_machine(results),
        "",
        f"B1 H{protocol['heads']}. Percent of the multiply-add peak of the same run, medians of "
        f"{protocol['rounds']} rounds in windows of {protocol['window_seconds']} s, packing "
        "included. Spread is our slowest round over our fastest. Floor: 4 D multiply-adds and one "
        "exponential per visible pair; at D64 the exponentials cost about a tenth of the "
        "multiply-adds.",
        "",
    ]
    for dtype in ("f32", "bf16"):
        for threads in sorted({c["threads"] for c in results["cells"]}):
            lines += cpu_table(results, threads, dtype)
    lines += cpu_memory(results)
    return lines


def cpu_memory(results):
    """Growth of the process's peak memory at a contestant's first call, where it grew."""
    worst = {}
    for cell in results["cells"]:
        for who, entry in cell["contestants"].items():
            worst[who] = max(worst.get(who, 0), entry["peak_kib"])
    text = ", ".join(f"{who} {kib / 1024:.0f} MiB" for who, kib in worst.items())
    return [f"Largest growth of peak memory when a contestant joined: {text}.", ""]


SUITES = {
    "cpu": cpu,
    "cpu-masks": cpu_mask_tables.section,
    "cpu-linear": cpu_linear_tables.section,
}
SUITES |= {name: suite.section for name, suite in gpu_suites.SUITES.items()}
SUITES["gpu-profile"] = gpu_profile_tables.section


def render(folder=ROOT / "benchmarks" / "results"):
    lines = [
        "# Benchmarks",
        "",
        "Rendered by `benchmarks/render.py` from `benchmarks/results`; a test fails when the two "
        "differ. Do not edit by hand.",
        "",
    ]
    for suite, section in SUITES.items():
        path = folder / f"{suite}.json"
        if path.exists():
            lines += section(json.loads(path.read_text()))
    return "\n".join(lines).rstrip() + "\n"


def main():
    path, text = ROOT / "docs" / "benchmarks.md", render()
    if "--check" in sys.argv[1:]:
        if not path.exists() or path.read_text() != text:
            sys.exit("docs/benchmarks.md differs from benchmarks/results: run benchmarks/render.py")
        return
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


if __name__ == "__main__":
    main()
