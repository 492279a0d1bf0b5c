"""The arrays of a case on a GPU, each in a buffer whose rest is watched."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

from importlib import import_module

import numpy as np
import torch

import cases

DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32,
          "f64": torch.float64, "i32": torch.int32, "i1": torch.bool}
INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
# What a special element is one of.
SPECIAL = {"k": "key", "v": "value"}
# Elements on each side of an array.
GUARD = 4096



def step(batch, heads, tokens, keys, values):
    """A recurrence with a gate for each key, state in and out."""
    key, value, state = ((batch, heads, *more) for more in (
        (tokens, keys), (tokens, values), (keys, values)))
    return ((("q", key, "bf16"), ("k", key, "bf16"), ("v", value, "bf16"),
             ("g", key, "f32"), ("s", state, "f32")),
            (("out", value, "bf16"), ("state", state, "f32")))


def delta(batch, heads, tokens, width):
    """The delta rule with a gate for each key, state in and out."""
    rows, state = (batch, heads, tokens, width), (batch, heads, width, width)
    return ((("q", rows, "bf16"), ("unit", rows, "bf16"), ("v", rows, "bf16"),
             ("decays", rows, "f32"), ("betas", rows[:3], "bf16"), ("s", state, "f32")),
            (("out", rows, "bf16"), ("state", state, "f32")))


# Other programs than attention: names, shapes and types of what they take and
# give.
FILES = {
    "matmul.mlir": ((("a", (1000, 512), "bf16"), ("b", (512, 384), "bf16")),
                    (("out", (1000, 384), "f32"),)),
    "chain.mlir": ((("a", (777, 128), "bf16"), ("b", (1000, 128), "bf16"),
                    ("v", (1000, 96), "bf16"), ("g", (1000,), "f32")),
                   (("out", (777, 96), "f32"), ("sums", (777,), "f32"))),
    "step.mlir": step(5, 3, 4, 128, 64),
    "step_odd.mlir": step(2, 3, 3, 20, 12),
    "kda_states.mlir": delta(2, 3, 1003, 128),
}


class Buffer:
    """An array in memory all of whose bits are set: NaN, if it is of floats."""

    def __init__(self, shape, dtype, strides=None):
        if strides is None:
            strides = torch.empty(shape, device="meta").stride()
        size = 1 + sum((n - 1) * s for n, s in zip(shape, strides))
        size = 0 if 0 in shape else size
        integer = INTEGERS[torch.empty((), dtype=dtype).element_size()]
        poison = 255 if integer == torch.uint8 else -1
        self.poison = poison
        self.bits = torch.full((size + 2 * GUARD,), poison, dtype=integer,
                               device="cuda")
        self.place = (tuple(shape), tuple(strides), GUARD)
        self.array = self.bits.view(dtype).as_strided(*self.place)

    def is_intact(self):
        """Whether everything around the array is as it was."""
        outside = torch.ones_like(self.bits, dtype=torch.bool)
        outside.as_strided(*self.place).fill_(False)
        return bool((self.bits[outside] == self.poison).all())


def strides_of(layout, shape):
    """Strides of heads x rows in memory; nothing if they are dense."""
    B, H, S, D = shape
    if layout == "BSHD":
        return (S * H * D, D, H * D, 1)
    if layout == "gaps":
        return (H * (S + 1) * (D + 8), (S + 1) * (D + 8), D + 8, 1)
    return None


def shape_of(case, letters):
    return tuple(case.extent(letter) for letter in letters)


def randn(shape, dtype, generator):
    x = torch.randn(shape, generator=generator, device="cuda", dtype=torch.float64)
    return x.to(DTYPES[dtype])


def value_of(case, name, shape, dtype, generator):
    """What an operand holds."""
    def integers(low, high):
        return torch.randint(low, high, shape, generator=generator,
                             device="cuda").to(DTYPES[dtype])

    if name in ("offset", "kv_lengths"):
        return torch.tensor(getattr(case, name), dtype=DTYPES[dtype], device="cuda")
    if name == "parameters":
        return torch.tensor(case.parameters, dtype=DTYPES[dtype], device="cuda").reshape(shape)
    if name == "ancestors":
        return integers(-2**31, 2**31)
    if name in ("qseg", "kseg"):
        return integers(0, 4).sort().values
    if name == "qpos":
        return integers(0, 2 * case.Skv + 1)
    if name == "kpos":
        return torch.stack([torch.randperm(case.Skv, generator=generator, device="cuda")
                            for _ in range(case.B)]).to(DTYPES[dtype])
    if name == "seen":
        return torch.rand(shape, generator=generator, device="cuda") < 0.6
    if name == "betas":
        return torch.rand(shape, generator=generator, device="cuda").to(DTYPES[dtype])
    x = randn(shape, dtype, generator)
    if name == "unit":
        x /= x.norm(dim=-1, keepdim=True)
    if name == "decays":
        x = -0.5 * x.abs()
    if name == "q":
        x *= case.magnitude
    if case.growth and name == "q":
        x[..., 0] = 1
    if case.growth and name == "k":
        heads = case.grown or case.Hkv
        x[:, :heads, :, 0] += torch.arange(case.Skv, device="cuda") * (case.growth / case.scale)
    if case.special == "huge_values" and name == "v":
        x *= 1e37
    elif case.special.endswith(f"_{SPECIAL.get(name)}"):
        x[0, 0, case.Skv // 2, 1] = float(case.special.split("_")[0])
    if name == "bias":
        x[torch.rand(shape, generator=generator, device="cuda") < 0.1] = -torch.inf
    if case.poison and name in "kv":
        for b, length in enumerate(case.kv_lengths):
            x[b, :, length:] = torch.nan
    return x


def sizes_of(method, case):
    """Of the function with larger parameters, few tokens: NumPy takes them one by one."""
    sizes = method.PAPER_SIZES | {"length": 331} if case.paper else method.SIZES
    return sizes | {"length": case.length} if case.length else sizes


def draw(case):
    """The module of the method, and what it draws."""
    method = import_module(f"attn.reference.{case.method}")
    return method, method.inputs(np.random.default_rng(0), sizes_of(method, case),
                                 method.PAPER if case.paper else method.TEST)


def make_method_operands(case, types):
    """Those that the reference draws, in the types of the program."""
    drawn, made = draw(case)[1], {}
    for (name, values), dtype in zip(drawn.items(), types, strict=True):
        if (values.dtype == np.int32) != dtype.startswith("i"):
            raise ValueError(f"{name} is of {values.dtype}, the program takes {dtype}")
        made[name] = Buffer(values.shape, DTYPES[dtype]).array
        made[name].copy_(torch.tensor(values))
    return made


def make_operands(case, types):
    """Arrays by name, and numbers as they are passed, in order. `types` are those that
    the program takes, by which a method's are made."""
    if case.method:
        return make_method_operands(case, types)
    generator = torch.Generator("cuda").manual_seed(1)
    if case.file:
        described = FILES[case.file][0]
    else:
        described = [(name, None if letters is None else shape_of(case, letters), dtype)
                     for name, letters, dtype in cases.operands(case)]
    made, packed = {}, None
    for name, shape, dtype in described:
        if shape is None:
            made[name] = case.offset
            continue
        value = value_of(case, name, shape, dtype, generator)
        if name in "qkv" and len(shape) == 4:
            if case.layout == "packed":
                # B x S x 3 x H x D, in one tensor.
                B, H, S, D = shape
                if packed is None:
                    packed = Buffer((B, S, 3, H, D), value.dtype)
                array = packed.array[:, :, "qkv".index(name)].transpose(1, 2)
            else:
                array = Buffer(shape, value.dtype,
                               strides_of(case.layout, shape)).array
        else:
            array = Buffer(shape, value.dtype).array
        array.copy_(value)
        made[name] = array
    return made


