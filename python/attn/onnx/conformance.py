# Runs the ONNX node tests of attention through the compiler.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``python -m attn.onnx.conformance DIR --cases=LIST``.

Imports each case of LIST from its folder in DIR, compiles and runs it with
attn-run, and compares every output. The last line is ``N passed, N failed``:
a case that is missing, incomplete or wrong has failed, as has a case of
`Attention` or `LinearAttention` in DIR that LIST does not know. Exit status 0 if all passed, 1 if some failed, 2
if nothing could be run.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .. import driver
from .cases import CaseError, load_case, mismatch
from .importer import UnsupportedModel, import_model

# What the folders of the cases are called.
_CASES = ("test_attention*", "test_linear_attention*")


def run_case(folder: Path, *, tool: Path, target: str = "cpu", options=(), keep: Path | None = None) -> str | None:
    """Why the case in `folder` fails, or None if it passes."""
    if not folder.is_dir():
        return "the folder is missing"
    try:
        case = load_case(folder)
        imported = import_model(case.model)
        if set(imported.outputs) != set(case.outputs):
            return f"outputs {', '.join(imported.outputs)}, expected {', '.join(case.outputs)}"
        results = driver.run(imported.text, [case.inputs[name] for name in imported.inputs], len(imported.outputs),
                             target=target, options=options, tool=tool, keep=keep)
    except (CaseError, UnsupportedModel, driver.RunError) as error:
        return str(error)
    for name, got in zip(imported.outputs, results):
        if reason := mismatch(got, case.outputs[name]):
            return f"{name}: {reason}"
    return None


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="attn.onnx.conformance", description="Runs the ONNX node tests of attention.")
    parser.add_argument("folder", type=Path, help="where the folders of the cases are")
    parser.add_argument("--cases", type=Path, required=True, help="file with the name of every case that has to pass")
    parser.add_argument("--target", default="cpu", help="attn-run's --target (default: cpu)")
    parser.add_argument("--option", action="append", default=[], help="a further option of attn-run; may be repeated")
    parser.add_argument("--filter", default="", help="run only cases whose names contain this")
    parser.add_argument("--keep", type=Path, help="leave the IR and arrays of each case below this folder")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="cases run at a time")
    options = parser.parse_args(arguments)

    expected = options.cases.read_text().split()
    found = {path.name for pattern in _CASES for path in options.folder.glob(pattern) if path.is_dir()}
    if not found:
        print(f"error: no attention node tests in {options.folder}", file=sys.stderr)
        return 2
    tool = driver.find_tool()
    if tool is None:
        print("error: attn-run is not built: set ATTN_BUILD_DIR or build it into build", file=sys.stderr)
        return 2
    names = [name for name in expected if options.filter in name]
    if not names:
        print(f"error: no case matches '{options.filter}'", file=sys.stderr)
        return 2

    def run(name):
        keep = options.keep / name if options.keep else None
        return run_case(options.folder / name, tool=tool, target=options.target, options=options.option, keep=keep)

    failures = {}
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for name, reason in zip(names, pool.map(run, names)):
            if reason:
                failures[name] = reason
                print(f"FAIL {name}: {reason}", flush=True)
    for name in sorted(found - set(expected)):
        if options.filter in name:
            failures[name] = "not in the list of cases"
            print(f"FAIL {name}: not in the list of cases")
    print(f"{len(names) - len(failures.keys() & set(names))} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
