# Forgetting attention (FoX), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Forgetting attention: causal; a logit loses what the gates between key and query forget.

    t(i, j) = scale * q_i . k_j + sum_{l = j+1 .. i} log_f[b, h, l],    j <= i

f is a gate between 0 and 1 per token and head; its logarithm is not scaled. `inputs`
makes it that of a sigmoid.

Source: Lin et al. 2025 (Forgetting Transformer).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, log_f ``[B, Hq, S]``, not above 0
    out ``[B, Hq, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv, sums_after

TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, kv_heads=16, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    gates = 3 + rng.standard_normal((sizes["batch"], sizes["heads"], sizes["length"]))
    return arrays | {"log_f": -np.log1p(np.exp(-gates))}


def evaluate(q, k, v, log_f, *, scale=None, rows=None):
    def logit(b, h, i):
        forgotten = sums_after(log_f[b, h, : i + 1])
        return lambda s, j: s + forgotten[j]

    def keys(b, h, i):
        return list(range(i + 1))

    return attend(q, k, v, keys, scale=scale, logit=logit, rows=rows)
