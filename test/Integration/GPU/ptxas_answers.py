#!/usr/bin/env python3
# Stands for ptxas, and answers what ptxas has answered before.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stands for ptxas, and answers what ptxas has answered before.

A schedule is searched by assembling candidates, which is most of the time that
compiling PTX takes. What ptxas says of the same text, with the same options and of
the same version, is the same: it is kept in a file by a hash of these. The result is
empty then, which will do where PTX is asked for. A text that is not there goes to
ptxas ($REAL_PTXAS). With $NEW_ANSWERS, a folder, each answer is kept there, too.
"""
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path


def environment(file, ptxas, folder=None):
    """What lets a compiler ask this program instead of `ptxas`."""
    version = subprocess.run([ptxas, "--version"], capture_output=True, text=True,
                             check=True).stdout
    return {"PTXAS": str(Path(__file__).resolve()), "REAL_PTXAS": str(ptxas),
            "PTXAS_VERSION": version, "PTXAS_ANSWERS": str(file),
            "NEW_ANSWERS": str(folder or "")}


def collect(folder):
    """All answers that were given while `folder` was $NEW_ANSWERS, by key."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.answer"))}


def main():
    arguments = sys.argv[1:]
    source = next((x for x in arguments if x.endswith(".ptx")), None)
    if source is None or "-o" not in arguments:
        os.execv(os.environ["REAL_PTXAS"], [os.environ["REAL_PTXAS"], *arguments])
    output = arguments[arguments.index("-o") + 1]
    options = [x for x in arguments if x not in (source, output)]
    text = json.dumps([os.environ["PTXAS_VERSION"], options, Path(source).read_text()])
    key = hashlib.sha256(text.encode()).hexdigest()
    file = Path(os.environ["PTXAS_ANSWERS"])
    answer = json.loads(file.read_text()).get(key) if file.exists() else None
    if answer is None:
        done = subprocess.run([os.environ["REAL_PTXAS"], *arguments], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = "".join(line for line in done.stdout.splitlines(keepends=True)
                       if "Compile time" not in line)
        answer = [done.returncode, said.replace(source, "-")]
    status, said = answer
    if status == 0 and not Path(output).exists():
        Path(output).touch()
    if folder := os.environ.get("NEW_ANSWERS"):
        (Path(folder) / f"{key}.answer").write_text(json.dumps(answer))
    sys.stdout.write(said)
    sys.exit(status)


if __name__ == "__main__":
    main()
