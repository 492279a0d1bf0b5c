"""Kernels over the dialect wg, and what they compute.

A case is a kernel with one block, in MLIR, and a record for `run.py`: the
arguments, the kind of the reference and its parameters.
"""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from kernel import Kernel


def shape_of(extents, dtype, layout=None):
    text = "x".join(map(str, extents)) + "x" + dtype
    return text + (f", {layout}" if layout else "")


def matmul(m, n, k, dtype="bf16", groups=1, lhs="shared", lhs_t=False,
           rhs_t=False, accumulate=False, threads=None, chip="sm_90a"):
    threads = threads or 128 * groups
    name = (f"mma_{m}x{n}x{k}_{dtype}_g{groups}_{lhs}" + "_at" * lhs_t +
            "_bt" * rhs_t + "_acc" * accumulate + f"_{chip}" * (chip != "sm_90a")
            + f"_t{threads}" * (threads != 128 * groups))
    kernel = Kernel(name, "matmul", threads, chip, lhs_t=lhs_t, rhs_t=rhs_t,
                    accumulate=accumulate)
    a = [k, m] if lhs_t else [m, k]
    b = [n, k] if rhs_t else [k, n]
    a_type = kernel.memory("a", a, dtype)
    b_type = kernel.memory("b", b, dtype)
    c_type = kernel.memory("c", [m, n], "f32", output=True)
    shared_b = f"!wg.shared<{shape_of(b, dtype)}>"
    acc = f"!wg.tile<{shape_of([m, n], 'f32')}>"
    if lhs == "load":
        a_tile = f"!wg.tile<{shape_of(a, dtype)}>"
        kernel.add(f"%l = wg.load %a[] from %c0 : {a_type} -> {a_tile}")
    else:
        a_tile = f"!wg.shared<{shape_of(a, dtype)}>"
        kernel.add(f"%l = wg.copy %a[] from %c0 {kernel.place(a, dtype)} : "
                   f"{a_type} -> {a_tile}")
    kernel.add(f"%r = wg.copy %b[] from %c0 {kernel.place(b, dtype)} : "
               f"{b_type} -> {shared_b}\ngpu.barrier")
    left = "%l"
    if lhs == "from_shared":
        tile = f"!wg.tile<{shape_of(a, dtype)}>"
        kernel.add(f"%f = wg.from_shared %l : {a_tile} -> {tile}")
        left, a_tile = "%f", tile
    if accumulate:
        kernel.add(f"%acc = wg.load %c[] from %c0 : {c_type} -> {acc}")
    else:
        kernel.add(f"%acc = wg.splat %zero : f32 -> {acc}")
    kernel.add(
        f"%d = wg.mma {left}{' transposed' * lhs_t}, %r{' transposed' * rhs_t}"
        f", %acc : {a_tile}, {shared_b}, {acc}\n"
        f"wg.store %d into %c[] from %c0 : {acc} into {c_type}")
    return kernel


def copy(rows, cols, dtype, threads=128, shape=None, origin=0, limit=None,
         column_origin=None, column_limit=None, static=None, strides=None,
         load=False, tag=""):
    """A tile with tails, through shared memory or not, to a buffer."""
    shape = shape or [rows, cols]
    name = f"{'load' if load else 'copy'}_{rows}x{cols}_{dtype}_t{threads}{tag}"
    kernel = Kernel(name, "copy", threads, rows=rows, cols=cols, origin=origin,
                    limit=limit, column_origin=column_origin,
                    column_limit=column_limit)
    source = kernel.memory("a", shape, dtype, static=static, strides=strides)
    dest = kernel.memory("c", [rows, cols], dtype, output=True)
    tile = f"!wg.tile<{shape_of([rows, cols], dtype)}>"
    shared = f"!wg.shared<{shape_of([rows, cols], dtype)}>"
    text = ""
    for key, value, word in (("o", origin, ""), ("n", limit, " limit %n"),
                             ("co", column_origin, " columns_from %co"),
                             ("cn", column_limit, " columns_limit %cn")):
        if value is not None:
            kernel.index(key, value)
            text += word
    if load:
        kernel.add(f"%t = wg.load %a[] from %o{text} : {source} -> {tile}")
    else:
        kernel.add(
            f"%s = wg.copy %a[] from %o{text} "
            f"{kernel.place([rows, cols], dtype)} : {source} -> {shared}\n"
            f"gpu.barrier\n%t = wg.from_shared %s : {shared} -> {tile}")
    kernel.add(f"wg.store %t into %c[] from %c0 : {tile} into {dest}")
    return kernel


