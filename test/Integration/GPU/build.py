#!/usr/bin/env python3
# Compiles the cases of cases.py; needs no GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles the cases of cases.py, each for its chip; needs no GPU.

    build.py OUT --attn-compile PATH [--only REGEX] [--jobs N]

OUT then holds NAME.so, manifest.json with the SHA-256 of the PTX in each and the
types of what it takes and gives, and what check.py needs; OUT/build has the
programs, the PTX and diagnostics. The last line is `N built, M failed`. A case
that has to be refused is built if it is refused with the diagnostic that it names.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cases
import program

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
COPIED = ("cases.py", "reference.py", "operands.py", "library.py", "workers.py",
          "check.py")


def hash_of(ptx):
    return hashlib.sha256(ptx.read_bytes()).hexdigest()


def compile_program(name, entry, text, tool, build, emit, output, ptxas=None,
                    chip="sm_90a", options=()):
    """Returns the diagnostics, or nothing if it was compiled."""
    source = build / f"{name}.mlir"
    source.write_text(text)
    environment = dict(os.environ)
    if ptxas:
        kept = build / f"{name}.ptx"
        Path(f"{kept}.bare").unlink(missing_ok=True)
        environment |= {"PTXAS": str(ptxas), "KEPT_PTX": str(kept)}
    command = [tool, source, f"--entry={entry}", "--target=cuda",
               f"--chip={chip}", f"--emit={emit}", f"--header={build / name}.h",
               f"--metadata={build / name}.json", "-o", output, *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              env=environment)
    except OSError:
        return f"no program {tool}"
    (build / f"{name}.log").write_text(done.stderr)
    if done.returncode == 0:
        return None
    text = done.stderr.replace(f"{build}{os.sep}", "")
    return next((line for line in text.splitlines() if "error:" in line),
                text.strip() or f"exit status {done.returncode}")


def compile_case(case, tool, build, emit, output, ptxas=None, options=()):
    if case.repeats is not None:
        options = [*options, "--count-repeats"]
    return compile_program(case.name, case.entry, program.write(case), tool,
                           build, emit, output, ptxas, case.chip, options)


def build_case(case, tool, out, ptxas):
    """The record of the manifest."""
    build = out / "build"
    error = compile_case(case, tool, build, "so", out / f"{case.name}.so", ptxas)
    if case.refused:
        if error and case.refused in error:
            return dict(refused=error)
        return dict(failed=f"expected '{case.refused}', got {error}")
    if error:
        return dict(failed=error)
    described = json.loads((build / f"{case.name}.json").read_text())
    return dict(ptx_sha256=hash_of(build / f"{case.name}.ptx"),
                **{kind: [x["type"] for x in described[kind]]
                   for kind in ("arguments", "results")})


def find_ptxas(ptxas=None):
    return shutil.which(ptxas or "ptxas") or "/usr/local/cuda/bin/ptxas"


def keep_ptx(build, ptxas=None):
    """A program that keeps what it is to assemble, and assembles it.

    What differs from what is kept by nothing but how many blocks are to share a
    multiprocessor is another attempt at the same, which PTX is not written with.
    """
    ptxas = find_ptxas(ptxas)
    wrapper = build / "ptxas"
    wrapper.write_text(f"""#!/bin/sh
for argument; do
  case $argument in *.ptx)
    grep -v "^\\.minnctapersm " "$argument" > "$KEPT_PTX.new"
    cmp -s "$KEPT_PTX.new" "$KEPT_PTX.bare" || cp "$argument" "$KEPT_PTX"
    mv "$KEPT_PTX.new" "$KEPT_PTX.bare" ;;
  esac
done
exec {ptxas} "$@"
""")
    wrapper.chmod(0o755)
    return wrapper


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--attn-compile", required=True)
    parser.add_argument("--ptxas", default=os.environ.get("PTXAS"))
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    build = args.out.resolve() / "build"
    build.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copy(HERE / name, args.out)
    shutil.copy(ROOT / "scripts" / "gpu-check.sh", args.out)
    # The references of the methods.
    shutil.copytree(ROOT / "python" / "attn", args.out / "attn", dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("__pycache__", "onnx"))

    wrapper = keep_ptx(build, args.ptxas)
    chosen = [case for case in cases.CASES.values()
              if re.search(args.only, case.name)]
    with ThreadPoolExecutor(args.jobs) as pool:
        records = pool.map(lambda case: build_case(
            case, args.attn_compile, args.out.resolve(), wrapper), chosen)
        manifest = {}
        for case, record in zip(chosen, records):
            manifest[case.name] = record
            for kind in ("refused", "failed"):
                if kind in record:
                    print(f"{kind} {case.name}: {record[kind]}", flush=True)
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    failed = sum("failed" in record for record in manifest.values())
    print(f"{len(manifest) - failed} built, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
