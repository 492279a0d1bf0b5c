#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The tests that take too long for every change: lit with everything printed and
# parsed again, a static build and lit with it, our code under AddressSanitizer
# and UBSan and lit with it, and ten minutes of fuzzing.
#
#   test-full.sh [PART...]     parts: roundtrip static asan fuzz; all by default
#
# Writes what it found to docs/full-run.json. ATTN_FUZZ_MINUTES and
# ATTN_FUZZ_SEED change the fuzzing. The last line is as that of test.sh.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
. scripts/results.sh
parts=("$@")
[ ${#parts[@]} != 0 ] || parts=(roundtrip static asan fuzz)
lit=("$root/.venv/bin/python" /usr/lib/llvm-22/bin/lit -sv -j "$jobs" --timeout 1200)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# record NAME SECONDS PASSED FAILED SKIPPED: a part of the report.
record() {
  echo "{\"part\": \"$1\", \"seconds\": $2, \"passed\": $3, \"failed\": $4, \"skipped\": $5}" \
    >>"$work/parts"
}

# part NAME PRESET BUILD: builds with a preset and runs lit in it.
part() {
  local name=$1 preset=$2 build=$3 start=$SECONDS
  local before=($passed $failed $skipped)
  if try "configure $name" cmake --preset "$preset" -Wno-dev --log-level=WARNING &&
    try "build $name" cmake --build "$build" -j "$jobs" --target all attn-unit-tests; then
    suite "lit $name" "$work/$name.json" "${lit[@]}" -o "$work/$name.json" "$build/test"
  fi
  record "$name" $((SECONDS - start)) $((passed - before[0])) $((failed - before[1])) \
    $((skipped - before[2]))
}

fuzz() {
  local start=$SECONDS log=$work/fuzz.log status
  bash scripts/fuzz.sh "${ATTN_FUZZ_MINUTES:-10}" "${ATTN_FUZZ_SEED:-1}" | tee "$log"
  status=${PIPESTATUS[0]}
  if [ "$status" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  echo "{\"part\": \"fuzz\", \"seconds\": $((SECONDS - start)), \"passed\": $((status == 0))," \
    "\"failed\": $((status != 0)), \"skipped\": 0, \"result\": \"$(tail -n 1 "$log")\"}" \
    >>"$work/parts"
}

step setup bash scripts/setup.sh
for name in "${parts[@]}"; do
  case $name in
  roundtrip) ATTN_VERIFY_ROUNDTRIP=1 part roundtrip default build ;;
  static) part static static build-static ;;
  asan) part asan asan build-asan ;;
  fuzz)
    try "build for fuzzing" cmake --preset default -Wno-dev --log-level=WARNING &&
      try "build for fuzzing" cmake --build build -j "$jobs" && fuzz
    ;;
  *)
    echo "test-full.sh: there is no part '$name'" >&2
    exit 2
    ;;
  esac
done

commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
git diff --quiet HEAD 2>/dev/null || commit="$commit with changes"
{
  echo "{"
  echo "  \"commit\": \"$commit\","
  echo "  \"cores\": $jobs,"
  echo "  \"passed\": $passed, \"failed\": $failed, \"skipped\": $skipped,"
  echo "  \"seconds\": $SECONDS,"
  echo "  \"parts\": ["
  sed '$!s/$/,/; s/^/    /' "$work/parts"
  echo "  ]"
  echo "}"
} >docs/full-run.json
close
