#!/usr/bin/env python3
# Runs the examples of a document.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""run_document.py DOCUMENT FOLDER: runs what DOCUMENT shows, inside FOLDER.

A block ```` ```mlir ```` below a comment `<!-- file: NAME -->` is written to
NAME. In a block ```` ```console ```` lines that begin with `$ ` are commands
for bash (a backslash continues them) and the others are what they print, where
`...` in a line stands for anything, and a line `...` for any lines. Fails if a
command fails or prints something else, or if there is no command.
"""
import re
import subprocess
import sys
from pathlib import Path


def blocks(text):
    """Pairs of language and lines, with the file name of an mlir block."""
    name = language = None
    lines = []
    for line in text.splitlines():
        marker = re.match(r"<!-- file: (\S+) -->", line)
        if marker:
            name = marker[1]
        elif line.startswith("```") and language is None:
            language, lines = line[3:].strip(), []
        elif line.startswith("```"):
            yield language, name, lines
            language = name = None
        elif language is not None:
            lines.append(line)


def commands(lines):
    """Pairs of a command and the lines it should print."""
    result = []
    for line in lines:
        if result and result[-1][0].endswith("\\") and not result[-1][1]:
            result[-1][0] += "\n" + line
        elif line.startswith("$ "):
            result.append([line[2:], []])
        elif result:
            result[-1][1].append(line)
    return result


def pattern(lines):
    parts = []
    for line in lines:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(re.escape(line).replace(r"\.\.\.", ".*") + r"\s*\n")
    return re.compile("".join(parts))


def main():
    document, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for language, name, lines in blocks(document.read_text()):
        if language == "mlir" and name:
            (folder / name).write_text("\n".join(lines) + "\n")
        if language != "console":
            continue
        for command, expected in commands(lines):
            count += 1
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            print(f"$ {command}\n{done.stdout}", end="")
            if done.returncode:
                sys.exit(f"error: exit status {done.returncode} of: {command}")
            if expected and not pattern(expected).fullmatch(done.stdout):
                sys.exit("error: expected:\n" + "\n".join(expected))
    if not count:
        sys.exit(f"error: {document} shows no command")
    print(f"{count} commands")


if __name__ == "__main__":
    main()
