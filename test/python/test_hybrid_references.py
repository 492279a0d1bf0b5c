# Tests of the references of hybrids.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the references have in common; of the parts there are tests of their own."""


import numpy as np
import pytest
from attn.reference import _tokens, lolcats
from families import check_operands, check_rows, make, method, names


NAMES = names("hybrid")


def test_there_are_some():
    assert NAMES == ["falcon_h1", "hymba", "jamba", "kimi_linear", "lolcats", "minimax", "qwen3_next"]


@pytest.mark.parametrize("name", NAMES)
def test_every_operand_counts(name):
    check_operands(name, 70)


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_whole(name):
    check_rows(name, [0, 7, 39], atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_tokens_see_no_later_ones(name):
    arrays = make(name, length=90)
    want = method(name).evaluate(*arrays.values())[:, :, :80]
    first = next(iter(arrays))
    changed = dict(arrays) | {x: np.where(np.arange(90)[:, None] >= 80, 0, arrays[x]) for x in arrays
                              if arrays[x].ndim == 4 and arrays[x].shape[2] == 90}
    assert first in changed
    np.testing.assert_allclose(method(name).evaluate(*changed.values())[:, :, :80], want, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_unfused_errs_as_its_type_does(name):
    arrays = make(name, length=60)
    want = method(name).evaluate(*arrays.values())
    with _tokens.unfused(np.float32):
        got = method(name).evaluate(*arrays.values())
    assert got.dtype == np.float32
    assert 1e-9 < np.abs(got - want).max() / np.abs(want).max() < 1e-5


def test_lolcats_is_softmax_within_the_window():
    arrays = make("lolcats", length=64)
    q, k, v = (arrays[name] for name in "qkv")
    want = _tokens.attend(q, k, v, lambda b, h, i: list(range(i + 1)))
    np.testing.assert_allclose(lolcats.evaluate(*arrays.values()), want, atol=1e-14)