def require_types(arrays, types):
    """An array of another type than the program takes would be read as what it is not."""
    if len(arrays) != len(types):
        raise ValueError(f"{len(arrays)} arrays, {', '.join(arrays)}, for the types {', '.join(types)}")
    for (name, array), dtype in zip(arrays.items(), types):
        if isinstance(array, torch.Tensor) and array.dtype != DTYPES[dtype]:
            raise ValueError(f"{name} is of {array.dtype}, the program has {dtype}")


def shape_of_result(case):
    """That of a method: as its reference says, or of q, k and v."""
    method, drawn = draw(case)
    if hasattr(method, "shape"):
        return method.shape(drawn)
    q, v = drawn["q"], drawn["v"]
    return q.shape[0], max(q.shape[1], v.shape[1]), q.shape[2], v.shape[3]


def make_results(case):
    if case.file:
        return {name: Buffer(shape, DTYPES[dtype])
                for name, shape, dtype in FILES[case.file][1]}
    if case.method:
        return {"out": Buffer(shape_of_result(case), DTYPES[case.dtype])}
    layout = "BSHD" if case.layout == "packed" else case.layout
    return {name: Buffer(shape_of(case, letters), DTYPES[dtype],
                         strides_of(layout, shape_of(case, letters))
                         if name == "out" else None)
            for name, letters, dtype in cases.results(case)}
