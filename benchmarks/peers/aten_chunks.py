# Recurrences in PyTorch's matrix products, as the peer of ours on a CPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The chunk form of linear attention with a scalar decay and of the gated delta rule.
All chunks are in one batched product each; a Python loop carries the state alone. This
is what one writes in PyTorch without a kernel: Dao and Gu 2024, Yang et al. 2024."""

import torch


def _chunks(x, size):
    """Of batch, heads and tokens, the tokens in chunks."""
    return x.unflatten(2, (-1, size))


def _pair_decay(sums):
    """exp(c_i - c_j) for j <= i, and 0 after it."""
    differences = sums[..., :, None] - sums[..., None, :]
    return differences.tril_().exp_().tril_()


def _carry(decay, added):
    """The states before each chunk, of S' = decay S + added."""
    states = torch.empty_like(added)
    states[:, :, 0] = 0
    for n in range(added.shape[2] - 1):
        torch.addcmul(added[:, :, n], states[:, :, n], decay[:, :, n], out=states[:, :, n + 1])
    return states


def scalar_decay(q, k, v, g, scale, size):
    """o_t = scale S_t^T q_t with S_t = exp(g_t) S_(t-1) + k_t v_t^T, in chunks of `size`."""
    q, k, v, g = (_chunks(x, size) for x in (q, k, v, g))
    sums = g.cumsum(-1)
    total = sums[..., -1:]
    added = (k * (total - sums).exp()[..., None]).transpose(-1, -2) @ v
    states = _carry(total.exp()[..., None], added)
    weights = (q @ k.transpose(-1, -2)).mul_(_pair_decay(sums))
    output = weights @ v
    output += (q * sums.exp()[..., None]) @ states
    return output.mul_(scale).flatten(2, 3)


def gated_delta(q, k, v, g, beta, scale, size):
    """o_t = scale S_t^T q_t with S_t = (I - beta_t k_t k_t^T) exp(g_t) S_(t-1) + beta_t k_t v_t^T."""
    q, k, v, g, beta = (_chunks(x, size) for x in (q, k, v, g, beta))
    sums = g.cumsum(-1)
    total = sums[..., -1:]
    pairs = _pair_decay(sums)
    keys = k.transpose(-1, -2)
    system = ((k * beta[..., None]) @ keys).mul_(pairs)
    right = torch.cat([v * beta[..., None], k * (beta * sums.exp())[..., None]], -1)
    solved = torch.linalg.solve_triangular(system, right, upper=False, unitriangular=True)
    new, seen = solved.split([v.shape[-1], k.shape[-1]], -1)
    writes = (k * (total - sums).exp()[..., None]).transpose(-1, -2)
    decay = total.exp()[..., None]
    states = torch.zeros(*k.shape[:3], k.shape[-1], v.shape[-1])
    written = torch.empty_like(v)
    state = states[:, :, 0]
    for n in range(k.shape[2]):
        written[:, :, n] = new[:, :, n] - seen[:, :, n] @ state
        if n + 1 < k.shape[2]:
            state = torch.addcmul(
                writes[:, :, n] @ written[:, :, n], state, decay[:, :, n], out=states[:, :, n + 1]
            )
    weights = (q @ keys).mul_(pairs)
    output = weights @ written
    output += (q * sums.exp()[..., None]) @ states
    return output.mul_(scale).flatten(2, 3)
