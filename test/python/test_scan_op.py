# The operation attn.scan, compiled and by the oracle.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every clause of ``attn.scan`` in every type against the float64 reference.

The rule is `attn.acceptance.reject`; the yardstick is the scan token by token in
float32 (float64 for f64), its output rounded to the type, of which a few times the
error is allowed. A group is compiled a batch of cases at a time (`batches`).
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from attn import acceptance, driver
from attn.ir import Function, numpy_type
from attn.scan import scan
from batches import in_batches

DTYPES = ("f32", "f64", "f16", "bf16")
CLAUSES = {"gate": "decay", "beta": "delta"}


@dataclass(frozen=True)
class Case:
    """A scan: its extents, and its clauses by the names of operands."""

    clauses: str = ""
    B: int = 1
    H: int = 2
    G: int = 1
    T: int = 5
    N: int = 3
    D: int = 6
    final: bool = True
    least: float = -1.0
    dynamic: str = "T"
    schedule: str = ""
    dtype: str = "f32"
    # Logarithms of weights are about as large as this.
    size: float = 1.0

    @property
    def names(self):
        return self.clauses.split()

    @property
    def state_type(self):
        return "f64" if self.dtype == "f64" else "f32"

    @property
    def states(self):
        return 3 if "weights" in self.names else 1

    @property
    def width(self):
        names = set(self.names)
        return self.N if names & {"key", "query", "rate"} and "weights" not in names else 1


def make_arrays(case, seed):
    """The operands by name, in their types."""
    rng = np.random.default_rng(seed)
    T, state = numpy_type(case.dtype), numpy_type(case.state_type)
    tokens = (case.B, case.H, case.T, case.D)
    makers = {
        "key": lambda: rng.standard_normal((case.B, case.G, case.T, case.N)).astype(T),
        "query": lambda: rng.standard_normal((case.B, case.G, case.T, case.N)).astype(T),
        # With a rate the gate is a step, above 0.
        "gate": lambda: ((-1 if "rate" in case.names else case.least) * np.abs(rng.random(tokens))
                         * (-1 if "rate" in case.names else 1)).astype(state),
        "rate": lambda: (case.least * rng.random((case.H, case.width, case.D))).astype(state),
        "beta": lambda: (0.3 * rng.random(tokens)).astype(T),
        "weights": lambda: (case.size * rng.standard_normal(tokens)).astype(T),
        "bonus": lambda: rng.standard_normal((case.H, case.D)).astype(np.float32),
        "segments": lambda: np.sort(rng.integers(0, 4, (case.B, case.T))).astype(np.int32),
    }
    arrays = {"v": rng.standard_normal(tokens).astype(T)}
    arrays |= {name: makers[name]() for name in makers if name in case.names}
    if "init" in case.names:
        shape = (case.B, case.H, case.width, case.D)
        for number in range(case.states):
            x = rng.standard_normal(shape)
            arrays[f"init{number}"] = (np.abs(x) if number == 2 else x).astype(state)
    return arrays


def write(case, function, arrays):
    """Adds the operation to a function; returns its results."""
    def argument(name):
        shape = list(arrays[name].shape)
        if "B" in case.dynamic and name not in ("bonus", "rate"):
            shape[0] = None
        if "T" in case.dynamic and name not in ("bonus", "rate") and not name.startswith("init"):
            shape[1 if name == "segments" else 2] = None
        element = {"int32": "i32"}.get(arrays[name].dtype.name)
        element = element or (case.dtype if arrays[name].dtype == numpy_type(case.dtype) else
                              "f64" if arrays[name].dtype == np.float64 else "f32")
        return function.argument(name, shape, element)

    values = {name: argument(name) for name in arrays}
    v = values["v"]
    sizes = {letter: function.assign("d", f"tensor.dim {v.name}, {function.index(dim)} : {v.type}")
             for letter, dim in (("B", 0), ("T", 2)) if letter in case.dynamic}

    def empty(letters, extents, element):
        shape = [None if letter in sizes else extent for letter, extent in zip(letters, extents)]
        return function.empty(shape, element, [sizes[letter] for letter in letters if letter in sizes])

    outs = [empty("BHTD", (case.B, case.H, case.T, case.D), case.dtype)]
    if case.final:
        outs += [empty("BHND", (case.B, case.H, case.width, case.D), case.state_type) for _ in range(case.states)]
    clauses = [f"{CLAUSES.get(name, name)}({values[name].typed})" for name in values
               if name != "v" and not name.startswith("init")]
    inits = [value for name, value in values.items() if name.startswith("init")]
    if inits:
        clauses.append(f"init({', '.join(x.name for x in inits)} : {', '.join(x.type for x in inits)})")
    if case.schedule:
        clauses.append(f"schedule(<{case.schedule}>)")
    names = function.fresh("r")
    function.emit(f"{names}{f':{len(outs)}' if len(outs) > 1 else ''} = attn.scan {v.name} "
                  f"outs({', '.join(out.name for out in outs)}) {' '.join(clauses)} "
                  f": {v.type} -> {', '.join(out.type for out in outs)}")
    return [replace(out, name=f"{names}#{n}" if len(outs) > 1 else names) for n, out in enumerate(outs)]


def evaluate(case, arrays, dtype):
    options = {name: x for name, x in arrays.items() if name != "v" and not name.startswith("init")}
    inits = [x for name, x in arrays.items() if name.startswith("init")]
    out, states = scan(arrays["v"], init=inits or None, dtype=dtype, **options)
    return [out, *states][:1 + case.states * case.final]


def resolve(results):
    """acc, ref and sum by what they mean: the average, and the logarithm of the sum of weights."""
    if len(results) < 4:
        return results
    out, acc, ref, total = results
    return [out, acc / total, ref + np.log(total)]


