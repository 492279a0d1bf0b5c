#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sets up, builds once and runs every test: lit (which includes the unit tests,
# the layering check, the install tree with examples/embed and the plugin) and
# pytest (which includes the ONNX node tests where their data is found).
#
#   test.sh [BUILD_DIR]        BUILD_DIR is `build` in the checkout by default
#
# ATTN_ONNX_DATA names the folder with node-tests.tar.gz of the ONNX attention
# node tests; by default shared/conformance/onnx-attention beside the checkout.
# The last line is `N passed, N failed` or `N passed, N failed, N skipped`.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
build=$(realpath -m "${1:-build}")
jobs=$(nproc)
passed=0 failed=0 skipped=0

close() {
  if [ $skipped = 0 ]; then
    echo "$passed passed, $failed failed"
  else
    echo "$passed passed, $failed failed, $skipped skipped"
  fi
  [ $failed = 0 ] && [ $passed != 0 ]
  exit
}

# step NAME COMMAND...: a step the rest depends on.
step() {
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  if ! "$@"; then
    echo "== $name failed after $((SECONDS - start)) s"
    failed=$((failed + 1))
    close
  fi
  echo "== $name: $((SECONDS - start)) s"
}

# suite NAME RESULTS COMMAND...: runs tests that write their results to RESULTS.
suite() {
  local name=$1 results=$2 start=$SECONDS p f s status
  shift 2
  echo "== $name"
  rm -f "$results"
  "$@"
  status=$?
  read -r p f s < <(python3 scripts/count_tests.py "$results")
  # Some failures are in no result, a crash of the runner for one.
  [ $status = 0 ] || [ "$f" != 0 ] || f=1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  echo "== $name: $p passed, $f failed, $s skipped, $((SECONDS - start)) s"
}

step setup bash scripts/setup.sh
step configure cmake --preset default -B "$build" -Wno-dev --log-level=WARNING
step build cmake --build "$build" -j "$jobs"

mkdir -p "$build/test-results"
suite lit "$build/test-results/lit.json" \
  "$root/.venv/bin/python" /usr/lib/llvm-22/bin/lit -sv -j "$jobs" \
  --timeout 600 -o "$build/test-results/lit.json" "$build/test"

export ATTN_BUILD_DIR=$build
: "${ATTN_ONNX_DATA:=$(dirname "$root")/shared/conformance/onnx-attention}"
export ATTN_ONNX_DATA
[ -d "$ATTN_ONNX_DATA" ] ||
  echo "no ONNX node tests in $ATTN_ONNX_DATA (set ATTN_ONNX_DATA): skipped"
suite pytest "$build/test-results/pytest.xml" \
  "$root/.venv/bin/python" -m pytest -q -p no:cacheprovider \
  --junitxml "$build/test-results/pytest.xml" test/python test/Demo

close
