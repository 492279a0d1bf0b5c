# A small writer of MLIR text.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A writer of MLIR text: fresh names, types of NumPy arrays, a function's frame."""

import math
import struct
from dataclasses import dataclass
from typing import Iterable, Sequence

import ml_dtypes
import numpy as np

_ELEMENTS = {
    np.dtype(np.float64): "f64", np.dtype(np.float32): "f32", np.dtype(np.float16): "f16",
    np.dtype(ml_dtypes.bfloat16): "bf16", np.dtype(np.bool_): "i1", np.dtype(np.int8): "i8",
    np.dtype(np.int16): "i16", np.dtype(np.int32): "i32", np.dtype(np.int64): "i64",
}


def element_type(dtype) -> str:
    """``f32`` for ``np.float32`` and so on; ``ValueError`` if MLIR has no such type."""
    try:
        return _ELEMENTS[np.dtype(dtype)]
    except KeyError:
        raise ValueError(f"no element type for {np.dtype(dtype)}") from None


def numpy_type(element: str) -> np.dtype:
    """``np.float32`` for ``f32``, the inverse of `element_type`."""
    return next(dtype for dtype, name in _ELEMENTS.items() if name == element)


def float_literal(value: float, element: str = "f64") -> str:
    """`value` as a literal that the parser reads back as exactly this number."""
    if math.isfinite(value):
        return f"{value:.17e}"
    if element == "f64":
        return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
    bits = np.asarray(value, numpy_type(element)).tobytes()[::-1].hex().upper()
    return f"0x{bits}"


@dataclass(frozen=True)
class Tensor:
    """An SSA value with its tensor type; a size of None is dynamic."""

    name: str
    shape: tuple
    element: str

    @property
    def type(self) -> str:
        return tensor_type(self.shape, self.element)

    @property
    def typed(self) -> str:
        return f"{self.name} : {self.type}"


def tensor_type(shape: Sequence, element: str) -> str:
    """``tensor<2x?xf32>`` for ``(2, None)``."""
    return f"tensor<{''.join(f'{d}x' if d is not None else '?x' for d in shape)}{element}>"


def affine_map(dims: str, results: Iterable[str]) -> str:
    """``affine_map<(b, i) -> (b, i)>`` for ``"b i"`` and ``["b", "i"]``."""
    return f"affine_map<({', '.join(dims.split())}) -> ({', '.join(results)})>"


class Function:
    """The lines of one function under construction."""

    def __init__(self, name: str):
        self.name = name
        self.lines: list[str] = []
        self.arguments: list[Tensor] = []
        self._constants: dict[str, str] = {}
        self._count = 0

    def fresh(self, hint: str = "v") -> str:
        self._count += 1
        return f"%{hint}{self._count}"

    def argument(self, hint: str, shape: Sequence, element: str) -> Tensor:
        value = Tensor(self.fresh(hint), tuple(shape), element)
        self.arguments.append(value)
        return value

    def emit(self, text: str):
        self.lines.extend(text.splitlines())

    def assign(self, hint: str, text: str) -> str:
        """Emits ``%hintN = text`` and returns the name."""
        name = self.fresh(hint)
        self.emit(f"{name} = {text}")
        return name

    def index(self, value: int) -> str:
        return self._constant(f"arith.constant {value} : index")

    def number(self, value: float, element: str) -> str:
        return self._constant(f"arith.constant {float_literal(value, element)} : {element}")

    def integer(self, value: int, element: str) -> str:
        return self._constant(f"arith.constant {value} : {element}")

    def _constant(self, text: str) -> str:
        if text not in self._constants:
            self._constants[text] = self.fresh("c")
        return self._constants[text]

    def empty(self, shape: Sequence, element: str, sizes: Sequence[str] = ()) -> Tensor:
        """An uninitialised tensor; `sizes` are the dynamic ones."""
        type_ = tensor_type(shape, element)
        return Tensor(self.assign("e", f"tensor.empty({', '.join(sizes)}) : {type_}"), tuple(shape), element)

    def filled(self, shape: Sequence, element: str, scalar: str) -> Tensor:
        """A static tensor with `scalar` everywhere."""
        e = self.empty(shape, element)
        name = self.assign("f", f"linalg.fill ins({scalar} : {element}) outs({e.typed}) -> {e.type}")
        return Tensor(name, e.shape, element)

    def generic(self, dims: str, iterators: str, ins: Sequence[tuple[Tensor, str]], out: Tensor,
                out_dims: str, body: Sequence[str], results: Sequence[str]) -> Tensor:
        """A ``linalg.generic``.

        `dims` names the loops, `iterators` has a ``p`` or ``r`` for each; each
        operand comes with the loops that index it. Block arguments are ``%in0``,
        ... and ``%out``; `body` ends in ``linalg.yield`` of ``results[0]``.
        """
        maps = [affine_map(dims, d.split()) for _, d in ins] + [affine_map(dims, out_dims.split())]
        kinds = ", ".join({"p": '"parallel"', "r": '"reduction"'}[k] for k in iterators)
        arguments = [f"%in{n}: {t.element}" for n, (t, _) in enumerate(ins)] + [f"%out: {out.element}"]
        operands = ""
        if ins:
            names, types = ", ".join(t.name for t, _ in ins), ", ".join(t.type for t, _ in ins)
            operands = f" ins({names} : {types})"
        name = self.fresh("g")
        self.emit(f"{name} = linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = [{kinds}]}}"
                  f"{operands} outs({out.typed}) {{")
        self.emit(f"^bb0({', '.join(arguments)}):")
        self.emit("\n".join(f"  {line}" for line in [*body, f"linalg.yield {results[0]} : {out.element}"]))
        self.emit(f"}} -> {out.type}")
        return Tensor(name, out.shape, out.element)

    def text(self, results: Sequence[Tensor]) -> str:
        """The whole function, returning `results`."""
        arguments = ", ".join(f"{a.name}: {a.type}" for a in self.arguments)
        types = ", ".join(r.type for r in results)
        constants = [f"{name} = {text}" for text, name in self._constants.items()]
        body = "\n".join(f"  {line}" for line in constants + self.lines)
        names = ", ".join(r.name for r in results)
        return f"func.func @{self.name}({arguments}) -> ({types}) {{\n{body}\n  return {names} : {types}\n}}\n"
