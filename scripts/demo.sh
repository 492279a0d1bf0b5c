#!/usr/bin/env bash
# Embeds English sentences with all-MiniLM-L6-v2 through compiled attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what is missing, builds the compiler, compiles the attention layer
# ahead of time, and compares the embeddings with NumPy float64.
#
#   ATTN_BUILD_DIR=DIR   where to build (default: build)
#   ATTN_DEMO_IR=DIR     where the IR after each stage goes (BUILD/demo-ir)
#   ATTN_DEMO_TORCH=1    install PyTorch too, to time it beside the layers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${ATTN_BUILD_DIR:-build}
ir=${ATTN_DEMO_IR:-$build/demo-ir}
python=.venv/bin/python
example=examples/minilm
# BLAS threads spin while they wait: on a busy machine that is many times
# slower, and it would disturb the timing of the layers.
export OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}

fail() {
  echo "error: $*" >&2
  exit 1
}

install_torch() {
  [ "${ATTN_DEMO_TORCH:-0}" = 1 ] || return 0
  "$python" -c 'import torch' 2>/dev/null ||
    "$python" -m pip install -q --disable-pip-version-check torch ||
    fail "pip could not install torch"
}

build_compiler() {
  [ -f "$build/CMakeCache.txt" ] ||
    cmake --preset default -B "$build" >/dev/null ||
    fail "cmake could not configure $build"
  cmake --build "$build" --target attn-compile attn-run ||
    fail "the compiler does not build"
}

# The IR after each stage, then the assembly, one numbered file each.
write_stages() {
  local stage number=0 file
  mkdir -p "$ir"
  for stage in attn scheduled tiled folds packed buffers micro llvm; do
    file=$(printf '%s/%d-%s.mlir' "$ir" $number $stage)
    "$build/bin/attn-run" $example/attention.mlir --entry=attention \
      --stop-after=$stage >"$file" || fail "stage $stage failed"
    number=$((number + 1))
  done
  "$build/bin/attn-compile" $example/attention.mlir --entry=attention \
    --target=host --emit=asm -o "$ir/$number-attention.s"
  echo "IR after each stage, and the assembly:"
  wc -l "$ir"/[0-9]-*.mlir "$ir"/[0-9]-*.s | sed '$d; s/^ *\([0-9]*\) \(.*\)/  \2  (\1 lines)/'
  echo
}

bash scripts/setup.sh
install_torch
build_compiler
write_stages
library=$build/demo/attention.so
mkdir -p "$build/demo"
"$build/bin/attn-compile" $example/attention.mlir --entry=attention \
  --target=host --emit=so -o "$library"
"$python" $example/demo.py --library "$library"
