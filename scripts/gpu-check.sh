#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Runs on a GPU what gpu-artefacts.sh compiled, and builds nothing.
#
#   gpu-check.sh OUT [OPTION...]
#
# Needs Python with PyTorch, NumPy and ml_dtypes, and compute-sanitizer for a part. It is copied into
# OUT, which is all that the machine with the GPU needs. What was found is
# written to OUT/gpu-check.json, to become docs/gpu-check.json, or where
# --json FILE says; --only REGEX chooses cases, --no-sanitizer leaves that part
# out. The last line is `N passed, N failed`.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 OUT [OPTION...]" >&2; exit 2; }
exec "${PYTHON:-python3}" -B "$1/check.py" "$@"
