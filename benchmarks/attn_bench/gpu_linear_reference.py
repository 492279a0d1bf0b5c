# What the GPU suite of linear attention feeds in and expects.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The recurrence, token by token in float64, through all tokens that a row still depends
on: all before it, unless gates have shut since."""

import math

from . import gpu_cells

# Tokens that are made float64 at a time.
STRETCH = 1024
# A sum of gates behind which a state is gone: float64 has no digit for exp of it. The
# delta rule makes no state larger, as keys have norm 1 and betas are at most 1.
SHUT = -60.0


def advance(state, q, k, v, decay, beta, scale, wanted):
    """Takes the state through the tokens of arrays of batch, heads, tokens and width, in
    place, and returns the outputs of those wanted, which are numbers of tokens. `decay`
    has a number for each token or for each of its keys, `beta` has no width, and both may
    be None. NumPy's arrays and PyTorch's will do."""
    outputs = []
    for t in range(k.shape[2]):
        if decay is not None:
            own = decay[:, :, t]
            state *= own[..., None, None] if own.ndim == 2 else own[..., None]
        error = v[:, :, t, None, :]
        if beta is not None:
            error = beta[:, :, t, None, None] * (error - k[:, :, t, None, :] @ state)
        state += k[:, :, t, :, None] * error
        if t in wanted:
            outputs.append(scale * (q[:, :, t, None, :] @ state)[:, :, 0])
    return outputs


def make_inputs(cell):
    """Queries, keys and values, then gates and betas where the method has them, then the
    states of what decodes."""
    import torch

    def randn(*width, dtype=torch.float32):
        return torch.randn(cell["B"], cell["H"], cell["S"], *width, device="cuda", dtype=dtype)

    q, k, v = (randn(cell["D"], dtype=torch.bfloat16) for _ in "qkv")
    for keys in k:  # Entry by entry, for f32 takes twice the memory.
        keys.copy_(torch.nn.functional.normalize(keys.float(), dim=-1))
    inputs = [q, k, v]
    if cell["gates"] == "constant":
        rates = torch.tensor(constant_gates(cell["H"]), device="cuda")
        inputs.append(rates[None, :, None].expand(q.shape[:3]).contiguous())
    elif cell["gates"]:
        gates = torch.nn.functional.logsigmoid(randn(*((cell["D"],) if cell["wide"] else ())))
        inputs.append(gates * (0.01 if cell["gates"] == "slow" else 1.0))
    if cell["delta"]:
        inputs.append(randn().sigmoid().bfloat16())
    if cell["kind"] == "decode":
        shape = (cell["states"], cell["B"], cell["H"], cell["D"], cell["D"])
        inputs.append(torch.randn(shape, device="cuda"))
    return inputs


def constant_gates(heads):
    """ln(1 - 2^(-5 - h)), as Sun et al. 2023 have it."""
    return [math.log1p(-(2.0 ** (-5 - head))) for head in range(heads)]


def with_state(output, state):
    """The output of a token, and behind it the rows of the state."""
    import torch

    return torch.cat([output.to(state.dtype), state], 2)


def last_state(cell):
    """Which state the last step of those that decode takes."""
    return (cell["steps"] - 1) % cell["states"]


def needed(rows, sums):
    """Stretches that rows depend on; `sums` has the gates of each, of the head that
    forgets least."""
    chosen = set()
    for row in rows:
        stretch, gates = row // STRETCH, 0.0
        chosen.add(stretch)
        while stretch > 0 and gates > SHUT:
            stretch -= 1
            gates += sums[stretch]
            chosen.add(stretch)
    return sorted(chosen)


def expectations(cell, inputs):
    """Pairs of rows and what they have to be."""
    import torch

    if cell["kind"] == "decode":
        return expected_step(cell, inputs)
    rows = gpu_cells.sample_rows(cell["S"])
    firsts = range(0, cell["S"], STRETCH)
    q, k, v, *others = inputs
    gates = others.pop(0) if cell["gates"] else None
    beta = others.pop(0) if cell["delta"] else None
    shape = (cell["B"], cell["H"], cell["D"], cell["D"])
    state, found = torch.zeros(shape, dtype=torch.float64, device=q.device), []
    sums = [0.0] * len(firsts)
    if gates is not None:
        parts = (gates[:, :, first : first + STRETCH].double().sum(2) for first in firsts)
        sums = [float(part.max()) for part in parts]
    behind = 0
    for stretch in needed(rows, sums):
        first = firsts[stretch]
        if stretch != behind:
            state.zero_()
        behind = stretch + 1

        def doubled(x):
            return None if x is None else x[:, :, first : first + STRETCH].double()

        decay = None if gates is None else doubled(gates).exp()
        wanted = {row - first for row in rows}
        arrays = (*map(doubled, (q, k, v)), decay, doubled(beta))
        found += advance(state, *arrays, cell["D"] ** -0.5, wanted)
    return [(rows, torch.stack(found, 2))]


def expected_step(cell, inputs):
    """The output of the last step and the state behind it."""
    q, k, v, *others, states = (x.double() for x in (*inputs[:-1], inputs[-1][last_state(cell)]))
    decay = others.pop(0).exp() if cell["gates"] else None
    beta = others.pop(0) if cell["delta"] else None
    output = advance(states, q, k, v, decay, beta, cell["D"] ** -0.5, {0})[0]
    result = with_state(output[:, :, None], states)
    return [(range(result.shape[2]), result)]
