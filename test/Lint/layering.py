#!/usr/bin/env python3
# Checks who includes whom.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the layers of attn below include/ and lib/ of a tree.

    layering.py ROOT

Prints `FILE:LINE: message` for each violation and exits with 1 if there is any.

L1: a layer includes headers of the layers named for it only.
L2: every directory belongs to a layer.
L3: operations of the attn dialect are named in Dialect/Attn, in the oracle
    (Conversion/AttnToLoops) and in InitAll only; other code asks interfaces.
"""
import re
import sys
from pathlib import Path

# The layers, lowest first: a path prefix and the layers it may include. Tile
# knows no method, Attn none of the decisions, WG no attn at all; Target is a
# table that everything may read and that reads nothing.
LAYERS = {
    "Target": [],
    "Runtime": [],
    "Dialect/Tile": [],
    "Dialect/Check": [],
    "Dialect/Attn": ["Dialect/Tile"],
    "Dialect/WG": ["Dialect/Tile", "Target"],
    "Strategy": ["Dialect/Tile", "Dialect/Attn", "Target"],
    "Conversion": ["Dialect/Tile", "Dialect/Check", "Dialect/Attn",
                   "Dialect/WG", "Target", "Runtime"],
    "Pipelines": ["Dialect/Tile", "Dialect/Check", "Dialect/Attn",
                  "Dialect/WG", "Strategy", "Conversion", "Target"],
}
# These put everything together and may include all of it.
TOPS = ["InitAll", "Execution", "CAPI", "Plugin"]

# Where operations of the attn dialect may be named.
NAMES_OPS = ["Dialect/Attn", "Conversion/AttnToLoops", "InitAll"]

SUFFIXES = {".h", ".cpp", ".td", ".c"}
INCLUDE = re.compile(r'^\s*(?:#\s*)?include\s+["<]attn/([^">]+)[">]')


def layer_of(path):
    """The layer of a path below include/attn or lib, None if there is none."""
    for layer in [*LAYERS, *TOPS]:
        if path == layer or path.startswith((layer + "/", layer + ".")):
            return layer
    return None


def sources(root):
    """Pairs of file and path below include/attn or lib."""
    for base in (root / "include" / "attn", root / "lib"):
        for file in sorted(base.rglob("*")):
            if file.suffix in SUFFIXES:
                yield file, file.relative_to(base).as_posix()


def attn_op_patterns(root):
    """What names an operation of the attn dialect: its class or its spelling."""
    ops = root / "include/attn/Dialect/Attn/IR/AttnOps.td"
    text = ops.read_text() if ops.exists() else ""
    found = re.findall(r'^def Attn_(\w+) : \w+<"([\w.]+)"', text, re.M)
    classes = [name for name, _ in found]
    # Dialects of MLIR have these too: only `attn::YieldOp` is ours.
    shared = {"YieldOp"}
    patterns = []
    for name in classes:
        qualified = rf"(?<!\w)(?:attn::){name}\b"
        bare = rf"(?<![\w:]){name}\b"
        patterns.append(qualified if name in shared else f"{qualified}|{bare}")
    patterns += [rf'"attn\.{re.escape(name)}"' for _, name in found]
    return re.compile("|".join(patterns)) if patterns else None


def without_comment(line):
    return line.split("//", 1)[0]


def check(root):
    op_name = attn_op_patterns(root)
    for file, path in sources(root):
        where = file.relative_to(root).as_posix()
        layer = layer_of(path)
        if layer is None:
            yield f"{where}:1: L2: in no layer; add its directory to layering.py"
            continue
        may_name_ops = path.startswith(tuple(p for p in NAMES_OPS))
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match and layer in LAYERS:
                used = layer_of(match[1])
                if used != layer and used not in LAYERS[layer]:
                    yield (f"{where}:{number}: L1: {layer} may not include "
                           f"{used or match[1]}")
            if op_name and not may_name_ops:
                found = op_name.search(without_comment(line))
                if found:
                    yield (f"{where}:{number}: L3: names the attn operation "
                           f"{found[0]}; ask an interface")


def main():
    root = Path(sys.argv[1]).resolve()
    files = len(list(sources(root)))
    violations = list(check(root))
    print(*violations, sep="\n", end="\n" if violations else "")
    print(f"{files} files, {len(violations)} violations")
    # A tree without files is a wrong path, not a clean tree.
    return 1 if violations or not files else 0


if __name__ == "__main__":
    sys.exit(main())
