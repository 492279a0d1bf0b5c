"""Results of a GPU for the cases of a manifest: the product is wrong there, and
mask_or has been run as it was compiled before."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import sys

entries = json.load(open(sys.argv[1]))
entries["matmul"]["failure"] = "out: error 1 exceeds 0.1"
entries["mask_or"] = {"ptx_sha256": "0" * 64}
json.dump({"gpu": "none", "cases": entries}, sys.stdout)
