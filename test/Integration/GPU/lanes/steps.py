"""Recurrences and scans whose states lanes hold, a token at a time."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from programs import Case

for folder in ("test/python", "python"):
    sys.path.insert(0, str(Path(__file__).parents[4] / folder))

import test_recurrence_op as recurrences
import test_scan_op as scans
from attn.ir import Function


def program(name, op, case, arrays, values, function, results):
    """A case of a test of an operation as one of a program."""
    outs = [(tuple(x.shape), np.dtype(recurrences.numpy_type(x.element))) for x in results]
    return Case(name, function.text(results), lambda _: list(arrays.values()),
                lambda *_: op.evaluate(case, arrays, np.float64), outs, tolerance=3e-5)


def recurrence(name, seed=1, **clauses):
    case = replace(recurrences.Case(dynamic="", T=3, Dk=32, Dv=16, Hq=2, Hk=1, Hv=2), **clauses)
    arrays = recurrences.make_arrays(case, seed)
    function = Function(name)
    values = recurrences.declare(case, function, arrays)
    return program(name, recurrences, case, arrays, values, function,
                   recurrences.write(case, function, values))


CASES = [
    recurrence(f"step_{decay}_{update}", decay=decay, update=update)
    for decay in ("none", "scalar", "key", "value") for update in ("additive", "delta", "dplr")] + [
    recurrence("step_one", T=1, decay="scalar", update="delta"),
    recurrence("step_wide", T=2, Dk=128, Dv=128, decay="scalar", update="delta", Hq=1, Hk=1, Hv=1),
    recurrence("step_odd", Dk=6, Dv=5, decay="key", update="delta"),
    recurrence("step_many", T=20, Dk=24, Dv=20, decay="value", update="delta"),
    recurrence("step_bonus", decay="key", bonus=True),
    recurrence("step_segments", T=20, decay="value", segments=True),
    recurrence("step_groups", Hq=4, Hk=1, Hv=2, decay="scalar", update="delta"),
]


def scanning(name, clauses, seed=1, **extents):
    case = replace(scans.Case(clauses, dynamic="", T=9, N=16, D=32), **extents)
    arrays = scans.make_arrays(case, seed)
    function = Function(name)
    outs = scans.write(case, function, arrays)
    return program(name, scans, case, arrays, None, function, outs)


CASES += [
    scanning("scan_mamba", "key query gate rate"), scanning("scan_delta", "key query gate beta init"),
    scanning("scan_plain", "", D=64), scanning("scan_gate", "gate init", D=48), scanning("scan_bonus", "key query gate rate bonus"),
    scanning("scan_average", "weights gate bonus", D=48, T=40, final=False), scanning("scan_average_init", "weights gate rate init", D=17, final=False),
    scanning("scan_segments", "segments key query gate", T=40), scanning("scan_heads", "key query gate rate", H=4, G=2, D=6, N=5),
    scanning("scan_wide", "key query rate", N=33, D=72),
    # Long enough for pieces.
    scanning("scan_pieces", "key query gate rate init", T=515, H=1, D=8), scanning("scan_pieces_plain", "", T=600, H=1, D=48),
    scanning("scan_pieces_odd", "key gate", T=390, H=1, D=30),
    scanning("scan_pieces_delta", "beta segments gate key", T=400, H=1, D=6, N=5),
]
