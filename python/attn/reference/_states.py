# A matrix that each token updates and reads.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the references of linear attention share: the loop over tokens.

For state head h, a matrix S ``[D, Dv]`` of zeros, and tokens t = 0, 1, ...

    R   = see(S, b, h, t, k[t], v[t])    what a query reads, where it is not the next S
    S   = step(S, b, h, t, k[t], v[t])
    out = scale * R^T q[t]

with the key head h // (Hv / Hk); output head j of H = max(Hq, Hv) has query head
j // (H / Hq) and state head j // (H / Hv).

The numbers are those of `_tokens`: everything is float64, or inside of
``_tokens.unfused(dtype)`` operands and results are rounded to ``dtype`` and the
state is float32.
"""

import numpy as np

from ._tokens import narrow, widen


def read_states(q, k, v, step, *, scale, see=None, rows=None):
    """``out [B, H, R, Dv]`` for the R tokens `rows`, all by default.

    q ``[B, Hq, S, D]``, k ``[B, Hk, S, D]``, v ``[B, Hv, S, Dv]``.
    """
    (B, Hq, S, D), Hk, (Hv, _, Dv) = q.shape, k.shape[1], v.shape[1:]
    H = max(Hq, Hv)
    if H % Hq or H % Hv or Hv % Hk:
        raise ValueError(f"{Hq} query, {Hk} key and {Hv} value heads do not divide each other")
    rows = list(range(S)) if rows is None else list(rows)
    q, k, v = narrow(q), narrow(k), narrow(v)
    out = widen(np.zeros((B, H, len(rows), Dv)))
    for b in range(B):
        for h in range(Hv):
            state = widen(np.zeros((D, Dv)))
            for t in range(max(rows, default=-1) + 1):
                token = b, h, t, k[b, h // (Hv // Hk), t], v[b, h, t]
                seen = see and see(state, *token)
                state = step(state, *token)
                seen = state if see is None else seen
                for j in range(h * (H // Hv), (h + 1) * (H // Hv)) if t in rows else ():
                    out[b, j, rows.index(t)] = narrow(widen(scale) * (q[b, j // (H // Hq), t] @ seen))
    return out


def read_ratios(q, k, v, *, scale=1.0, decay=None, bound=None, rows=None):
    """What is read of a state over what is read of the sum of its keys.

        S   = f S + k[t] v[t]^T,  z = f z + k[t]     f = decay(b, h, t), 1 by default
        out = scale * S^T q[t] / n                   n = scale * z^T q[t], and with a bound
                                                     max(|n|, bound(b, h, t)); 0 for n = 0

    Sizes are those of `read_states`; there are as many queries as states.
    """
    (B, H, S, D), Dv = q.shape, v.shape[3]
    rows = list(range(S)) if rows is None else list(rows)
    q, k, v = narrow(q), narrow(k), narrow(v)
    out = widen(np.zeros((B, H, len(rows), Dv)))
    for b in range(B):
        for h in range(H):
            state, keys = widen(np.zeros((D, Dv))), widen(np.zeros(D))
            for t in range(max(rows, default=-1) + 1):
                factor = widen(1) if decay is None else decay(b, h, t)
                state = factor * state + np.outer(k[b, h, t], v[b, h, t])
                keys = factor * keys + k[b, h, t]
                if t not in rows:
                    continue
                by = narrow(widen(scale) * (q[b, h, t] @ keys))
                if bound is not None:
                    by = np.maximum(np.abs(by), bound(b, h, t))
                if by != 0:
                    out[b, h, rows.index(t)] = narrow(narrow(widen(scale) * (q[b, h, t] @ state)) / by)
    return out


def make_qkv(rng, sizes):
    """q, unit keys and v: ``batch``, ``heads`` and ``key_heads`` of k, ``value_heads``, ``length``, ``depth``."""
    B, S, D = sizes["batch"], sizes["length"], sizes["depth"]
    k = rng.standard_normal((B, sizes["key_heads"], S, D))
    return {
        "q": rng.standard_normal((B, sizes["heads"], S, D)),
        "k": k / np.linalg.norm(k, axis=-1, keepdims=True),
        "v": rng.standard_normal((B, sizes["value_heads"], S, D)),
    }


def make_gates(rng, sizes):
    """Log decays ``[B, value_heads, S]`` from none to all but nothing left of a state."""
    return -rng.exponential(0.1, (sizes["batch"], sizes["value_heads"], sizes["length"]))


def make_key_gates(rng, sizes):
    """The same for each dimension of the keys: ``[B, value_heads, S, D]``."""
    shape = (sizes["batch"], sizes["value_heads"], sizes["length"], sizes["depth"])
    return -rng.exponential(0.1, shape)


def make_betas(rng, sizes):
    """``[B, value_heads, S]`` between 0 and 1."""
    return rng.random((sizes["batch"], sizes["value_heads"], sizes["length"]))