def store(rows, cols, dtype, shape, origin, limit, threads=128):
    """A tile of which parts do not exist in the destination."""
    kernel = Kernel(f"store_{rows}x{cols}_{dtype}_into_{shape[0]}x{shape[1]}",
                    "store", threads, rows=rows, cols=cols, origin=origin,
                    limit=limit)
    source = kernel.memory("a", [rows, cols], dtype)
    dest = kernel.memory("c", shape, dtype, output=True,
                         static=["?", shape[1]])
    kernel.index("o", origin)
    kernel.index("n", limit)
    tile = f"!wg.tile<{shape_of([rows, cols], dtype)}>"
    kernel.add(
        f"%t = wg.load %a[] from %c0 : {source} -> {tile}\n"
        f"wg.store %t into %c[] from %o limit %n : {tile} into {dest}")
    return kernel


def through_shared(rows, cols, dtype, threads=128):
    kernel = Kernel(f"shared_{rows}x{cols}_{dtype}_t{threads}", "copy", threads,
                    rows=rows, cols=cols, origin=0, limit=None,
                    column_origin=None, column_limit=None)
    source = kernel.memory("a", [rows, cols], dtype)
    dest = kernel.memory("c", [rows, cols], dtype, output=True)
    tile = f"!wg.tile<{shape_of([rows, cols], dtype)}>"
    shared = f"!wg.shared<{shape_of([rows, cols], dtype)}>"
    kernel.add(
        f"%t = wg.load %a[] from %c0 : {source} -> {tile}\n"
        f"%s = wg.to_shared %t {kernel.place([rows, cols], dtype)} : {tile} -> "
        f"{shared}\ngpu.barrier\n"
        f"%u = wg.from_shared %s : {shared} -> {tile}\n"
        f"wg.store %u into %c[] from %c0 : {tile} into {dest}")
    return kernel


def reduce(rows, cols, op, threads=128):
    kernel = Kernel(f"reduce_{op}_{rows}x{cols}_t{threads}", "reduce", threads,
                    op=op)
    source = kernel.memory("a", [rows, cols], "f32")
    init = kernel.memory("b", [rows], "f32")
    dest = kernel.memory("c", [rows], "f32", output=True)
    tile = f"!wg.tile<{shape_of([rows, cols], 'f32')}>"
    vector = f"!wg.tile<{shape_of([rows], 'f32', 'rows')}>"
    kernel.add(
        f"%t = wg.load %a[] from %c0 : {source} -> {tile}\n"
        f"%i = wg.load %b[] from %c0 : {init} -> {vector}\n"
        f"%r = wg.reduce <{op}> %t, %i : {tile}, {vector}\n"
        f"wg.store %r into %c[] from %c0 : {vector} into {dest}")
    return kernel


