"""What the cases compute, in float64 and as PyTorch computes it unfused.

Each function takes the arrays by name and `narrow`, which rounds what one
operation of PyTorch gives: to the type of the operands, or not at all.
"""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from importlib import import_module

import torch

import cases


def positions(case, x, b):
    """Logical positions of the queries, as a column, and of the keys, as a row."""
    if case.positions:
        return x["qpos"][b].long()[:, None], x["kpos"][b].long()[None]
    i = torch.arange(case.Sq, device="cuda")[:, None]
    j = torch.arange(case.Skv, device="cuda")[None]
    if case.bottom_right:
        i = i + case.Skv - case.Sq
    if isinstance(case.offset, tuple):
        i = i + case.offset[b]
    elif case.offset is not None:
        i = i + case.offset
    return i, j


def is_allowed(case, x, b, h, i, j):
    allowed = torch.ones(case.Sq, case.Skv, dtype=torch.bool, device="cuda")
    if case.mask:
        same = None
        if "qseg" in x:
            same = x["qseg"][b][:, None] == x["kseg"][b][None]
        if "parameters" in x:
            same = x["parameters"].expand(case.B, case.Hq, 1)[b, h]
        if "ancestors" in x:
            same = same, x["ancestors"][b]
        allowed = allowed & cases.MASKS[case.mask][1](h, i, j, same)
    if case.where:
        allowed = allowed & cases.WHERES[case.where][1](b, h, i, j, x.get("seen"))
    if case.kv_lengths:
        column = torch.arange(case.Skv, device="cuda")[None]
        allowed = allowed & (column < case.kv_lengths[b])
    return allowed


def strict_product(p, v, allowed):
    """p @ v, in which what is not allowed is not read."""
    finite = v.isfinite()
    out = p @ v.where(finite, 0)
    for j in (~finite).any(1).nonzero().flatten().tolist():
        out += (p[:, j, None] * v[j]).where(allowed[:, j, None] & ~finite[j], 0)
    return out


