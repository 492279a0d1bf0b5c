"""Loads a library and calls its kernel on an address that may be wrong."""
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
print("loaded", flush=True)
library.attn_cuda_last_error.restype = ctypes.c_char_p
library.attn_cuda_set_stream(ctypes.c_void_p(5))
words = (ctypes.c_int64 * 5)(0, 0, 0, 8, 1)
library._mlir_ciface_twice(words, words)
error = library.attn_cuda_last_error()
print("error:", error.decode() if error else None)
