#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds, without a GPU, what kernels.py, gated_delta.py and selections.py run on one.
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
compile saxpy so sm_80 saxpy-sm_80.so
compile saxpy ptx "$chip" saxpy.ptx
compile saxpy cubin "$chip" saxpy.cubin
cp "$out/saxpy.so.h" "$out/saxpy.h"
"${CC:-cc}" -I"$out" -I"$root/include" "$root/examples/gpu/saxpy.c" \
  -L"$out" -l:saxpy.so -Wl,-rpath,'$ORIGIN' -o "$out/example"

# The gated delta rule, with fewer values than keys, and with a wrong sign.
delta=$here/Inputs/gated-delta.mlir
cp "$delta" "$out/gated-delta-64x64.mlir"
sed -e '/Dv$/ s/\(.*\)x64x/\1x32x/' -e '/Dv$/ s/ 64\]/ 32]/' "$delta" \
  > "$out/gated-delta-64x32.mlir"
sed 's/arith.subf %last, %ci/arith.subf %ci, %last/' "$delta" \
  > "$out/gated-delta-wrong.mlir"
# The same as an operation, for two widths.
recurrence=$here/Inputs/recurrence.mlir
cp "$recurrence" "$out/recurrence-64x64.mlir"
sed -e 's/x64x64xf32/x128x128xf32/; s/64xbf16/128xbf16/; s/, 64, 64\]/, 128, 128]/' \
  -e 's/%n, 64\]/%n, 128]/; s/scale(0.125)/scale(0.08838834764831845)/' \
  "$recurrence" > "$out/recurrence-128x128.mlir"
sed 's/decay(scalar %g3 : !gates3) //' "$recurrence" > "$out/recurrence-wrong.mlir"
for name in gated-delta-64x64 gated-delta-64x32 gated-delta-wrong \
    recurrence-64x64 recurrence-128x128 recurrence-wrong; do
  "$build/bin/attn-compile" "$out/$name.mlir" --entry=gated_delta \
    --target=cuda --emit=so --chip="$chip" -o "$out/$name.so"
done
# Listed blocks of keys: of two sizes, and for each row by itself, with a mask.
selection=$here/Inputs/selection.mlir
cp "$selection" "$out/selection-128.mlir"
sed 's/blocks(128, 128)/blocks(64, 64) mask(causal)/' "$selection" \
  > "$out/selection-64-causal.mlir"
sed 's/blocks(128, 128)/blocks(1, 64) mask(causal)/' "$selection" \
  > "$out/selection-1x64-causal.mlir"
for name in selection-128 selection-64-causal selection-1x64-causal; do
  "$build/bin/attn-compile" "$out/$name.mlir" --entry=selection \
    --target=cuda --emit=so --chip="$chip" -o "$out/$name.so"
done
cp "$here/kernels.py" "$here/gated_delta.py" "$here/selections.py" "$out"
