# Runs vector loops and compares them with NumPy.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs vector loops on many shapes and compares them with NumPy.

Every case is a function on buffers. All are compiled into one library, for
several widths of vectors, and called with small integers, so sums are exact in
whatever order they are taken.
"""
import os
import sys
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Inputs"))
import native  # noqa: E402

TOOLS, OUT = sys.argv[1:5], sys.argv[5]
rng = np.random.default_rng(7)


class BF16:
    """bf16 as the upper half of f32."""

    @staticmethod
    def store(x):
        return (np.asarray(x, np.float32).view(np.uint32) >> 16).astype(
            np.uint16)

    @staticmethod
    def load(x):
        return (x.astype(np.uint32) << 16).view(np.float32)


TYPES = {"f32": np.float32, "f64": np.float64, "i32": np.int32,
         "i1": np.bool_, "index": np.int64, "f16": np.float16}
cases = []


def integers(shape, low=-4, high=5):
    return rng.integers(low, high, shape)


class Case:
    """A function and what it must leave in its buffers."""

    def __init__(self, body, args, expect, prelude=""):
        # args: (name, array, element type or None, MLIR dims or None)
        self.name = "case%d" % len(cases)
        params, self.arrays = [], []
        for name, array, element, dims in args:
            if isinstance(array, (int, np.integer)):
                params.append("%%%s: index" % name)
                self.arrays.append(int(array))
                continue
            dims = array.shape if dims is None else dims
            params.append("%%%s: %s" % (name, memref(dims, element)))
            self.arrays.append(
                BF16.store(array) if element == "bf16" else np.array(
                    array, TYPES[element], order="C"))
        self.elements = [element for _, _, element, _ in args]
        self.text = ("%s\nfunc.func @%s(%s) attributes "
                     "{llvm.emit_c_interface} {\n%s\nreturn\n}\n" %
                     (prelude, self.name, ", ".join(params), body))
        self.expect = expect
        cases.append(self)

    def run(self, library, width):
        arrays = native.call(library, self.name, self.arrays)
        for index, expected in self.expect.items():
            got = arrays[index]
            if self.elements[index] == "bf16":
                got = BF16.load(got)
            if not np.array_equal(got, expected,
                                  equal_nan=got.dtype.kind == "f"):
                sys.exit("%s differs with %s in %d of %d\n%s" %
                         (self.name, width, np.sum(got != expected), got.size,
                          self.text))


def memref(dims, element):
    return "memref<%s>" % "x".join([*map(str, dims), element])


def amap(dims, results):
    return "affine_map<(%s) -> (%s)>" % (", ".join(dims), ", ".join(results))


def contraction(m, n, k, a="mk", b="kn", c="mn", kinds=("f32", "f32", "f32"),
                dynamic=False, tile="", overwrite=False):
    size = {"m": m, "n": n, "k": k}
    shape = lambda s: [size[d] for d in s]
    A, B, C = integers(shape(a)), integers(shape(b)), integers(shape(c))
    dims = lambda s: ["?" if dynamic else size[d] for d in s]
    maps = "[%s]" % ", ".join(amap("mnk", list(s)) for s in (a, b, c))
    types = [memref(dims(s), t) for s, t in zip((a, b, c), kinds)]
    if tile or overwrite:
        body = "tile.contract %s %%a, %%b outs(%%c) %s %s : %s, %s -> %s" % (
            maps, "overwrite" if overwrite else "", tile, *types)
    else:
        body = ("linalg.contract indexing_maps = %s ins(%%a, %%b : %s, %s) "
                "outs(%%c : %s)" % (maps, *types))
    product = np.einsum("%s,%s->%s" % (a, b, c), A, B)
    expected = product if overwrite else C + product
    Case(body, [("a", A, kinds[0], dims(a)), ("b", B, kinds[1], dims(b)),
                ("c", C, kinds[2], dims(c))],
         {2: expected.astype(TYPES[kinds[2]])})


def packed(m, panels, width, k, micro="", bounded=None, group=6):
    A, B = integers((m, k)), integers((panels, k, width))
    C = integers((m, panels, width))
    groups = -(-m // group)
    lower = rng.integers(0, panels + 1, groups) * width
    upper = rng.integers(0, panels + 1, groups) * width
    product = np.einsum("mk,pkr->mpr", A, B)
    args = [("a", A, "f32", None), ("b", B, "f32", None), ("c", C, "f32", None)]
    clause = ""
    expected = product
    if bounded:
        args += [("lo", lower, "index", None), ("hi", upper, "index", None)]
        t = memref([groups], "index")
        clause = "bounds(%%lo, %%hi : %s, %s) of 2 every %d" % (t, t, group)
        column = np.arange(panels * width).reshape(1, panels, width)
        row = np.arange(m).reshape(m, 1, 1) // group
        seen = (lower[row] <= column) & (column < upper[row])
        if bounded == "exact":
            expected = np.where(seen, product, C)
    maps = "[%s]" % ", ".join([
        amap("mprk", "mk"), amap("mprk", "pkr"), amap("mprk", "mpr")])
    body = "tile.contract %s %%a, %%b outs(%%c) overwrite %s %s : %s, %s -> %s" % (
        maps, micro, clause, memref(A.shape, "f32"), memref(B.shape, "f32"),
        memref(C.shape, "f32"))
    Case(body, args, {2: expected.astype(np.float32)})


def bounded_sum(m, n, k, group, micro=""):
    A, B, C = integers((m, k)), integers((k, n)), integers((m, n))
    groups = -(-m // group)
    lower = rng.integers(-3, k + 4, groups)
    upper = rng.integers(-3, k + 4, groups)
    row = np.arange(m).reshape(m, 1) // group
    position = np.arange(k).reshape(1, k)
    seen = (lower[row] <= position) & (position < upper[row])
    # What is not visited may hold anything.
    A = A.astype(np.float32)
    expected = C + (np.where(seen, A, 0) @ B)
    A[~seen] = np.nan
    t = memref([groups], "index")
    maps = "[%s]" % ", ".join([amap("mnk", "mk"), amap("mnk", "kn"),
                               amap("mnk", "mn")])
    body = ("tile.contract %s %%a, %%b outs(%%c) %s bounds(%%lo, %%hi : %s, %s) "
            "of 2 every %d : %s, %s -> %s" %
            (maps, micro, t, t, group, memref(A.shape, "f32"),
             memref(B.shape, "f32"), memref(C.shape, "f32")))
    # The register tile must not join groups, or one would see another's NaN.
    Case(body, [("a", A, "f32", None), ("b", B, "f32", None),
                ("c", C, "f32", None), ("lo", lower, "index", None),
                ("hi", upper, "index", None)], {2: expected.astype(np.float32)})


def generic(args, maps, iterators, ins, outs, region, expect, dynamic=False,
            dims="ij"):
    """args: name -> (array, element); ins and outs are names."""
    of = lambda name: args[name][1]
    shape = lambda name: (["?"] * args[name][0].ndim if dynamic else
                          args[name][0].shape)
    names = list(args)
    operand = lambda group: "%s : %s" % (
        ", ".join("%" + n for n in group),
        ", ".join(memref(shape(n), of(n)) for n in group))
    body = "linalg.generic {indexing_maps = [%s], iterator_types = [%s]} " % (
        ", ".join(amap(dims, m) for m in maps),
        ", ".join('"%s"' % i for i in iterators))
    if ins:
        body += "ins(%s) " % operand(ins)
    body += "outs(%s) {\n^bb0(%s):\n%s\n}" % (
        operand(outs), ", ".join("%%%s_: %s" % (n, of(n)) for n in ins + outs),
        region)
    Case(body, [(n, args[n][0], of(n), shape(n)) for n in names],
         {names.index(n): e for n, e in expect.items()})


P, R = "parallel", "reduction"

# Contractions: sizes around the register tile, then forms.
for m, n, k in [(1, 16, 16), (1, 40, 67), (2, 17, 5), (3, 3, 3), (5, 8, 1),
                (6, 16, 64), (7, 15, 4), (12, 33, 16), (13, 21, 19),
                (16, 1, 7), (25, 50, 31), (6, 2, 8), (4, 64, 9)]:
    contraction(m, n, k)
    contraction(m, n, k, dynamic=True)
    contraction(m, n, k, a="km")
    contraction(m, n, k, b="nk")
    contraction(m, n, k, c="nm")
    contraction(m, n, k, a="km", b="nk")
    contraction(m, n, k, b="nk", dynamic=True)
    contraction(m, n, k, overwrite=True)
    contraction(m, n, k, kinds=("f64", "f64", "f64"))
    contraction(m, n, k, kinds=("bf16", "bf16", "f32"))
    contraction(m, n, k, b="nk", kinds=("f32", "bf16", "f32"))
for micro in ("<rows = 6, cols = 16, lanes = 8>",
              "<rows = 4, cols = 8, lanes = 8>",
              "<rows = 1, cols = 32, lanes = 16>"):
    contraction(13, 37, 21, tile="micro(%s)" % micro)
    packed(13, 3, 32, 10, "micro(%s)" % micro)
packed(24, 4, 16, 12)
for group in (1, 3, 4, 6, 12):
    micro = "micro(<rows = 6, cols = 16, lanes = 8>)"
    # Groups of whole register tiles write what they visit and nothing else.
    packed(26, 4, 16, 12, micro, "exact" if group % 6 == 0 else None, group)
for group in (6, 12, 18):
    bounded_sum(26, 20, 30, group, "micro(<rows = 6, cols = 16, lanes = 8>)")
for group in (1, 2, 3):
    bounded_sum(9, 20, 30, group, "micro(<rows = 1, cols = 16, lanes = 8>)")

# Elementwise operations and reductions.
for rows, cols in [(1, 1), (3, 2), (5, 7), (8, 8), (10, 77), (16, 64),
                   (17, 33), (2, 100)]:
    for dynamic in (False, True):
        x, y = integers((rows, cols)), integers((rows, cols))
        s, t = integers(rows), integers(cols)
        generic({"x": (x, "f32"), "s": (s, "f32"), "t": (t, "f32"),
                 "y": (y, "f32")}, ["ij", "i", "j", "ij"], [P, P],
                ["x", "s", "t"], ["y"],
                "%a = arith.mulf %x_, %s_ : f32\n"
                "%b = arith.addf %a, %t_ : f32\n%c = arith.subf %b, %y_ : f32\n"
                "linalg.yield %c : f32",
                {"y": (x * s[:, None] + t - y).astype(np.float32)}, dynamic)
        generic({"x": (x, "f32"), "m": (s, "f32")}, ["ij", "i"], [P, R], ["x"],
                ["m"], "%a = arith.maxnumf %m_, %x_ : f32\n"
                "linalg.yield %a : f32",
                {"m": np.maximum(s, x.max(1)).astype(np.float32)}, dynamic)
        generic({"x": (x, "f64"), "y": (y, "f64"), "m": (s, "f64")},
                ["ij", "ij", "i"], [P, R], ["x"], ["y", "m"],
                "%a = arith.mulf %x_, %x_ : f64\n%b = arith.addf %a, %m_ : f64\n"
                "linalg.yield %a, %b : f64, f64",
                {"y": (x * x).astype(np.float64),
                 "m": (s + (x * x).sum(1)).astype(np.float64)}, dynamic)
        generic({"x": (x, "f32"), "t": (t, "f32")}, ["ij", "j"], [R, P], ["x"],
                ["t"], "%a = arith.addf %t_, %x_ : f32\nlinalg.yield %a : f32",
                {"t": (t + x.sum(0)).astype(np.float32)}, dynamic)
        generic({"x": (x, "i32"), "m": (s, "i32")}, ["ij", "i"], [P, R], ["x"],
                ["m"], "%a = arith.minsi %m_, %x_ : i32\n"
                "linalg.yield %a : i32",
                {"m": np.minimum(s, x.min(1)).astype(np.int32)}, dynamic)
        generic({"x": (x, "f32"), "y": (np.zeros((cols, rows)), "f32")},
                ["ji", "ij"], [P, P], ["x"], ["y"],
                "linalg.yield %x_ : f32", {"y": x.T.astype(np.float32)},
                dynamic)
        generic({"x": (x, "bf16"), "y": (np.zeros((cols, rows)), "f32")},
                ["ji", "ij"], [P, P], ["x"], ["y"],
                "%a = arith.extf %x_ : bf16 to f32\nlinalg.yield %a : f32",
                {"y": x.T.astype(np.float32)}, dynamic)
        generic({"x": (x, "f32"), "y": (np.zeros((rows, cols)), "bf16")},
                ["ij", "ij"], [P, P], ["x"], ["y"],
                "%a = arith.truncf %x_ : f32 to bf16\nlinalg.yield %a : bf16",
                {"y": x.astype(np.float32)}, dynamic)
        generic({"x": (x > 0, "i1"), "z": (x, "f32"), "y": (y, "f32")},
                ["ij", "ij", "ij"], [P, P], ["x", "z"], ["y"],
                "%a = arith.select %x_, %z_, %y_ : f32\n"
                "linalg.yield %a : f32",
                {"y": np.where(x > 0, x, y).astype(np.float32)}, dynamic)
        # Positions: a comparison, an index of a table, an integer value.
        i, j = np.arange(rows)[:, None], np.arange(cols)[None, :]
        table = integers(3 * cols + 2 * rows)
        region = """
          %i = linalg.index 0 : index
          %j = linalg.index 1 : index
          %c2 = arith.constant 2 : index
          %c3 = arith.constant 3 : index
          %i2 = arith.muli %i, %c2 : index
          %d = arith.subi %i2, %j : index
          %p = arith.cmpi sge, %d, %c3 : index
          %j3 = arith.muli %c3, %j : index
          %k = arith.addi %j3, %i2 : index
          %l = memref.load %table[%k] : TABLE
          %u = memref.load %table[%j] : TABLE
          %w = memref.load %table[%i] : TABLE
          %n = arith.index_cast %d : index to i32
          %f = arith.sitofp %n : i32 to f32
          %0 = arith.select %p, %x_, %l : f32
          %1 = arith.addf %0, %u : f32
          %2 = arith.addf %1, %w : f32
          %3 = arith.addf %2, %f : f32
          linalg.yield %3 : f32""".replace(
              "TABLE", memref(["?"] if dynamic else table.shape, "f32"))
        generic({"x": (x, "f32"), "y": (y, "f32"), "table": (table, "f32")},
                ["ij", "ij"], [P, P], ["x"], ["y"], region,
                {"y": (np.where(2 * i - j >= 3, x, table[3 * j + 2 * i]) +
                       table[j] + table[i] + 2 * i - j).astype(np.float32)},
                dynamic)

# NaN loses a maxnum and wins a maximum, wherever it stands.
for where in range(20):
    x = integers((3, 20)).astype(np.float32)
    x[1, where] = np.nan
    m = np.full(3, -np.inf, np.float32)
    generic({"x": (x, "f32"), "m": (m, "f32")}, ["ij", "i"], [P, R], ["x"],
            ["m"], "%a = arith.maxnumf %x_, %m_ : f32\nlinalg.yield %a : f32",
            {"m": np.nanmax(x, 1)})
    generic({"x": (x, "f32"), "m": (m, "f32")}, ["ij", "i"], [P, R], ["x"],
            ["m"], "%a = arith.maximumf %x_, %m_ : f32\nlinalg.yield %a : f32",
            {"m": x.max(1)})

# Transposes with a batch in front, in blocks and with rests.
for b, r, c in [(3, 16, 24), (2, 11, 17), (1, 8, 64), (2, 4, 9), (2, 33, 16)]:
    for element in ("f32", "f64", "bf16"):
        x = integers((b, r, c))
        generic({"x": (x, element), "y": (np.zeros((b, c, r)), element)},
                ["ikj", "ijk"], [P, P, P], ["x"], ["y"],
                "linalg.yield %%x_ : %s" % element,
                {"y": x.transpose(0, 2, 1).astype(
                    np.float64 if element == "f64" else np.float32)},
                dims="ijk")

# Rows that share a loop: fill, maximum, one value for each row, whole rows.
for rows in (8, 20, 96):
    x = integers((rows, 40))
    top = np.maximum(x.max(1), 0)
    t, v = memref(x.shape, "f32"), memref([rows], "f32")
    body = """
    %%zero = arith.constant 0.0 : f32
    %%m = memref.alloc() : %(v)s
    linalg.fill ins(%%zero : f32) outs(%%m : %(v)s)
    linalg.generic {indexing_maps = [#ij, #i], iterator_types = ["parallel", "reduction"]} ins(%%x : %(t)s) outs(%%m : %(v)s) {
    ^bb0(%%a: f32, %%b: f32):
      %%c = arith.maxnumf %%a, %%b : f32
      linalg.yield %%c : f32
    }
    %%n = memref.alloc() : %(v)s
    linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]} ins(%%m : %(v)s) outs(%%n : %(v)s) {
    ^bb0(%%a: f32, %%b: f32):
      %%c = arith.addf %%a, %%a : f32
      linalg.yield %%c : f32
    }
    linalg.generic {indexing_maps = [#i, #ij], iterator_types = ["parallel", "parallel"]} ins(%%n : %(v)s) outs(%%x : %(t)s) {
    ^bb0(%%a: f32, %%b: f32):
      %%c = arith.subf %%b, %%a : f32
      linalg.yield %%c : f32
    }
    memref.dealloc %%m : %(v)s
    memref.dealloc %%n : %(v)s""" % {"t": t, "v": v}
    for name, text in (("#ij", amap("ij", "ij")), ("#one", amap("i", "i")),
                       ("#i", amap("ij", "i"))):
        body = body.replace(name + ",", text + ",").replace(name + "]",
                                                            text + "]")
    Case(body, [("x", x, "f32", None)],
         {0: (x - 2 * top[:, None]).astype(np.float32)})

# A combination of the rows of a product, and what is done with it.
for rows, panels, combine in [(24, 4, "maxnumf"), (13, 3, "maxnumf"),
                              (13, 3, "addf"), (6, 1, "minnumf")]:
    A, B = integers((rows, 10)), integers((panels, 10, 16))
    product = np.einsum("mk,pkr->mpr", A, B).reshape(rows, -1)
    top = {"maxnumf": np.maximum(product.max(1), -3),
           "addf": product.sum(1) - 3,
           "minnumf": np.minimum(product.min(1), -3)}
    body = """
    %%start = arith.constant -3.0 : f32
    %%m = memref.alloc() : %(v)s
    %%s = memref.expand_shape %%x [[0], [1, 2]] output_shape [%(rows)d, %(panels)d, 16] : %(t)s into %(t3)s
    tile.contract [%(maps)s] %%a, %%b outs(%%s) overwrite : %(ta)s, %(tb)s -> %(t3)s
    linalg.fill ins(%%start : f32) outs(%%m : %(v)s)
    linalg.generic {indexing_maps = [%(ij)s, %(i)s], iterator_types = ["parallel", "reduction"]} ins(%%x : %(t)s) outs(%%m : %(v)s) {
    ^bb0(%%p: f32, %%q: f32):
      %%c = arith.%(combine)s %%q, %%p : f32
      linalg.yield %%c : f32
    }
    linalg.generic {indexing_maps = [%(i)s, %(ij)s], iterator_types = ["parallel", "parallel"]} ins(%%m : %(v)s) outs(%%x : %(t)s) {
    ^bb0(%%p: f32, %%q: f32):
      %%c = arith.subf %%q, %%p : f32
      linalg.yield %%c : f32
    }
    memref.dealloc %%m : %(v)s""" % {
        "t": memref(product.shape, "f32"), "v": memref([rows], "f32"),
        "t3": memref([rows, panels, 16], "f32"), "rows": rows,
        "panels": panels, "ta": memref(A.shape, "f32"),
        "tb": memref(B.shape, "f32"), "combine": combine,
        "ij": amap("ij", "ij"), "i": amap("ij", "i"), "maps": ", ".join([
            amap("mprk", "mk"), amap("mprk", "pkr"), amap("mprk", "mpr")])}
    # The product must be an allocation of the function to be reduced early.
    body = ("%%x = memref.alloc() : %s\n" % memref(product.shape, "f32") +
            body + "\n    memref.copy %%x, %%out : %s to %s\n"
            "    memref.dealloc %%x : %s" % ((memref(product.shape, "f32"),) *
                                            3))
    body = body.replace("%%", "%")
    Case(body, [("a", A, "f32", None), ("b", B, "f32", None),
                ("out", np.zeros(product.shape), "f32", None)],
         {2: (product - top[combine][:, None]).astype(np.float32)})

text = "".join(case.text for case in cases)
for width in ("lanes-bits=128 registers=16", "lanes-bits=256 registers=16",
              "lanes-bits=512 registers=32", "fuse-rows=false"):
    library = native.compile_library(
        TOOLS, OUT, width, text, "convert-linalg-to-vector-loops{%s},"
        "place-static-buffers" % width)
    for case in cases:
        case.run(library, width)
print("%d cases agree" % len(cases))
