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

What LLVM makes of the same kernels is the same as well, and is most of the rest. A
file of hashes of PTX fills the folder that the compiler keeps PTX in (--ptx-cache):
a line with its hash stands for a text, and has the same answers.
"""
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

STANDS_FOR = "// the PTX with SHA-256 "


def hash_of(text):
    """The hash of PTX, or of what a line stands for."""
    if text.startswith(STANDS_FOR):
        return text[len(STANDS_FOR):].strip()
    return hashlib.sha256(text.encode()).hexdigest()


def version_of(ptxas):
    return subprocess.run([ptxas, "--version"], capture_output=True, text=True,
                          check=True).stdout


def environment(file, ptxas, folder=None):
    """What lets a compiler ask this program instead of `ptxas`."""
    return {"PTXAS": str(Path(__file__).resolve()), "REAL_PTXAS": str(ptxas),
            "PTXAS_VERSION": version_of(ptxas), "PTXAS_ANSWERS": str(file),
            "NEW_ANSWERS": str(folder or "")}


def collect(folder):
    """All answers that were given while `folder` was $NEW_ANSWERS, by key."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.answer"))}


def fill_cache(file, ptxas, folder):
    """Lines that stand for the PTX that `file` has hashes of.

    There are none for another ptxas than the one whose answers were kept with them:
    it has to be asked, of texts.
    """
    folder.mkdir()
    kept = json.loads(file.read_text()) if file.exists() else {}
    if kept.get("ptxas") == version_of(ptxas):
        for key, value in kept["hashes"].items():
            (folder / f"{key}.ptx").write_text(f"{STANDS_FOR}{value}\n")


def collect_hashes(ptxas, folder):
    """What `fill_cache` reads, of a folder that the compiler kept PTX in."""
    return {"ptxas": version_of(ptxas),
            "hashes": {path.stem: hash_of(path.read_text()) for path in folder.glob("*.ptx")}}


def main():
    arguments = sys.argv[1:]
    source = next((x for x in arguments if x.endswith(".ptx")), None)
    if source is None or "-o" not in arguments:
        os.execv(os.environ["REAL_PTXAS"], [os.environ["REAL_PTXAS"], *arguments])
    output = arguments[arguments.index("-o") + 1]
    options = [x for x in arguments if x not in (source, output)]
    text = json.dumps([os.environ["PTXAS_VERSION"], options, hash_of(Path(source).read_text())])
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
