# Float64 reference of the elementwise recurrence, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reference of the elementwise recurrence, in which numbers of a state do not mix.

A state ``x [N, D]`` per batch entry and head, updated for each token:

    y  = exp(gate_t[None, :] * rate) * x                    (a missing factor is 1)
    x' = y + outer(k_t, v_t)                                (default)
    x' = y + beta_t * k_t[:, None] * (v_t - k_t[:, None] * y)    (delta)
    o_t = q_t @ x'                                          (default)
    o_t = q_t @ (x + bonus * outer(k_t, v_t))               (with a bonus: the state before)

Keys and queries that are not given are ones. With weights w, the output is the
average of the values so far: value s has the weight exp(w_s), decayed by exp(gate *
rate) for each later token (with a bonus: up to the token before, and the token itself
has exp(bonus + w_t)); 0 where there is no weight. The state is then ``acc``,
``ref`` and ``sum``: sums of W v and W, divided by exp(ref).

With segments, the state begins anew before each token whose segment is another
one than that of the token before it.

Sources: Gu and Dao 2023 (Mamba); Liu et al. 2024 (Longhorn); Qin et al. 2023
(HGRN); De et al. 2024 (RG-LRU); Peng et al. 2023 (RWKV-4); Zhai et al. 2021
(AFT); Fu et al. 2023 (H3).
"""

import numpy as np


def scan(v, *, key=None, query=None, gate=None, rate=None, beta=None, weights=None, bonus=None, init=None,
         segments=None, dtype=np.float64):
    """The recurrence above; returns ``(o [B, H, T, D], states)``, each state ``[B, H, N, D]``.

    ==========  ===========================================================
    v           ``[B, H, T, D]``
    key, query  ``[B, G, T, N]``; head h reads head h // (H / G)
    gate        ``[B, H, T, D]``, factor of the log decay
    rate        ``[H, N, D]``, factor of the log decay
    beta        ``[B, H, T, D]``
    weights     ``[B, H, T, D]``, logarithms; without key, query and beta
    bonus       ``[H, D]``; without beta
    init        one state, or with weights three (acc, ref, sum)
    segments    ``[B, T]``, integers
    ==========  ===========================================================

    Any float types; computed and returned in `dtype`. Raises ``ValueError`` where
    shapes disagree or operands are given that do not go together.
    """
    v = np.asarray(v).astype(dtype)
    if v.ndim != 4:
        raise ValueError(f"v has rank 4, got {v.shape}")
    B, H, T, D = v.shape
    if weights is not None and any(x is not None for x in (key, query, beta)):
        raise ValueError("weights come without key, query and beta")
    if bonus is not None and beta is not None:
        raise ValueError("a bonus comes without beta")
    widths = [np.shape(x)[dim] for x, dim in ((key, 3), (query, 3), (rate, 1)) if x is not None]
    N = widths[0] if widths else 1
    grouped = [x for x in (key, query) if x is not None]
    G = np.shape(grouped[0])[1] if grouped else H
    if weights is not None and N != 1:
        raise ValueError(f"weights come with one number for a channel, got {N}")
    if H % G:
        raise ValueError(f"{H} heads are no multiple of {G}")

    def convert(name, x, shape, missing=None):
        if x is None:
            return missing
        x = np.asarray(x).astype(dtype)
        if x.shape != shape:
            raise ValueError(f"{name} has shape {shape}, got {x.shape}")
        return x

    ones = np.ones((B, G, T, N), dtype)
    key, query = convert("key", key, ones.shape, ones), convert("query", query, ones.shape, ones)
    decays = gate is not None or rate is not None
    gate = convert("gate", gate, v.shape, np.ones(v.shape, dtype))
    rate = convert("rate", rate, (H, N, D), np.ones((H, N, D), dtype))
    beta, weights = convert("beta", beta, v.shape), convert("weights", weights, v.shape)
    bonus = convert("bonus", bonus, (H, D))
    number = 1 if weights is None else 3
    if init is not None and len(init) != number:
        raise ValueError(f"init is {number} tensors, got {len(init)}")
    if segments is not None and np.shape(segments) != (B, T):
        raise ValueError(f"segments have shape {(B, T)}, got {np.shape(segments)}")
    begins = [np.full((B, H, N, D), value, dtype) for value in (0, -np.inf, 0)[:number]]
    states = begins if init is None else [convert("init", x, (B, H, N, D)) for x in init]
    states = [x.copy() for x in states]

    o = np.zeros(v.shape, dtype)
    for b in range(B):
        for h in range(H):
            k, q = key[b, h // (H // G)], query[b, h // (H // G)]
            for t in range(T):
                if segments is not None and t > 0 and segments[b][t] != segments[b][t - 1]:
                    for x, value in zip(states, (0, -np.inf, 0)):
                        x[b, h] = value
                if weights is not None:
                    log_decay = gate[b, h, t] * rate[h, 0] if decays else dtype(0)
                    o[b, h, t] = _average(states, b, h, v[b, h, t], weights[b, h, t], log_decay,
                                          None if bonus is None else bonus[h])
                    continue
                x, written = states[0][b, h].copy(), np.outer(k[t], v[b, h, t])
                y = np.exp(gate[b, h, t] * rate[h]) * x if decays else x
                if beta is not None:
                    written = beta[b, h, t] * k[t][:, None] * (v[b, h, t] - k[t][:, None] * y)
                states[0][b, h] = y + written
                o[b, h, t] = q[t] @ (states[0][b, h] if bonus is None else x + bonus[h] * np.outer(k[t], v[b, h, t]))
    return o, states


def _average(states, b, h, value, weight, log_decay, bonus):
    """The output of a token; writes it to the states."""
    acc, ref, total = (x[b, h, 0] for x in states)

    def add(old, weight):
        """To sums relative to `old`; a state's tensors, whose reference may be any."""
        top = np.maximum(old, weight)
        base = np.where(np.isneginf(top), 0, top)
        kept, added = np.exp(old - base), np.exp(weight - base)
        return kept * acc + added * value, top, kept * total + added

    seen = add(ref, bonus + weight) if bonus is not None else None
    after = add(ref + log_decay, weight)
    above, _, below = after if seen is None else seen
    for x, new in zip(states, after):
        x[b, h, 0] = new
    return above / np.where(below == 0, 1, below)
