# RWKV-4, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RWKV-4: an average of the values so far of each channel, the weights of which
come from keys and fade; the token itself has a bonus instead.

    W_s   = exp(k_s - (t - 1 - s) exp(w)) for s < t,    W_t = exp(u + k_t)
    wkv_t = sum_{s <= t} W_s v_s / sum_{s <= t} W_s

The gate behind is another operation.

Source: Peng et al. 2023 (RWKV).

    k, v ``[B, H, S, D]``, w, u ``[H, D]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._tokens import narrow, widen

FAMILY = "scan"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, length=203, channels=40)
PAPER_SIZES = dict(batch=1, heads=1, length=2011, channels=2048)


def inputs(rng, sizes, parameters):
    B, H, S, D = (sizes[name] for name in ("batch", "heads", "length", "channels"))
    return {
        # Keys that only a reference keeps in range.
        "k": 30 * rng.standard_normal((B, H, S, D)),
        "v": rng.standard_normal((B, H, S, D)),
        "w": rng.uniform(-5, 1, (H, D)),
        "u": rng.standard_normal((H, D)),
    }


def shape(operands):
    return operands["v"].shape


def evaluate(k, v, w, u, *, rows=None):
    k, v, u, rates = narrow(k), narrow(v), widen(u), np.exp(widen(w))
    rows = list(range(v.shape[2])) if rows is None else list(rows)
    out = widen(np.zeros((*v.shape[:2], len(rows), v.shape[3])))
    for n, t in enumerate(rows):
        ages = widen(np.arange(t - 1, -1, -1))[:, None]
        logs = np.concatenate([k[:, :, :t] - ages * rates[:, None], (u + k[:, :, t])[:, :, None]], axis=2)
        weights = np.exp(logs - logs.max(axis=2, keepdims=True))
        out[:, :, n] = narrow((weights * v[:, :, : t + 1]).sum(axis=2) / weights.sum(axis=2))
    return out
