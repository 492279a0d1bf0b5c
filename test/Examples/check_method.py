#!/usr/bin/env python3
# Compares a compiled attention method with its reference.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the function of METHOD in FILE and compares it with attn.reference.METHOD.

The function takes the operands of the method in the order of its `inputs`, in
the types that it names, and returns one tensor of the type T of the queries. T
is f32, bf16 or f16. The float64 reference gets the operands as rounded for the
function. The largest error may be twice that of the unfused evaluation in T
(`attn.acceptance`).

At the sizes for tests attn-run compares with the oracle as well (--check). Of
sequences longer than 512 tokens a sample of the queries is compared.

Exit status: 0 if the result is accepted, 1 if its numbers are wrong, 2 if there
is no result to compare. With --wrong, for a file with a mistake in it: 0 if the
numbers are wrong, 1 if not, 2 as before.
"""
import argparse
import importlib
import pkgutil
import re
import shutil
import sys
import traceback
from pathlib import Path

import ml_dtypes
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
from attn import acceptance, driver, reference  # noqa: E402
from attn.ir import numpy_type  # noqa: E402
from attn.reference import _tokens  # noqa: E402

METHODS = [m.name for m in pkgutil.iter_modules(reference.__path__) if not m.name.startswith("_")]
DTYPES = ("f32", "bf16", "f16")
ALL_ROWS, SOME_ROWS = 512, 32


class Broken(Exception):
    """There is nothing to compare."""


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("method", choices=METHODS, metavar="METHOD")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--attn-run", type=Path, help="the tool; by default that of the path")
    parser.add_argument("--target", default="cpu", choices=("cpu", "cuda", "oracle"))
    parser.add_argument("--entry", help="the function, named like the method by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=DTYPES, help="the type that the queries must have")
    parser.add_argument("--sizes", choices=("test", "paper"), default="test")
    parser.add_argument("--length", type=int, help="another length than that of the sizes")
    parser.add_argument("--wrong", action="store_true", help="succeed if the numbers are wrong")
    return parser.parse_args()


def find_argument_elements(text, entry):
    """The element types of the arguments of function `entry`: ``["f32", "i32"]``."""
    text = re.sub(r"//.*", "", text)
    aliases = dict(re.findall(r"^(!\w+)\s*=\s*(\S.*?)\s*$", text, re.M))
    start = re.search(rf"func\.func\s+(?:public\s+)?@{re.escape(entry)}\s*\(", text)
    if not start:
        raise Broken(f"no function @{entry}")
    end, depth = start.end(), 1
    while depth and end < len(text):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    elements = []
    for found in re.findall(r"%[\w$.-]+\s*:\s*(!\w+|tensor<[^>]*>|\w+)", text[start.end() : end]):
        found = aliases.get(found, found)
        inner = re.fullmatch(r"tensor<(?:(?:\d+|\?)\s*x\s*)*(\w+).*>", found)
        elements.append(inner[1] if inner else found)
    return elements


def convert(array, name, element):
    """`array`, of float64 or int32, in the type of the function's argument."""
    if element == "index":
        element = "i64"
    try:
        dtype = numpy_type(element)
    except StopIteration:
        raise Broken(f"operand {name}: no arrays of {element}") from None
    if (array.dtype == np.float64) == element.startswith("i"):
        raise Broken(f"operand {name} is of {array.dtype}, the function takes {element}")
    return array.astype(dtype)


def make_operands(module, text, entry, arguments):
    """The operands by name, in the types of the function, and its parameters."""
    paper = arguments.sizes == "paper"
    parameters = module.PAPER if paper else module.TEST
    sizes = dict(module.PAPER_SIZES if paper else module.SIZES)
    if arguments.length is not None:
        sizes["length"] = arguments.length
    arrays = module.inputs(np.random.default_rng(arguments.seed), sizes, parameters)
    elements = find_argument_elements(text, entry)
    if len(elements) != len(arrays):
        raise Broken(f"@{entry} takes {len(elements)} arguments, {arguments.method} has "
                     f"{len(arrays)} operands: {', '.join(arrays)}")
    if elements[0] not in DTYPES or arguments.dtype not in (None, elements[0]):
        raise Broken(f"the queries are of {elements[0]}, expected {arguments.dtype or DTYPES}")
    pairs = zip(arrays.items(), elements)
    return {name: convert(x, name, element) for (name, x), element in pairs}, parameters


