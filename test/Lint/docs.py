#!/usr/bin/env python3
# Checks that documents speak of what exists.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the documents of a tree.

    docs.py ROOT               prints `FILE:LINE: message`, exits 1 if any

D1: a relative link leads to a file.
D2: a path in backquotes that begins with a folder of the tree exists.
D3: in docs/status.md a cell of the feature matrix is empty or names a test by a
    link; what is claimed is tested.
"""
import re
import sys
from pathlib import Path

FOLDERS = ("include", "lib", "tools", "test", "python", "scripts", "examples",
           "docs", "cmake", "benchmarks")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:%s)/[\w./-]+)`" % "|".join(FOLDERS))


def documents(root):
    yield from sorted(root.glob("*.md"))
    for folder in ("docs", "examples", "benchmarks", "python"):
        yield from sorted((root / folder).rglob("*.md"))


def check_line(root, file, line):
    for target in LINK.findall(line):
        if "://" not in target and not (file.parent / target).exists():
            yield f"D1: the link to {target} leads nowhere"
    for path in PATH.findall(line):
        if not (root / path).exists():
            yield f"D2: there is no {path}"


def check_matrix_row(line):
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    for cell in cells[1:]:
        targets = LINK.findall(cell)
        if cell and not targets:
            yield f"D3: '{cell}' is claimed without a test"
        for target in targets:
            if not target.startswith("../test/"):
                yield f"D3: {target} is no test"


def check(root):
    for file in documents(root):
        where = file.relative_to(root).as_posix()
        in_code = in_matrix = False
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if line.startswith("```"):
                in_code = not in_code
            if in_code:
                continue
            messages = list(check_line(root, file, line))
            if where == "docs/status.md":
                # The rows below the line of dashes, up to the end of the table.
                if in_matrix and line.startswith("|"):
                    messages += check_matrix_row(line)
                else:
                    in_matrix = bool(re.match(r"\|[-| :]+\|$", line))
            for message in messages:
                yield f"{where}:{number}: {message}"


def main():
    root = Path(sys.argv[1]).resolve()
    count = len(list(documents(root)))
    violations = list(check(root))
    print(*violations, sep="\n", end="\n" if violations else "")
    print(f"{count} documents, {len(violations)} violations")
    return 1 if violations or not count else 0


if __name__ == "__main__":
    sys.exit(main())
