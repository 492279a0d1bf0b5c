# H3, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""H3: keys are shifted by a filter, and each product of a key and a value goes
through a diagonal state space model of its head, with complex decays.

    k'_t[i]    = sum_j taps[i, W - 1 - j] k_{t-j}[i]
    x_t[n]     = exp(-alpha[n] + i omega[n]) x_{t-1}[n] + k'_t[i] v_t[j]
    y_t[i, j]  = Re(sum_n c[n] x_t[n]) + d k'_t[i] v_t[j]
    o_t[j]     = sum_i q_t[i] y_t[i, j]

Source: Fu et al. 2023 (H3).

    q, k, v ``[B, H, S, D]``, taps ``[H, D, W]``, alpha, omega, c_re, c_im ``[H, N]``,
    d ``[H]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._channels import read_tokens, zeros
from ._tokens import narrow, widen

FAMILY = "scan"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, length=203, depth=8, numbers=16, taps=4)
PAPER_SIZES = dict(batch=1, heads=96, length=2011, depth=8, numbers=64, taps=4)


def inputs(rng, sizes, parameters):
    H, N, D = sizes["heads"], sizes["numbers"], sizes["depth"]
    arrays = {name: rng.standard_normal((sizes["batch"], H, sizes["length"], D)) for name in "qkv"}
    return arrays | {
        "taps": rng.standard_normal((H, D, sizes["taps"])),
        "alpha": rng.uniform(0.01, 0.3, (H, N)),
        "omega": np.pi * np.arange(N) / N + rng.uniform(0, 0.1, (H, N)),
        "c_re": rng.standard_normal((H, N)) / N,
        "c_im": rng.standard_normal((H, N)) / N,
        "d": rng.standard_normal(H),
    }


def evaluate(q, k, v, taps, alpha, omega, c_re, c_im, d, *, rows=None):
    q, k, v, taps, d = narrow(q), narrow(k), narrow(v), widen(taps), widen(d)
    alpha, omega, c_re, c_im = widen(alpha), widen(omega), widen(c_re), widen(c_im)
    # Complex numbers as two real ones, in the precision of the evaluation.
    turn_re, turn_im = np.exp(-alpha) * np.cos(omega), np.exp(-alpha) * np.sin(omega)
    D, N, W = q.shape[3], alpha.shape[1], taps.shape[2]

    def step(state, b, h, t):
        re, im = state
        shifted = sum(taps[h, :, W - 1 - j] * k[b, h, t - j] for j in range(min(W, t + 1)))
        kv = narrow(np.outer(shifted, v[b, h, t]))
        c, s = turn_re[h][:, None, None], turn_im[h][:, None, None]
        re, im = c * re - s * im + kv, s * re + c * im
        y = narrow(np.tensordot(c_re[h], re, 1) - np.tensordot(c_im[h], im, 1))
        return (re, im), q[b, h, t] @ (y + d[h] * kv)

    return read_tokens(v, lambda b, h: (zeros(N, D, D),) * 2, step, rows)
