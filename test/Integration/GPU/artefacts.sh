#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds, without a GPU, what kernels.py runs on one.
#
#   artefacts.sh BUILD_DIR OUT [CHIP]      CHIP is sm_90a by default
set -euo pipefail
build=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
chip=${3:-sm_90a}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../../..
kernels=$here/Inputs/kernels.mlir

compile() { # ENTRY EMIT CHIP OUTPUT
  "$build/bin/attn-compile" "$kernels" --entry="$1" --target=cuda \
    --emit="$2" --chip="$3" -o "$out/$4"
}
for entry in saxpy reverse products by_value_call too_large; do
  compile "$entry" so "$chip" "$entry.so"
done
compile saxpy so sm_75 saxpy-sm_75.so
compile saxpy ptx "$chip" saxpy.ptx
compile saxpy cubin "$chip" saxpy.cubin
cp "$out/saxpy.so.h" "$out/saxpy.h"
"${CC:-cc}" -I"$out" -I"$root/include" "$root/examples/gpu/saxpy.c" \
  -L"$out" -l:saxpy.so -Wl,-rpath,'$ORIGIN' -o "$out/example"
cp "$here/kernels.py" "$out"
