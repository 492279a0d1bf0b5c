"""The text of a kernel over the dialect wg."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

TYPE_BYTES = {"bf16": 2, "f16": 2, "f32": 4}


def aligned(size):
    return -(-size // 1024) * 1024


class Kernel:
    """Collects the text of a kernel, its arguments and its shared memory."""

    def __init__(self, name, kind, threads, chip="sm_90a", **parameters):
        self.name, self.kind, self.threads, self.chip = name, kind, threads, chip
        self.parameters = parameters
        self.arguments, self.lines, self.shared = [], [], 0
        self.must_fail = False

    def memory(self, name, shape, dtype, output=False, static=None,
               strides=None):
        """A buffer; `static` lists the extents as the type has them."""
        static = static or shape
        layout = ""
        if strides:
            layout = f", strided<[{', '.join(map(str, strides))}]>"
        mlir = "memref<" + "".join(f"{x}x" for x in static) + dtype + layout + ">"
        self.arguments.append(
            dict(name=name, shape=list(shape), dtype=dtype, output=output,
                 strides=strides and list(strides), mlir=mlir))
        return mlir

    def index(self, name, value):
        self.arguments.append(dict(name=name, value=value, mlir="index"))

    def place(self, shape, dtype):
        """The attribute of the next shared tile."""
        offset = self.shared
        self.shared += aligned(shape[0] * shape[1] * TYPE_BYTES[dtype])
        return f"{{wg.offset = {offset} : i64}}"

    def add(self, text):
        self.lines += text.strip("\n").split("\n")

    def mlir(self):
        arguments = ", ".join(f"%{a['name']}: {a['mlir']}"
                              for a in self.arguments)
        body = "\n".join("      " + line for line in self.lines)
        return f"""
  gpu.module @{self.name} [#nvvm.target<chip = "{self.chip}", features = "+ptx86", O = 3>] {{
    gpu.func @kernel({arguments}) kernel
        attributes {{known_block_size = array<i32: {self.threads}, 1, 1>}} {{
      %c0 = arith.constant 0 : index
      %zero = arith.constant 0.0 : f32
{body}
      gpu.return
    }}
  }}"""

    def record(self):
        return dict(name=self.name, kind=self.kind, threads=self.threads,
                    chip=self.chip, shared=self.shared, arguments=self.arguments,
                    parameters=self.parameters, must_fail=self.must_fail)
