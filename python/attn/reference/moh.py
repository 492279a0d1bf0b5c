# Mixture of heads, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MoH: a router weighs the heads of each token; some are always on, of the others the best.

With logits rs of the shared heads, rr of the others, rh of the two kinds,

    a = 2 softmax(rh),  g[h] = a[0] softmax(rs)[h]            of a shared head
                        g[h] = a[1] softmax(rr)[h] or 0       of the `topk` best others or not
    out[h] = g[h] (causal softmax attention of head h)

Source: Jin et al. 2024.

    q, k, v ``[B, H, S, D]``, rs ``[B, S, A]``, rr ``[B, S, H - A]``, rh ``[B, S, 2]``
    out ``[B, H, S, D]``
"""

from ._routing import best, probabilities
from ._tokens import for_each_row, make_qkv, narrow, softmax

FAMILY = "routed"
TEST = dict(topk=2)
SIZES = dict(batch=2, heads=6, kv_heads=6, length=203, depth=32, shared=2)


def inputs(rng, sizes, parameters):
    B, S, A = sizes["batch"], sizes["length"], sizes["shared"]
    return make_qkv(rng, sizes) | {
        "rs": rng.standard_normal((B, S, A)),
        "rr": rng.standard_normal((B, S, sizes["heads"] - A)),
        "rh": rng.standard_normal((B, S, 2)),
    }


def evaluate(q, k, v, rs, rr, rh, *, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    rs, rr, rh = narrow(rs), narrow(rr), narrow(rh)
    shared = rs.shape[2]

    def row(b, h, i, q, k, v):
        kinds = 2 * probabilities(rh[b, i])
        if h < shared:
            gate = kinds[0] * probabilities(rs[b, i])[h]
        elif h - shared in best(dict(enumerate(rr[b, i])), topk):
            gate = kinds[1] * probabilities(rr[b, i])[h - shared]
        else:
            return 0 * q
        return gate * softmax(q, k, v, list(range(i + 1)), scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
