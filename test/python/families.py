# The references by family, for their tests.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the tests of the references of all families ask of them."""

import importlib
import pkgutil

import numpy as np
from attn import reference


def method(name):
    return importlib.import_module(f"attn.reference.{name}")


def names(family):
    return [m.name for m in pkgutil.iter_modules(reference.__path__)
            if not m.name.startswith("_") and getattr(method(m.name), "FAMILY", "softmax") == family]


def make(name, paper=False, **sizes):
    """The operands at the sizes of the test, or of the paper, but for `sizes`."""
    module = method(name)
    return module.inputs(np.random.default_rng(0), (module.PAPER_SIZES if paper else module.SIZES) | sizes,
                         module.PAPER if paper else module.TEST)


def evaluate(name, arrays, rows=None):
    return method(name).evaluate(*arrays.values(), **method(name).TEST, rows=rows)


def check_rows(name, rows, atol=0):
    """Some rows are those of the whole."""
    arrays = make(name, length=40)
    np.testing.assert_allclose(evaluate(name, arrays, rows=rows), evaluate(name, arrays)[:, :, rows], rtol=0, atol=atol)


def check_operands(name, length):
    """Every operand counts. The change is not a multiple, which a norm would undo."""
    arrays = make(name, length=length)
    want = evaluate(name, arrays)
    rng = np.random.default_rng(1)
    for changed in arrays:
        other = dict(arrays) | {changed: arrays[changed] + 0.02 * rng.standard_normal(arrays[changed].shape)}
        assert np.abs(evaluate(name, other) - want).max() > 1e-5, changed
