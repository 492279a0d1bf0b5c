#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Compiles what gpu-check.sh runs on a GPU; needs ptxas, but no GPU.
#
#   gpu-artefacts.sh OUT [OPTION...]
#
# ATTN_BUILD_DIR is where attn was built (default: build in the checkout).
# Options: --only REGEX chooses cases, --jobs N. What does not compile is listed
# with its diagnostic; the last line is `N built, M failed`. OUT without OUT/build
# is what has to be copied to the machine with the GPU.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 OUT [OPTION...]" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "${PYTHON:-python3}" -B "$root/test/Integration/GPU/build.py" "$@" \
  --attn-compile "${ATTN_BUILD_DIR:-$root/build}/bin/attn-compile"
