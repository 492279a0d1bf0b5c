# The network in float32 with its attention layers left open.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The encoder around the attention layers: float32, a padded batch at a time."""

from collections.abc import Callable

import numpy as np

from model import Batch, Config

# (q, k, v, lengths, out): q, k, v and out are strided views [B, H, S, D]; the
# function fills out.
Attention = Callable[
    [np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], None
]


def erf(x: np.ndarray) -> np.ndarray:
    """erf to float32 accuracy (Abramowitz and Stegun 7.1.26, error < 1.5e-7)."""
    z = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * z)
    poly = np.zeros_like(t)
    for c in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        poly = (poly + np.float32(c)) * t
    return np.copysign(1 - poly * np.exp(-z * z), x)


def gelu(x: np.ndarray) -> np.ndarray:
    return np.float32(0.5) * x * (1 + erf(x * np.float32(0.5**0.5)))


def layer_norm(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, epsilon: float
) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    variance = np.square(centred).mean(-1, keepdims=True)
    return centred / np.sqrt(variance + np.float32(epsilon)) * weight + bias


class Network:
    def __init__(
        self, config: Config, weights: dict[str, np.ndarray], attention: Attention
    ):
        self.config = config
        self.attention = attention
        self.weights = weights
        # Query, key and value in one product: their outputs then lie side by
        # side in one buffer, and each is a view with the stride of all three.
        self.qkv = []
        for layer in range(config.layers):
            names = [
                f"encoder.layer.{layer}.attention.self.{part}"
                for part in ("query", "key", "value")
            ]
            weight = np.concatenate([weights[n + ".weight"] for n in names])
            bias = np.concatenate([weights[n + ".bias"] for n in names])
            self.qkv.append((weight, bias))

    def linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        w, b = self.weights[name + ".weight"], self.weights[name + ".bias"]
        return layer_norm(x, w, b, self.config.epsilon)

    def heads(self, x: np.ndarray) -> np.ndarray:
        """The buffer [B, S, H * D] seen as [B, H, S, D], without a copy."""
        batch, rows, _ = x.shape
        shape = (batch, rows, self.config.heads, self.config.head_dim)
        # copy=False raises where the view is not possible.
        return np.reshape(x, shape, copy=False).swapaxes(1, 2)

    def embed_tokens(self, ids: np.ndarray) -> np.ndarray:
        w = self.weights
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        return self.norm(x, "embeddings.LayerNorm")

    def layer(self, x: np.ndarray, lengths: np.ndarray, index: int) -> np.ndarray:
        name = f"encoder.layer.{index}"
        weight, bias = self.qkv[index]
        qkv = x @ weight.T + bias
        q, k, v = (self.heads(part) for part in np.split(qkv, 3, axis=-1))
        context = np.empty_like(x)
        self.attention(q, k, v, lengths, self.heads(context))
        attended = self.linear(context, name + ".attention.output.dense")
        x = self.norm(x + attended, name + ".attention.output.LayerNorm")
        inner = gelu(self.linear(x, name + ".intermediate.dense"))
        outer = self.linear(inner, name + ".output.dense")
        return self.norm(x + outer, name + ".output.LayerNorm")

    def embed(self, batch: Batch) -> np.ndarray:
        """One embedding of length one for each row of the batch."""
        x = self.embed_tokens(batch.ids)
        for index in range(self.config.layers):
            x = self.layer(x, batch.lengths, index)
        real = np.arange(batch.ids.shape[1]) < batch.lengths[:, None]
        total = np.where(real[:, :, None], x, np.float32(0)).sum(1)
        mean = total / batch.lengths[:, None].astype(np.float32)
        return mean / np.linalg.norm(mean, axis=-1, keepdims=True)
