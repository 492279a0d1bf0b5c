# Tests of the references of linear attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each method, from its own equation, against the recurrence that has all of them."""

import importlib
import pkgutil

import ml_dtypes
import numpy as np
import pytest
from attn import reference
from attn.recurrence import recurrence
from attn.reference import _tokens


def method(name):
    return importlib.import_module(f"attn.reference.{name}")


NAMES = [m.name for m in pkgutil.iter_modules(reference.__path__)
         if not m.name.startswith("_") and getattr(method(m.name), "FAMILY", "softmax") == "linear"]


def make(name, paper=False, **sizes):
    module = method(name)
    return module.inputs(np.random.default_rng(0), (module.PAPER_SIZES if paper else module.SIZES) | sizes,
                         module.PAPER if paper else module.TEST)


def by_recurrence(name, q, k, v, **operands):
    """The method as a case of the general recurrence, or of it and what is around it."""
    scale, after = q.shape[3] ** -0.5, 0
    if name == "retnet":
        rates = np.log(1 - 2.0 ** (-5 - np.arange(v.shape[1])))
        options = {"g": np.broadcast_to(rates[:, None], v.shape[:3])}
    elif name == "mamba2":
        dt, scale = operands["dt"], 1.0
        options, after = {"g": dt * operands["a"][:, None]}, operands["d"][:, None, None] * v
        v = dt[..., None] * v
    elif name == "lightning":
        scale, options = 1.0, {"g": np.broadcast_to(-operands["slopes"][:, None], v.shape[:3])}
    elif name == "rwkv6":
        scale, options = 1.0, {"g": operands["g"], "bonus": operands["u"]}
    else:
        scale, options = 1.0 if name == "rwkv7" else scale, operands
    update = "delta" if "beta" in options else "dplr" if "a" in options else "additive"
    return recurrence(q, k, v, scale=scale, update=update, **options)[0] + after


def test_there_are_some():
    assert NAMES == ["deltanet", "gated_deltanet", "gla", "kda", "lightning", "mamba2", "retnet", "rwkv6", "rwkv7", "simple_gla"]


@pytest.mark.parametrize("name", NAMES)
def test_is_a_case_of_the_recurrence(name):
    arrays = make(name, length=70)
    want = by_recurrence(name, **arrays)
    np.testing.assert_allclose(method(name).evaluate(*arrays.values()), want, atol=1e-12)
    # An operand that is another one shows.
    for changed in arrays:
        other = dict(arrays) | {changed: arrays[changed] * 1.01}
        assert np.abs(method(name).evaluate(*other.values()) - want).max() > 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_whole(name):
    arrays = make(name, length=40)
    whole = method(name).evaluate(*arrays.values())
    rows = [0, 7, 39]
    np.testing.assert_array_equal(method(name).evaluate(*arrays.values(), rows=rows), whole[:, :, rows])


@pytest.mark.parametrize("name", NAMES)
def test_operands_and_sizes(name):
    module = method(name)
    for paper in (False, True):
        sizes, arrays = module.PAPER_SIZES if paper else module.SIZES, make(name, paper)
        assert list(arrays)[:3] == ["q", "k", "v"]
        assert arrays["q"].shape[1:] == (sizes["heads"], sizes["length"], sizes["depth"])
        assert arrays["v"].shape[1:] == (sizes["value_heads"], sizes["length"], sizes["depth"])
    assert module.SIZES["length"] >= 192 and module.SIZES["length"] % 64


@pytest.mark.parametrize("name", NAMES)
def test_unfused_errs_as_its_type_does(name):
    arrays = make(name)
    rows = range(5, 190, 9)
    want = method(name).evaluate(*arrays.values(), rows=rows)
    for dtype, low, high in ((np.float32, 1e-9, 1e-5), (np.float16, 1e-5, 4e-3), (ml_dtypes.bfloat16, 1e-4, 3e-2)):
        with _tokens.unfused(dtype):
            got = method(name).evaluate(*arrays.values(), rows=rows)
        assert got.dtype == np.float32 and (got == got.astype(dtype)).all()
        assert low < np.abs(got - want).max() / np.abs(want).max() < high
