# The programs of the GPU suite of linear attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One function for each method, of any batch and length: queries, keys and values, then
the gates and the betas that the method has. What decodes takes one token, and a state in
the end, and returns the next one behind the output."""

KINDS = ("recurrence", "decode")


def source(cell):
    tokens = 1 if cell["kind"] == "decode" else "?"
    keys = f"tensor<?x{cell['H']}x{tokens}x{cell['D']}xbf16>"
    gate, beta = (f"tensor<?x{cell['H']}x{tokens}x{kind}>" for kind in ("f32", "bf16"))
    arguments, clauses = [f"%{name}: {keys}" for name in "qkv"], [f"scale({cell['D'] ** -0.5!r})"]
    if cell["gates"]:
        kind = "scalar"
        if cell["wide"]:
            kind, gate = "key", keys.replace("bf16", "f32")
        arguments.append(f"%g: {gate}")
        clauses.append(f"decay({kind} %g : {gate})")
    if cell["delta"]:
        arguments.append(f"%beta: {beta}")
        clauses.append(f"update(delta %beta : {beta})")
    if cell["kind"] == "decode":
        return decoding(cell, keys, arguments, clauses)
    return f"""func.func @{cell["program"]}({", ".join(arguments)}) -> {keys} {{
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : {keys}
  %length = tensor.dim %q, %c2 : {keys}
  %init = tensor.empty(%batch, %length) : {keys}
  %out = attn.recurrence %q, %k, %v outs(%init) {" ".join(clauses)}
    : {keys}, {keys}, {keys} -> {keys}
  return %out : {keys}
}}
"""


def decoding(cell, keys, arguments, clauses):
    states = f"tensor<?x{cell['H']}x{cell['D']}x{cell['D']}xf32>"
    arguments, clauses = [*arguments, f"%s: {states}"], [*clauses, f"init(%s : {states})"]
    return f"""func.func @{cell["program"]}({", ".join(arguments)}) -> ({keys}, {states}) {{
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : {keys}
  %init = tensor.empty(%batch) : {keys}
  %next = tensor.empty(%batch) : {states}
  %out:2 = attn.recurrence %q, %k, %v outs(%init, %next) {" ".join(clauses)}
    : {keys}, {keys}, {keys} -> {keys}, {states}
  return %out#0, %out#1 : {keys}, {states}
}}
"""
