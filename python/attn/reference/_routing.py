# What chooses blocks of keys, for one query.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the references of routed methods share: means of blocks, and the best of some scores.

Choices are made in the type that is computed in and never rounded further: a
block that is chosen otherwise is another method, not an error of rounding.
"""

import numpy as np

from ._tokens import widen


def block(x, number, size):
    """Rows of block `number` of x ``[S, D]``, those that there are."""
    return widen(x)[number * size : (number + 1) * size]


def best(scores, count, forced=()):
    """The `count` best keys of the dict `scores`: forced ones, larger scores, smaller keys first."""
    order = sorted(scores, key=lambda c: (c not in forced, -scores[c], c))
    return order[:count]


def tokens(blocks, size, end):
    """The tokens below `end` in `blocks` of `size`, in increasing order."""
    return [j for c in sorted(blocks) for j in range(c * size, min((c + 1) * size, end))]


def probabilities(logits):
    """The softmax of an array, or nothing of nothing."""
    if len(logits) == 0:
        return logits
    weights = np.exp(logits - np.max(logits))
    return weights / weights.sum()
