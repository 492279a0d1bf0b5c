# Embeds sentences with all-MiniLM-L6-v2 through compiled attention layers.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Embeds the committed sentences and checks them against NumPy float64."""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

import model
import report
import timing
from compiled import CompiledAttention
from model import DemoError
from network import Network
from reference import Reference

HERE = Path(__file__).resolve().parent
MIN_COSINE = 0.99999
MIN_SENTENCES = 32


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--library",
        type=Path,
        required=True,
        help="shared library that attn-compile made from attention.mlir",
    )
    parser.add_argument("--sentences", type=Path, default=HERE / "sentences.txt")
    parser.add_argument("--batch", type=int, default=8, help="sentences in a batch")
    parser.add_argument(
        "--repeats", type=int, default=5, help="runs to time, 0 for no timing"
    )
    parser.add_argument(
        "--perturb",
        metavar="WEIGHT=DELTA",
        help="add DELTA to the first element of one weight, in the compiled "
        "network only, to see the comparison fail",
    )
    arguments = parser.parse_args()
    if arguments.batch < 1:
        parser.error("--batch has to be at least 1")
    return arguments


def perturbed(weights: dict[str, np.ndarray], change: str) -> dict[str, np.ndarray]:
    name, _, delta = change.partition("=")
    try:
        value = float(delta)
    except ValueError:
        raise DemoError(f"--perturb wants WEIGHT=DELTA, got {change}") from None
    weights = dict(weights)
    model.perturb(weights, name, value)
    return weights


def cosine_rows(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a.astype(np.float64), b.astype(np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.einsum("ij,ij->i", a, b) / norms


def embed_compiled(
    network: Network, batches: list[model.Batch], attention: CompiledAttention
) -> tuple[np.ndarray, int, int]:
    """The embeddings, the compiled calls the runtime saw, and its own number."""
    calls, regions = attention.calls, attention.parallel_regions()
    embeddings = np.concatenate([network.embed(batch) for batch in batches])
    calls, regions = attention.calls - calls, attention.parallel_regions() - regions
    wanted = len(batches) * network.config.layers
    if calls != wanted:
        raise DemoError(
            f"{wanted} attention layers ran, but the runtime saw {calls} of them"
        )
    return embeddings, calls, regions


def run(arguments: argparse.Namespace) -> int:
    directory = model.model_directory()
    config = model.load_config(directory)
    weights = model.load_weights(directory)
    sentences = model.read_sentences(arguments.sentences)
    if len(sentences) < MIN_SENTENCES:
        raise DemoError(f"{arguments.sentences} has under {MIN_SENTENCES} sentences")
    tokens = model.tokenize(model.load_tokenizer(directory), sentences)
    batches = model.make_batches(tokens, arguments.batch)
    used = weights
    if arguments.perturb:
        used = perturbed(weights, arguments.perturb)

    attention = CompiledAttention(arguments.library)
    recorder = timing.Recorder(attention, config.layers)
    network = Network(config, used, recorder)
    start = time.perf_counter()
    embeddings, calls, regions = embed_compiled(network, batches, attention)
    seconds = time.perf_counter() - start

    reference = Reference(config, weights)
    expected = np.stack([reference.embed(ids) for ids in tokens])
    cosines = cosine_rows(embeddings, expected)

    real, padded = sum(map(len, tokens)), sum(b.ids.size for b in batches)
    print(f"weights: {directory}/model.safetensors, sha256 as published")
    print(
        f"{len(sentences)} sentences, {real} tokens, padded to {padded} in "
        f"{len(batches)} batches, embedded in {seconds:.2f} s\n"
        f"the runtime saw {calls} calls of the compiled layer, in which it ran "
        f"{regions} parallel loops\n"
    )
    report.print_neighbours(sentences, tokens, embeddings, cosines)
    print()
    if arguments.repeats > 0:
        layers = recorder.by_layer()
        ours = timing.time_compiled(attention, layers, arguments.repeats)
        threads = attention.threads()
        theirs = timing.time_torch(layers, threads, arguments.repeats)
        report.print_times(ours, theirs, threads)
        print()

    lowest = float(cosines.min())
    # Written so that a NaN fails.
    good = lowest >= MIN_COSINE
    if not good:
        worst = sentences[int(cosines.argmin())]
        print(
            f"error: cosine with float64 is {report.rounded_down(lowest)}, below "
            f"{MIN_COSINE}, for: {report.shorten(worst, 60)}",
            file=sys.stderr,
            flush=True,
        )
    print(
        f"demo: {len(sentences)} sentences, {config.layers} layers, "
        f"{calls} compiled calls, min cosine {report.rounded_down(lowest)}"
    )
    return 0 if good else 1


def main() -> int:
    try:
        return run(parse_arguments())
    except (DemoError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
