# Hymba, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Hymba: attention heads and Mamba heads side by side, of the same tokens.

    o = (beta1 norm(attention) + beta2 norm(mamba)) / 2

where attention is to a window of 64 tokens and to the first 8, and the norm is
over all channels of a token. Projections, the convolution, the softplus of dt and
the gate are other operations.

Source: Dong et al. 2024 (Hymba).

    q ``[B, H, S, K]``, k ``[B, 1, S, K]``, v ``[B, 1, S, D]``,
    u, dt ``[B, H, S, D]``, a_log ``[H, D, N]``, b, c ``[B, 1, S, N]``,
    d, beta1, beta2 ``[H, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from . import mamba1
from ._tokens import attend, narrow, widen

FAMILY = "hybrid"
TEST = dict()
SIZES = dict(batch=1, length=203)


def shape(operands):
    return operands["u"].shape


def inputs(rng, sizes, parameters):
    ssm = mamba1.inputs(rng, sizes | dict(heads=5, channels=64, numbers=16), parameters)
    B, S = sizes["batch"], sizes["length"]
    return {
        "q": rng.standard_normal((B, 5, S, 32)),
        "k": rng.standard_normal((B, 1, S, 32)),
        "v": rng.standard_normal((B, 1, S, 64)),
        **ssm,
        "beta1": rng.standard_normal((5, 64)),
        "beta2": rng.standard_normal((5, 64)),
    }


def evaluate(q, k, v, u, dt, a_log, b, c, d, beta1, beta2, *, rows=None):
    def norm(x):
        return x / np.sqrt((x**2).mean(axis=(1, 3), keepdims=True) + 1e-6)

    attended = attend(q, k, v, lambda b, h, i: [j for j in range(i + 1) if i - j < 64 or j < 8], rows=rows)
    ssm = mamba1.evaluate(u, dt, a_log, b, c, d, rows=rows)
    return narrow((widen(beta1)[:, None] * norm(attended) + widen(beta2)[:, None] * norm(ssm)) / 2)
