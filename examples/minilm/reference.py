# The same network in NumPy float64, written independently of network.py.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the embeddings have to be.

One sentence at a time and without padding, so that there is no key mask here
to get wrong; erf comes from the C library. Nothing is shared with network.py.
"""

import math

import numpy as np

_erf = np.frompyfunc(math.erf, 1, 1)


class Reference:
    def __init__(self, config, weights):
        self.config = config
        self.w = {
            name: tensor.astype(np.float64)
            for name, tensor in weights.items()
            if tensor.dtype == np.float32
        }

    def _dense(self, name, x):
        return np.einsum("ti,oi->to", x, self.w[f"{name}.weight"], optimize=True) + (
            self.w[f"{name}.bias"]
        )

    def _norm(self, name, x):
        mean = x.mean(axis=1)[:, None]
        deviation = np.sqrt(x.var(axis=1) + self.config.epsilon)[:, None]
        return (x - mean) / deviation * self.w[f"{name}.weight"] + (
            self.w[f"{name}.bias"]
        )

    def _attention(self, name, x):
        query, key, value = (
            self._dense(f"{name}.self.{part}", x) for part in ("query", "key", "value")
        )
        size = self.config.head_dim
        outputs = []
        for head in range(self.config.heads):
            columns = slice(head * size, (head + 1) * size)
            logits = query[:, columns] @ key[:, columns].T / math.sqrt(size)
            weights = np.exp(logits - logits.max(axis=1)[:, None])
            weights /= weights.sum(axis=1)[:, None]
            outputs.append(weights @ value[:, columns])
        return self._dense(f"{name}.output.dense", np.concatenate(outputs, axis=1))

    def embed(self, ids):
        x = (
            self.w["embeddings.word_embeddings.weight"][ids]
            + self.w["embeddings.position_embeddings.weight"][np.arange(len(ids))]
            + self.w["embeddings.token_type_embeddings.weight"][0]
        )
        x = self._norm("embeddings.LayerNorm", x)
        for index in range(self.config.layers):
            name = f"encoder.layer.{index}"
            attended = self._attention(f"{name}.attention", x)
            x = self._norm(f"{name}.attention.output.LayerNorm", attended + x)
            inner = self._dense(f"{name}.intermediate.dense", x)
            inner *= (1 + _erf(inner / math.sqrt(2)).astype(np.float64)) / 2
            outer = self._dense(f"{name}.output.dense", inner)
            x = self._norm(f"{name}.output.LayerNorm", outer + x)
        mean = x.mean(axis=0)
        return mean / math.sqrt(mean @ mean)
