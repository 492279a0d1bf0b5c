#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Feeds random programs to the compiler for a while.
#
#   fuzz.sh [MINUTES] [SEED] [OPTION...]       10 minutes and seed 1 by default
#
# Options are those of test/fuzz/fuzz.py: --inputs N stops after N inputs,
# --only N repeats input N, --jobs N. ATTN_BUILD_DIR is where attn was built.
# The last line is `N inputs, M verified, K executed, C crashes`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
minutes=${1:-10}
seed=${2:-1}
shift $(($# < 2 ? $# : 2))
exec python3 "$root/test/fuzz/fuzz.py" --minutes "$minutes" --seed "$seed" \
  --build "${ATTN_BUILD_DIR:-$root/build}" "$@"
