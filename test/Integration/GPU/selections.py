#!/usr/bin/env python3
# Compares attention over listed blocks of keys on a GPU with its definition.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the selections that artefacts.sh made, on lists that hold whatever fits an i32.

    selections.py DIR

Needs PyTorch with a CUDA GPU and nothing of this project but DIR; under compute-sanitizer
it shows that no number in a list is taken for an address. Accepted is at most twice the
error of the unfused evaluation in bf16, plus one rounding of the result. Prints `N passed,
N failed` last and exits with 1 unless all passed.
"""
import sys

import torch

from kernels import Program, run_tests

BATCH, HEADS, KV_HEADS, DEPTH, CHOSEN = 2, 4, 2, 64, 9
LENGTHS = (1, 127, 1000, 1536)
# Numbers of no block, wherever it ends.
HOSTILE = (-1, -2**31, 2**31 - 1, 10**9, -2)


def make_inputs(length, rows, cols):
    """Queries, keys, values and lists: with repetitions, in any order, two in five of no
    block, some all of them."""
    torch.manual_seed(length + rows)
    q, k, v = (torch.randn(BATCH, heads, length, DEPTH, device="cuda").bfloat16()
               for heads in (HEADS, KV_HEADS, KV_HEADS))
    count = -(-length // cols)
    lists = torch.randint(0, count, (BATCH, KV_HEADS, -(-length // rows), CHOSEN), device="cuda")
    none = torch.tensor([*HOSTILE, count], device="cuda")
    drawn = none[torch.randint(0, len(none), lists.shape, device="cuda")]
    lists = torch.where(torch.rand(lists.shape, device="cuda") < 0.4, drawn, lists)
    lists[:, :, 1::7] = -1
    return q, k, v, lists.int()


def evaluate(q, k, v, lists, rows, cols, causal, narrow):
    """The definition; weights and the result in bf16 if it is `narrow`."""
    length = q.shape[2]
    at = torch.arange(length, device="cuda")
    blocks = at // cols
    # By row of the list and key: whether its block is one of those chosen.
    chosen = (lists[..., None].long() == blocks).any(3)
    seen = chosen[:, :, at // rows].repeat_interleave(HEADS // KV_HEADS, 1)
    if causal:
        seen = seen & (at <= at[:, None])
    kind = torch.float32 if narrow else torch.float64
    k, v = (x.repeat_interleave(HEADS // KV_HEADS, 1).to(kind) for x in (k, v))
    logits = (q.to(kind) @ k.mT * DEPTH**-0.5).masked_fill(~seen, -torch.inf)
    weights = logits.softmax(-1).nan_to_num(0)
    if narrow:
        return (weights.bfloat16().to(kind) @ v).bfloat16()
    return weights @ v


def find_fault(name, rows, cols, causal, length, other=False):
    """Why a result is not accepted, or None; `other` compares with another list."""
    inputs = make_inputs(length, rows, cols)
    out = torch.full_like(inputs[0], torch.nan)
    error = Program("selection", name)(*inputs, out)
    torch.cuda.synchronize()
    assert error is None, error
    q, k, v, lists = inputs
    expected = lists.roll(1, 2) if other else lists
    want, unfused = (evaluate(q, k, v, expected, rows, cols, causal, narrow)
                     for narrow in (False, True))
    if not out.isfinite().all():
        return "not finite"
    found, usual = ((x.double() - want).abs().max().item() for x in (out, unfused))
    bound = 2 * usual + torch.finfo(torch.bfloat16).eps * want.abs().max().item()
    print(f"     {name} length {length}: error {found:.3g}, unfused {usual:.3g}")
    return f"error {found:.3g} exceeds {bound:.3g}" if found > bound else None


def check_all(name, rows, cols, causal=False):
    for length in LENGTHS:
        fault = find_fault(name, rows, cols, causal, length)
        assert fault is None, f"length {length}: {fault}"


def test_blocks():
    check_all("selection-128", 128, 128)


def test_small_blocks_causal():
    check_all("selection-64-causal", 64, 64, causal=True)


def test_rows_causal():
    check_all("selection-1x64-causal", 1, 64, causal=True)


def test_other_lists():
    """The comparison notices lists of other rows."""
    fault = find_fault("selection-128", 128, 128, False, 1000, other=True)
    assert fault and "exceeds" in fault, fault


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
