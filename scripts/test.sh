#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sets up, builds once and runs every test: lit (with the unit tests, layering,
# the install tree with examples/embed, and the plugin), pytest, and the ONNX
# node tests of attention where they are found.
#
#   test.sh [BUILD_DIR]        BUILD_DIR is `build` in the checkout by default
#
# ATTN_ONNX_DATA names the folder with the ONNX node tests or their archive,
# node-tests.tar.gz; if it is not set, shared/conformance/onnx-attention beside
# the checkout is tried. The last line is `N passed, N failed`, with
# `, N skipped` behind it if something could not be tested here.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. scripts/results.sh
build=$(realpath -m "${1:-build}")
results=$build/test-results
python=$PWD/.venv/bin/python

step setup bash scripts/setup.sh
step configure cmake --preset default -B "$build" -Wno-dev --log-level=WARNING
step build cmake --build "$build" -j "$jobs" --target all attn-unit-tests
mkdir -p "$results"
export ATTN_BUILD_DIR=$build

# The longest first (test/.lit_test_times.txt, on a fresh build).
suite lit "$results/lit.json" \
  "$python" /usr/lib/llvm-22/bin/lit -sv -j "$jobs" --timeout 1200 \
  -o "$results/lit.json" "$build/test"

data=${ATTN_ONNX_DATA:-$(dirname "$PWD")/shared/conformance/onnx-attention}
[ ! -d "$data" ] || export ATTN_ONNX_DATA=$data
suite pytest "$results/pytest.xml" \
  "$python" -m pytest -q -n "$jobs" --dist worksteal -p no:cacheprovider \
  --junitxml "$results/pytest.xml" test/python test/Demo

if [ -d "$data" ]; then
  log=$results/conformance.log
  conformance() {
    PYTHON=$python bash scripts/conformance-onnx.sh "$data" 2>&1 | tee "$log"
  }
  suite conformance "$log" conformance
else
  skip conformance "no ONNX node tests in $data (set ATTN_ONNX_DATA)"
fi

close
