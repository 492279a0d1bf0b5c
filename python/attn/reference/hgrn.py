# HGRN, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""HGRN: a gated linear recurrence of each channel, which keeps at least ``bound``.

    forget_t = bound + (1 - bound) sigmoid(f_t)
    h_t = forget_t h_{t-1} + (1 - forget_t) i_t

Source: Qin et al. 2023 (HGRN).

    i, f ``[B, H, S, D]``, bound ``[H, D]`` from 0 to 1
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens, sigmoid, zeros
from ._tokens import narrow, widen

FAMILY = "scan"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, length=203, channels=40)
PAPER_SIZES = dict(batch=1, heads=1, length=2011, channels=2048)


def inputs(rng, sizes, parameters):
    B, H, S, D = (sizes[name] for name in ("batch", "heads", "length", "channels"))
    return {
        "i": rng.standard_normal((B, H, S, D)),
        "f": rng.standard_normal((B, H, S, D)),
        "bound": 0.9 * rng.random((H, D)),
    }


def shape(operands):
    return operands["i"].shape


def evaluate(i, f, bound, *, rows=None):
    i, bound = narrow(i), widen(bound)
    # What is stored of a gate is what it lets in.
    update = narrow((1 - bound[:, None]) * (1 - sigmoid(narrow(f))))

    def step(state, b, h, t):
        state = (1 - update[b, h, t]) * state + update[b, h, t] * i[b, h, t]
        return state, state

    return read_tokens(i, lambda b, h: zeros(i.shape[3]), step, rows)
