# The operation attn.recurrence, compiled and by the oracle.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every clause of ``attn.recurrence`` in every type against the float64 reference.

The rule is `attn.acceptance.reject`; the yardstick is the recurrence token by
token in float32 (float64 for f64), its output rounded to the type. A chunk sums
in another order, so that it is allowed a few times the yardstick. A group is
compiled a batch of cases at a time (`batches`).
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from attn import acceptance, driver
from attn.ir import Function, numpy_type
from attn.recurrence import recurrence
from batches import in_batches

DTYPES = ("f32", "f64", "f16", "bf16")


@dataclass(frozen=True)
class Case:
    """A recurrence: its extents, its clauses, and what its gates are like."""

    B: int = 1
    Hq: int = 2
    Hk: int = 2
    Hv: int = 2
    T: int = 5
    Dk: int = 6
    Dv: int = 5
    decay: str = "none"
    update: str = "additive"
    bonus: bool = False
    init: bool = True
    final: bool = True
    segments: bool = False
    # Keys and queries are then positive, so that their sums do not cancel.
    norm: bool = False
    bound: bool = False
    # Log decays are between these and 0, with some at each end.
    least: float = -1.0
    beta: float | None = None
    # Letters of extents that are dynamic in the type: B, T.
    dynamic: str = "T"
    scale: float = 0.35
    schedule: str = ""
    dtype: str = "f32"

    @property
    def state_type(self):
        return "f64" if self.dtype == "f64" else "f32"


