# Runs folds that hold the row maximum on inputs that make it wrong.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs functions of a module at sizes that begin, end and cut tiles of 32 each way.

  held.py check ATTN_RUN FILE ENTRY...          attn-run compares with the oracle
  held.py compare ATTN_RUN FILE OTHER ENTRY...  FILE with the oracle's results for OTHER
"""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "python"))
from attn import driver  # noqa: E402

DEPTH = 16
# Queries and keys: whole tiles; tails; rows behind a window over all keys; one row; no key.
SIZES = (64, 256), (130, 300), (130, 40), (1, 70), (40, 0)
# A key that many rows meet in a tile that is neither partial nor the first.
LONG, KEY = (130, 300), 70


def make_inputs(rows, keys, count):
    """q, k and v of `count` batch entries; logits are not far from 0, and k[..., 0] is added to them."""
    rng = np.random.default_rng(rows + keys)
    q, k, v = (rng.standard_normal((count, 1, n, DEPTH)).astype(np.float32) for n in (rows, keys, keys))
    q[..., 0], k[..., 0] = 1, 0
    return q, k, v


def make_usual(rows, keys):
    """What all masks and sizes have to stand: usual logits, a NaN, sums in range whose products are not."""
    q, k, v = make_inputs(rows, keys, 3)
    k[1, 0, keys // 2: keys // 2 + 1, 1] = np.nan
    k[2, 0, :, 0] = 0.1 * np.arange(keys)
    v[2] = 1e37 * (1 + np.abs(v[2]) / 8)
    return q, k, v


def make_jump(rows, keys):
    """The weight of one key is in range, too large, or (of the last three) larger than any float."""
    jumps = 20, 60, 120, 300, 1000
    q, k, v = make_inputs(rows, keys, len(jumps))
    k[:, 0, KEY, 0] = jumps
    return q, k, v


def make_slope(rows, keys):
    """Logits that grow, or fall, by several nats for each key."""
    q, k, v = make_inputs(rows, keys, 2)
    k[0, 0, :, 0] = 5 * np.arange(keys)
    k[1, 0, :, 0] = -5 * np.arange(keys)
    return q, k, v


def list_cases():
    for size in SIZES:
        yield f"usual {size}", make_usual(*size), ()
    yield f"jump {LONG}", make_jump(*LONG), ()
    # Logits of 1500 are rounded to multiples of 1e-4.
    yield f"slope {LONG}", make_slope(*LONG), ("--check-tolerance=1e-3",)


def check(tool, file, *entries):
    text = Path(file).read_text()
    for entry in entries:
        for name, inputs, options in list_cases():
            try:
                driver.run(text, inputs, 2, entry=entry, tool=Path(tool), options=("--check", *options))
            except driver.RunError as error:
                yield f"{entry}, {name}: {error}"


def compare(tool, file, other, *entries):
    for entry in entries:
        for name, inputs, _ in list_cases():
            gots, wants = (driver.run(Path(path).read_text(), inputs, 2, entry=entry, tool=Path(tool), target=target)
                           for path, target in ((file, "cpu"), (other, "oracle")))
            for n, (got, want) in enumerate(zip(gots, wants)):
                if not np.allclose(got, want, rtol=1e-3, atol=1e-3, equal_nan=True):
                    yield f"{entry}, {name}: result {n} differs"


def main(action, *arguments):
    faults = list({"check": check, "compare": compare}[action](*arguments))
    print(*faults or ["all agree"], sep="\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
