# ONNX to attn IR.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Imports ONNX attention nodes as attn IR and runs the ONNX node tests."""