def make_arrays(case, seed):
    """The operands by name, in their types."""
    rng = np.random.default_rng(seed)
    T, state = numpy_type(case.dtype), numpy_type(case.state_type)
    tokens = (case.B, case.Hv, case.T)
    k = rng.standard_normal((case.B, case.Hk, case.T, case.Dk))
    k /= np.linalg.norm(k, axis=-1, keepdims=True)
    q = rng.standard_normal((case.B, case.Hq, case.T, case.Dk))
    if case.norm:
        q, k = np.abs(q), np.abs(k)
    arrays = {"q": q.astype(T), "k": k.astype(T),
              "v": rng.standard_normal((*tokens, case.Dv)).astype(T)}
    if case.decay != "none":
        shape = tokens + {"scalar": (), "key": (case.Dk,), "value": (case.Dv,)}[case.decay]
        g = case.least * rng.random(shape)
        choice = rng.random(shape)
        g[choice < 0.1] = case.least
        g[choice > 0.8] = 0
        arrays["g"] = g.astype(state)
    if case.update == "delta":
        beta = rng.random(tokens) if case.beta is None else np.full(tokens, case.beta)
        arrays["beta"] = beta.astype(T)
    if case.update == "dplr":
        # a = -k o c, b = k: what RWKV-7 writes, which keeps the state bounded.
        key = np.repeat(k, case.Hv // case.Hk, axis=1)
        arrays["a"] = (-key * rng.random((*tokens, case.Dk))).astype(T)
        arrays["b"] = key.astype(T)
    if case.bonus:
        bonus = rng.standard_normal((case.Hv, case.Dk))
        arrays["bonus"] = (np.abs(bonus) if case.norm else bonus).astype(np.float32)
    if case.bound:
        # Of the size of what it bounds: some are above, some below.
        arrays["bound"] = rng.exponential(0.35 * case.Dk, tokens).astype(state)
    if case.init:
        arrays["init"] = rng.standard_normal((case.B, case.Hv, case.Dk, case.Dv)).astype(state)
    if case.norm and case.init:
        arrays["init_sum"] = rng.random((case.B, case.Hv, case.Dk)).astype(state)
    if case.segments:
        # Of some tokens each, in any order: only that an id is another one counts.
        ids = rng.integers(0, 4, (case.B, -(-case.T // 7)))
        arrays["segments"] = np.repeat(ids, 7, axis=1)[:, :case.T].astype(np.int32)
    return arrays


def declare(case, function, arrays):
    """The arguments of a function by name."""
    def argument(name):
        # Of the operands only these have tokens.
        shape = list(arrays[name].shape)
        if "B" in case.dynamic and name != "bonus":
            shape[0] = None
        if "T" in case.dynamic and name not in ("bonus", "init", "init_sum"):
            shape[1 if name == "segments" else 2] = None
        element = {"int32": "i32"}.get(arrays[name].dtype.name)
        element = element or (case.dtype if arrays[name].dtype == numpy_type(case.dtype) else
                              "f64" if arrays[name].dtype == np.float64 else "f32")
        return function.argument(name, shape, element)

    return {name: argument(name) for name in arrays}


def write(case, function, values):
    """Adds the operation to a function; returns its results."""
    sizes = {letter: function.assign("d", f"tensor.dim {values['q'].name}, {function.index(dim)} : {values['q'].type}")
             for letter, dim in (("B", 0), ("T", 2)) if letter in case.dynamic}

    def empty(letters, extents, element):
        shape = [None if letter in sizes else extent for letter, extent in zip(letters, extents)]
        return function.empty(shape, element, [sizes[letter] for letter in letters if letter in sizes])

    outs = [empty("BHTD", (case.B, max(case.Hq, case.Hv), case.T, case.Dv), case.dtype)]
    if case.final:
        outs.append(empty("BHKD", (case.B, case.Hv, case.Dk, case.Dv), case.state_type))
        if case.norm:
            outs.append(empty("BHK", (case.B, case.Hv, case.Dk), case.state_type))
    clauses = []
    if "g" in values:
        clauses.append(f"decay({case.decay} {values['g'].typed})")
    if case.update == "delta":
        clauses.append(f"update(delta {values['beta'].typed})")
    if case.update == "dplr":
        a, b = values["a"], values["b"]
        clauses.append(f"update(dplr {a.name}, {b.name} : {a.type}, {b.type})")
    names = ("bonus", "init", "segments", "bound", "init_sum")
    clauses += [f"{name}({values[name].typed})" for name in names if name in values]
    if case.norm:
        clauses.append("norm(sum)")
    if case.schedule:
        clauses.append(f"schedule(<{case.schedule}>)")
    names = function.fresh("r")
    q, k, v = (values[name] for name in "qkv")
    function.emit(f"{names}{f':{len(outs)}' if len(outs) > 1 else ''} = attn.recurrence {q.name}, {k.name}, {v.name} "
                  f"outs({', '.join(out.name for out in outs)}) scale({case.scale}) {' '.join(clauses)} "
                  f": {q.type}, {k.type}, {v.type} -> {', '.join(out.type for out in outs)}")
    return [replace(out, name=f"{names}#{n}" if len(outs) > 1 else names) for n, out in enumerate(outs)]


def evaluate(case, arrays, dtype):
    """Output and state; the output as it would be stored, if not in float64."""
    options = {name: arrays[name] for name in ("g", "beta", "a", "b", "bonus", "segments") if name in arrays}
    if case.decay in ("key", "value"):
        options["decay"] = case.decay
    if case.norm:
        options |= {"norm": "sum", "bound": arrays.get("bound"), "sums": arrays.get("init_sum")}
    out, *states = recurrence(arrays["q"], arrays["k"], arrays["v"], scale=case.scale, update=case.update,
                              state=arrays.get("init"), dtype=dtype, **options)
    return [out, *(states if case.final else [])]


def run_cases(cases, tool, target):
    """Runs all cases; returns what is wrong with each."""
    return in_batches(cases, lambda batch, first: run_batch(batch, first, tool, target))


def run_batch(cases, first, tool, target):
    """Runs cases in one function, with arrays by their numbers from `first` on."""
    function, inputs, results = Function("main"), [], []
    for seed, case in enumerate(cases, first):
        arrays = make_arrays(case, seed)
        inputs.append(arrays)
        results.append(write(case, function, declare(case, function, arrays)))
    flat = [array for arrays in inputs for array in arrays.values()]
    gots = driver.run(function.text([r for rs in results for r in rs]), flat, sum(map(len, results)), target=target, tool=tool)
    gots = iter(gots)
    return [f"{target} {fault}" for case, arrays in zip(cases, inputs)
            for fault in find_faults(case, arrays, [next(gots) for _ in evaluate(case, arrays, np.float32)])]


def find_faults(case, arrays, gots):
    """What is wrong with the results of a case."""
    faults = []
    computed = np.float64 if case.dtype == "f64" else np.float32
    wants, unfused = evaluate(case, arrays, np.float64), evaluate(case, arrays, computed)
    for name, want, other, got in zip(("output", "state", "sum"), wants, unfused, gots):
        dtype = numpy_type(case.dtype if name == "output" else case.state_type)
        if got.dtype == np.uint16:
            got = got.view(dtype)
        assert got.dtype == dtype
        # The error of 32 roundings of the largest element is the least that
        # is allowed: a few tokens may be exact by luck.
        least = 32 * np.finfo(computed).eps * np.abs(want).max()
        other = other.astype(dtype).astype(np.float64)
        other = want + np.copysign(np.maximum(4 * np.abs(other - want), least), other - want)
        if fault := acceptance.reject(got, want, other, dtype):
            faults.append(f"{case} {name}: {fault}")
    return faults


GROUPS = {
    "decays": [Case(decay=decay, update=update) for decay in ("none", "scalar", "key", "value") for update in ("additive", "delta", "dplr")],
    "bonus": [Case(decay=decay, bonus=True) for decay in ("none", "scalar", "key", "value")],
    "heads": [Case(Hq=Hq, Hk=Hk, Hv=Hv, T=67, decay="scalar", update=update) for Hq, Hk, Hv, update in (
        (4, 2, 2, "additive"), (2, 2, 4, "delta"), (1, 1, 4, "additive"), (4, 1, 2, "delta"), (2, 1, 4, "additive"))] + [
        Case(Hq=4, Hk=1, Hv=2, decay="key", bonus=True), Case(Hq=2, Hk=1, Hv=4, update="dplr"), Case(Hq=4, Hk=1, Hv=1, decay="value", update="delta")],
    "lengths": [Case(T=T, decay="scalar", update=update) for T in (1, 8, 63, 64, 130) for update in ("additive", "delta")] + [
        Case(T=T, decay="key", update="delta", dynamic="") for T in (1, 8)],
    "static": [Case(B=2, T=T, decay="scalar", update="delta", dynamic="") for T in (1, 7, 15, 16, 70)] + [Case(B=2, T=70, dynamic="BT")],
    "widths": [Case(Dk=Dk, Dv=Dv, T=70, decay="scalar", update="delta") for Dk, Dv in ((1, 1), (3, 17), (32, 48), (17, 3))] + [
        Case(Dk=3, Dv=17, decay="value"), Case(Dk=17, Dv=3, decay="key", bonus=True)],
    "states": [Case(T=T, decay=decay, update="delta", init=init, final=final) for T, decay in ((70, "scalar"), (3, "key"))
               for init in (False, True) for final in (False, True)],
    "gates": [Case(T=150, decay=decay, update=update, least=least, beta=beta) for decay in ("scalar", "key") for least in (-20, -1e-3)
              for update, beta in (("additive", None), ("delta", 0.0), ("delta", 1.0), ("delta", 2.0))],
    "segments": [Case(T=40, segments=True, decay=decay, update=update, bonus=bonus, B=2) for decay, update, bonus in (
        ("scalar", "additive", False), ("none", "delta", False), ("key", "additive", True), ("scalar", "dplr", False))],
    "norms": [Case(T=T, norm=True, decay=decay, bound=bound, B=2) for T in (3, 70) for decay in ("none", "scalar", "key") for bound in (False, True)] + [
        Case(norm=True, Hq=4, Hk=1, Hv=2, T=70, bound=True, decay="scalar"), Case(norm=True, Hq=2, Hk=1, Hv=4, T=70),
        Case(norm=True, bonus=True, decay="key", T=20), Case(norm=True, segments=True, B=2, decay="scalar", T=40),
        Case(norm=True, init=False, final=False, T=70, dynamic="BT"), Case(norm=True, final=False, T=9, dynamic="")],
    "scales": [Case(scale=scale, T=T, decay="scalar") for scale in (1.0, -2.5) for T in (3, 70)],
}


def spread(cases):
    """The types in turn: `test_compiled_types` has all of them."""
    return [replace(case, dtype=DTYPES[n % len(DTYPES)]) for n, case in enumerate(cases)]


@pytest.mark.parametrize("group", GROUPS)
def test_compiled(attn_run, group):
    faults = run_cases(spread(GROUPS[group]), attn_run, "cpu")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_types(attn_run, dtype):
    cases = [Case(T=70, dtype=dtype, decay=decay, update=update) for decay, update in (
        ("none", "additive"), ("scalar", "additive"), ("scalar", "delta"), ("key", "delta"), ("value", "dplr"))]
    more = [Case(bonus=True, decay="key", dtype=dtype), Case(T=70, norm=True, bound=True, decay="scalar", dtype=dtype)]
    faults = run_cases(cases + more, attn_run, "cpu")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("group", GROUPS)
def test_oracle(attn_run, group):
    """It goes token by token, so that a few show what many do."""
    faults = run_cases(spread([replace(case, T=min(case.T, 20)) for case in GROUPS[group]]), attn_run, "oracle")
    assert not faults, "\n".join(faults)


# A chunk gives what its tokens give one by one, and any chunk what another does.
SCHEDULES = ["tokens = 1, columns = 24"] + [f"tokens = {tokens}, columns = {columns}, micro = <rows = 6, cols = 16, lanes = 8>"
                                            for tokens, columns in ((16, 12), (32, 24), (64, 12), (128, 24))]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedule(attn_run, schedule):
    cases = [Case(T=150, Dk=16, Dv=24, decay=decay, update=update, schedule=schedule, least=-5)
             for decay in ("none", "scalar", "key") for update in ("additive", "delta")]
    assert not run_cases(cases, attn_run, "cpu")


@pytest.mark.parametrize("T, least", [(299, -20), (299, -1e-3), (513, -3)])
def test_pieces(attn_run, T, least):
    """So many chunks that they are cut into four pieces and more, the last of them shorter."""
    schedule = "tokens = 16, columns = 24, micro = <rows = 4, cols = 8, lanes = 8>, tasks = 16"
    cases = [Case(T=T, Dk=16, Dv=24, Hq=4, decay=decay, update=update, schedule=schedule, least=least)
             for decay in ("none", "scalar", "key") for update in ("additive", "delta")]
    assert not run_cases(cases, attn_run, "cpu")


@pytest.mark.parametrize("target", ["cpu", "oracle"])
@pytest.mark.parametrize("change", [{"scale": 0.36}, {"g": 1.01}, {"beta": 1.01}, {"init": 1.01}, {"q": 1.02}, {"k": 1.02},
                                    {"bound": 1.01}, {"init_sum": 1.01}])
def test_the_comparison_notices(attn_run, target, change, monkeypatch):
    """One operand that is another one than the reference has."""
    case = Case(T=70, decay="scalar", update="delta")
    if change.keys() & {"bound", "init_sum"}:
        case = Case(T=70, decay="scalar", norm=True, bound=True, least=-0.1)
    (name, factor), = change.items()
    original = driver.run

    def run(text, inputs, *rest, **options):
        at = list(make_arrays(case, 0)).index(name) if name != "scale" else None
        inputs = [(x * np.float32(factor)).astype(x.dtype) if n == at else x for n, x in enumerate(inputs)]
        if name == "scale":
            text = text.replace(f"scale({case.scale})", f"scale({factor})")
        return original(text, inputs, *rest, **options)

    monkeypatch.setattr(driver, "run", run)
    assert run_cases([case], attn_run, target)
