# Float64 reference of the matrix-state recurrence, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reference of the matrix-state recurrence: linear attention and delta rules.

One state ``S [Dk, Dv]`` per batch entry and state head, updated for each token:

    D  = exp(g_t) * S                            (decay; log space, g = 0 if absent)
    S' = D + k_t v_t^T                           (additive)
    S' = D + beta_t * k_t (v_t - D^T k_t)^T      (delta)
    S' = D + b_t (a_t^T S) + k_t v_t^T           (dplr: diagonal plus low rank)
    o_t = scale * S'^T q_t                       (post, the default)
    o_t = scale * (S + diag(u) k_t v_t^T)^T q_t  (with a bonus u: the state before)

g is one number per token and head, or one per key dimension (then row d of S
decays by ``exp(g[d])``), or one per value dimension (``decay="value"``, column
e). With segments, S is zero before each token whose segment is another one than
that of the token before it.

With ``norm="sum"`` a vector z [Dk] of keys follows the state, z' = exp(g_t) * z + k_t
(zero before the token of another segment), and

    n_t = scale * z'^T q_t,  scale * (z + u * k_t)^T q_t  with a bonus u
    n_t = max(|n_t|, bound_t)                             with a bound
    o_t / n_t is read instead of o_t, 0 where n_t = 0

