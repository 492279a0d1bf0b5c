#!/usr/bin/env python3
# Compares compiled gated delta rules on a GPU with the recurrence.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the gated delta rules that artefacts.sh made and checks their results.

    gated_delta.py DIR

Needs PyTorch with a CUDA GPU and nothing of this project but DIR. The reference
is the recurrence token by token in float64. Accepted is at most twice the error
of the chunked formulas, evaluated by PyTorch with the same roundings of the
operands of products, plus one rounding of the result. Prints `N passed,
N failed` last and exits with 1 unless all passed.
"""
import sys

import torch

from kernels import Program, run_tests

HEADS, CHUNK = 2, 64
# The last one is cut into pieces that run at the same time, where an operation is.
LENGTHS = (1, 63, 64, 65, 777, 1650)
# Log decays of a token; 0 keeps all, and after a chunk of the last nothing of
# what was before is left in f32.
DECAYS = {"none": 0.0, "mild": 0.05, "strong": 1.0, "shut": 20.0}


def make_inputs(length, dk, dv, decay):
    """Queries, unit keys, values, log decays, betas and the state before."""
    torch.manual_seed(length)

    def normal(*shape):
        return torch.randn(HEADS, *shape, dtype=torch.float64)
    q, k, v = (normal(length, size) for size in (dk, dk, dv))
    k /= k.norm(dim=-1, keepdim=True)
    g = -DECAYS[decay] * torch.empty(HEADS, length).exponential_()
    beta = torch.rand(HEADS, length)
    state = normal(dk, dv).float()
    return [*(x.bfloat16().cuda() for x in (q, k, v)),
            *(x.cuda() for x in (g, beta, state))]


def evaluate_tokens(q, k, v, g, beta, state, scale):
    """The recurrence, in float64."""
    q, k, v, g, beta, state = (x.double().cpu() for x in (q, k, v, g, beta, state))
    out = torch.empty_like(v)
    for t in range(q.shape[1]):
        state = g[:, t].exp()[:, None, None] * state
        seen = torch.einsum("hkv,hk->hv", state, k[:, t])
        error = beta[:, t, None] * (v[:, t] - seen)
        state = state + k[:, t, :, None] * error[:, None, :]
        out[:, t] = scale * torch.einsum("hkv,hk->hv", state, q[:, t])
    return out, state


def evaluate_chunks(q, k, v, g, beta, state, scale):
    """The formulas that were compiled, an operation at a time: sums in f32 and
    operands of products rounded to bf16."""
    def rounded(x):
        return x.bfloat16().float()
    q, k, v = (x.float() for x in (q, k, v))
    out = []
    for first in range(0, q.shape[1], CHUNK):
        qc, kc, vc, gc, bc = (x[:, first:first + CHUNK] for x in (q, k, v, g, beta))
        n = qc.shape[1]
        c = gc.cumsum(1)
        differences = c[:, :, None] - c[:, None, :]
        decays = differences.tril().exp()
        a = (bc[:, :, None] * (kc @ kc.mT) * decays).tril(-1)
        one = torch.eye(n, device=q.device)
        t = torch.linalg.solve_triangular(one + a, one.expand_as(a), upper=False,
                                          unitriangular=True)
        before = rounded(state)
        decay = c.exp()[:, :, None]
        rhs = bc[:, :, None] * (vc - decay * (kc @ before))
        x = rounded(rounded(t) @ rounded(rhs))
        weights = (scale * (qc @ kc.mT) * decays).tril()
        out.append((scale * decay * (qc @ before) + rounded(weights) @ x).bfloat16())
        last = c[:, -1:]
        kd = rounded(kc * (last - c).exp()[:, :, None])
        state = last.exp()[:, :, None] * state + kd.mT @ x
    return torch.cat(out, 1), state


def run(program, q, k, v, g, beta, state, scale):
    """Calls the program on outputs that nothing has been written to."""
    out = torch.full_like(v, torch.nan)
    last = torch.full_like(state, torch.nan)
    error = program(q, k, v, g, beta, state, scale, out, last)
    torch.cuda.synchronize()
    assert error is None, error
    return out, last


def find_fault(program, dk, dv, length, decay):
    """Why the results are not accepted, or None."""
    inputs = [*make_inputs(length, dk, dv, decay), dk ** -0.5]
    wants = evaluate_tokens(*inputs)
    unfused = evaluate_chunks(*inputs)
    gots = run(program, *inputs)
    for name, got, again in zip(("output", "state"), gots, run(program, *inputs)):
        if not torch.equal(got.nan_to_num(12345), again.nan_to_num(12345)):
            return f"{name} differs between two runs"
    for name, got, want, other in zip(("output", "state"), gots, wants, unfused):
        if not got.isfinite().all():
            return f"{name} is not finite"
        eps = torch.finfo(got.dtype).eps
        error = (got.double().cpu() - want).abs().max().item()
        yardstick = (other.double().cpu() - want).abs().max().item()
        bound = 2 * yardstick + eps * want.abs().max().item()
        print(f"     {dk}x{dv} length {length} decay {decay} {name}: error "
              f"{error:.3g}, unfused {yardstick:.3g}")
        if error > bound:
            return f"{name}: error {error:.3g} exceeds {bound:.3g}"
    return None


def check_all(dk, dv, name="gated-delta"):
    program = Program("gated_delta", f"{name}-{dk}x{dv}")
    for length in LENGTHS:
        for decay in DECAYS:
            fault = find_fault(program, dk, dv, length, decay)
            assert fault is None, f"length {length}, decay {decay}: {fault}"


def test_64x64():
    check_all(64, 64)


def test_64x32():
    check_all(64, 32)


def test_operation_64x64():
    """attn.recurrence, of which the compiler makes the chunks."""
    check_all(64, 64, "recurrence")


def test_operation_128x128():
    check_all(128, 128, "recurrence")


def test_operation_wrong():
    """The comparison notices that nothing is forgotten."""
    program = Program("gated_delta", "recurrence-wrong")
    for length in (64, 777):
        fault = find_fault(program, 64, 64, length, "mild")
        assert fault and "exceeds" in fault, fault


def test_wrong_sign():
    """The comparison notices another sign of a decay."""
    program = Program("gated_delta", "gated-delta-wrong")
    for length in (64, 777):
        fault = find_fault(program, 64, 64, length, "mild")
        assert fault and "exceeds" in fault, fault


def test_empty():
    """Without tokens the state stays."""
    inputs = [*make_inputs(0, 64, 64, "mild"), 0.125]
    for name in ("gated-delta-64x64", "recurrence-64x64"):
        _, last = run(Program("gated_delta", name), *inputs)
        assert torch.equal(last, inputs[5])


if __name__ == "__main__":
    torch.backends.cuda.matmul.allow_tf32 = False
    sys.exit(run_tests(globals()))