def relayout(rows, cols, threads=128):
    """a[i, j] + r[j] + c[i] + 2 i - j where i < 3 j, with r loaded as rows and
    c as columns."""
    kernel = Kernel(f"relayout_{rows}x{cols}_t{threads}", "relayout", threads)
    source = kernel.memory("a", [rows, cols], "f32")
    r = kernel.memory("r", [cols], "f32")
    c = kernel.memory("b", [rows], "f32")
    dest = kernel.memory("c", [rows, cols], "f32", output=True)
    tile = f"!wg.tile<{shape_of([rows, cols], 'f32')}>"
    kernel.shared = 1024
    kernel.add(f"""
%t = wg.load %a[] from %c0 : {source} -> {tile}
%r0 = wg.load %r[] from %c0 : {r} -> !wg.tile<{cols}xf32, rows>
%b0 = wg.load %b[] from %c0 : {c} -> !wg.tile<{rows}xf32, cols>
%r1 = wg.relayout %r0 {{wg.offset = 0 : i64}} : !wg.tile<{cols}xf32, rows> -> !wg.tile<{cols}xf32, cols>
%b1 = wg.relayout %b0 {{wg.offset = 0 : i64}} : !wg.tile<{rows}xf32, cols> -> !wg.tile<{rows}xf32, rows>
%c2 = arith.constant 2 : index
%c3 = arith.constant 3 : index
%u = wg.map ins(%t, %r1, %b1 : {tile}, !wg.tile<{cols}xf32, cols>, !wg.tile<{rows}xf32, rows>) -> {tile} {{
^bb0(%i: index, %j: index, %x: f32, %y: f32, %z: f32):
  %s = arith.addf %x, %y : f32
  %q = arith.addf %s, %z : f32
  %i2 = arith.muli %i, %c2 : index
  %j3 = arith.muli %j, %c3 : index
  %less = arith.cmpi slt, %i, %j3 : index
  %v = scf.if %less -> f32 {{
    %d = arith.subi %i2, %j : index
    %d32 = arith.index_cast %d : index to i32
    %f = arith.sitofp %d32 : i32 to f32
    %g = arith.addf %q, %f : f32
    scf.yield %g : f32
  }} else {{
    scf.yield %q : f32
  }}
  wg.yield %v : f32
}}
wg.store %u into %c[] from %c0 : {tile} into {dest}
""")
    return kernel


def extract(length, dtype, layout, index, threads=128):
    """Element `index` of a, everywhere."""
    kernel = Kernel(f"extract_{length}_{dtype}_{layout}_t{threads}", "extract",
                    threads, index=index)
    source = kernel.memory("a", [length], dtype)
    dest = kernel.memory("c", [length], dtype, output=True)
    kernel.index("i", index)
    tile = f"!wg.tile<{length}x{dtype}, {layout}>"
    kernel.add(
        f"%t = wg.load %a[] from %c0 : {source} -> {tile}\n"
        f"%x = wg.extract %t[%i] {kernel.place([length, 1], dtype)} : {tile} -> {dtype}\n"
        f"%s = wg.splat %x : {dtype} -> {tile}\n"
        f"wg.store %s into %c[] from %c0 : {tile} into {dest}")
    return kernel


def tri_inverse(rows, threads=128, dtype="f32"):
    """(I + a)^-1 of the part of a below the diagonal; the rest is NaN. Rounded to
    16 bits, it is merged by products."""
    # What merging may be off by, of all that is summed. For bf16 operands have 11 bits,
    # each off by 2^-12 of it at most, and few at that.
    kernel = Kernel(f"tri_inverse_{rows}_{dtype}_t{threads}", "tri_inverse", threads,
                    epsilon={"f32": 0.0, "f16": 2.0 ** -11, "bf16": 2.0 ** -8}[dtype],
                    merging=2.0 ** -13 if dtype == "bf16" else 3e-5)
    source = kernel.memory("a", [rows, rows], "f32")
    dest = kernel.memory("c", [rows, rows], dtype, output=True)
    tile, result = f"!wg.tile<{rows}x{rows}xf32>", f"!wg.tile<{rows}x{rows}x{dtype}>"
    kernel.add(
        f"%t = wg.load %a[] from %c0 : {source} -> {tile}\n"
        f"%x = wg.tri_inverse %t {kernel.place([rows, rows + 8], 'f32')} : {tile}")
    if dtype != "f32":
        kernel.add(f"""
%y = wg.map ins(%x : {tile}) -> {result} {{
^bb0(%i: index, %j: index, %e: f32):
  %h = arith.truncf %e : f32 to {dtype}
  wg.yield %h : {dtype}
}}""")
    kernel.add(f"wg.store {'%x' if dtype == 'f32' else '%y'} into %c[] from %c0 : "
               f"{result} into {dest}")
    return kernel


