"""Compiles functions on buffers with attn-opt and LLVM and calls them."""
import ctypes
import os
import shlex
import subprocess
import numpy as np

TO_LLVM = ",".join([
    "convert-scf-to-cf", "expand-strided-metadata", "lower-affine",
    "convert-vector-to-llvm", "convert-math-to-llvm", "convert-math-to-libm",
    "finalize-memref-to-llvm", "convert-arith-to-llvm",
    "convert-index-to-llvm", "convert-func-to-llvm", "convert-cf-to-llvm",
    "convert-ub-to-llvm", "reconcile-unrealized-casts"
])
GUARD = 64


def compile_library(tools, out, name, text, passes):
    """The loaded library of `text` after `passes` on its functions."""
    attn_opt, translate, llc, cc = tools
    os.makedirs(out, exist_ok=True)
    base = os.path.join(out, "".join(c if c.isalnum() else "-" for c in name))
    with open(base + ".mlir", "w") as f:
        f.write(text)
    pipeline = ("builtin.module(func.func(%s,arith-expand{include-bf16}),"
                "canonicalize,cse,%s)" % (passes, TO_LLVM))

    def run(*command):
        subprocess.run(command, check=True)

    # With options, where lit gives it some.
    run(*shlex.split(attn_opt), base + ".mlir", "--pass-pipeline=" + pipeline, "-o",
        base + ".llvm.mlir")
    run(translate, "--mlir-to-llvmir", base + ".llvm.mlir", "-o", base + ".ll")
    run(llc, "-O1", "-mcpu=native", "-relocation-model=pic", "-filetype=obj",
        base + ".ll", "-o", base + ".o")
    run(cc, "-shared", base + ".o", "-o", base + ".so", "-lm")
    return ctypes.CDLL(base + ".so")


def call(library, name, arrays):
    """Calls the C wrapper of `name` on copies of `arrays`, which are returned,
    and checks that it writes nothing outside of them."""
    copies, arguments, guarded = [], [], []
    for array in arrays:
        if isinstance(array, int):
            arguments.append(ctypes.c_int64(array))
            copies.append(array)
            continue
        flat = np.full(array.size + 2 * GUARD, 77, array.dtype)
        data = flat[GUARD:GUARD + array.size]
        data[:] = array.ravel()
        rank = max(array.ndim, 1)

        class Descriptor(ctypes.Structure):
            _fields_ = [("allocated", ctypes.c_void_p),
                        ("aligned", ctypes.c_void_p),
                        ("offset", ctypes.c_int64),
                        ("shape", ctypes.c_int64 * rank),
                        ("strides", ctypes.c_int64 * rank)]

        strides = [s // array.itemsize for s in array.strides]
        pointer = data.ctypes.data
        arguments.append(ctypes.byref(Descriptor(
            pointer, pointer, 0, (ctypes.c_int64 * rank)(*array.shape),
            (ctypes.c_int64 * rank)(*strides))))
        copies.append(data.reshape(array.shape))
        guarded.append(flat)
    getattr(library, "_mlir_ciface_" + name)(*arguments)
    for flat in guarded:
        edges = np.concatenate([flat[:GUARD], flat[-GUARD:]])
        if not (edges == np.full(1, 77, flat.dtype)).all():
            raise AssertionError(name + " writes out of bounds")
    return copies
