# The attn Python package.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""References of the attn operations, the ONNX importer, and the npy plumbing.

Nothing here computes attention for a user: results come from compiled code
(`attn.driver` runs it), the references exist to check them.
"""
