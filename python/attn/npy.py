# Arrays in files.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays as .npy files, which know no bfloat16: it travels as uint16 bit patterns."""

from pathlib import Path

import ml_dtypes
import numpy as np


def save(path: Path | str, array: np.ndarray):
    """Writes `array` (C order, little-endian); a bfloat16 array as its bits."""
    array = np.asarray(array, order="C")
    np.save(path, array.view(np.uint16) if array.dtype == ml_dtypes.bfloat16 else array, allow_pickle=False)


def load(path: Path | str, dtype=None) -> np.ndarray:
    """Reads an array; with ``dtype=bfloat16``, from its bits.

    Raises ``ValueError`` if the file's type is not ``dtype``.
    """
    array = np.load(path, allow_pickle=False)
    if dtype is None:
        return array
    dtype = np.dtype(dtype)
    if dtype == ml_dtypes.bfloat16 and array.dtype == np.uint16:
        return array.view(ml_dtypes.bfloat16)
    if array.dtype != dtype:
        raise ValueError(f"{path}: expected {dtype}, got {array.dtype}")
    return array