def scan(length, threads=128):
    """The last of the running sums of a, less each of them."""
    kernel = Kernel(f"scan_{length}_t{threads}", "scan", threads)
    source = kernel.memory("a", [length], "f32")
    dest = kernel.memory("c", [length], "f32", output=True)
    cols, rows = (f"!wg.tile<{length}xf32, {layout}>" for layout in ("cols", "rows"))
    kernel.add(f"""
%last = arith.constant {length - 1} : index
%t = wg.load %a[] from %c0 : {source} -> {cols}
%s = wg.scan %t : {cols}
%r = wg.relayout %s : {cols} -> {rows}
%x = wg.extract %s[%last] : {cols} -> f32
%d = wg.map ins(%r : {rows}) -> {rows} {{
^bb0(%i: index, %j: index, %y: f32):
  %z = arith.subf %x, %y : f32
  wg.yield %z : f32
}}
wg.store %d into %c[] from %c0 : {rows} into {dest}
""")
    return kernel


def transpose(rows, cols, dtype, way, threads=128):
    """A tile of rows x cols, turned where it is loaded, read from shared memory, or
    stored."""
    kernel = Kernel(f"transpose_{way}_{rows}x{cols}_{dtype}_t{threads}", "transpose",
                    threads)
    source = kernel.memory("a", [cols, rows] if way != "store" else [rows, cols], dtype)
    dest = kernel.memory("c", [cols, rows] if way == "store" else [rows, cols], dtype,
                         output=True)
    tile = f"!wg.tile<{rows}x{cols}x{dtype}>"
    if way == "shared":
        shared = f"!wg.shared<{cols}x{rows}x{dtype}>"
        kernel.add(
            f"%s = wg.copy %a[] from %c0 {kernel.place([cols, rows], dtype)} : "
            f"{source} -> {shared}\ngpu.barrier\n"
            f"%t = wg.from_shared %s transposed : {shared} -> {tile}")
    else:
        kernel.add(f"%t = wg.load {'transposed' * (way == 'load')} %a[] from %c0 : "
                   f"{source} -> {tile}")
    turned = f"transposed into %c[] from %c0 {kernel.place([rows, cols], dtype)}"
    kernel.add(f"wg.store %t {turned if way == 'store' else 'into %c[] from %c0'} : "
               f"{tile} into {dest}")
    return kernel


