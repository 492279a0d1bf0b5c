# MagicPIG, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MagicPIG: keys are sampled by hashing, and logits corrected by the probability of that.

The query decodes: it has all keys. With kc[j] = k[j] - mean of all k, and `tables` times
`bits` random planes,

    hash(x, l) = the signs of x . planes[l bits], ..., x . planes[l bits + bits - 1]
    p(j) = 1 - acos(cos(q, kc[j])) / pi, the probability that a sign agrees
    u(j) = 1 - (1 - p^bits)^tables - tables p^bits (1 - p^bits)^(tables - 1)

q sees the first `sinks` and the last `local` keys, and of the others those with
hash(q, l) = hash(kc[j], l) for two tables l or more, with the logit s(j) - ln u(j).

Source: Chen et al. 2024 (10 bits, 150 tables). The planes are operands, so a run can be
repeated.

    q ``[B, Hq, 1, D]``, k, v ``[B, Hkv, S, D]``, planes ``[B, 1, tables * bits, D]``
    out ``[B, Hq, 1, D]``
"""

import numpy as np

from ._tokens import make_qkv, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(bits=4, tables=16, sinks=3, local=16)
PAPER = dict(bits=10, tables=150, sinks=4, local=64)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    B, D, N = sizes["batch"], sizes["depth"], parameters["tables"] * parameters["bits"]
    planes = np.broadcast_to(rng.standard_normal((1, 1, N, D)), (B, 1, N, D))
    return arrays | {"q": arrays["q"][:, :, -1:], "planes": planes}


def shape(operands):
    return operands["q"].shape


def hashes(x, planes, bits):
    """The signs ``[tables, bits]`` of one vector."""
    return (planes @ x >= 0).reshape(-1, bits)


def evaluate(q, k, v, planes, *, bits, tables, sinks, local, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v, planes = narrow(q), narrow(k), narrow(v), widen(planes)
    S, group = k.shape[2], q.shape[1] // k.shape[1]
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            query, keys = q[b, h, 0], k[b, h // group]
            centred = keys - keys.mean(axis=0)
            wanted = hashes(query, planes[b, 0], bits)
            seen, terms = [], {}
            for j in range(S):
                if j < sinks or j >= S - local:
                    seen.append(j)
                    terms[j] = 0.0
                    continue
                if (hashes(centred[j], planes[b, 0], bits) == wanted).all(axis=1).sum() < 2:
                    continue
                cosine = query @ centred[j] / (np.sqrt(query @ query) * np.sqrt(centred[j] @ centred[j]))
                x = (1 - np.arccos(cosine) / np.pi) ** bits
                seen.append(j)
                terms[j] = np.log(1 - (1 - x) ** tables - tables * x * (1 - x) ** (tables - 1))
            out[b, h, 0] = softmax(query, keys, v[b, h // group], seen, scale=scale,
                                   logit=lambda s, j: s - terms[j])[0]
    return out
