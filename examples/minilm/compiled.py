# Calls the attention layer that attn-compile made from attention.mlir.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The compiled attention layer, called through its C interface."""

import ctypes
from pathlib import Path

import numpy as np

from model import DemoError


def _descriptor_type(rank: int) -> type[ctypes.Structure]:
    class MemRef(ctypes.Structure):
        _fields_ = [
            ("allocated", ctypes.c_void_p),
            ("aligned", ctypes.c_void_p),
            ("offset", ctypes.c_int64),
            ("sizes", ctypes.c_int64 * rank),
            ("strides", ctypes.c_int64 * rank),
        ]

    return MemRef


_DESCRIPTORS = {rank: _descriptor_type(rank) for rank in (1, 4)}


def describe(array: np.ndarray) -> ctypes.Structure:
    """The array as it lies in memory; strides count elements, nothing is copied."""
    size = array.itemsize
    if array.strides[-1] != size:
        raise ValueError("the innermost dimension has to be contiguous")
    strides = [stride // size for stride in array.strides]
    dims = ctypes.c_int64 * array.ndim
    data = array.ctypes.data
    return _DESCRIPTORS[array.ndim](data, data, 0, dims(*array.shape), dims(*strides))


class CompiledAttention:
    def __init__(self, path: Path):
        try:
            library = ctypes.CDLL(str(path.resolve()))
            self._entry = library._mlir_ciface_attention
            # The lookup reaches the runtime that the kernel itself is bound to.
            self._regions = library.attn_runtime_calls
            self._threads = library.attn_get_num_threads
        except (OSError, AttributeError) as error:
            raise DemoError(f"cannot use the compiled layer {path}: {error}") from None
        self._entry.restype = None
        self._regions.restype = ctypes.c_uint64
        self._threads.restype = ctypes.c_int
        self.calls = 0

    def parallel_regions(self) -> int:
        """What the runtime counts: the parallel loops that compiled code began."""
        return self._regions()

    def threads(self) -> int:
        return self._threads()

    def __call__(
        self,
        q: np.ndarray,
        k: np.ndarray,
        v: np.ndarray,
        lengths: np.ndarray,
        out: np.ndarray,
    ) -> None:
        for array in (q, k, v, out):
            # What the signature in attention.mlir takes for granted.
            if array.dtype != np.float32 or array.shape[1::2] != (12, 32):
                raise ValueError(f"not [B, 12, S, 32] f32: {array.dtype} {array.shape}")
        if lengths.dtype != np.int32 or lengths.shape != q.shape[:1]:
            raise ValueError("lengths has to be one i32 for each row of the batch")
        arguments = [describe(array) for array in (q, k, v, lengths, out)]
        before = self.parallel_regions()
        self._entry(*map(ctypes.byref, arguments))
        # A layer may be several parallel loops, so the runtime's number is no
        # number of layers; but a call that it did not see does not count.
        if self.parallel_regions() > before:
            self.calls += 1
