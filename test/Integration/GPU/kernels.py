#!/usr/bin/env python3
# Runs compiled kernels on a GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the artefacts that artefacts.sh made and checks what they compute.

    kernels.py DIR

Needs PyTorch with a CUDA GPU and nothing of this project but DIR. Prints
`N passed, N failed` last and exits with 1 unless all passed.
"""
import ctypes
import subprocess
import sys
import traceback
from pathlib import Path

import torch

directory = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()


class Program:
    """A shared library of `attn-compile --target=cuda --emit=so`."""

    def __init__(self, entry, name=None):
        self.library = ctypes.CDLL(str(directory / f"{name or entry}.so"))
        self.entry = getattr(self.library, "_mlir_ciface_" + entry)
        self.entry.restype = None
        self.library.attn_cuda_last_error.restype = ctypes.c_char_p
        self.library.attn_cuda_get_stream.restype = ctypes.c_void_p
        self.library.attn_cuda_module.restype = ctypes.c_void_p

    def __call__(self, *arguments, stream=None):
        """Calls the entry on tensors, floats and ints; returns the error."""
        stream = stream or torch.cuda.current_stream()
        self.library.attn_cuda_clear_error()
        self.library.attn_cuda_set_stream(ctypes.c_void_p(stream.cuda_stream))
        self.entry(*(convert(argument) for argument in arguments))
        return self.error()

    def error(self):
        text = self.library.attn_cuda_last_error()
        return text.decode() if text else None


def convert(argument):
    if isinstance(argument, float):
        return ctypes.c_float(argument)
    if isinstance(argument, int):
        return ctypes.c_int64(argument)
    words = [argument.data_ptr(), argument.data_ptr(), 0, *argument.shape,
             *argument.stride()]
    return (ctypes.c_int64 * len(words))(*words)


def expect_equal(found, expected):
    torch.cuda.synchronize()
    assert torch.equal(found, expected), f"{found}\nexpected\n{expected}"


def vectors(n):
    # Small integers: every way to compute a x + y gives the same bits.
    torch.manual_seed(n)
    return [torch.randint(-8, 8, (n,), device="cuda").float() for _ in "xy"]


def test_saxpy():
    saxpy = Program("saxpy")
    for n in (0, 1, 255, 256, 257, 100003):
        x, y = vectors(n)
        expected = 3.0 * x + y
        assert saxpy(3.0, x, y) is None
        expect_equal(y, expected)


def test_saxpy_ptx():
    x, y = vectors(1000)
    expected = 3.0 * x + y
    image = (directory / "saxpy.ptx").read_bytes() + b"\0"
    launch(Program("saxpy"), image, x, y)
    expect_equal(y, expected)


def test_saxpy_cubin():
    x, y = vectors(1000)
    expected = 3.0 * x + y
    launch(Program("saxpy"), (directory / "saxpy.cubin").read_bytes(), x, y)
    expect_equal(y, expected)


def launch(program, image, x, y):
    """Launches the kernel of saxpy without its host code."""
    library = program.library
    words = [ctypes.c_int64(v) for v in (
        x.data_ptr(), x.data_ptr(), 0, x.numel(), 1,
        y.data_ptr(), y.data_ptr(), 0, y.numel(), 1)]
    values = [*words, ctypes.c_float(3.0)]
    addresses = (ctypes.c_void_p * len(values))(
        *(ctypes.addressof(value) for value in values))
    grid = (ctypes.c_int64 * 3)((x.numel() + 255) // 256, 1, 1)
    block = (ctypes.c_int64 * 3)(256, 1, 1)
    module = library.attn_cuda_module(image, ctypes.c_uint64(len(image)))
    result = library.attn_cuda_launch(ctypes.c_void_p(module), b"saxpy_kernel",
                                      grid, block, 0, addresses)
    assert result == 0, program.error()
    torch.cuda.synchronize()


def test_streams():
    saxpy = Program("saxpy")
    x, y = vectors(1 << 20)
    expected = x * 16 + y
    torch.cuda.synchronize()
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(100_000_000)
        for _ in range(16):
            assert saxpy(1.0, x, y) is None
        assert not stream.query(), "the calls waited for the stream"
    stream.synchronize()
    expect_equal(y, expected)


def test_graph():
    """Launches are captured: nothing in a call waits or allocates."""
    saxpy = Program("saxpy")
    x, y = vectors(1000)
    assert saxpy(0.0, x, y) is None  # The module is loaded.
    expected = 3.0 * x + y
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        assert saxpy(3.0, x, y) is None
    graph.replay()
    expect_equal(y, expected)


def test_large_shared_memory():
    x = torch.arange(256, device="cuda").float()
    y = torch.zeros_like(x)
    assert Program("reverse")(x, y) is None
    expect_equal(y, x.flip(0))


def test_tensors():
    a = torch.randint(-4, 4, (16, 8), device="cuda").float()
    b = torch.randint(-4, 4, (8, 4), device="cuda").float()
    out = torch.full((16, 6), torch.nan, device="cuda")
    assert Program("products")(a, b, out[:, 1:5]) is None
    expect_equal(out[:, 1:5], 2 * (a @ b) ** 2)
    assert out[:, [0, 5]].isnan().all(), "written outside the result"


def test_by_value():
    y = torch.zeros(2, dtype=torch.int64, device="cuda")
    assert Program("by_value_call")(y) is None
    expect_equal(y, torch.tensor([40, 2], device="cuda"))


def test_wrong_chip():
    major = torch.cuda.get_device_capability()[0]
    if major == 8:
        return
    x, y = vectors(10)
    program = Program("saxpy", "saxpy-sm_80")
    error = program(1.0, x, y)
    assert error and "NO_BINARY_FOR_GPU" in error, error
    assert "saxpy_kernel" in error and f"sm_{major}" in error, error


def test_too_many_threads():
    x, y = vectors(10)
    error = Program("too_large")(y)
    assert error and "'too_large_kernel'" in error, error
    assert "CUDA_ERROR_" in error, error
    expect_equal(x, vectors(10)[0])  # The context lives.


def test_c_program():
    done = subprocess.run([str(directory / "example")], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "0 of 1000" in done.stdout


def run_tests(names):
    """Runs the functions `test_*` of a module; 1 if any of them fails."""
    failed = 0
    tests = {name: test for name, test in names.items()
             if name.startswith("test_")}
    print(torch.cuda.get_device_name(), "torch", torch.__version__)
    for name, test in tests.items():
        try:
            test()
            print("ok  ", name)
        except Exception:
            failed += 1
            print("FAIL", name)
            traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