def choose_rows(length, seed):
    """All rows, or the first, the last and one of each of `SOME_ROWS` stretches."""
    if length <= ALL_ROWS:
        return list(range(length))
    edges = np.linspace(0, length, SOME_ROWS + 1).astype(int)
    rng = np.random.default_rng(seed)
    some = {int(rng.integers(lo, hi)) for lo, hi in zip(edges, edges[1:])}
    return sorted(some | {0, length - 1})


def find_shape(module, operands):
    """That of the result: by `shape` of the method, or of q, k and v."""
    if hasattr(module, "shape"):
        return module.shape(operands)
    q, v = operands["q"], operands["v"]
    # A state may have several queries, or several states one query.
    return q.shape[0], max(q.shape[1], v.shape[1]), q.shape[2], v.shape[3]


def run(module, text, entry, operands, arguments):
    tool = arguments.attn_run or shutil.which("attn-run") or driver.find_tool()
    if not tool or not Path(tool).exists():
        raise Broken(f"there is no attn-run: {tool}" if tool else "there is no attn-run")
    checks = arguments.sizes == "test" and arguments.target != "oracle"
    options = ["--check"] if checks else []
    try:
        got, = driver.run(text, list(operands.values()), 1, entry=entry, target=arguments.target,
                          options=options, tool=Path(tool))
    except driver.RunError as error:
        raise Broken(f"attn-run: {error}") from None
    dtype, shape = next(iter(operands.values())).dtype, find_shape(module, operands)
    if dtype == ml_dtypes.bfloat16 and got.dtype == np.uint16:
        got = got.view(dtype)
    if got.dtype != dtype or got.shape != shape:
        raise Broken(f"the result is {got.dtype}{list(got.shape)}, expected {dtype}{list(shape)}")
    return got


def find_fault(arguments):
    """Why the numbers are wrong, or None; prints how far off they are."""
    module = importlib.import_module(f"attn.reference.{arguments.method}")
    text, entry = arguments.file.read_text(), arguments.entry or arguments.method
    operands, parameters = make_operands(module, text, entry, arguments)
    got = run(module, text, entry, operands, arguments)
    if not np.isfinite(got.astype(np.float64)).all():
        return "the result is not finite everywhere"

    rows = choose_rows(got.shape[2], arguments.seed)
    rounded = [x.astype(np.float64) if x.dtype.kind not in "iu" else x for x in operands.values()]
    want = module.evaluate(*rounded, **parameters, rows=rows)
    with _tokens.unfused(got.dtype):
        unfused = module.evaluate(*rounded, **parameters, rows=rows)
    got = got[:, :, rows]
    error = np.abs(got.astype(np.float64) - want).max()
    _, bound = acceptance.allowed(want, unfused.astype(np.float64), got.dtype)
    print(f"{arguments.method}: max error {error:.3g}, allowed {bound:.3g}")
    return acceptance.reject(got, want, unfused, got.dtype)


def main():
    arguments = parse_arguments()
    try:
        fault = find_fault(arguments)
    except Exception as error:  # Whatever it is, it is no wrong number.
        if not isinstance(error, Broken):
            traceback.print_exc()
        print(f"{arguments.method}: broken: {error}", file=sys.stderr)
        return 2
    if fault:
        print(f"{arguments.method}: wrong: {fault}", file=sys.stderr)
    elif arguments.wrong:
        print(f"{arguments.method}: not wrong", file=sys.stderr)
    return int(bool(fault) != arguments.wrong)


if __name__ == "__main__":
    sys.exit(main())
