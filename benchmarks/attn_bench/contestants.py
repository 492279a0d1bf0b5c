# The contestants of the dense CPU suite, and how programs of ours are called.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each maker takes (cell, inputs, threads, build) and returns what computes the
cell once and what gives the last result as float32 [1, H, S, D]. Inputs are
float32 arrays (already rounded to bf16 in bf16 cells); each contestant gets
them in the layout and type that it wants, before the clock starts."""

import ctypes
import functools
import importlib.metadata
import math
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np


class Absent(Exception):
    """The contestant cannot take part, for the reason given."""


def round_to_bf16(x):
    bits = x.view(np.uint32).astype(np.uint64)
    return (((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16 << 16).astype(np.uint32)).view(np.float32)


def to_bf16_bits(x):
    return (x.view(np.uint32) >> 16).astype(np.uint16)


def from_bf16_bits(x):
    return (x.astype(np.uint32) << 16).view(np.float32)


def versions():
    found = {}
    for package in ("torch", "onnxruntime", "openvino", "iree-base-compiler", "numpy"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


# --- attn ---------------------------------------------------------------------


def _source(cell, heads):
    tensor = f"tensor<1x{heads}x?x{cell['D']}x{cell['dtype']}>"
    mask = " mask(#attn.causal)" if cell["causal"] else ""
    scale = 1 / math.sqrt(cell["D"])
    return f"""func.func @attention(%q: {tensor}, %k: {tensor}, %v: {tensor}) -> {tensor} {{
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : {tensor}
  %e = tensor.empty(%n) : {tensor}
  %o = attn.attention %q, %k, %v outs(%e) scale({scale!r}){mask} : {tensor}, {tensor}, {tensor} -> {tensor}
  return %o : {tensor}
}}
"""


@functools.lru_cache(maxsize=None)
def compile_source(source, build):
    """The shared library of a program with the entry `attention`; what is known about
    it lies beside it, in attention.so.json."""
    if not (build / "bin" / "attn-compile").exists():
        raise Absent(f"{build}/bin/attn-compile is not built")
    folder = Path(tempfile.mkdtemp())
    (folder / "attention.mlir").write_text(source)
    command = [build / "bin" / "attn-compile", folder / "attention.mlir", "--entry=attention"]
    subprocess.run(
        [*command, "--target=host", "--emit=so", "-o", folder / "attention.so"], check=True
    )
    return folder / "attention.so"


def _describe(array):
    rank = array.ndim

    class MemRef(ctypes.Structure):
        _fields_ = [
            ("allocated", ctypes.c_void_p),
            ("aligned", ctypes.c_void_p),
            ("offset", ctypes.c_int64),
            ("sizes", ctypes.c_int64 * rank),
            ("strides", ctypes.c_int64 * rank),
        ]

    dims = ctypes.c_int64 * rank
    strides = [stride // array.itemsize for stride in array.strides]
    return MemRef(array.ctypes.data, array.ctypes.data, 0, dims(*array.shape), dims(*strides))


def entry(source, arrays, threads, build):
    """What calls a program on arrays, in order, the results last."""
    library = ctypes.CDLL(str(compile_source(source, build)))
    library.attn_set_num_threads(threads)
    arguments = [_describe(array) for array in arrays]
    pointers = [ctypes.byref(argument) for argument in arguments]
    function = library._mlir_ciface_attention

    def call(keep=(arrays, arguments)):
        function(*pointers)

    return call


def attn(cell, inputs, threads, build):
    half = cell["dtype"] == "bf16"
    arrays = [to_bf16_bits(x) if half else x for x in inputs]
    out = np.full_like(arrays[0], 0x7FC0 if half else np.nan)
    call = entry(_source(cell, inputs[0].shape[1]), [*arrays, out], threads, build)
    return call, lambda: from_bf16_bits(out) if half else out


# --- peers ----------------------------------------------------------------------


def torch(cell, inputs, threads, build):
    try:
        import torch as t
    except ImportError as error:
        raise Absent(error) from None
    t.set_num_threads(threads)
    dtype = t.bfloat16 if cell["dtype"] == "bf16" else t.float32
    q, k, v = (t.from_numpy(x).to(dtype) for x in inputs)
    box = []

    def call():
        with t.inference_mode():
            box[:] = [
                t.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=cell["causal"])
            ]

    return call, lambda: box[0].float().numpy()


def onnxruntime(cell, inputs, threads, build):
    if cell["dtype"] != "f32":
        raise Absent("its attention on the CPU is f32")
    try:
        import onnxruntime as ort
        from onnx import TensorProto, helper
    except ImportError as error:
        raise Absent(error) from None
    _, heads, length, depth = inputs[0].shape
    shape = [1, length, heads * depth]
    node = helper.make_node(
        "MultiHeadAttention",
        ["q", "k", "v"],
        ["o"],
        domain="com.microsoft",
        num_heads=heads,
        unidirectional=int(cell["causal"]),
    )
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in "qkvo"]
    graph = helper.make_graph([node], "attention", values[:3], values[3:])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets)
    model.ir_version = 8
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {
        n: np.ascontiguousarray(x.transpose(0, 2, 1, 3).reshape(shape))
        for n, x in zip("qkv", inputs)
    }
    box = []

    def call():
        box[:] = session.run(None, feed)

    return call, lambda: box[0].reshape(1, length, heads, depth).transpose(0, 2, 1, 3)


def openvino(cell, inputs, threads, build):
    try:
        import openvino as ov
        from openvino import opset13
    except ImportError as error:
        raise Absent(error) from None
    if cell["dtype"] != "f32":
        raise Absent("timed in f32 only")
    parameters = [opset13.parameter(list(x.shape), np.float32) for x in inputs]
    node = opset13.scaled_dot_product_attention(*parameters, causal=cell["causal"])
    config = {"INFERENCE_NUM_THREADS": str(threads), "INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.Core().compile_model(ov.Model([node], parameters), "CPU", config)
    request = compiled.create_infer_request()
    box = []

    def call():
        box[:] = [request.infer(inputs)]

    return call, lambda: box[0][0]


@functools.lru_cache(maxsize=None)
def _compile_iree(heads, length, depth):
    import iree.compiler as compiler

    tensor = f"tensor<{heads}x{length}x{depth}xf32>"
    maps = [
        "(b, m, n, k, l) -> (b, m, k)",
        "(b, m, n, k, l) -> (b, l, k)",
        "(b, m, n, k, l) -> (b, l, n)",
        "(b, m, n, k, l) -> ()",
        "(b, m, n, k, l) -> (b, m, n)",
    ]
    text = ", ".join(f"affine_map<{m}>" for m in maps)
    source = f"""func.func @f(%q: {tensor}, %k: {tensor}, %v: {tensor}) -> {tensor} {{
  %s = arith.constant {1 / math.sqrt(depth)} : f32
  %e = tensor.empty() : {tensor}
  %o = iree_linalg_ext.attention <{{indexing_maps = [{text}]}}>
    ins(%q, %k, %v, %s : {tensor}, {tensor}, {tensor}, f32) outs(%e : {tensor}) {{
  ^bb0(%x: f32):
    iree_linalg_ext.yield %x : f32
  }} -> {tensor}
  return %o : {tensor}
}}"""
    return compiler.compile_str(
        source, target_backends=["llvm-cpu"], extra_args=["--iree-llvmcpu-target-cpu=host"]
    )


def iree(cell, inputs, threads, build):
    if cell["dtype"] != "f32" or cell["causal"] or (cell["S"], cell["D"]) != (1024, 64):
        raise Absent("timed at f32 full D64 S1024 only: a call takes seconds beyond")
    try:
        import iree.runtime as runtime
    except ImportError as error:
        raise Absent(error) from None
    _, heads, length, depth = inputs[0].shape
    module = _compile_iree(heads, length, depth)
    config = runtime.Config("local-task" if threads > 1 else "local-sync")
    context = runtime.SystemContext(config=config)
    context.add_vm_module(runtime.VmModule.copy_buffer(context.instance, module))
    function = context.modules.module["f"]
    arrays = [runtime.asdevicearray(config.device, x[0]) for x in inputs]
    box = []

    def call():
        box[:] = [function(*arrays).to_host()]

    return call, lambda: box[0][None]


ALL = {
    "attn": attn,
    "torch": torch,
    "onnxruntime": onnxruntime,
    "openvino": openvino,
    "iree": iree,
}
