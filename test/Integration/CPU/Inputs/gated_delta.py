# Compares the compiled gated delta rule with the recurrence.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs function heads of a module at each length; `attn.acceptance` decides.

  gated_delta.py ATTN_RUN FILE LENGTH...
"""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "python"))
from attn import acceptance, driver  # noqa: E402
from attn.recurrence import gated_delta_rule  # noqa: E402

HEADS, DK, DV = 2, 32, 48
SCALE = DK**-0.5


def make_inputs(length):
    """q, k, v, g, beta and the state before, with unit keys and open and nearly shut gates."""
    rng = np.random.default_rng(length)
    k = rng.standard_normal((HEADS, length, DK))
    k /= np.linalg.norm(k, axis=-1, keepdims=True)
    arrays = (rng.standard_normal((HEADS, length, DK)), k, rng.standard_normal((HEADS, length, DV)),
              -rng.exponential(0.1, (HEADS, length)), rng.random((HEADS, length)), rng.standard_normal((HEADS, DK, DV)))
    return [array.astype(np.float32) for array in arrays]


def evaluate_float32(q, k, v, g, beta, state):
    """The recurrence in the precision of the compiled code."""
    out, state = np.zeros_like(v), state.copy()
    for t in range(q.shape[1]):
        state *= np.exp(g[:, t])[:, None, None]
        error = beta[:, t, None] * (v[:, t] - np.einsum("hkv,hk->hv", state, k[:, t]))
        state += k[:, t, :, None] * error[:, None, :]
        out[:, t] = np.float32(SCALE) * np.einsum("hkv,hk->hv", state, q[:, t])
    return out, state


def evaluate(tool, text, length):
    """Output and state: of the compiled code, of the reference, and in float32."""
    inputs = make_inputs(length)
    q, k, v, g, beta, state = (array[None] for array in inputs)
    wants = gated_delta_rule(q, k, v, g, beta, scale=SCALE, state=state)
    gots = driver.run(text, inputs, 2, entry="heads", tool=tool)
    return zip(gots, (want[0] for want in wants), evaluate_float32(*inputs))


def main(tool, file, *lengths):
    text = Path(file).read_text()
    faults = []
    # All lengths together: how far the few numbers of one are off is a matter of luck.
    results = zip(*(evaluate(Path(tool), text, int(length)) for length in lengths))
    for name, result in zip(("output", "state"), results):
        for length, (got, want, _) in zip(lengths, result):
            if got.shape != want.shape:
                faults.append(f"length {length}: {name} has shape {got.shape}, expected {want.shape}")
        if not faults:
            got, want, unfused = (np.concatenate([x.ravel() for x in arrays]) for arrays in zip(*result))
            if fault := acceptance.reject(got, want, unfused, np.float32):
                faults.append(f"{name} {fault}")
    if faults:
        print(*faults, sep="\n")
        sys.exit(1)
    print(f"{len(lengths)} lengths agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
