# Measures the error of the polynomials.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Measures the error of the functions on arguments of all magnitudes."""
import math
import os
import sys
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Inputs"))
import native  # noqa: E402

TOOLS, OUT = sys.argv[1:5], sys.argv[5]

# Every 509th float, which meets every exponent and all low bits, and the edges.
bits = np.arange(0, 1 << 32, 509, dtype=np.uint64).astype(np.uint32)
samples = bits.view(np.float32)
samples = samples[np.isfinite(samples)]
edges = np.array([0, -0.0, 1, -1, 126, -126, -125.5, 127, 127.99999, 128, 129,
                  129.5, 130, 1000, -127, -149, -151, -1000, 3e38, -3e38,
                  88.72283, 88.8, -87.33, -104, np.inf, -np.inf, np.nan],
                 np.float32)
samples = np.concatenate([samples, edges,
                          np.linspace(-130, 130, 1 << 20, dtype=np.float32)])

template = """
func.func @test_%s(%%x: memref<?xf32>, %%y: memref<?xf32>) attributes {llvm.emit_c_interface} {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%%x : memref<?xf32>) outs(%%y : memref<?xf32>) {
  ^bb0(%%a: f32, %%b: f32):
    %%c = math.%s %%a %s: f32
    linalg.yield %%c : f32
  }
  return
}
"""
# Name, operation, flags, truth in f64, largest relative error.
tiny = 2.0**-125.5
erf = np.vectorize(math.erf, otypes=[np.float64])
functions = [
    ("exp2", "exp2", "", np.exp2, 2.0**-22),
    ("exp2_finite", "exp2", "fastmath<ninf> ", np.exp2, 2.0**-22),
    ("exp", "exp", "", np.exp, 2.0**-22),
    ("exp_finite", "exp", "fastmath<ninf> ", np.exp, 2.0**-22),
    ("tanh", "tanh", "", np.tanh, 2.0**-21),
    ("log", "log", "", np.log, 2.0**-21),
    ("log2", "log2", "", np.log2, 2.0**-21),
    ("erf", "erf", "", erf, 2.0**-21),
]
text = "".join(template % f[:3] for f in functions)


def worst(name, x, y, truth):
    """The largest relative error, and where; the edges must be exact."""
    with np.errstate(all="ignore"):
        rounded = truth.astype(np.float32)
        special = ~np.isfinite(rounded) | (truth == 0)
        # The last float before infinity may round either way.
        near = np.isinf(rounded) & (np.abs(truth) < 2.0**128 * (1 + 2.0**-22))
        exact = special & ~near
        wrong = exact & ~((y == rounded) | (np.isnan(y) & np.isnan(rounded)))
        if wrong.any():
            at = np.flatnonzero(wrong)[0]
            sys.exit("%s(%r) is %r, not %r" % (name, x[at], y[at], rounded[at]))
        normal = ~special & (np.abs(truth) > tiny)
        error = np.abs(y[normal].astype(np.float64) / truth[normal] - 1)
        small = ~special & ~normal
        if (np.abs(y[small]) > tiny * (1 + 2.0**-20)).any():
            sys.exit("%s is too large where it should be nearly zero" % name)
    at = np.argmax(error)
    return error[at], x[normal][at]


for width in ("lanes-bits=256", "lanes-bits=512 registers=32"):
    library = native.compile_library(
        TOOLS, OUT, width, text, "convert-linalg-to-vector-loops{%s},"
        "expand-math-to-polynomials" % width)
    for name, _, flags, truth, bound in functions:
        x = samples
        if "exp" in name and flags:
            # Nothing is promised for exponents above 129.
            x = x[~(x > (129 if "exp2" in name else 89.4))]
        if "log" in name:
            x = x[~(x < 2.0**-126)]
        _, y = native.call(library, "test_" + name, [x, np.zeros_like(x)])
        with np.errstate(all="ignore"):
            error, at = worst(name, x, y, truth(x.astype(np.float64)))
        print("%-12s %.2e of %.2e at %r" % (name, error, bound, float(at)))
        if not error <= bound:
            sys.exit("%s exceeds its bound" % name)
    for n in range(-125, 128):
        exact = native.call(library, "test_exp2", [np.array([n], np.float32),
                                              np.zeros(1, np.float32)])[1]
        if exact[0] != np.float32(2.0**n):
            sys.exit("2^%d is not exact" % n)
print("all within their bounds")
