# What the importers of ONNX nodes share.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A model of one node: its inputs, attributes and outputs, and heads of packed rows."""

from dataclasses import dataclass

import numpy as np
import onnx

from ..ir import Function, Tensor, element_type


class UnsupportedModel(ValueError):
    """The model is not one that can be imported; the message says why."""


@dataclass(frozen=True)
class Imported:
    """``@main`` takes `inputs` and returns `outputs`, both graph value names in order."""

    text: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def require(condition, message: str):
    if not condition:
        raise UnsupportedModel(message)


class NodeImporter:
    """Of one kind of node; a subclass says what it is made of.

    `OP` is its name, `OPSETS` those that are covered, `INPUTS`, `NEEDED` (of these)
    and `OUTPUTS` name what it takes and gives by position, `ATTRIBUTES` is what it
    may have.
    """

    OP: str
    OPSETS: tuple[int, ...]
    INPUTS: tuple[str, ...]
    NEEDED: tuple[str, ...]
    OUTPUTS: tuple[str, ...]
    ATTRIBUTES: frozenset[str]

    def __init__(self, model: onnx.ModelProto):
        self.graph, self.node = model.graph, model.graph.node[0]
        opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
        require(opset in self.OPSETS, f"opset {opset} is not covered; {' and '.join(map(str, self.OPSETS))} of {self.OP}")
        self.attributes = {a.name: onnx.helper.get_attribute_value(a) for a in self.node.attribute}
        unknown = set(self.attributes) - self.ATTRIBUTES
        require(not unknown, f"unknown attributes: {', '.join(sorted(unknown))}")
        self.f = Function("main")

    def attribute(self, name, default):
        return self.attributes.get(name, default)

    def build(self, **operands):
        """Emits the node; returns what makes each output, by its role."""
        raise NotImplementedError

    def run(self) -> Imported:
        declared = {info.name for info in self.graph.input}
        values = {}
        for info in self.graph.input:
            values[info.name] = self.f.argument("arg", _static_shape(info), _element(info))
        operands = {}
        for role, name in zip(self.INPUTS, self.node.input):
            if name:
                require(name in declared, f"{role} '{name}' is not an input of the graph")
                operands[role] = values[name]
        missing = [role for role in self.NEEDED if role not in operands]
        require(not missing, f"{', '.join(missing)}: needed, and not there")
        results = self.build(**operands)
        outputs, tensors = [], []
        for role, name in zip(self.OUTPUTS, self.node.output):
            if name:
                outputs.append(name)
                tensors.append(results[role]())
        return Imported(self.f.text(tensors), tuple(i.name for i in self.graph.input), tuple(outputs))

    # --- Heads ------------------------------------------------------------------

    def split_heads(self, x: Tensor, heads: int) -> Tensor:
        """``[B, S, H * D]`` as ``[B, H, S, D]``."""
        B, S, width = x.shape
        require(width % heads == 0, f"a width of {width} does not hold {heads} heads")
        split = Tensor(self.f.fresh("x"), (B, S, heads, width // heads), x.element)
        sizes = ", ".join(map(str, split.shape))
        self.f.emit(f"{split.name} = tensor.expand_shape {x.name} [[0], [1], [2, 3]] output_shape [{sizes}] : {x.type} into {split.type}")
        return self.transpose(split)

    def merge_heads(self, x: Tensor) -> Tensor:
        """``[B, H, S, D]`` as ``[B, S, H * D]``."""
        x = self.transpose(x)
        B, S, H, D = x.shape
        merged = Tensor(self.f.fresh("x"), (B, S, H * D), x.element)
        self.f.emit(f"{merged.name} = tensor.collapse_shape {x.name} [[0], [1], [2, 3]] : {x.type} into {merged.type}")
        return merged

    def transpose(self, x: Tensor) -> Tensor:
        """Swaps the dimensions 1 and 2."""
        a, b, c, d = x.shape
        out = self.f.empty((a, c, b, d), x.element)
        name = self.f.assign("t", f"linalg.transpose ins({x.typed}) outs({out.typed}) permutation = [0, 2, 1, 3]")
        return Tensor(name, out.shape, x.element)


def _static_shape(info: onnx.ValueInfoProto) -> tuple[int, ...]:
    dims = info.type.tensor_type.shape.dim
    require(info.type.tensor_type.HasField("shape") and all(d.HasField("dim_value") for d in dims),
            f"input '{info.name}' has no static shape")
    return tuple(d.dim_value for d in dims)


def _element(info: onnx.ValueInfoProto) -> str:
    try:
        return element_type(np.dtype(onnx.helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)))
    except (KeyError, ValueError):
        raise UnsupportedModel(f"input '{info.name}' has no supported element type") from None
