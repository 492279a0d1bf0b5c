"""The MLIR program of a case."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import re
from pathlib import Path

import cases

INPUTS = Path(__file__).parent / "Inputs"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
# Methods are written in f32. Queries, keys and values have types of these names.
OPERAND_TYPE = re.compile(r"^(!(?:q|kv|qkv|global|keys|values) = tensor<.*)f32>$", re.MULTILINE)


def tensor(case, letters, dtype):
    extents = ("?" if letter in case.dynamic else str(case.extent(letter))
               for letter in letters)
    return f"tensor<{''.join(extent + 'x' for extent in extents)}{dtype}>"


def region(keyword, first, lines, result, types):
    for name, type_ in types.items():
        lines = lines.replace(f"${name}", type_)
    body = "".join(f"\n    {line}" for line in
                   [*lines.splitlines(), f"attn.yield %y : {result}"])
    return (f" {keyword} {{\n  ^bb0({first}%b: index, %h: index, %i: index, "
            f"%j: index):{body}\n  }}")


def empty(case, name, letters, dtype):
    """An uninitialised tensor with the extents of the operands."""
    where = {"B": ("q", 0), "H": ("q", 1), "S": ("q", 2)}
    types = {"q": tensor(case, "BHSD", case.dtype)}
    lines, extents = [], []
    for letter in letters:
        if letter in case.dynamic:
            operand, dim = where[letter]
            extents.append(f"%{name}{dim}")
            lines += [f"%{name}c{dim} = arith.constant {dim} : index",
                      f"%{name}{dim} = tensor.dim %{operand}, %{name}c{dim} : "
                      f"{types[operand]}"]
    lines.append(f"%{name} = tensor.empty({', '.join(extents)}) : "
                 f"{tensor(case, letters, dtype)}")
    return lines


def write(case):
    """The program, with a function of the name of the case's entry."""
    if case.method:
        text = (EXAMPLES / case.family / f"{case.method}.mlir").read_text()
        return text if case.paper else OPERAND_TYPE.sub(rf"\g<1>{case.dtype}>", text)
    if case.file:
        return (INPUTS / case.file).read_text()
    types = {name: tensor(case, letters, dtype) if letters is not None else dtype
             for name, letters, dtype in cases.operands(case)}
    outs = {name: tensor(case, letters, dtype)
            for name, letters, dtype in cases.results(case)}
    lines = [line for name, letters, dtype in cases.results(case)
             for line in empty(case, name, letters, dtype)]

    clauses = [f"scale({case.scale:.17e})"]
    if case.mask:
        clauses.append(f"mask({cases.MASKS[case.mask][0]})")
    if case.bottom_right:
        clauses.append("align(bottom_right)")
    for name in ("offset", "bias", "parameters", "ancestors", "kv_lengths", "sink"):
        if name in types:
            clauses.append(f"{name}(%{name} : {types[name]})")
    for clause, a, b in (("segments", "qseg", "kseg"),
                         ("positions", "qpos", "kpos")):
        if a in types:
            clauses.append(f"{clause}(%{a}, %{b} : {types[a]}, {types[b]})")
    if case.strict_values:
        clauses.append("strict_values")
    regions = ""
    if case.score:
        regions += region("score", "%s: f32, ", cases.SCORES[case.score][0],
                          "f32", types)
    if case.where:
        regions += region("where", "", cases.WHERES[case.where][0], "i1", types)

    names = ", ".join(f"%{name}" for name in outs)
    found = ", ".join(f"%r#{i}" for i in range(len(outs)))
    out_types = ", ".join(outs.values())
    lines.append(
        f"%r:{len(outs)} = attn.attention %q, %k, %v outs({names}) "
        f"{' '.join(clauses)}{regions}\n    : {types['q']}, {types['k']}, "
        f"{types['v']} -> {out_types}")
    lines.append(f"return {found} : {out_types}")
    arguments = ", ".join(f"%{name}: {type_}" for name, type_ in types.items())
    body = "\n".join(f"  {line}" for line in lines)
    return (f"func.func @{case.name}({arguments}) -> ({out_types}) {{\n"
            f"{body}\n}}\n")
