# Numbers of a state that do not mix.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the references of elementwise recurrences share: the loop over tokens.

The numbers are those of `_tokens`: everything is float64, or inside of
``_tokens.unfused(dtype)`` operands and results are rounded to ``dtype`` and the
state is float32.
"""

import numpy as np

from ._tokens import narrow, widen


def read_tokens(like, begin, step, rows=None):
    """``out [B, H, R, D]`` for the R tokens `rows`, all by default.

    like ``[B, H, S, D]`` is any operand of that shape. For each batch entry and
    head the state begins as ``begin(b, h)``, and ``step(state, b, h, t)`` returns
    the next one and what token t reads ``[D]``.
    """
    B, H, S, D = like.shape
    rows = list(range(S)) if rows is None else list(rows)
    out = widen(np.zeros((B, H, len(rows), D)))
    for b in range(B):
        for h in range(H):
            state = begin(b, h)
            for t in range(max(rows, default=-1) + 1):
                state, read = step(state, b, h, t)
                if t in rows:
                    out[b, h, rows.index(t)] = narrow(read)
    return out


def zeros(*shape):
    return widen(np.zeros(shape))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))