Sources: Katharopoulos et al. 2020 (linear attention, norm); Schlag et al. 2021 and
Yang et al. 2024 (delta rule); Yang et al. 2025 (gated delta rule); Yang et al.
2024 (decay per key dimension, GLA); Peng et al. 2025 (dplr, RWKV-7); Peng et al.
2024 (bonus, RWKV-5 and 6); Beck et al. 2024 (bound, mLSTM).
"""

import numpy as np


def recurrence(q, k, v, *, scale, g=None, beta=None, update="delta", state=None, decay=None, a=None, b=None,
               bonus=None, segments=None, norm=None, bound=None, sums=None, dtype=np.float64):
    """The recurrence above; returns ``(o [B, H, T, Dv], state [B, Hs, Dk, Dv])``.

    With a norm a third result is the last z ``[B, Hs, Dk]``.

    ==========  ===========================================================
    q           ``[B, Hq, T, Dk]``
    k           ``[B, Hk, T, Dk]``
    v           ``[B, Hv, T, Dv]``; the state has Hs = Hv heads
    g           ``[B, Hv, T]``, ``[B, Hv, T, Dk]`` or ``[B, Hv, T, Dv]``, log
                decay
    decay       what a g of rank 4 decays: ``"key"`` (default) or ``"value"``
    beta        ``[B, Hv, T]``; with ``update="delta"`` only, default 1
    update      ``"delta"``, ``"additive"`` or ``"dplr"``
    a, b        ``[B, Hv, T, Dk]``; with ``update="dplr"`` only
    bonus       ``[Hv, Dk]``; with ``update="additive"`` only
    state       ``[B, Hv, Dk, Dv]``, default 0
    segments    ``[B, T]``, integers
    norm        None or ``"sum"``; with ``update="additive"``, no value decay
    bound       ``[B, Hv, T]``; with a norm only
    sums        ``[B, Hv, Dk]``, the z before, default 0; with a norm only
    ==========  ===========================================================

    Any float types; computed and returned in `dtype`. H = max(Hq, Hv): output
    head h reads query head h // (H / Hq) and state head h // (H / Hv); state
    head s reads key head s // (Hv / Hk). Raises ``ValueError`` where shapes
    disagree or an operand is given that the update does not have.
    """
    q, k, v = (np.asarray(x).astype(dtype) for x in (q, k, v))
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ValueError(f"q, k and v have rank 4, got {q.shape}, {k.shape}, {v.shape}")
    (B, Hq, T, Dk), (Hk, Hv), Dv = q.shape, (k.shape[1], v.shape[1]), v.shape[3]
    H = max(Hq, Hv)
    if k.shape != (B, Hk, T, Dk) or v.shape[:3] != (B, Hv, T):
        raise ValueError(f"q, k and v disagree: {q.shape}, {k.shape}, {v.shape}")
    if H % Hq or H % Hv or Hv % Hk:
        raise ValueError(f"heads do not divide: {Hq} query, {Hk} key, {Hv} value heads")
    if update not in ("delta", "additive", "dplr"):
        raise ValueError(f"unknown update {update!r}")
    if update != "delta" and beta is not None:
        raise ValueError("beta belongs to the delta update")
    if (update == "dplr") != (a is not None) or (update == "dplr") != (b is not None):
        raise ValueError("a and b belong to the dplr update")
    if update != "additive" and bonus is not None:
        raise ValueError("a bonus belongs to the additive update")
    if norm not in (None, "sum"):
        raise ValueError(f"unknown norm {norm!r}")
    if norm is not None and (update != "additive" or decay == "value"):
        raise ValueError("a norm belongs to the additive update, without a decay by value")
    if norm is None and (bound is not None or sums is not None):
        raise ValueError("bound and sums belong to a norm")
    if decay not in (None, "key", "value") or (decay is not None and np.ndim(g) != 4):
        raise ValueError(f"decay {decay!r} of a g of shape {np.shape(g)}")

    def convert(name, x, *shapes):
        x = np.asarray(x).astype(dtype)
        if x.shape not in shapes:
            raise ValueError(f"{name} has shape {' or '.join(map(str, shapes))}, got {x.shape}")
        return x

    width = Dv if decay == "value" else Dk
    g = convert("g", np.zeros((B, Hv, T)) if g is None else g, (B, Hv, T), (B, Hv, T, width))
    beta = convert("beta", np.ones((B, Hv, T)) if beta is None else beta, (B, Hv, T))
    S = convert("state", np.zeros((B, Hv, Dk, Dv)) if state is None else state, (B, Hv, Dk, Dv)).copy()
    if update == "dplr":
        a, b = (convert(name, x, (B, Hv, T, Dk)) for name, x in (("a", a), ("b", b)))
    if bonus is not None:
        bonus = convert("bonus", bonus, (Hv, Dk))
    z = convert("sums", np.zeros((B, Hv, Dk)) if sums is None else sums, (B, Hv, Dk)).copy()
    if bound is not None:
        bound = convert("bound", bound, (B, Hv, T))
    if segments is not None and np.shape(segments) != (B, T):
        raise ValueError(f"segments have shape {(B, T)}, got {np.shape(segments)}")

    o = np.zeros((B, H, T, Dv), dtype)
    for n in range(B):
        for t in range(T):
            if segments is not None and t > 0 and segments[n][t] != segments[n][t - 1]:
                S[n], z[n] = 0, 0
            read, total = S[n].copy(), z[n].copy()
            for s in range(Hv):
                key, value, before = k[n, s // (Hv // Hk), t], v[n, s, t], S[n, s]
                factor = np.exp(g[n, s, t])
                decayed = before * (factor if decay == "value" else np.reshape(factor, (-1, 1)))
                if update == "delta":
                    S[n, s] = decayed + np.outer(key, beta[n, s, t] * (value - decayed.T @ key))
                elif update == "dplr":
                    S[n, s] = decayed + np.outer(b[n, s, t], a[n, s, t] @ before) + np.outer(key, value)
                else:
                    S[n, s] = decayed + np.outer(key, value)
                read[s] = S[n, s] if bonus is None else read[s] + np.outer(bonus[s] * key, value)
                if norm is not None:
                    z[n, s] = factor * z[n, s] + key
                    total[s] = z[n, s] if bonus is None else total[s] + bonus[s] * key
            for h in range(H):
                s, query = h // (H // Hv), q[n, h // (H // Hq), t]
                o[n, h, t] = dtype(scale) * read[s].T @ query
                if norm is not None:
                    by = dtype(scale) * total[s] @ query
                    by = by if bound is None else max(abs(by), bound[n, s, t])
                    o[n, h, t] = o[n, h, t] / by if by != 0 else 0
    return (o, S) if norm is None else (o, S, z)


def gated_delta_rule(q, k, v, g, beta, *, scale, state=None):
    """The gated delta rule (Gated DeltaNet), an instance of `recurrence`."""
    return recurrence(q, k, v, scale=scale, g=g, beta=beta, state=state)
