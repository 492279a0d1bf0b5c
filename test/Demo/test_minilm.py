# The demo's comparison passes as it is and catches what it has to catch.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs examples/minilm on compiled layers, honest ones and spoilt ones.

ATTN_BUILD_DIR names the build to take attn-compile from (default: build).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "minilm"
BUILD = ROOT / os.environ.get("ATTN_BUILD_DIR", "build")
SUMMARY = re.compile(
    r"demo: (\d+) sentences, (\d+) layers, (\d+) compiled calls, min cosine (\d\.\d+)"
)
KEY_MASK = "kv_lengths(%lengths : tensor<?xi32>)"


def compile_layer(source: Path, directory: Path) -> Path:
    library = directory / (source.stem + ".so")
    subprocess.run(
        [
            str(BUILD / "bin" / "attn-compile"),
            str(source),
            "--entry=attention",
            "--target=host",
            "--emit=so",
            "-o",
            str(library),
        ],
        check=True,
    )
    return library


def run_demo(library: Path, *arguments: str) -> subprocess.CompletedProcess:
    # BLAS threads that spin make a shared machine many times slower.
    environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ}
    return subprocess.run(
        [
            sys.executable,
            str(EXAMPLE / "demo.py"),
            f"--library={library}",
            "--repeats=0",
            *arguments,
        ],
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
    )


def summary(result: subprocess.CompletedProcess) -> tuple[int, int, int, float]:
    lines = result.stdout.splitlines()
    match = SUMMARY.fullmatch(lines[-1]) if lines else None
    assert match, result.stdout + result.stderr
    sentences, layers, calls, cosine = match.groups()
    return int(sentences), int(layers), int(calls), float(cosine)


@pytest.fixture(scope="module")
def layer(tmp_path_factory) -> Path:
    return compile_layer(EXAMPLE / "attention.mlir", tmp_path_factory.mktemp("layer"))


def test_embeddings_agree_with_float64(layer):
    result = run_demo(layer, "--batch=8")
    assert result.returncode == 0, result.stdout + result.stderr
    sentences, layers, calls, cosine = summary(result)
    assert sentences >= 32
    assert layers == 6
    assert calls == -(-sentences // 8) * layers
    assert 0.99999 <= cosine <= 1


@pytest.mark.parametrize(
    "change",
    [
        "encoder.layer.2.attention.self.value.weight=1",
        "encoder.layer.5.attention.self.value.bias=0.1",
        "encoder.layer.0.attention.self.query.weight=nan",
    ],
)
def test_one_perturbed_weight_is_caught(layer, change):
    result = run_demo(layer, f"--perturb={change}")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "error: cosine with float64 is" in result.stderr


def test_a_missing_key_mask_is_caught(tmp_path):
    text = (EXAMPLE / "attention.mlir").read_text()
    assert text.count(KEY_MASK) == 1
    source = tmp_path / "unmasked.mlir"
    source.write_text(text.replace(KEY_MASK, ""))
    result = run_demo(compile_layer(source, tmp_path))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "error: cosine with float64 is" in result.stderr


def test_a_sentence_too_long_is_refused(layer, tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("A word after another.\n" * 31 + "word " * 300 + "\n")
    result = run_demo(layer, f"--sentences={path}")
    assert result.returncode == 2
    assert "this one has 302" in result.stderr
