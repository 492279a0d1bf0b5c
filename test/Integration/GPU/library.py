"""Calls what `attn-compile --target=cuda --emit=so` made."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import ctypes


class Program:
    """An entry of a shared library."""

    def __init__(self, path, entry):
        self.library = ctypes.CDLL(str(path))
        self.entry = getattr(self.library, "_mlir_ciface_" + entry)
        self.entry.restype = None
        self.library.attn_cuda_last_error.restype = ctypes.c_char_p

    def __call__(self, stream, arguments):
        self.library.attn_cuda_clear_error()
        self.library.attn_cuda_set_stream(ctypes.c_void_p(stream))
        self.entry(*arguments)
        error = self.library.attn_cuda_last_error()
        if error:
            raise RuntimeError(error.decode())


    def repeats(self):
        """How many blocks its kernels have done again since they were loaded."""
        count = ctypes.c_uint64()
        if self.library.attn_cuda_read(b"attn_repeats", ctypes.byref(count), 8):
            raise RuntimeError(self.library.attn_cuda_last_error().decode())
        return count.value


def convert(argument):
    """A number, or the descriptor of an array."""
    if isinstance(argument, int):
        return ctypes.c_int64(argument)
    words = [argument.data_ptr(), argument.data_ptr(), 0, *argument.shape,
             *argument.stride()]
    return (ctypes.c_int64 * len(words))(*words)
