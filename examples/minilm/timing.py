# Times the attention layers on the tensors that the network passed to them.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Time per layer: the compiled code and, where it imports, PyTorch."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Call:
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    lengths: np.ndarray
    out: np.ndarray


class Recorder:
    """An attention that keeps what it was called with, by layer."""

    def __init__(self, attention, layers: int):
        self.attention = attention
        self.layers = layers
        self.calls: list[Call] = []

    def __call__(self, *arrays: np.ndarray) -> None:
        self.attention(*arrays)
        self.calls.append(Call(*arrays))

    def by_layer(self) -> list[list[Call]]:
        """Each batch runs through the layers in order."""
        return [self.calls[layer :: self.layers] for layer in range(self.layers)]


def best_ms(run: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def time_compiled(attention, layers: list[list[Call]], repeats: int) -> list[float]:
    def once(call: Call) -> Callable[[], None]:
        out = np.empty_like(call.out)
        return lambda: attention(call.q, call.k, call.v, call.lengths, out)

    return [sum(best_ms(once(c), repeats) for c in calls) for calls in layers]


@dataclass(frozen=True)
class TorchResult:
    version: str
    ms: list[float]
    max_difference: float


def time_torch(
    layers: list[list[Call]], threads: int, repeats: int
) -> TorchResult | None:
    """scaled_dot_product_attention on the same tensors, or None without PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(threads)
    attend = torch.nn.functional.scaled_dot_product_attention
    times, difference = [], 0.0
    with torch.inference_mode():
        for calls in layers:
            total = 0.0
            for call in calls:
                q, k, v = (torch.from_numpy(a) for a in (call.q, call.k, call.v))
                keys = torch.arange(k.shape[2])
                mask = keys < torch.from_numpy(call.lengths)[:, None]
                mask = mask[:, None, None, :]

                def run(q=q, k=k, v=v, mask=mask):
                    return attend(q, k, v, attn_mask=mask)

                other = run().numpy()
                difference = max(difference, float(np.abs(other - call.out).max()))
                total += best_ms(run, repeats)
            times.append(total)
    return TorchResult(torch.__version__, times, difference)
