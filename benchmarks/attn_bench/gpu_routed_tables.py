# Renders the results of the GPU suite of attention over chosen keys.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/gpu-routed.json makes."""

from . import gpu_chosen, gpu_clusters, gpu_routed_cells, gpu_tables

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


def read_rate(cell):
    """TB/s of keys and values, if each list reads its blocks for itself."""
    ms = gpu_tables.milliseconds(cell, "attn")
    if not ms or cell["kind"] != "nsa":
        return ""
    pairs = cell["flops"] / (4.0 * cell["H"] * cell["D"])
    count = cell["Hkv"] * pairs / cell["rows"] * 2 * 2 * cell["D"]
    return f"{count / ms / 1e9:.1f}"


def number(value, digits):
    return f"{value:.{digits}f}" if value else ""


def by_token(cells):
    """What tokens choose, in milliseconds."""
    if not cells:
        return []
    rivals = ("dense", "flex", "fla")
    header = ["cell", "attn, ms", "spread", *(f"{gpu_tables.NAMES[who]}, ms" for who in rivals)]
    header += [f"attn / {gpu_tables.NAMES[who]}" for who in rivals]
    header += ["keys and values, TB/s"]
    lines = [
        "### Tokens that choose blocks",
        "",
        "MoBA (B1 H16 S32768, 8 of 64 blocks of 512 keys, the own one among them) with its "
        "choosing, beside attn with all keys up to the own one and FlexAttention, whose test of "
        "each pair and block mask are of the same choice, made before the clock starts. Queries "
        "and keys are N(0, 1), and wander in 16 of their channels, over 1024 tokens. Of NSA "
        "(B1 H64/4) the attention to 16 blocks of 64 keys, drawn for each token and head of keys "
        "or for 64 tokens together, the own one and the first among them. The last column counts "
        "what a list reads if none reads for another: the floor of lists of one token is what L2 "
        "gives.",
        "",
        f"| {' | '.join(header)} |",
        "|---" * len(header) + "|",
    ]
    for cell in cells:
        columns = [cell["name"], number(gpu_tables.milliseconds(cell, "attn"), 3)]
        columns.append(gpu_tables.spread(cell))
        columns += [number(gpu_tables.milliseconds(cell, who), 3) for who in rivals]
        columns += [number(gpu_tables.ratio(cell, who), 2) for who in rivals]
        lines.append(f"| {' | '.join([*columns, read_rate(cell)])} |")
    lines += ["", *gpu_tables.commit_line(cells)]
    for cell in cells:
        facts = cell["contestants"].get("attn", {})
        if "visited_share" in facts:
            lines += [
                f"Of the pairs that causal attention has, {100 * facts['chosen_share']:.0f} % are "
                f"chosen in {cell['name']}, and {100 * facts['visited_share']:.0f} % lie in tiles "
                "of 64 tokens and a block that some of them chooses.",
                "",
            ]
    return lines + gpu_tables.left_out(cells)


def growth(cell, cells):
    """How many times as long as the same of the shortest sequence, or nothing."""
    shortest = gpu_routed_cells.CLUSTERED[0]
    ours = gpu_tables.milliseconds(cell, "attn")
    for other in cells:
        if other["kind"] == cell["kind"] and other["S"] == shortest < cell["S"]:
            least = gpu_tables.milliseconds(other, "attn")
            return ours / least if ours and least else None
    return None


def by_cluster(cells):
    """Reformer and the Routing Transformer, in milliseconds."""
    if not cells:
        return []
    header = ["cell", "attn, ms", "spread", "attn, all keys, ms", "attn / attn, all keys"]
    header += ["times as long as S32768"]
    lines = [
        "### Tokens in clusters",
        "",
        "Reformer (B1 H8 D64, 4 rounds, chunks of 64, causal; as many buckets as chunks, by two "
        "hashes) and the Routing Transformer (the same shape, sqrt(S) clusters that take as many "
        "queries and keys each, causal), the programs of examples/routed in bf16 with all they do, "
        "beside attn with all keys up to the own one, in the same rounds. Below each what it "
        "begins with, alone: the rest is gathering, attention and bringing back.",
        "",
        f"| {' | '.join(header)} |",
        "|---" * len(header) + "|",
    ]
    for cell in cells:
        columns = [cell["name"], number(gpu_tables.milliseconds(cell, "attn"), 3)]
        columns += [gpu_tables.spread(cell), number(gpu_tables.milliseconds(cell, "dense"), 3)]
        columns += [number(gpu_tables.ratio(cell, "dense"), 2), number(growth(cell, cells), 1)]
        lines.append(f"| {' | '.join(columns)} |")
    return [*lines, "", *gpu_tables.commit_line(cells), *gpu_tables.left_out(cells)]


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
        *by_token([cell for cell in cells if cell["kind"] in gpu_chosen.KINDS]),
        *by_cluster([cell for cell in cells if cell["kind"] in gpu_clusters.KINDS]),
    ]
