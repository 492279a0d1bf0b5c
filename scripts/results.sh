# Counts of passed and failed tests, for test.sh and test-full.sh.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sourced with the checkout as the working directory.

jobs=$(nproc)
passed=0 failed=0 skipped=0

# Prints the closing line; the exit status says whether all was well.
close() {
  if [ $skipped = 0 ]; then
    echo "$passed passed, $failed failed"
  else
    echo "$passed passed, $failed failed, $skipped skipped"
  fi
  [ $failed = 0 ] && [ $passed != 0 ]
  exit
}

# try NAME COMMAND...: runs a command; that it fails counts as a failed test.
try() {
  local name=$1 start=$SECONDS status
  shift
  echo "== $name"
  "$@"
  status=$?
  [ $status = 0 ] || failed=$((failed + 1))
  echo "== $name: $([ $status = 0 ] || echo failed, )$((SECONDS - start)) s"
  return $status
}

# step NAME COMMAND...: a command that all the rest depends on.
step() {
  try "$@" || close
}

# suite NAME RESULTS COMMAND...: runs tests that write what came out to RESULTS.
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

# skip NAME REASON: tests that cannot run here.
skip() {
  echo "== $1: skipped, $2"
  skipped=$((skipped + 1))
}
