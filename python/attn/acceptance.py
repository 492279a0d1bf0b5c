# When a result is accurate enough.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The acceptance rule: at most twice the error of the unfused evaluation.

No tolerance is chosen by hand. What a result may differ from the float64
reference follows from what the same-precision unfused evaluation
(`reference.rounded`) differs from it, on the same data.
"""

import numpy as np


def reject(got, want, unfused, dtype) -> str | None:
    """Why `got` is not accepted, or None if it is.

    `want` is the reference, `unfused` the evaluation in the precision `dtype`;
    all have one shape. Where the reference is NaN or infinite, `got` has to be
    the same. Elsewhere

        max |got - want| <= 2 max |unfused - want| + eps(dtype) max |want|

    The last term is the one rounding of the result that no evaluation can
    avoid: without it a row of one key, where the unfused evaluation is exact by
    luck, would demand exactness.
    """
    if np.shape(got) != np.shape(want):
        return f"shape {np.shape(got)}, expected {np.shape(want)}"
    got, unfused = (np.asarray(x).astype(want.dtype) for x in (got, unfused))
    special = ~np.isfinite(want)
    agrees = np.where(np.isnan(want), np.isnan(got), got == want)
    if not agrees[special].all():
        return f"{_first(special & ~agrees, got, want)} ({(special & ~agrees).sum()} non-finite elements differ)"
    if not np.isfinite(got[~special]).all():
        return f"{_first(~special & ~np.isfinite(got), got, want)} (not finite)"
    if special.all():
        return None
    error = np.where(special, 0, np.abs(np.where(special, 0, got) - np.where(special, 0, want)))
    yardstick, bound = allowed(want[~special], unfused[~special], dtype)
    # An unfused evaluation that fails altogether is no yardstick.
    if not np.isfinite(bound):
        return "the unfused evaluation is not finite here: no yardstick"
    if error.max() <= bound:
        return None
    return f"{_first(error == error.max(), got, want)}: error {error.max():.3g} exceeds {bound:.3g}, unfused {yardstick:.3g}"


def allowed(want, unfused, dtype) -> tuple:
    """The error of the unfused evaluation, and what it allows; all is finite."""
    yardstick = np.abs(unfused - want).max()
    return yardstick, 2 * yardstick + _epsilon(dtype) * np.abs(want).max()


def _epsilon(dtype) -> float:
    import ml_dtypes

    return float(ml_dtypes.finfo(dtype).eps)


def _first(where, got, want) -> str:
    at = tuple(int(i) for i in np.argwhere(where)[0])
    return f"at {at} got {float(got[at])!r}, expected {float(want[at])!r}"
