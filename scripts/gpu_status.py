#!/usr/bin/env python3
# Brings the GPU cells of docs/status.md in line with docs/gpu-check.json.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Brings the GPU cells of docs/status.md in line with docs/gpu-check.json.

    gpu_status.py --attn-compile PATH [--check] [--json FILE] [--status FILE] [--record]

Compiles the PTX of each case that a GPU has run; needs no GPU. Where it is not
what has been run any more, the case is listed as `not run`, and its result does
not count. With --check the file is left alone, and that it differs is an error:
run this without --check then. What ptxas says of what has not changed is read
from ptxas-answers.json, and what LLVM makes of the same kernels from
ptx-hashes.json; --record brings these up to date. Some cases are compiled by LLVM
in any case, so that it shows if the hashes hold no more.
"""
import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "Integration" / "GPU"))

import build  # noqa: E402
import cases  # noqa: E402
import ptxas_answers  # noqa: E402

# How the row begins that counts a group of cases; the column of the group, and
# of what has `portable_` before its name.
ROWS = {
    "attention": "| `attn.attention`,", "masks": "| masks causal",
    "clauses": "| offset, align", "regions": "| score and where regions",
    "empty": "| rows without keys", "tiled": "| a product and a chain",
    "methods": "| 23 methods", "linear": "| 22 methods of linear", "routed": "| 28 routed",
    "steps": "| a recurrence one token", "scan": "| 7 methods of elementwise",
    "hybrid": "| 7 hybrids", "online": "| 3 methods of training",
}
COLUMNS = {"": "sm_90a", "portable_": "portable GPU"}
CASES = "../test/Integration/GPU/cases.py"
ANSWERS = ROOT / "test" / "Integration" / "GPU" / "ptxas-answers.json"
HASHES = ANSWERS.with_name("ptx-hashes.json")
# One case of so many goes through LLVM, whatever is known of it.
SAMPLE = 16


def find_changed(entries, tool, record):
    """Names of the cases that are compiled to something else today."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ptxas = build.find_ptxas(os.environ.get("PTXAS"))
        os.environ.update(ptxas_answers.environment(ANSWERS, ptxas, folder if record else None))
        known, new = folder / "known", folder / "new"
        if not record:
            ptxas_answers.fill_cache(HASHES, ptxas, known)

        def is_same(name):
            ptx = folder / f"{name}.out.ptx"
            case = cases.CASES.get(name)
            kept = new if record or names.index(name) % SAMPLE == 0 else known
            return (case and not build.compile_case(case, tool, folder, "ptx", ptx,
                                                    options=[f"--ptx-cache={kept}"])
                    and ptxas_answers.hash_of(ptx.read_text()) == entries[name]["ptx_sha256"])

        names = [name for name in entries if "ptx_sha256" in entries[name]
                 and getattr(cases.CASES.get(name), "is_run", True)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            same = list(pool.map(is_same, names))
        if record:
            answers = ptxas_answers.collect(folder)
            ANSWERS.write_text(json.dumps(answers, indent=0, sort_keys=True) + "\n")
            hashes = ptxas_answers.collect_hashes(ptxas, new)
            HASHES.write_text(json.dumps(hashes, indent=0, sort_keys=True) + "\n")
    return {name for name, is_equal in zip(names, same) if not is_equal}


def state_of(name, entries, changed):
    entry = entries.get(name)
    if entry is None or name in changed:
        return "not run"
    if "failed" in entry:
        return "not compiled"
    return "wrong" if "failure" in entry else "correct"


def cell_of(group, entries, changed):
    """How many cases of a group are in which state."""
    states = [state_of(case.name, entries, changed)
              for case in cases.GROUPS[group] if not case.refused]
    if len(states) == states.count("not run"):
        return " "
    text = f" [{states.count('correct')} of {len(states)}]({CASES}) correct"
    for state in ("wrong", "not compiled", "not run"):
        if state in states:
            text += f", {states.count(state)} {state}"
    return text + " "


def rewrite(text, entries, changed):
    lines, left = text.split("\n"), dict(ROWS)
    titles = next(line.split("|") for line in lines
                  if line.startswith("| feature |"))
    for number, line in enumerate(lines):
        for group, start in ROWS.items():
            if not line.startswith(start):
                continue
            cells = line.split("|")
            for prefix, column in COLUMNS.items():
                if prefix + group in cases.GROUPS:
                    cells[titles.index(f" {column} ")] = cell_of(
                        prefix + group, entries, changed)
            lines[number] = "|".join(cells)
            del left[group]
    if left:
        sys.exit(f"error: no row begins with {', '.join(left.values())}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--attn-compile", required=True)
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "gpu-check.json")
    parser.add_argument("--status", type=Path, default=ROOT / "docs" / "status.md")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()

    entries = {}
    if args.json.exists():
        entries = json.loads(args.json.read_text())["cases"]
    changed = find_changed(entries, args.attn_compile, args.record)
    for name in entries:
        if name in changed:
            print(f"not run: {name}")
    before = args.status.read_text()
    after = rewrite(before, entries, changed)
    if not args.check:
        args.status.write_text(after)
    elif before != after:
        sys.exit(f"error: {args.status.name} does not say what has been run on a "
                 "GPU; bring it up to date by scripts/gpu_status.py")


if __name__ == "__main__":
    main()
