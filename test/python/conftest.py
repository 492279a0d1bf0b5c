# What the Python tests share.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the package importable without installing it; finds data and tools."""

import os
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))


def _archive():
    """node-tests.tar.gz: in $ATTN_ONNX_DATA, else in a folder shared/ in or above the checkout."""
    folders = [parent / "shared" / "conformance" / "onnx-attention" for parent in (ROOT, *ROOT.parents)]
    if folder := os.environ.get("ATTN_ONNX_DATA"):
        folders = [Path(folder)]
    return next((f / "node-tests.tar.gz" for f in folders if (f / "node-tests.tar.gz").is_file()), None)


@pytest.fixture(scope="session")
def onnx_node_tests(tmp_path_factory):
    """The folder with the unpacked ONNX node tests."""
    archive = _archive()
    if archive is None:
        pytest.skip("no node-tests.tar.gz: set ATTN_ONNX_DATA to its folder")
    folder = tmp_path_factory.mktemp("onnx")
    with tarfile.open(archive) as tar:
        # Older Pythons have no filters; the archive is a fixed one.
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(folder, **safe)
    return folder


@pytest.fixture(scope="session")
def attn_run():
    """The attn-run tool; tests that need it are skipped where it is not built."""
    from attn import driver

    tool = driver.find_tool()
    if tool is None:
        pytest.skip("attn-run is not built: set ATTN_BUILD_DIR or build it into build")
    return tool
