#!/usr/bin/env python3
# Checks what no compiler does.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the sources of a tree.

    style.py ROOT              prints `FILE:LINE: message`, exits 1 if any
    style.py --list ROOT       prints the C and C++ files, for clang-format

S1: no file has more than 600 lines.
S2: every source names its licence; C++ and TableGen files begin with their own
    name in the LLVM form.
S3: no tabs, no blanks at the end of a line, one newline at the end.
S4: an include guard is spelled from the path: ATTN_DIALECT_ATTN_IR_ATTN_H.
"""
import re
import sys
from pathlib import Path

DIRECTORIES = ["include", "lib", "tools", "test", "python", "scripts",
               "examples", "benchmarks", "cmake", "docs", ".ci"]
CODE = {".h", ".cpp", ".c", ".td"}
SCRIPTS = {".py", ".sh"}
OTHER = {".mlir", ".test", ".cmake", ".md"}
LICENCE = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
MAX_LINES = 600


def files(root):
    for directory in DIRECTORIES:
        for file in sorted((root / directory).rglob("*")):
            path = file.relative_to(root)
            if (file.is_file() and "Inputs" not in path.parts
                    and "__pycache__" not in path.parts
                    and file.suffix in CODE | SCRIPTS | OTHER):
                yield file, path


def check_guard(path, lines):
    below = path.parts[1:] if path.parts[0] == "include" else path.parts
    # Public headers are attn/...; others need not follow their path.
    if path.parts[0] != "include" or path.suffix == ".td":
        return
    expected = re.sub(r"\W", "_", "/".join(below)).upper()
    guard = next((line.split()[1] for line in lines
                  if line.startswith("#ifndef ")), None)
    if guard != expected:
        yield 1, f"S4: expected the include guard {expected}, found {guard}"


def check_file(file, path):
    text = file.read_text()
    lines = text.splitlines()
    head = "\n".join(lines[:12])
    if len(lines) > MAX_LINES:
        yield len(lines), f"S1: {len(lines)} lines, more than {MAX_LINES}"
    if file.suffix in CODE | SCRIPTS and LICENCE not in head:
        yield 1, "S2: no licence in the first lines"
    if file.suffix in CODE and not lines[0].startswith(
            ("//===- " + file.name, "/*===- " + file.name)):
        yield 1, f"S2: the first line should begin with //===- {file.name}"
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield number, "S3: a tab"
        if line != line.rstrip():
            yield number, "S3: blanks at the end of the line"
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        yield len(lines), "S3: the file should end with one newline"
    if file.suffix == ".h":
        yield from check_guard(path, lines)


def main():
    arguments = sys.argv[1:]
    listing = arguments[0] == "--list"
    root = Path(arguments[-1]).resolve()
    if listing:
        print(*(file for file, _ in files(root)
                if file.suffix in {".h", ".cpp", ".c"}), sep="\n")
        return 0
    count = violations = 0
    for file, path in files(root):
        count += 1
        for number, message in check_file(file, path):
            print(f"{path.as_posix()}:{number}: {message}")
            violations += 1
    print(f"{count} files, {violations} violations")
    return 1 if violations or not count else 0


if __name__ == "__main__":
    sys.exit(main())
