# Tokens one at a time, with the state handed over.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Decode: a loop whose steps take one token, or a few, gives what one call gives.

Each function has the operation twice, on all tokens and in a loop, which hands
the final state of a step (and with a norm the sum) to the next. Both are held
against the float64 reference of all tokens.
"""

import re
from dataclasses import replace

import pytest
from attn import driver
from attn.ir import Function, Tensor
from batches import in_batches
from test_recurrence_op import Case, declare, find_faults, make_arrays, write

# Operands that have tokens, in dimension 2.
TOKENS = ("q", "k", "v", "g", "beta", "a", "b", "bound")


def write_loop(case, function, values, step):
    """A loop of `step` tokens at a time; the results are those of `write`."""
    f = function
    names, names_in = f.fresh("loop"), [f.fresh("carried") for _ in range(3 if case.norm else 2)]
    first = [f.empty((case.B, max(case.Hq, case.Hv), case.T, case.Dv), case.dtype), values["init"]]
    first += [values["init_sum"]] if case.norm else []
    carried = [replace(x, name=name) for x, name in zip(first, names_in)]
    zero, last, by = f.index(0), f.index(case.T), f.index(step)
    types = ", ".join(x.type for x in first)
    arguments = ", ".join(f"{x.name} = {y.name}" for x, y in zip(carried, first))
    f.emit(f"{names}:{len(first)} = scf.for %t = {zero} to {last} step {by} iter_args({arguments}) -> ({types}) {{")

    def part(x):
        offsets, sizes = ["0"] * len(x.shape), list(x.shape)
        offsets[2], sizes[2] = "%t", step
        at = f"[{', '.join(offsets)}] [{', '.join(map(str, sizes))}] [{', '.join('1' * len(sizes))}]"
        return at, Tensor(f.fresh("part"), tuple(sizes), x.element)

    local = dict(values) | dict(zip(("init", "init_sum"), carried[1:]))
    for name in TOKENS:
        if name in values:
            at, local[name] = part(values[name])
            f.emit(f"{local[name].name} = tensor.extract_slice {values[name].name}{at} : {values[name].type} to {local[name].type}")
    out, *states = write(replace(case, T=step), f, local)
    at, _ = part(carried[0])
    f.emit(f"%next = tensor.insert_slice {out.name} into {carried[0].name}{at} : {out.type} into {carried[0].type}")
    f.emit(f"scf.yield {', '.join(['%next', *(x.name for x in states)])} : {types}")
    f.emit("}")
    return [replace(x, name=f"{names}#{n}") for n, x in enumerate(first)]


def find_differences(cases, tool, step):
    """What is wrong with the cases, on all tokens or `step` at a time."""
    return in_batches(cases, lambda batch, first: find_differences_of(batch, first, tool, step))


def find_differences_of(cases, first, tool, step):
    """That of cases in one function, with arrays by their numbers from `first` on."""
    faults, function, inputs, results = [], Function("main"), [], []
    for seed, case in enumerate(cases, first):
        arrays = make_arrays(case, seed)
        values = declare(case, function, arrays)
        inputs.append(arrays)
        results.append([write(case, function, values), write_loop(case, function, values, step)])
    flat = [array for arrays in inputs for array in arrays.values()]
    tensors = [x for pair in results for xs in pair for x in xs]
    gots = iter(driver.run(function.text(tensors), flat, len(tensors), tool=tool))
    for case, arrays, pair in zip(cases, inputs, results):
        for what, xs in zip(("at once", "in steps"), pair):
            faults += [f"{what}: {fault}" for fault in find_faults(case, arrays, [next(gots) for _ in xs])]
    return faults


CASES = [Case(decay=decay, update=update) for decay in ("none", "scalar", "key", "value") for update in ("additive", "delta", "dplr")] + [
    Case(decay="key", bonus=True), Case(norm=True), Case(norm=True, bound=True, decay="scalar"), Case(norm=True, bonus=True, decay="key"),
    Case(Hq=4, Hk=1, Hv=2, decay="scalar", update="delta"), Case(Hq=1, Hk=1, Hv=3, update="additive")]
# Sizes that divide nothing; beta from nothing to a reflection, decays to next to nothing.
HARD = [Case(T=7, Dk=13, Dv=11, update="delta", decay=decay, beta=beta, least=least)
        for decay in ("scalar", "key") for beta, least in ((0.0, -20), (1.0, -1e-3), (2.0, -20), (2.0, -1e-3))]


@pytest.mark.parametrize("dtype", ["f32", "bf16"])
@pytest.mark.parametrize("tokens", [1, 2, 3, 8])
def test_one_token_at_a_time(attn_run, dtype, tokens):
    cases = [replace(case, T=tokens, dtype=dtype, dynamic="") for case in CASES]
    faults = find_differences(cases, attn_run, step=1)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("dtype", ["f32", "bf16"])
def test_hard_numbers(attn_run, dtype):
    faults = find_differences([replace(case, dtype=dtype, dynamic="") for case in HARD], attn_run, step=1)
    assert not faults, "\n".join(faults)


def test_chunks_at_a_time(attn_run):
    """A state from chunks of tokens goes into another call as one from single tokens does."""
    cases = [Case(T=102, Dk=16, Dv=16, decay=decay, update=update, norm=norm, dynamic="") for decay, update, norm in (
        ("none", "additive", False), ("scalar", "additive", True), ("scalar", "delta", False), ("none", "delta", False))]
    faults = find_differences(cases, attn_run, step=34)
    assert not faults, "\n".join(faults)


def test_a_state_that_is_not_handed_over_shows(attn_run):
    """The loop with a state that begins again in each step."""
    case = Case(T=3, dynamic="")
    arrays, function = make_arrays(case, 0), Function("main")
    values = declare(case, function, arrays)
    results = write_loop(case, function, values, 1)
    right = function.text(results)
    wrong, changed = re.subn(r"init\(%carried\d+", f"init({values['init'].name}", right)
    assert changed == 1
    faults = [find_faults(case, arrays, driver.run(text, list(arrays.values()), len(results), tool=attn_run)) for text in (right, wrong)]
    assert not faults[0] and faults[1]