def attention(m, n, d, keys, dtype="bf16", groups=1):
    """Softmax attention with a running maximum: m rows, n keys at a time."""
    kernel = Kernel(f"attention_{m}x{n}x{d}_{keys}_{dtype}_g{groups}",
                    "attention", 128 * groups)
    q = kernel.memory("q", [m, d], dtype)
    k = kernel.memory("k", [keys, d], dtype, static=["?", d])
    v = kernel.memory("v", [keys, d], dtype, static=["?", d])
    o = kernel.memory("c", [m, d], "f32", output=True)
    kernel.index("n", keys)
    kernel.parameters["scale"] = d ** -0.5
    s, p = f"!wg.tile<{m}x{n}xf32>", f"!wg.tile<{m}x{n}x{dtype}>"
    acc, rows = f"!wg.tile<{m}x{d}xf32>", f"!wg.tile<{m}xf32, rows>"
    qs, ks = f"!wg.shared<{m}x{d}x{dtype}>", f"!wg.shared<{n}x{d}x{dtype}>"
    scale = d ** -0.5 * 1.4426950408889634
    kernel.add(f"""
%step = arith.constant {n} : index
%low = arith.constant 0xFF800000 : f32
%scale = arith.constant {scale:.9f} : f32
%qs = wg.copy %q[] from %c0 {kernel.place([m, d], dtype)} : {q} -> {qs}
%m0 = wg.splat %low : f32 -> {rows}
%l0 = wg.splat %zero : f32 -> {rows}
%o0 = wg.splat %zero : f32 -> {acc}
%z = wg.splat %zero : f32 -> {s}
%m, %l, %o = scf.for %j = %c0 to %n step %step iter_args(%mi = %m0, %li = %l0, %oi = %o0) -> ({rows}, {rows}, {acc}) {{
  gpu.barrier
  %ks = wg.copy %k[] from %j limit %n {kernel.place([n, d], dtype)} : {k} -> {ks}
  %vs = wg.copy %v[] from %j limit %n {kernel.place([n, d], dtype)} : {v} -> {ks}
  gpu.barrier
  %s0 = wg.mma %qs, %ks transposed, %z : {qs}, {ks}, {s}
  %s = wg.map ins(%s0 : {s}) -> {s} {{
  ^bb0(%r: index, %t: index, %x: f32):
    %at = arith.addi %j, %t : index
    %in = arith.cmpi slt, %at, %n : index
    %y = arith.mulf %x, %scale : f32
    %w = arith.select %in, %y, %low : f32
    wg.yield %w : f32
  }}
  %mn = wg.reduce <maxnumf> %s, %mi : {s}, {rows}
  %e, %p = wg.map ins(%s, %mn : {s}, {rows}) -> {s}, {p} {{
  ^bb0(%r: index, %t: index, %x: f32, %y: f32):
    %a = arith.subf %x, %y : f32
    %b = math.exp2 %a : f32
    %h = arith.truncf %b : f32 to {dtype}
    wg.yield %b, %h : f32, {dtype}
  }}
  %f = wg.map ins(%mi, %mn : {rows}, {rows}) -> {rows} {{
  ^bb0(%r: index, %t: index, %x: f32, %y: f32):
    %a = arith.subf %x, %y : f32
    %b = math.exp2 %a : f32
    wg.yield %b : f32
  }}
  %li2 = wg.map ins(%li, %f : {rows}, {rows}) -> {rows} {{
  ^bb0(%r: index, %t: index, %x: f32, %y: f32):
    %a = arith.mulf %x, %y : f32
    wg.yield %a : f32
  }}
  %ln = wg.reduce <add> %e, %li2 : {s}, {rows}
  %oi2 = wg.map ins(%oi, %f : {acc}, {rows}) -> {acc} {{
  ^bb0(%r: index, %t: index, %x: f32, %y: f32):
    %a = arith.mulf %x, %y : f32
    wg.yield %a : f32
  }}
  %on = wg.mma %p, %vs, %oi2 : {p}, {ks}, {acc}
  scf.yield %mn, %ln, %on : {rows}, {rows}, {acc}
}}
%r = wg.map ins(%o, %l : {acc}, {rows}) -> {acc} {{
^bb0(%i: index, %t: index, %x: f32, %y: f32):
  %a = arith.divf %x, %y : f32
  wg.yield %a : f32
}}
wg.store %r into %c[] from %c0 : {acc} into {o}
""")
    return kernel


def vector(length, dtype, layout, origin, limit, threads=128):
    """Part of a vector, twice as large, into the same part of another."""
    kernel = Kernel(f"vector_{layout}_{length}_{dtype}_{origin}_{limit}",
                    "vector", threads, length=length, origin=origin,
                    limit=limit)
    source = kernel.memory("a", [100], dtype, static=["?"])
    dest = kernel.memory("c", [90], dtype, output=True, static=["?"])
    kernel.index("o", origin)
    kernel.index("n", limit)
    tile = f"!wg.tile<{shape_of([length], dtype, layout)}>"
    kernel.add(f"""
%t = wg.load %a[] from %o limit %n : {source} -> {tile}
%u = wg.map ins(%t : {tile}) -> {tile} {{
^bb0(%i: index, %j: index, %x: {dtype}):
  %y = arith.addf %x, %x : {dtype}
  wg.yield %y : {dtype}
}}
wg.store %u into %c[] from %o : {tile} into {dest}
""")
    return kernel


