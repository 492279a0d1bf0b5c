# What is around attention in a layer.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the references of hybrids share: projections of a stream of tokens.

The numbers are those of `_tokens`: everything is float64, or inside of
``_tokens.unfused(dtype)`` operands and results are rounded to ``dtype``.
"""

import numpy as np

from ._tokens import attend, narrow

HEADS = "btm,mhd->bhtd"
BACK = "bhtd,hdm->btm"


def project(subscripts, x, w):
    return narrow(np.einsum(subscripts, narrow(x), narrow(w)))


def causal(q, k, v):
    """Softmax attention to the tokens so far, with the scale D^-0.5."""
    return attend(q, k, v, lambda b, h, i: list(range(i + 1)))


def unit(x):
    return x / np.sqrt((x**2).sum(axis=-1, keepdims=True) + 1e-6)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log1p(np.exp(x))


def silu(x):
    return x * sigmoid(x)


def make_weights(rng, **shapes):
    """Weights by name, of which the sum over `fan` is about as large as what they multiply.

    A shape is ``(fan, shape)``.
    """
    return {name: rng.standard_normal(shape) / np.sqrt(fan) for name, (fan, shape) in shapes.items()}


def select(x, rows):
    """The tokens `rows` of a stream ``[B, S, M]``, all by default: ``[B, 1, R, M]``."""
    return narrow(x)[:, None] if rows is None else narrow(x)[:, None, list(rows)]
