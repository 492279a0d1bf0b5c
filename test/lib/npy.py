# Makes and shows .npy files.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Uses the standard library alone, so that tests of the tools' reader and
writer do not depend on either.

  npy.py make FILE DESCR SHAPE VALUE...   SHAPE is 2,3 or () for a scalar;
                                          one VALUE fills the array, and
                                          start:step counts
         [--fortran] [--version=N] [--raw=DESCR]
  npy.py show FILE
  npy.py same FILE FILE [TOLERANCE]
"""
import ast
import itertools
import math
import struct
import sys

CODES = {"b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B",
         "u2": "H", "u4": "I", "u8": "Q", "f2": "e", "f4": "f", "f8": "d"}


def parse_shape(text):
    return () if text == "()" else tuple(int(x) for x in text.split(","))


def parse_values(texts, kind, count):
    parse = float if kind == "f" else int
    if len(texts) == 1 and ":" in texts[0]:
        start, step = (parse(x) for x in texts[0].split(":"))
        return [start + step * i for i in range(count)]
    values = [parse(x) for x in texts]
    return values * count if len(values) == 1 else values


def make(arguments):
    options = [a for a in arguments if a.startswith("--")]
    path, descr, shape, *texts = [a for a in arguments if a not in options]
    shape = parse_shape(shape)
    fortran, version, raw = False, 1, ("|" if descr[1] == "1" else "<") + descr
    for option in options:
        name, _, value = option.partition("=")
        if name == "--fortran":
            fortran = True
        elif name == "--version":
            version = int(value)
        elif name == "--raw":
            raw = value
    values = parse_values(texts, descr[0], math.prod(shape))
    assert len(values) == math.prod(shape), "as many values as elements"
    if fortran:  # Element (i, j, ...) moves to where column-major has it.
        indices = itertools.product(*(range(n) for n in reversed(shape)))
        strides = [math.prod(shape[d + 1:]) for d in range(len(shape))]
        values = [values[sum(i * s for i, s in zip(reversed(index), strides))]
                  for index in indices]
    header = repr({"descr": raw, "fortran_order": fortran, "shape": shape})
    header = header.encode() + b"\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY" + bytes([version, 0]))
        file.write(struct.pack("<H" if version == 1 else "<I", len(header)))
        file.write(header)
        file.write(struct.pack(f"<{len(values)}{CODES[descr]}", *values))


def load(path):
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x93NUMPY\x01\x00", "a file of version 1"
    (length,) = struct.unpack("<H", data[8:10])
    header = ast.literal_eval(data[10:10 + length].decode())
    assert (10 + length) % 64 == 0, "aligned elements"
    assert not header["fortran_order"]
    descr = header["descr"]
    count = math.prod(header["shape"])
    elements = data[10 + length:]
    return descr, header["shape"], struct.unpack(
        f"<{count}{CODES[descr[1:]]}", elements)


def show(path):
    descr, shape, values = load(path)
    print(f"{descr} {shape} {list(values)}")


def same(first, second, tolerance="0"):
    a, b = load(first), load(second)
    if a[:2] != b[:2]:
        sys.exit(f"{a[:2]} is not {b[:2]}")
    worst = max((abs(x - y) for x, y in zip(a[2], b[2])), default=0)
    if not worst <= float(tolerance):
        sys.exit(f"the files differ by {worst}")


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    {"make": lambda: make(rest), "show": lambda: show(*rest),
     "same": lambda: same(*rest)}[command]()
