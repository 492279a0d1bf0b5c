# Imports a model of one attention node as attn IR.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From a model with one ``Attention`` or ``LinearAttention`` node to attn IR.

The importers write text and move arrays: every arithmetic operation of the node
is in the IR.
"""

import onnx

from .attention import AttentionImporter
from .linear_attention import LinearAttentionImporter
from .node import Imported, UnsupportedModel, require

__all__ = ["Imported", "UnsupportedModel", "import_model"]

_IMPORTERS = {importer.OP: importer for importer in (AttentionImporter, LinearAttentionImporter)}


def import_model(model: onnx.ModelProto) -> Imported:
    """The attn IR of a model that is one attention node.

    Shapes are those that the model declares and have to be static. Raises
    `UnsupportedModel` on anything that the operation does not define or that its
    importer does not cover.
    """
    nodes = model.graph.node
    known = len(nodes) == 1 and nodes[0].domain in ("", "ai.onnx") and nodes[0].op_type in _IMPORTERS
    require(known, f"expected a model of one {' or '.join(_IMPORTERS)} node, got "
                   + (", ".join(n.op_type for n in nodes) or "none"))
    return _IMPORTERS[nodes[0].op_type](model).run()