def attention(case, x, precise):
    """Out and lse."""
    wide = torch.float64 if precise else torch.float32
    kind = torch.float64 if precise else x["q"].dtype
    out = torch.zeros(case.B, case.Hq, case.Sq, case.Dv, dtype=kind, device="cuda")
    lse = torch.zeros(out.shape[:3], dtype=wide, device="cuda")
    group = case.Hq // case.Hkv
    for b in range(case.B):
        i, j = positions(case, x, b)
        for h in range(case.Hq):
            q, k, v = (x[name][b, at].to(kind)
                       for name, at in (("q", h), ("k", h // group), ("v", h // group)))
            # Whatever is not allowed is not read, so what it holds cannot matter.
            allowed = is_allowed(case, x, b, h, i, j)
            read = allowed.any(0)[:, None]
            t = (q @ k.where(read, 0).T) * case.scale
            if case.score:
                score = cases.SCORES[case.score][1]
                slopes = x["slopes"].to(wide) if "slopes" in x else None
                t = score(t.to(wide), b, h, i, j, slopes).to(kind)
            if "bias" in x:
                bias = x["bias"].to(kind)
                bias = bias[(None,) * (4 - bias.dim())].expand(
                    case.B, case.Hq, case.Sq, case.Skv)
                t = t + bias[b, h]
            t = t.to(wide).masked_fill(~allowed, -torch.inf)
            if "sink" in x:
                sink = x["sink"][h].to(wide).expand(case.Sq, 1)
                t = torch.cat([t, sink], 1)
            # As the oracle has it: a logit of inf is as far from itself as inf from
            # inf, so that the row has no sum. (PyTorch's lse is inf.)
            lse[b, h] = t.logsumexp(1).masked_fill(t.isposinf().any(1), torch.nan)
            p = t.softmax(1)[:, :case.Skv]
            p = p.masked_fill(t.isneginf().all(1, keepdim=True), 0).to(kind)
            v = v.where(read, 0)
            if case.strict_values:
                out[b, h] = strict_product(p, v, allowed)
            else:
                out[b, h] = p @ v
    return {"out": out, "lse": lse} if case.lse else {"out": out}


def product(a, b, precise):
    """Sums in float32 of 16-bit operands, as the tensor cores take them."""
    if precise:
        return a.double() @ b.double()
    try:
        return torch.mm(a, b, out_dtype=torch.float32)
    except (TypeError, RuntimeError):  # An older PyTorch.
        return a.float() @ b.float()


def matmul(case, x, precise):
    return {"out": product(x["a"], x["b"], precise)}


def chain(case, x, precise):
    p = product(x["a"], x["b"].T, precise).clamp(min=0) * x["g"]
    sums = p.sum(1)
    if not precise:
        p = p.bfloat16()
    return {"out": product(p, x["v"], precise), "sums": sums}


def step(case, x, precise):
    """A gate for each key; the state goes in, and the next one out."""
    kind = torch.float64 if precise else torch.float32
    q, k, v, g, state = (x[name].to(kind) for name in ("q", "k", "v", "g", "s"))
    out = torch.zeros_like(v)
    for t in range(q.shape[2]):
        state = g[:, :, t, :, None].exp() * state + k[:, :, t, :, None] * v[:, :, t, None]
        out[:, :, t] = 0.25 * torch.einsum("bhk,bhkv->bhv", q[:, :, t], state)
    return {"out": out if precise else out.bfloat16(), "state": state}


def kda_states(case, x, precise):
    """The delta rule with a gate for each key; the state goes in, and the next one out.
    Unfused, what is multiplied with is rounded, as tensor cores take it."""
    kind = torch.float64 if precise else torch.float32
    q, k, v, g, beta, state = (
        x[name].to(kind) for name in ("q", "unit", "v", "decays", "betas", "s"))

    def rounded(y):
        return y if precise else y.bfloat16().float()

    out = torch.zeros_like(v)
    for t in range(q.shape[2]):
        state = g[:, :, t, :, None].exp() * state
        seen = torch.einsum("bhk,bhkv->bhv", k[:, :, t], rounded(state))
        news = rounded(beta[:, :, t, None] * (v[:, :, t] - seen))
        state = state + k[:, :, t, :, None] * news[:, :, None]
        out[:, :, t] = 0.125 * torch.einsum("bhk,bhkv->bhv", q[:, :, t], rounded(state))
    return {"out": out if precise else out.bfloat16(), "state": state}


def method(case, x, precise):
    """Token by token in NumPy, as python/attn/reference has it."""
    import ml_dtypes
    import numpy as np
    from attn.reference import _tokens
    wide = [(y.double() if y.is_floating_point() else y).cpu().numpy()
            for y in x.values()]
    kind = {"bf16": ml_dtypes.bfloat16, "f32": np.float32}[case.dtype]
    module = import_module(f"attn.reference.{case.method}")
    with _tokens.unfused(np.float64 if precise else kind):
        out = module.evaluate(*wide, **(module.PAPER if case.paper else module.TEST))
    return {"out": torch.from_numpy(out.astype(np.float64)).cuda()}


def evaluate(case, x, precise):
    if case.method:
        return method(case, x, precise)
    name = case.file.removesuffix(".mlir") or "attention"
    return {"attention": attention, "matmul": matmul, "chain": chain, "step": step,
            "step_odd": step, "kda_states": kda_states}[name](
        case, x, precise)


def largest(x):
    return x.abs().max().item() if x.numel() else 0.0


def compare(got, want, unfused, is_method=False):
    """(error of `got`, error of `unfused`, why `got` is not accepted if so).

    The largest error may be twice that of the unfused evaluation, or the one
    rounding of the result that no evaluation avoids. For methods, NumPy's sums
    are better than PyTorch's: they have the rule of python/attn/acceptance.py.
    """
    bits = torch.finfo(got.dtype).eps / 2
    got, want, unfused = got.double(), want.double(), unfused.double()
    special = ~want.isfinite()
    if not torch.allclose(got[special], want[special], rtol=0, atol=0, equal_nan=True):
        return None, None, "differs where an infinity or NaN is expected"
    if (got[want == 0] != 0).any():
        return None, None, "is not 0 where nothing is summed"
    got, want, unfused = got[~special], want[~special], unfused[~special]
    if not got.isfinite().all():
        return None, None, f"{int((~got.isfinite()).sum())} elements are not finite"
    error, yardstick = largest(got - want), largest(unfused - want)
    bound = max(2 * yardstick, bits * largest(want))
    if is_method:
        bound = 2 * yardstick + 2 * bits * largest(want)
    if error <= bound:
        return error, yardstick, None
    return error, yardstick, f"error {error:.3g} exceeds {bound:.3g}"
