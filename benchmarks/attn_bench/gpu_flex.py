# FlexAttention on a GPU, and what its block masks cost.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A block mask is built before the clock of the attention starts. Building it is timed
by a clock of the host, with the GPU idle before and after."""

import time

import torch

from . import flex, patterns


def measured(function):
    """What it returns, how long it takes and how many bytes of the GPU it needs at once
    beyond those in use before."""
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before, start = torch.cuda.memory_allocated(), time.perf_counter()
    result = function()
    torch.cuda.synchronize()
    seconds = time.perf_counter() - start
    return result, dict(seconds=seconds, bytes=torch.cuda.max_memory_allocated() - before)


def twice(function):
    """The second result, and what each of both calls costs."""
    first = measured(function)[1]
    result, again = measured(function)
    return result, dict(first=first, again=again)


def prepare(cell, q, k, v):
    """What computes the cell, and the costs of its block mask: of the function as it is
    and compiled, which takes less memory but has to be compiled the first time."""
    flex.forget()
    pattern, length = patterns.BY_NAME[cell["mask"]], cell["S"]
    mask, plain = twice(lambda: flex.block_mask(pattern, length, "cuda"))
    costs = dict(plain=plain)
    create = flex.compiled(flex.create_block_mask)
    try:
        costs["compiled"] = twice(lambda: flex.block_mask(pattern, length, "cuda", create))[1]
    except Exception as error:  # It is the other one that is used.
        torch.cuda.synchronize()
        costs["compiled"] = dict(failure=type(error).__name__)
    score = flex.score_function(cell["softcap"], cell["H"] if cell["alibi"] else 0, "cuda")
    attention = flex.compiled()
    return lambda: attention(q, k, v, score_mod=score, block_mask=mask), costs


def prepare_blocks(mask, q, k, v):
    """What computes attention to the blocks of a block mask."""
    flex.forget()
    attention = flex.compiled()
    return lambda: attention(q, k, v, block_mask=mask)