def panels(heads, rows, cols, dtype, head):
    """The tile of one head."""
    kernel = Kernel(f"panels_{heads}x{rows}x{cols}_{dtype}", "panels", 128,
                    head=head, rows=rows)
    source = kernel.memory("a", [heads, rows, cols], dtype,
                           static=["?", "?", cols])
    dest = kernel.memory("c", [heads, rows, cols], dtype, output=True,
                         static=[heads, "?", cols])
    kernel.index("h", head)
    kernel.index("n", rows)
    tile = f"!wg.tile<{shape_of([64, cols], dtype)}>"
    shared = f"!wg.shared<{shape_of([64, cols], dtype)}>"
    kernel.add(
        f"%s = wg.copy %a[%h] from %c0 limit %n "
        f"{kernel.place([64, cols], dtype)} : {source} -> {shared}\n"
        f"gpu.barrier\n%t = wg.from_shared %s : {shared} -> {tile}\n"
        f"wg.store %t into %c[%h] from %c0 limit %n : {tile} into {dest}")
    return kernel


def function(name, low, high, relative, absolute):
    """A function of the dialect math on a range, and the bounds of its error."""
    kernel = Kernel(f"math_{name}", "math", 128, function=name, low=low, high=high,
                    relative=relative, absolute=absolute)
    source = kernel.memory("a", [64, 128], "f32")
    dest = kernel.memory("c", [64, 128], "f32", output=True)
    tile = "!wg.tile<64x128xf32>"
    kernel.add(f"""
%t = wg.load %a[] from %c0 : {source} -> {tile}
%u = wg.map ins(%t : {tile}) -> {tile} {{
^bb0(%i: index, %j: index, %x: f32):
  %y = math.{name} %x : f32
  wg.yield %y : f32
}}
wg.store %u into %c[] from %c0 : {tile} into {dest}
""")
    return kernel


def twin():
    """A kernel that reads one row less than it should."""
    kernel = copy(64, 64, "bf16", limit=50, tag="_twin_must_fail")
    next(a for a in kernel.arguments if a["name"] == "n")["value"] = 49
    kernel.must_fail = True
    return kernel


def warp_products():
    """Products that single warps compute: on a chip without wgmma, and what it
    does not do."""
    cases = []
    for dtype in ("bf16", "f16", "f32"):
        # All of a product is unrolled, and both parts of operands of f32 take
        # registers; in either direction there are two column blocks.
        is_wide = dtype == "f32"
        for lhs in ("shared", "load"):
            for rhs_t in (False, True):
                for extents in ((64, 32), (32, 64)) if is_wide else ((64, 64),):
                    cases.append(matmul(64, *extents, dtype, lhs=lhs, rhs_t=rhs_t,
                                        chip="sm_90"))
                # Column blocks of 64 and of 32 bytes.
                for extent in (32, 48, 16):
                    cases.append(matmul(64, extent, extent, dtype, lhs=lhs,
                                        rhs_t=rhs_t, chip="sm_90"))
        # Blocks of columns that are no pairs; more than a swizzle.
        cases.append(matmul(64, 24, 96, dtype, rhs_t=True, chip="sm_90"))
        cases.append(matmul(64, 8, 32, dtype, lhs="load", rhs_t=True, chip="sm_90"))
        cases.append(matmul(64, *((96, 16) if is_wide else (160, 32)), dtype,
                            accumulate=True, chip="sm_90"))
        # Several bands of a warp, more warps than bands, no group of warps.
        cases.append(matmul(128, 32, 32, dtype, lhs_t=True, chip="sm_90"))
        cases.append(matmul(128, 32, 32, dtype, rhs_t=True, accumulate=True,
                            chip="sm_90"))
        cases.append(matmul(48, 32, 32, dtype, groups=2, chip="sm_90"))
        cases.append(matmul(48, 32, 32, dtype, lhs_t=True, rhs_t=True, threads=64,
                            chip="sm_90"))
        cases.append(matmul(80, 32, 64, dtype, lhs="load", threads=96,
                            chip="sm_90"))
        cases.append(matmul(16, 16, 32, dtype, threads=32, chip="sm_90"))
        # Where wgmma is there, but not for these.
        cases.append(matmul(48, 64, 64, dtype, lhs="load"))
        cases.append(matmul(16, 64, 32 if is_wide else 64, dtype, threads=32))
    cases.append(matmul(64, 64, 32, "f32"))
    return cases


