# Float64 reference of the matrix-state recurrence, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reference of the matrix-state recurrence: linear attention and delta rules.

One state ``S [Dk, Dv]`` per batch entry and state head, updated for each token:

    S  = exp(g_t) * S                            (decay; log space, g = 0 if absent)
    S += beta_t * k_t (v_t - k_t^T S)^T          (delta)   or   S += k_t v_t^T   (additive)
    o_t = scale * S^T q_t

g is one number per token and head, or one per key dimension (then row d of S
decays by ``exp(g[d])``). The read is of the updated state, and the delta rule
reads the decayed state.

Sources: Katharopoulos et al. 2020 (linear attention); Schlag et al. 2021 and
Yang et al. 2024 (delta rule); Yang et al. 2025 (gated delta rule); Yang et al.
2024 (decay per key dimension, GLA).
"""

import numpy as np


def recurrence(q, k, v, *, scale, g=None, beta=None, update="delta", state=None):
    """The recurrence above; returns ``(o [B, H, T, Dv], state [B, Hs, Dk, Dv])``.

    ==========  ===========================================================
    q           ``[B, Hq, T, Dk]``
    k           ``[B, Hk, T, Dk]``
    v           ``[B, Hv, T, Dv]``; the state has Hs = Hv heads
    g           ``[B, Hv, T]`` or ``[B, Hv, T, Dk]``, log decay
    beta        ``[B, Hv, T]``; with ``update="delta"`` only, default 1
    update      ``"delta"`` or ``"additive"``
    state       ``[B, Hv, Dk, Dv]``, default 0
    ==========  ===========================================================

    Any float types; computed and returned in float64. H = max(Hq, Hv): output
    head h reads query head h // (H / Hq) and state head h // (H / Hv); state
    head s reads key head s // (Hv / Hk). Raises ``ValueError`` where shapes
    disagree or ``beta`` is given for an additive update.
    """
    q, k, v = (np.asarray(x).astype(np.float64) for x in (q, k, v))
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ValueError(f"q, k and v have rank 4, got {q.shape}, {k.shape}, {v.shape}")
    (B, Hq, T, Dk), (Hk, Hv), Dv = q.shape, (k.shape[1], v.shape[1]), v.shape[3]
    H = max(Hq, Hv)
    if k.shape != (B, Hk, T, Dk) or v.shape[:3] != (B, Hv, T):
        raise ValueError(f"q, k and v disagree: {q.shape}, {k.shape}, {v.shape}")
    if H % Hq or H % Hv or Hv % Hk:
        raise ValueError(f"heads do not divide: {Hq} query, {Hk} key, {Hv} value heads")
    if update not in ("delta", "additive"):
        raise ValueError(f"unknown update {update!r}")
    if update == "additive" and beta is not None:
        raise ValueError("beta belongs to the delta update")
    g = np.zeros((B, Hv, T)) if g is None else np.asarray(g).astype(np.float64)
    beta = np.ones((B, Hv, T)) if beta is None else np.asarray(beta).astype(np.float64)
    if g.shape not in ((B, Hv, T), (B, Hv, T, Dk)):
        raise ValueError(f"g has shape {(B, Hv, T)} or {(B, Hv, T, Dk)}, got {g.shape}")
    if beta.shape != (B, Hv, T):
        raise ValueError(f"beta has shape {(B, Hv, T)}, got {beta.shape}")
    S = np.zeros((B, Hv, Dk, Dv)) if state is None else np.array(state, np.float64)
    if S.shape != (B, Hv, Dk, Dv):
        raise ValueError(f"state has shape {(B, Hv, Dk, Dv)}, got {S.shape}")

    o = np.zeros((B, H, T, Dv))
    for b in range(B):
        for t in range(T):
            for s in range(Hv):
                key = k[b, s // (Hv // Hk), t]
                decayed = np.reshape(np.exp(g[b, s, t]), (-1, 1)) * S[b, s]
                new = v[b, s, t]
                if update == "delta":
                    new = beta[b, s, t] * (new - decayed.T @ key)
                S[b, s] = decayed + np.outer(key, new)
            for h in range(H):
                o[b, h, t] = scale * S[b, h // (H // Hv)].T @ q[b, h // (H // Hq), t]
    return o, S


def gated_delta_rule(q, k, v, g, beta, *, scale, state=None):
    """The gated delta rule (Gated DeltaNet), an instance of `recurrence`."""
    return recurrence(q, k, v, scale=scale, g=g, beta=beta, state=state)
