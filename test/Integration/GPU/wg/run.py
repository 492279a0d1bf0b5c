#!/usr/bin/env python3
# Runs the kernels that build.py compiled and compares them with float64.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the kernels that build.py compiled and compares them with float64.

    run.py [FOLDER] [--only REGEX]

Needs PyTorch and a GPU of compute capability 9.0. Exits 1 if any differs.
"""
import argparse
import ctypes
import json
import os
import re
import sys
from pathlib import Path

try:
    import torch
except ImportError:
    torch = None

# What outputs are filled with, to see what is not written, and elements around
# each tensor.
SENTINEL = 777.0
MARGIN = 4096


def has_gpu():
    return (torch is not None and torch.cuda.is_available()
            and torch.cuda.get_device_capability() == (9, 0))


def launch(cubin, case, values):
    """Runs a kernel; memrefs travel as pointers, offset, sizes, strides."""
    cuda = ctypes.CDLL("libcuda.so.1")

    def check(code, what):
        if code:
            text = ctypes.c_char_p()
            cuda.cuGetErrorString(code, ctypes.byref(text))
            raise RuntimeError(f"{what}: {code} {text.value}")

    module, function = ctypes.c_void_p(), ctypes.c_void_p()
    check(cuda.cuModuleLoadData(ctypes.byref(module), cubin), "load")
    check(cuda.cuModuleGetFunction(ctypes.byref(function), module, b"kernel"),
          "function")
    shared = case["shared"] + 1024
    check(cuda.cuFuncSetAttribute(function, 8, shared), "shared memory")
    words = []
    for argument in case["arguments"]:
        if "value" in argument:
            words.append(argument["value"])
            continue
        tensor = values[argument["name"]]
        words += [tensor.data_ptr(), tensor.data_ptr(), 0]
        words += list(tensor.shape) + list(tensor.stride())
    storage = [ctypes.c_int64(word) for word in words]
    pointers = (ctypes.c_void_p * len(storage))(
        *[ctypes.addressof(word) for word in storage])
    check(cuda.cuLaunchKernel(function, 1, 1, 1, case["threads"], 1, 1, shared,
                              None, pointers, None), "launch")
    check(cuda.cuCtxSynchronize(), "kernel")
    check(cuda.cuModuleUnload(module), "unload")


def make(case):
    """Tensors for the arguments; each lies in a buffer of NaNs."""
    values = {}
    for argument in case["arguments"]:
        if "value" in argument:
            continue
        shape = argument["shape"]
        dtype = {"bf16": torch.bfloat16, "f16": torch.float16,
                 "f32": torch.float32}[argument["dtype"]]
        strides = argument["strides"] or torch.empty(
            shape, device="meta").stride()
        size = 1 + sum((n - 1) * s for n, s in zip(shape, strides))
        buffer = torch.full((size + 2 * MARGIN,), float("nan"), dtype=dtype,
                            device="cuda")
        tensor = buffer.as_strided(shape, strides, MARGIN)
        if argument["output"] and not case["parameters"].get("accumulate"):
            tensor.fill_(SENTINEL)
        else:
            data = torch.randn(shape, device="cuda")
            if case["parameters"].get("op") == "mul":
                data = 1 + data / 16
            if case["kind"] == "tri_inverse":
                unused = torch.ones_like(data, dtype=torch.bool).triu()
                data = (data / 8).masked_fill(unused, float("nan"))
            if case["kind"] == "math":
                low, high = case["parameters"]["low"], case["parameters"]["high"]
                data = low + (high - low) * torch.rand(shape, device="cuda")
            tensor.copy_(data)
        values[argument["name"]] = tensor
    return values


def reference(case, values):
    """The output in float64 and the bound of its error."""
    p = case["parameters"]
    f = {name: tensor.double() for name, tensor in values.items()}
    kind = case["kind"]
    if kind == "matmul":
        a = f["a"].T if p["lhs_t"] else f["a"]
        b = f["b"].T if p["rhs_t"] else f["b"]
        base = f["c"] if p["accumulate"] else 0
        return base + a @ b, 4e-6 * (a.abs() @ b.abs() + 1)
    if kind == "copy":
        rows, cols = p["rows"], p["cols"]
        first = p["column_origin"] or 0
        source = f["a"]
        bounds = [source.shape[0] if p["limit"] is None else p["limit"],
                  source.shape[1] if p["column_limit"] is None
                  else p["column_limit"]]
        result = torch.zeros(rows, cols, dtype=torch.float64, device="cuda")
        height = max(0, min(rows, bounds[0] - p["origin"]))
        width = max(0, min(cols, bounds[1] - first))
        result[:height, :width] = source[p["origin"]:p["origin"] + height,
                                         first:first + width]
        return result, torch.zeros_like(result)
    if kind == "store":
        result = torch.full_like(f["c"], SENTINEL)
        height = max(0, min(p["rows"], min(p["limit"], result.shape[0])
                            - p["origin"]))
        width = min(p["cols"], result.shape[1])
        result[p["origin"]:p["origin"] + height, :width] = (
            f["a"][:height, :width])
        # The sentinel as the output's type rounds it.
        result = result.to(values["c"].dtype).double()
        return result, torch.zeros_like(result)
    if kind == "reduce":
        a = torch.cat([f["a"], f["b"][:, None]], 1)
        op = p["op"]
        if op == "add":
            return a.sum(1), 1e-6 * a.abs().sum(1)
        if op == "mul":
            return a.prod(1), 1e-5 * a.prod(1).abs()
        result = a.amax(1) if op.startswith("max") else a.amin(1)
        return result, torch.zeros_like(result)
    if kind == "vector":
        first = p["origin"]
        last = min(first + p["length"], f["c"].shape[0])
        result = f["c"].clone()
        result[first:last] = 0
        read = min(last, p["limit"])
        result[first:read] = 2 * f["a"][first:read]
        return result, torch.zeros_like(result)
    if kind == "panels":
        result = f["c"].clone()
        rows = min(64, p["rows"])
        result[p["head"], :rows] = f["a"][p["head"], :rows]
        return result, torch.zeros_like(result)
    if kind == "math":
        result = getattr(torch, p["function"])(f["a"])
        return result, p["relative"] * result.abs() + p["absolute"]
    if kind == "relayout":
        result = f["a"] + f["r"][None] + f["b"][:, None]
        i = torch.arange(result.shape[0], device="cuda")[:, None]
        j = torch.arange(result.shape[1], device="cuda")[None]
        result = result + torch.where(i < 3 * j, 2.0 * i - j, 0.0)
        return result, torch.full_like(result, 1e-4)
    if kind == "extract":
        result = f["a"][p["index"]].expand_as(f["c"])
        return result, torch.zeros_like(result)
    if kind == "tri_inverse":
        matrix = f["a"].tril(-1) + torch.eye(len(f["a"]), device="cuda")
        result = torch.linalg.inv(matrix).tril()
        magnitude = result.abs() @ matrix.abs() @ result.abs()
        return result, (1e-6 * magnitude if p["epsilon"] == 0 else
                        p["epsilon"] * result.abs() + p["merging"] * magnitude)
    if kind == "scan":
        sums = f["a"].cumsum(0)
        return sums[-1] - sums, torch.full_like(sums, 1e-6 * f["a"].abs().sum())
    if kind == "transpose":
        return f["a"].T, torch.zeros_like(f["a"].T)
    if kind == "attention":
        weights = torch.softmax(f["q"] @ f["k"].T * p["scale"], 1)
        return weights @ f["v"], 2.0 ** -8 * (weights @ f["v"].abs())
    raise ValueError(kind)


def compare(case, folder):
    """Returns an error, or nothing."""
    torch.manual_seed(0)
    values = make(case)
    expected, bound = reference(case, values)
    size, outputs = values["c"].numel() + 2 * MARGIN, []
    for _ in range(2):
        buffer = torch.full((size,), float("nan"), dtype=values["c"].dtype,
                            device="cuda")
        output = buffer[MARGIN:size - MARGIN].view(values["c"].shape)
        output.copy_(values["c"])
        launch((folder / f"{case['name']}.cubin").read_bytes(), case,
               values | {"c": output})
        outputs.append(output)
        outside = torch.cat([buffer[:MARGIN], buffer[size - MARGIN:]])
        if not outside.isnan().all():
            return "wrote outside of the output"
    got = outputs[0].double()
    if not torch.equal(outputs[0], outputs[1]):
        return "two runs differ"
    wrong = ~((got - expected).abs() <= bound)
    if wrong.any():
        at = tuple(wrong.nonzero()[0].tolist())
        return (f"{int(wrong.sum())} of {wrong.numel()} elements, first at {at}:"
                f" {got[at].item()} instead of {expected[at].item()}")
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?",
                        default=Path(__file__).parent)
    parser.add_argument("--only", default="")
    parser.add_argument("--first", type=int, default=0, help="case to begin at")
    parser.add_argument("--failures", type=int, default=0, help="before that")
    parser.add_argument("--optional", action="store_true",
                        help="succeed where there is no GPU")
    args = parser.parse_args()
    if args.optional and not has_gpu():
        print("no GPU of compute capability 9.0 with PyTorch")
        return
    # The driver calls need the context that PyTorch makes with its first value.
    torch.zeros(1, device="cuda")
    failures = args.failures
    cases = [case for case in
             json.loads((args.folder / "cases.json").read_text())
             if re.search(args.only, case["name"])]
    for number, case in enumerate(cases[args.first:], args.first):
        try:
            error = compare(case, args.folder)
        except RuntimeError as exception:
            error = str(exception)[:300]
        if case["must_fail"]:
            error = None if error else "passes, but must not"
        failures += error is not None
        print(f"{'FAIL' if error else 'ok  '} {case['name']}"
              + (f": {error}" if error else ""), flush=True)
        if error and "kernel:" in error:
            # The context is lost, the rest needs a new process.
            os.execv(sys.executable, [
                sys.executable, __file__, str(args.folder), "--only", args.only,
                "--first", str(number + 1), "--failures", str(failures)])
    print(f"{len(cases)} kernels, {failures} failures")
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
