# The CPU suite of masks: attention beside FlexAttention and full attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cells are B1 H8 S8192 D64 in f32, each timed beside full attention of ours in the
same rounds, in the tiles that are best for that and in those of the mask: what a mask
leaves out should not take time. How much it leaves is told by attn-io-report, for the
schedule that was compiled.
"""

import functools
import json
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from . import contestants, patterns

HEADS, LENGTH, DEPTH = 8, 8192, 64


def cells():
    for pattern in patterns.CPU:
        flops = 4.0 * HEADS * DEPTH * pattern.pairs(LENGTH)
        cell = dict(dtype="f32", D=DEPTH, S=LENGTH, mask=pattern.name)
        yield dict(cell, name=pattern.name, flops=flops)


def pattern_of(cell, who):
    return "full" if who in ("full", "same_tiles") else cell["mask"]


def source(pattern, length=0, schedule=""):
    """The program, of any length or of one. A schedule stands as it is written."""
    extent = length or "?"
    tensor, ids = f"tensor<1x{HEADS}x{extent}x{DEPTH}xf32>", f"tensor<1x{extent}xi32>"
    arguments = [f"%{name}: {tensor}" for name in "qkv"]
    clauses = [f"scale({1 / math.sqrt(DEPTH)!r})"]
    if pattern.ir:
        clauses.append(f"mask({pattern.ir})")
    if pattern.document:
        arguments += [f"%{name}: {ids}" for name in ("qids", "kids")]
        clauses.append(f"segments(%qids, %kids : {ids}, {ids})")
    if schedule:
        clauses.append(f"schedule({schedule})")
    size = "" if length else "%n"
    return f"""func.func @attention({", ".join(arguments)}) -> {tensor} {{
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : {tensor}
  %e = tensor.empty({size}) : {tensor}
  %o = attn.attention %q, %k, %v outs(%e) {" ".join(clauses)}
    : {tensor}, {tensor}, {tensor} -> {tensor}
  return %o : {tensor}
}}
"""


@functools.lru_cache(maxsize=None)
def compiled_schedule(pattern, build):
    library = contestants.compile_source(source(pattern), build)
    (compiled,) = json.loads(Path(f"{library}.json").read_text())["schedules"]
    return compiled["schedule"].removeprefix("#attn.schedule")


@functools.lru_cache(maxsize=None)
def tiles(pattern, build):
    """The tiles of the schedule that the compiled program has: their size, and how many
    the mask leaves empty, partial and full, in all heads."""
    schedule = compiled_schedule(pattern, build)
    with tempfile.TemporaryDirectory() as folder:
        program, report = Path(folder) / "attention.mlir", Path(folder) / "report.json"
        program.write_text(source(pattern, LENGTH, schedule))
        options = f"cpu=host format=json file={report}"
        command = [build / "bin" / "attn-opt", program, f"--attn-io-report={options}"]
        subprocess.run([*command, "-o", "/dev/null"], check=True)
        (fold,) = json.loads(report.read_text())["folds"]
    found = fold["schedule"]
    return dict(rows=found["rows"], cols=found["cols"], **fold["tiles"])


def facts(cell, build):
    pattern = patterns.BY_NAME[cell["mask"]]
    return dict(tiles=tiles(pattern, build), full_tiles=tiles(patterns.FULL, build))


# --- contestants ------------------------------------------------------------------


def attn_under(pattern, inputs, threads, build, schedule=""):
    arrays = list(inputs)
    if pattern.document:
        ids = (np.arange(LENGTH) // pattern.document).astype(np.int32)[None]
        arrays += [ids, ids]
    out = np.full_like(inputs[0], np.nan)
    program = source(pattern, schedule=schedule)
    return contestants.entry(program, [*arrays, out], threads, build), lambda: out


def attn(cell, inputs, threads, build):
    return attn_under(patterns.BY_NAME[cell["mask"]], inputs, threads, build)


def full(cell, inputs, threads, build):
    return attn_under(patterns.FULL, inputs, threads, build)


def same_tiles(cell, inputs, threads, build):
    """Full attention in the tiles of the mask."""
    schedule = compiled_schedule(patterns.BY_NAME[cell["mask"]], build)
    return attn_under(patterns.FULL, inputs, threads, build, schedule)


def flex(cell, inputs, threads, build):
    try:
        import torch

        from . import flex as flex_attention
    except ImportError as error:
        raise contestants.Absent(error) from None
    torch.set_num_threads(threads)
    # Code for another number of threads may have been kept.
    torch._inductor.config.fx_graph_cache = False
    flex_attention.forget()
    q, k, v = (torch.from_numpy(x) for x in inputs)
    pattern = patterns.BY_NAME[cell["mask"]]
    attention, box = flex_attention.compiled(), []
    mask = flex_attention.block_mask(pattern, LENGTH, "cpu")

    def call():
        with torch.inference_mode():
            box[:] = [attention(q, k, v, block_mask=mask)]

    try:
        call()
    except Exception as error:
        text = (str(error).strip().splitlines() or [""])[0]
        raise contestants.Absent(f"{type(error).__name__}: {text}") from None
    return call, lambda: box[0].numpy()


MAKERS = {"attn": attn, "flex": flex, "full": full, "same_tiles": same_tiles}
