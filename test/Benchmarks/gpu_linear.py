"""What the GPU suite of linear attention does without a GPU."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import sys
import tempfile
import types
import unittest
from pathlib import Path

import numpy as np

from gpu_dense import install_compiler  # Makes the benchmarks known.

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))

from attn.recurrence import recurrence  # noqa: E402
from attn_bench import gpu, gpu_artefacts, gpu_cells, gpu_fla, gpu_suites  # noqa: E402
from attn_bench import gpu_linear_cells, gpu_linear_reference  # noqa: E402

WIDE = ("gla", "gla64", "kda", "kda64")
METHODS = ["linear", "retention", "simple_gla", "delta", "gated_delta", *WIDE]


def cell(name):
    return next(cell for cell in gpu_linear_cells.cells() if cell["name"] == name)


class Cells(unittest.TestCase):
    def test_the_suite(self):
        cells = list(gpu_linear_cells.cells())
        shapes = ("B8 S2048", "B1 S16384", "B1 S65536")
        self.assertEqual(
            [found["name"] for found in cells],
            [f"{method} {shape}" for method in METHODS for shape in shapes]
            + [f"{method} {shape} fast" for method in ("simple_gla", "gated_delta", *WIDE)
               for shape in shapes]
            + ["simple_gla B1 S1048576", "gated_delta B1 S1048576"]
            + [f"{method} decode B{batch}"
               for method in ("linear", "simple_gla", "delta", "gated_delta", "gla")
               for batch in (64, 1)])
        for found in cells:
            depth = 64 if found["method"].endswith("64") else 128
            self.assertEqual((found["H"], found["D"]), (16, depth))
            self.assertEqual(found["kind"] == "decode", " decode " in found["name"])
            self.assertTrue(found["program"].isidentifier(), found)

    def test_gates(self):
        drawn = {name: cell(f"{name} B1 S16384")["gates"] for name in METHODS}
        self.assertEqual(drawn, dict(linear="", retention="constant", simple_gla="slow", delta="",
                                     gated_delta="slow", **dict.fromkeys(WIDE, "slow")))
        self.assertEqual(cell("gated_delta B1 S16384 fast")["gates"], "fast")

    def test_bytes_are_those_of_inputs_and_outputs(self):
        tokens = 16 * 16384
        for name, bytes_ in (("linear", 1024), ("retention", 1028), ("simple_gla", 1028),
                             ("delta", 1026), ("gated_delta", 1030), ("gla", 1536),
                             ("gla64", 768), ("kda", 1538), ("kda64", 770)):
            for shape in ("B8 S2048", "B1 S16384"):
                self.assertEqual(cell(f"{name} {shape}")["bytes"], tokens * bytes_)

    def test_a_step_reads_and_writes_the_state(self):
        for batch in (64, 1):
            found, state = cell(f"gated_delta decode B{batch}"), 4 * 128 * 128
            self.assertEqual((found["S"], found["B"], found["steps"]), (1, batch, 100))
            self.assertEqual(found["bytes"], 100 * 16 * batch * (1030 + 2 * state))

    def test_floor(self):
        found = cell("linear B8 S2048")
        self.assertIsNone(gpu_linear_cells.floor_ms(found))
        copy = dict(bytes=2 * found["bytes"], ms=[0.9, 1.0, 7.0])
        self.assertEqual(gpu_linear_cells.floor_ms(dict(found, copy=copy)), 0.5)

    def test_contestants(self):
        for name, peers in (("linear B8 S2048", ("fla",)),
                            ("retention B8 S2048", ("fla", "fla_gamma")),
                            ("gated_delta B1 S65536 fast", ("fla",)),
                            ("simple_gla B1 S1048576", ()),
                            ("simple_gla decode B1", ("fla",))):
            self.assertEqual(gpu_cells.contestants(cell(name)), ("attn", *peers))

    def test_a_program_serves_all_lengths_and_gates(self):
        for only, count in (("^gated_delta B", 7), ("^gated_delta decode", 2)):
            found = gpu_suites.select("gpu-linear", only)
            self.assertEqual(len(found), count)
            self.assertEqual(len({gpu_artefacts.source(c) for c in found}), 1)

    def test_what_is_printed_is_bytes(self):
        found = cell("linear B8 S2048")
        self.assertEqual(gpu.rate(found, found["bytes"] / 3e9).split(), ["3000", "GB/s"])
        self.assertEqual(gpu.rate(dict(flops=5e11), 1.0).split(), ["500", "TFLOP/s"])


class Sources(unittest.TestCase):
    def test_operands(self):
        gate, beta = "%g: tensor<?x16x?xf32>", "%beta: tensor<?x16x?xbf16>"
        keys = "tensor<?x16x?x128xbf16>"
        for name, operands in (("linear", []), ("retention", [gate]), ("simple_gla", [gate]),
                               ("delta", [beta]), ("gated_delta", [gate, beta])):
            source = gpu_artefacts.source(cell(f"{name} B1 S16384"))
            arguments = ", ".join([*(f"%{x}: {keys}" for x in "qkv"), *operands])
            self.assertIn(f"func.func @recurrence_{name}({arguments}) -> {keys} {{", source)
            self.assertIn("scale(0.08838834764831845)", source)
            self.assertEqual("decay(scalar %g : " in source, gate in operands)
            self.assertEqual("update(delta %beta : " in source, beta in operands)
        for name in WIDE:
            source = gpu_artefacts.source(cell(f"{name} B1 S16384"))
            depth = 64 if name.endswith("64") else 128
            self.assertIn(f"decay(key %g : tensor<?x16x?x{depth}xf32>)", source)

    def test_decoding_takes_a_token_and_a_state(self):
        source = gpu_artefacts.source(cell("simple_gla decode B64"))
        keys, states = "tensor<?x16x1x128xbf16>", "tensor<?x16x128x128xf32>"
        self.assertIn(f"%v: {keys}, %g: tensor<?x16x1xf32>, %s: {states}) -> ({keys}, {states}) {{",
                      source)
        self.assertIn(f"init(%s : {states})", source)
        self.assertNotIn("update", source)
        source = gpu_artefacts.source(cell("gated_delta decode B64"))
        self.assertIn("update(delta %beta : tensor<?x16x1xbf16>)", source)

    def test_the_manifest_has_each_method_once(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            install_compiler(folder)
            cells = list(gpu_linear_cells.cells())
            self.assertEqual(gpu_artefacts.compile_all(cells, folder, folder / "out"), 0)
            self.assertEqual(list(gpu_artefacts.manifest(folder / "out")),
                             [f"recurrence_{name}" for name in METHODS]
                             + [f"decode_{name}" for name in gpu_linear_cells.DECODING])


class Reference(unittest.TestCase):
    def setUp(self):
        draw = np.random.default_rng(0).standard_normal
        self.q, self.k, self.v = (draw((2, 3, 21, 8)) for _ in "qkv")
        self.k /= np.linalg.norm(self.k, axis=-1, keepdims=True)
        self.wide = -np.abs(draw((2, 3, 21, 8)))
        self.g, self.beta = -np.abs(draw((2, 3, 21))), 1 / (1 + np.exp(draw((2, 3, 21))))

    def run_in_two_stretches(self, g, beta, rows):
        """As far as row 20, with the state of the first 13 tokens handed on."""
        state, found = np.zeros((2, 3, 8, 8)), []
        for part in (slice(0, 13), slice(13, 21)):
            arrays = [None if x is None else x[:, :, part]
                      for x in (self.q, self.k, self.v, None if g is None else np.exp(g), beta)]
            wanted = {row - part.start for row in rows}
            found += gpu_linear_reference.advance(state, *arrays, 0.5, wanted)
        return np.stack(found, 2)

    def test_against_the_definition(self):
        rows = [0, 1, 12, 13, 20]
        for g in (None, self.g, self.wide):
            options = {"decay": "key"} if g is self.wide else {}
            for beta in (None, self.beta):
                update = "additive" if beta is None else "delta"
                wanted, _ = recurrence(self.q, self.k, self.v, scale=0.5, g=g, beta=beta,
                                       update=update, **options)
                found = self.run_in_two_stretches(g, beta, rows)
                np.testing.assert_allclose(found, wanted[:, :, rows], rtol=1e-12, atol=1e-13)

    def test_a_wrong_gate_or_beta_is_noticed(self):
        wanted = self.run_in_two_stretches(self.g, self.beta, [20])
        for g, beta in ((self.g * 1.5, self.beta), (None, self.beta), (self.g, None)):
            error = np.abs(self.run_in_two_stretches(g, beta, [20]) - wanted).max()
            self.assertGreater(error, 0.05)

    def test_only_what_is_forgotten_is_skipped(self):
        stretch = gpu_linear_reference.STRETCH
        rows = [0, 5 * stretch, 9 * stretch + 7]
        for gates, stretches in ((0.0, range(10)), (-20.0, [0, 2, 3, 4, 5, 6, 7, 8, 9]),
                                 (-60.0, [0, 4, 5, 8, 9])):
            self.assertEqual(gpu_linear_reference.needed(rows, [gates] * 10), list(stretches))

    def test_the_last_step_of_a_graph(self):
        found = cell("simple_gla decode B1")
        places = [turn % found["states"] for turn in range(found["steps"])]
        self.assertEqual(gpu_linear_reference.last_state(found), places[-1])

    def test_rates_of_heads(self):
        rates = gpu_linear_reference.constant_gates(16)
        np.testing.assert_allclose(np.exp(rates), 1 - 2.0 ** -np.arange(5, 21), rtol=1e-15)


class Operand:
    """Stands for an array on a GPU, by its name and what was done with it."""

    def __init__(self, text):
        self.text = text

    def transpose(self, a, b):
        return Operand(f"{self.text}.{a}{b}")

    def contiguous(self):
        return Operand(f"{self.text}.dense")

    def __getitem__(self, place):
        return Operand(f"{self.text}{[part for part in place if part != slice(None)]}")


class Peer(unittest.TestCase):
    def call(self, name, gamma=False):
        found, called = cell(f"{name} B1 S16384"), {}

        def find(module, function):
            def run(*arrays, **options):
                called.update(options, at=f"{module}.{function}",
                              arrays=[array.text for array in arrays])
                return Operand("o"), None
            return run

        names = ["q", "k", "v"] + ["g"] * bool(found["gates"]) + ["beta"] * found["delta"]
        result = gpu_fla.bind(found, [Operand(name) for name in names], find, gamma)()
        self.assertEqual(gpu_fla.view(result).text, "o.12")
        self.assertEqual(called.pop("arrays"), [f"{name}.12.dense" for name in "qkv"])
        self.assertEqual(called.pop("scale"), 128 ** -0.5)
        return {name: getattr(value, "text", value) for name, value in called.items()}

    def test_functions(self):
        g, beta = dict(g="g.12.dense"), dict(beta="beta.12.dense")
        self.assertEqual(self.call("linear"),
                         dict(at="linear_attn.chunk_linear_attn", normalize=False))
        self.assertEqual(self.call("retention"), dict(at="retention.chunk_retention"))
        self.assertEqual(self.call("retention", gamma=True),
                         dict(at="simple_gla.chunk_simple_gla", g_gamma="g[0, 0].dense"))
        self.assertEqual(self.call("simple_gla"), dict(at="simple_gla.chunk_simple_gla", **g))
        self.assertEqual(self.call("delta"), dict(at="delta_rule.chunk_delta_rule", **beta))
        self.assertEqual(self.call("gated_delta"),
                         dict(at="gated_delta_rule.chunk_gated_delta_rule", **g, **beta))

    def test_steps(self):
        for name, others in (("linear", []), ("simple_gla", ["g"]), ("delta", ["beta"]),
                             ("gated_delta", ["g", "beta"]), ("gla", ["gk"])):
            called = {}

            def find(module, function):
                def run(*arrays, **options):
                    called.update(options, at=f"{module}.{function}", arrays=len(arrays))
                return run

            found = cell(f"{name} decode B1")
            arrays = [Operand(operand) for operand in ("q", "k", "v", *others)]
            gpu_fla.bind_step(found, [*arrays, ["first", "second"]], find)(1)
            self.assertEqual({operand: called[operand].text for operand in others},
                             {operand: f"{operand}.12.dense" for operand in others})
            self.assertEqual((called["initial_state"], called["output_final_state"],
                              called["scale"], called["arrays"]), ("second", True, 128 ** -0.5, 3))
            self.assertEqual(called.get("normalize"), False if name == "linear" else None)
            self.assertTrue(called["at"].split(".")[1].startswith("fused_recurrent_"))

    def test_it_may_not_be_there(self):
        with self.assertRaises(ImportError):
            gpu_fla.bind(cell("linear B8 S2048"), [Operand(name) for name in "qkv"])

    def test_its_version(self):
        with tempfile.TemporaryDirectory() as folder:
            package = types.SimpleNamespace(__version__="0.5", __file__=f"{folder}/fla/__init__.py")
            self.assertEqual(gpu_fla.version(package), "0.5")
            (Path(folder) / "COMMIT").write_text("0123456789abcdef\n")
            self.assertEqual(gpu_fla.version(package), "0.5 0123456789ab")


if __name__ == "__main__":
    unittest.main()
