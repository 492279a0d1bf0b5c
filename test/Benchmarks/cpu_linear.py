# Tests the CPU suite of linear attention.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What it compiles and expects, on fewer tokens, and what its tables say."""

import argparse
import sys
import types
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import numpy as np  # noqa: E402
from attn_bench import cpu_linear, cpu_linear_tables, cpu_measure, cpu_suites  # noqa: E402

BUILD = None


def short(cell):
    """A length that divides no chunk."""
    return dict(cell, S=150)


class Cells(unittest.TestCase):
    def test_work(self):
        first, second = cpu_linear.cells()
        self.assertEqual(first["flops"], 2 * (64 * 256 + 2 * 128 * 128) * 16 * 4096)
        self.assertEqual(second["flops"], first["flops"] + 2 * (64 * 256 + 128 * 128) * 16 * 4096)

    def test_inputs(self):
        for cell, count in zip(cpu_linear.cells(), (4, 5)):
            inputs = cpu_linear.draw(short(cell), np.random.default_rng(1))
            self.assertEqual(len(inputs), count)
            np.testing.assert_allclose(np.linalg.norm(inputs[1], axis=-1), 1, rtol=1e-5)
            self.assertTrue((inputs[3] <= 0).all())

    def test_rows_that_are_expected(self):
        # One token, then a second one, by hand.
        cell = dict(short(list(cpu_linear.cells())[1]), S=2)
        inputs = cpu_linear.draw(cell, np.random.default_rng(1))
        q, k, v, g, beta = (x[0, 0].astype(np.float64) for x in inputs)
        state = beta[0] * np.outer(k[0], v[0])
        state = np.exp(g[1]) * state
        state += beta[1] * np.outer(k[1], v[1] - k[1] @ state)
        found = cpu_linear.expected(cell, "attn", inputs, np.array([1]))
        np.testing.assert_allclose(found[0], cpu_linear.SCALE * q[1] @ state, rtol=1e-12)


class Runs(unittest.TestCase):
    def test_ours_and_its_check(self):
        suite = cpu_suites.SUITES["cpu-linear"]
        options = types.SimpleNamespace(rounds=1, window=0)
        for cell in map(short, cpu_linear.cells()):
            ours = types.SimpleNamespace(
                draw=suite.draw, expected=suite.expected, makers={"attn": cpu_linear.attn}
            )
            entry = cpu_measure.measure(cell, ours, 1, options, BUILD)["attn"]
            self.assertLess(entry["error"], 1e-5)
            ours.expected = lambda *arguments: suite.expected(*arguments) + 1e-3
            with self.assertRaises(SystemExit):
                cpu_measure.measure(cell, ours, 1, options, BUILD)


class Tables(unittest.TestCase):
    def test_section(self):
        def entry(*milliseconds):
            return dict(seconds=[1e-3 * value for value in milliseconds])

        contestants = dict(attn=entry(10, 11, 12), aten_32=entry(30), aten_64=entry(22))
        cell = dict(cpu_linear.cells().__next__(), threads=2, peak_gflops=1000.0, commit="abc")
        cell.update(flops=5.5e9, contestants=contestants)
        results = dict(
            cells=[cell],
            device=dict(cpu="One", cores=2, avx512=True),
            date="today",
            versions={},
            protocol=dict(rounds=3, window_seconds=1.0, heads=16),
        )
        lines = cpu_linear_tables.section(results)
        self.assertIn("| scalar decay | 2 | 1000 | 11.0 | 1.20 | 50 | 22.0 | 64 | 2.00 |", lines)
        self.assertEqual(cpu_linear_tables.section(dict(results, cells=[])), [])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    options, rest = parser.parse_known_args()
    BUILD = options.build
    unittest.main(argv=[sys.argv[0], *rest])
