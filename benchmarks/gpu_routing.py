#!/usr/bin/env python3
# Times what chooses keys on a GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times what chooses keys on a GPU.

    gpu_routing.py --compile-only OUT [--build BUILD] [--only REGEX]     needs no GPU
    gpu_routing.py --artefacts OUT [--only REGEX] [--rounds N]          needs no compiler

The choosing of NSA. Inputs are N(0, 1). What is chosen is compared on a sample of rows with float32; rows that chose
otherwise because scores nearly tie are counted, not failed. Prints a line of JSON for each
program: milliseconds, the median of rounds, and the share of rows that agree. MoBA, the
attention of NSA, Reformer and the Routing Transformer are timed by `run.py gpu-routed`.
"""

import argparse
import json
import re
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "test" / "Integration" / "GPU"))
SCALE = 128**-0.5

NSA = dict(H=64, Hkv=4, block=64, chosen=16)


def types(cell):
    """Aliases of the types of a cell."""
    H, Hkv, S, block, chosen = (cell[key] for key in ("H", "Hkv", "S", "block", "chosen"))
    return f"""!q = tensor<1x{H}x{S}x128xbf16>
!kv = tensor<1x{Hkv}x{S}x128xbf16>
!means = tensor<1x{Hkv}x{S // block}x128xbf16>
!lse = tensor<1x{H}x{S}xf32>
!scores = tensor<1x{Hkv}x{S}x{S // block}xf32>
!lists = tensor<1x{Hkv}x{S}x{chosen}xi32>
#begun = #attn.affine<"(b, h, i, c) : (i - {block} * c >= 0)">
#ended = #attn.affine<"(b, h, i, c) : (i - {block} * c - {block - 1} >= 0)">
#near = #attn.or<sink<1>,
    affine<"(b, h, i, c) : (i - {block} * c >= 0, {block} * c + {2 * block - 1} - i >= 0)">>
"""


def choose_nsa(cell):
    return f"""  %0 = tensor.empty() : !means
  %means = attn.pool mean %k outs(%0) window({cell["block"]}) stride({cell["block"]})
      : !kv -> !means
  %eq = tensor.empty() : !q
  %el = tensor.empty() : !lse
  %oc, %lse = attn.attention %q, %means, %means outs(%eq, %el) scale({SCALE!r}) mask(#ended)
      : !q, !means, !means -> !q, !lse
  %1 = tensor.empty() : !scores
  %scores = attn.route_score sum %q, %means outs(%1) scale({SCALE!r}) mask(#ended) score {{
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lse[%b, %h, %i] : !lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  }} : !q, !means -> !scores
  %2 = tensor.empty() : !lists
  %lists = attn.select %scores outs(%2) mask(#begun) force(#near) : !scores -> !lists
"""


def function(name, arguments, body, result="!q"):
    named = ", ".join(f"%{argument}: !{kind}" for argument, kind in arguments)
    return f"func.func @{name}({named}) -> {result} {{\n{body}}}\n"


QK = (("q", "q"), ("k", "kv"))


def attention_programs():
    """Name, cell and source."""
    for length in (8192, 32768):
        cell = NSA | dict(S=length)
        name = f"nsa_choosing_{length}"
        body = choose_nsa(cell) + "  return %lists : !lists\n"
        yield name, cell, function(name, QK, body, "!lists")


def compile_all(options):
    import build

    folder = options.compile_only / "build"
    folder.mkdir(parents=True, exist_ok=True)
    ptxas, failed = build.keep_ptx(folder), 0
    programs = [(name, types(cell) + text) for name, cell, text in attention_programs()]
    for name, text in programs:
        if re.search(options.only, name):
            output = options.compile_only / f"{name}.so"
            output.unlink(missing_ok=True)
            error = build.compile_program(name, name, text, options.build / "bin" / "attn-compile",
                                          folder, "so", output, ptxas)
            failed += error is not None
            print(f"{name}: {error or 'built'}", flush=True)
    return failed != 0


def choose_reference(cell, q, k, rows, scores_of):
    """Which blocks rows choose, by head: a mask."""
    import torch

    count = cell["S"] // cell["block"]
    means = k[0].float().unflatten(1, (count, -1)).mean(2).bfloat16().float()
    means = means.repeat_interleave(cell["H"] // cell["Hkv"], 0)
    numbers = torch.arange(count, device="cuda")
    logits = q[0][:, rows].float() @ means.mT
    own = rows[:, None] // cell["block"]
    scores, forced = scores_of(logits, numbers, own)
    scores = scores.masked_fill(forced, torch.inf).masked_fill(numbers > own, -torch.inf)
    best = scores.topk(cell["chosen"], -1)
    return torch.zeros_like(scores).scatter(-1, best.indices, 1.0).bool() & (numbers <= own)


def nsa_scores(cell, rows):
    def scores_of(logits, numbers, own):
        ended = (numbers + 1) * cell["block"] - 1 <= rows[:, None]
        weights = (logits * SCALE).masked_fill(~ended, float("-inf")).softmax(-1).nan_to_num(0)
        weights = weights.unflatten(0, (cell["Hkv"], -1)).sum(1)
        return weights, (numbers == 0) | ((own - numbers >= 0) & (own - numbers < 2))

    return scores_of


def blocks_of(cell, lists, rows):
    """The blocks in the lists of rows, by head: a mask."""
    import torch

    chosen = lists[0][:, rows].long()
    count = cell["S"] // cell["block"]
    seen = torch.zeros(*chosen.shape[:2], count + 1, dtype=torch.bool, device="cuda")
    return seen.scatter(2, torch.where(chosen < 0, count, chosen), True)[..., :count]


def agreement(cell, inputs, result):
    """The share of sampled rows that are as expected."""
    import torch

    rows = torch.randint(0, cell["S"], (64,), device="cuda")
    seen = choose_reference(cell, *inputs, rows, nsa_scores(cell, rows))
    return (blocks_of(cell, result, rows) == seen).all(-1).float().mean().item()


def time_all(options):
    import torch
    from library import Program, convert

    def randn(*shape, dtype=torch.bfloat16):
        return torch.randn(shape, device="cuda", dtype=dtype)

    def measure(name, arguments):
        program = Program(options.artefacts / f"{name}.so", name)
        stream = torch.cuda.current_stream().cuda_stream
        words = [convert(x) for x in arguments]
        program(stream, words)
        torch.cuda.synchronize()
        taken = []
        for _ in range(options.rounds):
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            for _ in range(3):
                program(stream, words)
            end.record()
            end.synchronize()
            taken.append(begin.elapsed_time(end) / 3)
        return round(statistics.median(taken), 4)

    failed = 0

    def report(name, arguments, check):
        if not re.search(options.only, name):
            return 0
        if not (options.artefacts / f"{name}.so").exists():
            print(json.dumps(dict(name=name, error="not compiled")), flush=True)
            return 1
        ms = measure(name, arguments)
        share = check()
        print(json.dumps(dict(name=name, ms=ms, rows_as_expected=share,
                              device=torch.cuda.get_device_name())), flush=True)
        # Scores of bf16 means nearly tie for some rows, not for many.
        return share < 0.9

    for name, cell, _ in attention_programs():
        torch.manual_seed(0)
        inputs = [randn(1, cell[heads], cell["S"], 128) for heads in ("H", "Hkv")]
        result = torch.full((1, cell["Hkv"], cell["S"], cell["chosen"]), -7, dtype=torch.int32,
                            device="cuda")
        failed += report(name, [*inputs, result], lambda cell=cell, inputs=inputs, result=result:
                         agreement(cell, inputs, result))
    return failed != 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    stage = parser.add_mutually_exclusive_group(required=True)
    stage.add_argument("--compile-only", type=Path, metavar="OUT")
    stage.add_argument("--artefacts", type=Path, metavar="OUT")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    return compile_all(options) if options.compile_only else time_all(options)


if __name__ == "__main__":
    sys.exit(main())
