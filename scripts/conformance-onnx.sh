#!/usr/bin/env bash
# Runs the ONNX node tests of Attention and LinearAttention through the compiled CPU path.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# usage: scripts/conformance-onnx.sh DIR [OPTION...]
#
# DIR holds the folders of the node tests, or node-tests.tar.gz with them. The
# last line is "N passed, N failed"; the exit status is 0 only if all passed.
# ATTN_BUILD_DIR is where attn was built (default: build in the checkout).
# Options are those of `python -m attn.onnx.conformance`, for example
# --filter=causal or --keep=FOLDER.
set -euo pipefail

die() { echo "error: $*" >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -ge 1 ] || die "usage: $0 DIR [OPTION...]"
cases=$1
shift
[ -d "$cases" ] || die "$cases is not a directory"

if ! compgen -G "$cases/test_attention*" >/dev/null; then
  archive=$cases/node-tests.tar.gz
  [ -f "$archive" ] || die "$cases has neither attention node tests nor node-tests.tar.gz"
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  tar -xzf "$archive" -C "$unpacked" || die "$archive cannot be unpacked"
  cases=$unpacked
fi

# The Python environment: the caller's if it has what is needed, else one here.
python=${PYTHON:-python3}
needs='import onnx, numpy, ml_dtypes'
if ! "$python" -c "$needs" 2>/dev/null; then
  python=$root/.venv/bin/python
  if ! "$python" -c "$needs" 2>/dev/null; then
    python3 -m venv "$root/.venv"
    "$python" -m pip install --quiet --disable-pip-version-check \
      -r "$root/python/requirements.txt" >&2
  fi
fi

PYTHONPATH=$root/python${PYTHONPATH:+:$PYTHONPATH} \
  "$python" -m attn.onnx.conformance "$cases" \
  --cases="$root/test/Conformance/onnx-cases.txt" "$@"