def within_warps():
    """What warps do by shuffles, and by matrices that turn on their way."""
    cases = [scan(16, threads=32), scan(64), scan(128, threads=64)]
    for dtype in ("bf16", "f32"):
        # Swizzles of 128, 64 and 32 bytes; two bands of a warp, two warps for one.
        cases.append(transpose(64, 64, dtype, "shared"))
        cases.append(transpose(32, 48, dtype, "shared", threads=32))
        cases.append(transpose(16, 24, dtype, "shared", threads=64))
        cases.append(transpose(64, 64, dtype, "store"))
        cases.append(transpose(64, 48, dtype, "store", threads=64))
        cases.append(transpose(32, 24, dtype, "store", threads=64))
        cases.append(transpose(48, 24, dtype, "load", threads=96))
    cases.append(tri_inverse(64, dtype="bf16"))
    cases.append(tri_inverse(32, dtype="f16", threads=64))
    cases.append(tri_inverse(64, dtype="f16", threads=64))
    return cases


def all_cases():
    cases = warp_products() + within_warps()
    # The swizzle follows from the bytes of a row: k or n (or m) of 64, 32, 16
    # elements and multiples have 128, 64 and 32 bytes.
    for k in (16, 32, 48, 64, 96, 128):
        cases.append(matmul(64, 64, k, rhs_t=True))
        cases.append(matmul(64, 32, k))
        cases.append(matmul(64, 64, k, lhs="load"))
    for n in (8, 24, 72, 128, 200, 256):
        cases.append(matmul(64, n, 64, rhs_t=True))
        cases.append(matmul(64, n, 32, lhs="load", rhs_t=True))
    for n in (16, 48, 64, 80, 96, 128, 160, 192, 256):
        cases.append(matmul(64, n, 64))
        cases.append(matmul(64, n, 32, lhs="from_shared"))
    for n, rhs_t in ((64, True), (64, False), (320, True)):
        cases.append(matmul(128, n, 64, groups=2, rhs_t=rhs_t))
        cases.append(matmul(64, n, 64, groups=2, rhs_t=rhs_t))
    cases.append(matmul(64, 320, 64, groups=1))
    cases.append(matmul(64, 272, 32, groups=1))
    for m in (64, 128, 192):
        cases.append(matmul(m, 64, 64, lhs_t=True))
        cases.append(matmul(m, 64, 64, lhs_t=True, rhs_t=True, groups=2))
        cases.append(matmul(m, 32, 96, groups=1, accumulate=True))
        cases.append(matmul(m, 64, 32, lhs="load", groups=2, accumulate=True))
    cases.append(matmul(256, 32, 64, groups=2))
    cases.append(matmul(128, 64, 128, dtype="f16", groups=1, accumulate=True))
    cases.append(matmul(64, 64, 64, dtype="f16", lhs="load"))
    cases.append(matmul(64, 96, 64, dtype="f16", lhs_t=True))

    for cols in (16, 32, 48, 64, 96, 128):
        for dtype in ("bf16", "f32"):
            cases.append(copy(64, cols, dtype, limit=50, shape=[100, cols],
                              origin=7, static=["?", cols]))
    cases.append(copy(8 * 5 * 2, 48, "f16", threads=128, tag="_odd"))
    cases.append(copy(64, 64, "bf16", threads=256, shape=[70, 100], origin=3,
                      limit=60, column_origin=40, column_limit=90,
                      tag="_columns"))
    cases.append(copy(64, 64, "bf16", shape=[70, 104], limit=60,
                      column_origin=0, column_limit=45, tag="_inside"))
    cases.append(copy(64, 64, "f32", shape=[70, 50], limit=60,
                      static=["?", "?"], tag="_dynamic"))
    cases.append(copy(64, 64, "bf16", shape=[64, 64], strides=[1, 64],
                      tag="_transposed"))
    cases.append(copy(64, 64, "bf16", shape=[64, 64], strides=[192, 1],
                      limit=33, tag="_strided"))
    cases.append(copy(64, 64, "bf16", shape=[64, 64], limit=0, tag="_none"))
    cases.append(copy(64, 64, "bf16", shape=[64, 64], limit=-5, tag="_less"))
    for dtype in ("bf16", "f32"):
        cases.append(copy(64, 72, dtype, shape=[70, 100], origin=3, limit=60,
                          column_origin=40, column_limit=97, load=True,
                          tag="_columns"))
        cases.append(copy(128, 64, dtype, shape=[70, 50], limit=60,
                          static=["?", "?"], load=True, tag="_dynamic"))
        cases.append(copy(16, 64, dtype, load=True, tag="_few"))
        cases.append(copy(48, 64, dtype, threads=64, load=True, tag="_odd"))
        cases.append(store(64, 64, dtype, [50, 64], 3, 60))
        cases.append(store(64, 64, dtype, [90, 48], 7, 31))
        cases.append(store(64, 24, dtype, [90, 21], 7, 1000))
    for dtype in ("bf16", "f16", "f32"):
        for cols in (16, 32, 48, 64, 160):
            cases.append(through_shared(64, cols, dtype))
    cases.append(through_shared(128, 64, "bf16", threads=256))
    cases.append(through_shared(64, 64, "f32", threads=256))
    cases.append(through_shared(48, 64, "f32", threads=128))

    for op in ("add", "mul", "maxnumf", "minnumf", "maximumf", "minimumf"):
        cases.append(reduce(64, 72, op))
    cases.append(reduce(128, 64, "add", threads=256))
    cases.append(reduce(64, 8, "add", threads=256))
    cases.append(reduce(48, 16, "maxnumf", threads=128))
    cases.append(relayout(64, 64))
    cases.append(relayout(128, 48, threads=256))
    cases.append(relayout(32, 112, threads=128))

    for rows in (16, 32, 64, 128):
        cases.append(tri_inverse(rows))
    cases.append(tri_inverse(64, threads=64))
    cases.append(tri_inverse(64, threads=256))
    for layout in ("rows", "cols"):
        for dtype in ("f32", "bf16"):
            cases.append(extract(64, dtype, layout, 63))
        cases.append(extract(48, "f32", layout, 0, threads=64))
        cases.append(extract(128, "f32", layout, 77, threads=256))

    for layout in ("rows", "cols"):
        for dtype in ("f32", "bf16"):
            cases.append(vector(48, dtype, layout, 5, 40))
            cases.append(vector(64, dtype, layout, 50, 95))
    cases.append(panels(3, 50, 64, "bf16", 2))
    cases.append(panels(3, 70, 48, "f32", 1))

    # The errors that the description of the pass states.
    for name, low, high, relative, absolute in (
            ("exp2", -100, 100, 3e-7, 0), ("exp", -80, 80, 2e-5, 0),
            ("log2", 0.01, 100, 3e-7, 3e-7), ("log", 0.01, 100, 3e-7, 3e-7),
            ("sqrt", 0, 1000, 3e-7, 0), ("rsqrt", 0.01, 1000, 3e-7, 0),
            ("sin", -3.14, 3.14, 0, 1e-6), ("cos", -3.14, 3.14, 0, 1e-6),
            ("tanh", -10, 10, 6e-4, 0), ("log1p", -0.9, 100, 1e-5, 1e-6),
            ("expm1", -2, 2, 2e-6, 0), ("erf", -4, 4, 1e-5, 1e-6)):
        cases.append(function(name, low, high, relative, absolute))

    cases.append(twin())
    cases.append(attention(64, 64, 64, 200))
    cases.append(attention(128, 64, 128, 256, groups=2))
    cases.append(attention(64, 48, 96, 100, dtype="f16"))
    cases.append(attention(128, 32, 64, 77, groups=1))
    return cases