def take(case, remaining):
    """The results of a case; attn-run writes bf16 as u16."""
    results = [next(remaining) for _ in range(1 + case.states * case.final)]
    return [x.view(numpy_type(case.dtype)) if x.dtype == np.uint16 else x for x in results]


def run_cases(cases, tool, target):
    """Runs all cases; returns what is wrong with each."""
    return in_batches(cases, lambda batch, first: run_batch(batch, first, tool, target))


def run_batch(cases, first, tool, target):
    """Runs cases in one function, with arrays by their numbers from `first` on."""
    function, inputs, results = Function("main"), [], []
    for seed, case in enumerate(cases, first):
        arrays = make_arrays(case, seed)
        inputs.append(arrays)
        results.append(write(case, function, arrays))
    flat = [array for arrays in inputs for array in arrays.values()]
    remaining = iter(driver.run(function.text([r for rs in results for r in rs]), flat, sum(map(len, results)), target=target,
                           tool=tool))
    faults = []
    for case, arrays in zip(cases, inputs):
        computed = np.float64 if case.dtype == "f64" else np.float32
        gots, wants, others = (resolve(results) for results in (
            take(case, remaining), evaluate(case, arrays, np.float64), evaluate(case, arrays, computed)))
        for number, (got, want, other) in enumerate(zip(gots, wants, others, strict=True)):
            dtype = numpy_type(case.state_type if number else case.dtype)
            assert got.dtype == dtype
            # The error of 32 roundings of the largest element is the least that
            # is allowed: a few tokens may be exact by luck.
            least = 32 * np.finfo(computed).eps * np.abs(want).max()
            other = other.astype(dtype).astype(np.float64)
            other = want + np.copysign(np.maximum(4 * np.abs(other - want), least), other - want)
            if fault := acceptance.reject(got, want, other, dtype):
                faults.append(f"{target} {case} result {number}: {fault}")
    return faults


GROUPS = {
    "decays": [Case(f"key query {decay} {rest}") for decay in ("", "gate", "rate", "gate rate")
               for rest in ("", "beta", "bonus", "beta init")],
    "factors": [Case(clauses) for clauses in ("", "key", "query", "rate", "gate", "gate rate", "key gate bonus", "query beta",
                                              "beta", "bonus", "gate init")],
    "averages": [Case(f"weights {rest}", T=T, size=size) for rest in ("", "gate", "bonus", "gate bonus", "gate rate bonus init")
                 for T, size in ((7, 1.0), (40, 30.0))],
    "heads": [Case("key query gate rate", H=H, G=G, T=19, B=2) for H, G in ((4, 1), (4, 2), (4, 4), (1, 1))],
    "lengths": [Case(clauses, T=T, dynamic=dynamic) for clauses in ("key query gate rate init", "weights gate bonus")
                for T, dynamic in ((1, "T"), (8, ""), (130, "T"), (33, "BT"))],
    "widths": [Case("key query gate rate", N=N, D=D) for N, D in ((1, 1), (16, 48), (5, 17), (33, 3))] + [
        Case("weights gate", D=D) for D in (1, 17, 48)],
    "wide": [Case("key query gate rate", N=2, D=D, T=9) for D in (272, 512, 300)],
    "states": [Case(f"{clauses} {init}", final=final) for clauses in ("key query gate rate", "weights gate bonus", "gate")
               for init in ("", "init") for final in (False, True)],
    "strong": [Case(clauses, T=60, least=-20) for clauses in ("key query gate rate", "gate", "weights gate", "key query rate bonus")],
    "segments": [Case(f"segments {rest}", T=40, B=2) for rest in ("key query gate rate", "beta", "gate bonus", "weights gate bonus",
                                                                  "weights init")],
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
    cases = [Case(clauses, T=70, dtype=dtype) for clauses in ("key query gate rate", "key query beta", "gate bonus", "weights gate bonus")]
    faults = run_cases(cases, attn_run, "cpu")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("group", GROUPS)
def test_oracle(attn_run, group):
    """It goes token by token, so that a few show what many do."""
    faults = run_cases(spread([replace(case, T=min(case.T, 20)) for case in GROUPS[group]]), attn_run, "oracle")
    assert not faults, "\n".join(faults)


def test_schedule(attn_run):
    """The parts that channels are cut into change nothing."""
    cases = [Case("key query gate rate init", T=50, D=24, N=4, schedule=f"tokens = 1, columns = {columns}") for columns in (1, 8, 24)]
    assert not run_cases(cases, attn_run, "cpu")


def test_pieces(attn_run):
    """Nor do pieces of a sequence that are worked on at the same time."""
    cases = [Case(clauses, T=T, D=24, N=4, H=H, schedule="tokens = 1, columns = 24, tasks = 16")
             for clauses in ("key query gate rate init", "key query beta gate", "", "segments rate bonus init", "weights gate init")
             for T, H in ((513, 1), (1000, 4))]
    assert not run_cases(cases, attn_run, "cpu")


@pytest.mark.parametrize("target", ["cpu", "oracle"])
@pytest.mark.parametrize("clauses", ["key query gate rate init", "key query beta", "weights gate bonus"])
def test_the_comparison_notices(attn_run, target, clauses, monkeypatch):
    """One operand at a time that is another one than the reference has."""
    case = Case(clauses, T=30)
    original = driver.run
    for at, name in enumerate(make_arrays(case, 0)):
        def run(text, inputs, *rest, at=at, **options):
            inputs = [x * x.dtype.type(1.02) if n == at else x for n, x in enumerate(inputs)]
            return original(text, inputs, *rest, **options)

        monkeypatch.setattr(driver, "run", run)
        assert run_cases([case], attn_run, target), name
