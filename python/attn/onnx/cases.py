# ONNX node tests on disk.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads ONNX backend node tests: a folder with a model and its arrays."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


class CaseError(ValueError):
    """A case on disk is not complete; the message says what is wrong."""


@dataclass(frozen=True)
class Case:
    """A model, its inputs and expected outputs by graph value name."""

    name: str
    model: onnx.ModelProto
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


def load_case(folder: Path) -> Case:
    """Reads ``model.onnx`` and ``test_data_set_0`` of `folder`.

    Raises `CaseError` if a file is missing, cannot be read or has not the name
    and type that the model declares.
    """
    model_file = folder / "model.onnx"
    if not model_file.is_file():
        raise CaseError(f"{folder.name}/model.onnx is missing")
    try:
        model = onnx.load(model_file)
    except Exception as error:  # protobuf raises many kinds
        raise CaseError(f"{folder.name}/model.onnx cannot be read: {error}") from None
    data = folder / "test_data_set_0"
    return Case(folder.name, model, _load(data, "input", model.graph.input), _load(data, "output", model.graph.output))


def _load(folder: Path, kind: str, declared) -> dict[str, np.ndarray]:
    arrays = {}
    for n, info in enumerate(declared):
        file = folder / f"{kind}_{n}.pb"
        if not file.is_file():
            raise CaseError(f"{file.name} is missing")
        tensor = onnx.TensorProto()
        try:
            tensor.ParseFromString(file.read_bytes())
            array = numpy_helper.to_array(tensor)
        except Exception as error:  # protobuf raises many kinds
            raise CaseError(f"{file.name} cannot be read: {error}") from None
        if tensor.name and tensor.name != info.name:
            raise CaseError(f"{file.name} holds '{tensor.name}', the model has '{info.name}' there")
        if tensor.data_type != info.type.tensor_type.elem_type:
            raise CaseError(f"{file.name} is not of the type that the model declares")
        arrays[info.name] = array
    extra = sorted(folder.glob(f"{kind}_*.pb"))[len(arrays):]
    if extra:
        raise CaseError(f"{extra[0].name} belongs to no {kind} of the model")
    return arrays


def mismatch(got: np.ndarray, want: np.ndarray) -> str | None:
    """What distinguishes an output from the expected one, or None.

    Shapes and types have to be equal; elements lie within atol + rtol * |want|
    with rtol 1e-3 and atol 1e-5 (2e-3 for float16). NaN equals NaN, an infinity
    only itself.
    """
    if got.shape != want.shape:
        return f"shape {got.shape}, expected {want.shape}"
    if got.dtype != want.dtype:
        return f"type {got.dtype}, expected {want.dtype}"
    atol = 2e-3 if want.dtype == np.float16 else 1e-5
    a, b = got.astype(np.float64), want.astype(np.float64)
    close = np.isclose(a, b, rtol=1e-3, atol=atol, equal_nan=True)
    if close.all():
        return None
    where = tuple(int(i) for i in np.argwhere(~close)[0])
    return f"{(~close).sum()} of {close.size} elements differ, first at {where}: {a[where]:g}, expected {b[where]:g}"
