# What the demo prints.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables for a person to read."""

import math

import numpy as np

from timing import TorchResult


def shorten(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3].rstrip() + "..."


def print_neighbours(
    sentences: list[str],
    tokens: list[np.ndarray],
    embeddings: np.ndarray,
    cosines: np.ndarray,
) -> None:
    """Each sentence with the one nearest to it, and its distance to float64."""
    similarity = embeddings @ embeddings.T
    np.fill_diagonal(similarity, -np.inf)
    nearest = similarity.argmax(1)
    print(
        f"{'':>3} {'tokens':>6}  {'sentence':<42} {'similar':>7}  "
        f"{'':>3} {'nearest other sentence':<42} {'error':>7}"
    )
    for i, j in enumerate(nearest):
        print(
            f"{i + 1:>3} {len(tokens[i]):>6}  {shorten(sentences[i], 42):<42} "
            f"{similarity[i, j]:>7.3f}  {j + 1:>3} {shorten(sentences[j], 42):<42} "
            f"{1 - cosines[i]:>7.0e}"
        )
    print("similar: cosine of the two embeddings; error: 1 - cosine with float64")


def print_times(compiled: list[float], torch: TorchResult | None, threads: int) -> None:
    print(f"attention time per layer, all batches, ms, threads: {threads}")
    if torch is None:
        for layer, ms in enumerate(compiled):
            print(f"  layer {layer}  attn {ms:8.3f}")
        print(f"  sum      attn {sum(compiled):8.3f}")
        print("PyTorch is not installed; ATTN_DEMO_TORCH=1 scripts/demo.sh compares")
        return
    rows = [(f"layer {i}", a, t) for i, (a, t) in enumerate(zip(compiled, torch.ms))]
    rows.append(("sum", sum(compiled), sum(torch.ms)))
    for name, ours, theirs in rows:
        print(
            f"  {name:<7}  attn {ours:8.3f}  PyTorch {theirs:8.3f}  "
            f"PyTorch/attn {theirs / ours:5.2f}"
        )
    print(
        f"PyTorch {torch.version}: scaled_dot_product_attention, same tensors and "
        f"mask; largest difference {torch.max_difference:.1e}"
    )


def rounded_down(x: float, digits: int = 9) -> str:
    """Never prints a cosine as larger than it is."""
    scale = 10**digits
    return f"{math.floor(x * scale) / scale:.{digits}f}" if math.isfinite(x) else str(x)
