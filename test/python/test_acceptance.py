# Tests of the acceptance rule.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rule accepts what it should and, above all, rejects what it should."""

import ml_dtypes
import numpy as np
import pytest
from attn.acceptance import reject

WANT = np.array([1.0, -2.0, 0.5, 0.0])


@pytest.mark.parametrize("dtype, eps", [(np.float32, 2**-23), (np.float16, 2**-10), (ml_dtypes.bfloat16, 2**-7), (np.float64, 2**-52)])
def test_one_rounding_is_allowed_and_not_two(dtype, eps):
    off = np.array([0, 0, 0, 1.0])
    assert reject(WANT + 2 * eps * off, WANT, WANT, dtype) is None
    assert "exceeds" in reject(WANT + 2.1 * eps * off, WANT, WANT, dtype)


def test_twice_the_unfused_error_is_allowed_and_not_three_times():
    off = np.array([0, 1e-3, 0, 0])
    assert reject(WANT + 2 * off, WANT, WANT - off, np.float32) is None
    assert "at (1,)" in reject(WANT + 3 * off, WANT, WANT - off, np.float32)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_result_has_to_be_finite_where_the_reference_is(bad):
    got = WANT.copy()
    got[2] = bad
    assert "at (2,)" in reject(got, WANT, WANT, np.float32)


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_special_values_have_to_be_the_same(special):
    want = WANT.copy()
    want[3] = special
    assert reject(want.copy(), want, want, np.float32) is None
    for wrong in {0.0, np.inf, -np.inf} - {special}:
        got = want.copy()
        got[3] = wrong
        assert "non-finite" in reject(got, want, want, np.float32)
    assert reject(np.full(2, special), np.full(2, special), np.full(2, special), np.float32) is None


def test_a_failed_unfused_evaluation_is_no_yardstick():
    assert "no yardstick" in reject(WANT, WANT, np.array([np.inf, 0, 0, 0]), np.float16)


def test_shapes_have_to_be_the_same():
    assert "shape" in reject(WANT[:3], WANT, WANT, np.float32)
