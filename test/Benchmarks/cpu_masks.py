"""What the CPU suite of masks compiles and counts, and what is made of its results.

With --build DIR it asks the tools of that build; else programs in their place.
"""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import sys
import tempfile
import unittest
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import numpy as np  # noqa: E402
import render  # noqa: E402
from attn_bench import (attention_rows, contestants, cpu, cpu_mask_tables, cpu_masks,  # noqa: E402
                        cpu_suites, patterns)

COMPILE = """#!/bin/sh
for argument; do output=$argument; done
cp "$1" "$output"
echo '{"schedules": [{"schedule": "#attn.schedule<rows = 48, cols = 64>"}]}' > "$output.json"
"""
# Says what the schedule of the program is, and counts more under masks.
OPT = """#!/bin/sh
grep -q 'schedule(<rows = 48, cols = 64>)' "$1" && grep -q x8192x "$1" || exit 1
grep -q 'mask(' "$1" && empty=5 || empty=0
echo "{\\"folds\\": [{\\"schedule\\": {\\"rows\\": 48, \\"cols\\": 64, \\"origin\\": \\"given\\"},
  \\"tiles\\": {\\"empty\\": $empty, \\"full\\": 3, \\"partial\\": 1}}]}" > "${2##*file=}"
"""


class Cells(unittest.TestCase):
    def test_the_suite(self):
        cells = list(cpu_masks.cells())
        self.assertEqual([cell["name"] for cell in cells], [p.name for p in patterns.CPU])
        self.assertEqual(cells[1]["flops"], 4 * 8 * 64 * (8192 * 512 - 512 * 511 / 2))
        self.assertEqual(cpu_masks.pattern_of(cells[1], "attn"), "window 512")
        self.assertEqual(cpu_masks.pattern_of(cells[1], "full"), "full")
        self.assertEqual(cpu_masks.pattern_of(cells[1], "same_tiles"), "full")

    def test_the_dense_suite(self):
        cells = list(cpu.cells())
        self.assertEqual(len(cells), 24)
        self.assertEqual(cells[1]["name"], "f32 D64 S1024 causal")
        self.assertEqual(cells[1]["flops"], 4 * 16 * 64 * 1024 * 1025 / 2)
        self.assertTrue(cpu_suites.SUITES["cpu"].does_all(cells[1], "torch"))
        self.assertFalse(cpu_suites.SUITES["cpu-masks"].does_all(dict(mask="causal"), "full"))

    def test_rows_that_are_expected(self):
        rng = np.random.default_rng(1)
        q, k, v = (rng.standard_normal((1, 2, 40, 8)) for _ in range(3))
        pattern, rows = patterns.blocks(4, 4, 3), np.array([0, 13, 39])
        found = attention_rows.expected((q, k, v), pattern, rows)
        for row, i in zip(found, rows):
            seen = [j for j in range(40) if pattern.sees(i, j)]
            weights = np.exp(k[0, 0, seen] @ q[0, 0, i] / np.sqrt(8))
            np.testing.assert_allclose(row, weights @ v[0, 0, seen] / weights.sum())


class Sources(unittest.TestCase):
    def test_masks(self):
        for pattern in patterns.CPU:
            source = cpu_masks.source(pattern)
            self.assertIn(f" mask({pattern.ir})", source)
            self.assertIn("%q: tensor<1x8x?x64xf32>", source)
            self.assertEqual("%kids : tensor<1x?xi32>, tensor<1x?xi32>)" in source,
                             pattern.name.startswith("documents"))
        self.assertNotIn("mask(", cpu_masks.source(patterns.FULL))

    def test_one_length_and_a_schedule(self):
        source = cpu_masks.source(patterns.CAUSAL, 8192, "<rows = 48>")
        self.assertIn("tensor.empty() : tensor<1x8x8192x64xf32>", source)
        self.assertIn("schedule(<rows = 48>)", source)
        self.assertNotIn("?", source)


class Tiles(unittest.TestCase):
    build = None

    def test_tiles_are_those_of_the_compiled_schedule(self):
        with tempfile.TemporaryDirectory() as folder:
            tools = Path(folder) / "bin"
            tools.mkdir()
            for name, text in (("attn-compile", COMPILE), ("attn-opt", OPT)):
                (tools / name).write_text(text)
                (tools / name).chmod(0o755)
            facts = cpu_masks.facts(dict(mask="window 512"), Path(folder))
        self.assertEqual(facts["tiles"], dict(rows=48, cols=64, empty=5, full=3, partial=1))
        self.assertEqual(facts["full_tiles"]["empty"], 0)

    def test_without_a_compiler_ours_is_absent(self):
        with self.assertRaises(contestants.Absent):
            cpu_masks.tiles(patterns.CAUSAL, Path("/nowhere"))

    def test_tiles_of_a_build_hold_what_is_visible(self):
        if not self.build:
            self.skipTest("no --build")
        for pattern in (patterns.FULL, patterns.BY_NAME["window 512"]):
            found = cpu_masks.tiles(pattern, self.build)
            side = [-(-8192 // found[size]) for size in ("rows", "cols")]
            self.assertEqual(found["empty"] + found["full"] + found["partial"],
                             8 * side[0] * side[1])
            visited = cpu_mask_tables.visited(found)
            self.assertGreaterEqual(visited, 8 * pattern.pairs(8192))
            full = found["full"] * found["rows"] * found["cols"]
            self.assertLessEqual(full, 8 * side[0] * found["rows"] * side[1] * found["cols"])
            if pattern.ir:
                self.assertLess(visited, 8 * 8192 * 2048)
                self.assertLessEqual(full, 8 * pattern.pairs(8192))


def timed(name, threads=1, tiles=None, **seconds):
    cell = next(cell for cell in cpu_masks.cells() if cell["name"] == name)
    record = dict(cell, threads=threads, commit="0123456789ab", contestants={
        who: dict(seconds=times, error=1e-7, peak_kib=0) for who, times in seconds.items()})
    if tiles:
        size = dict(rows=48, cols=64)
        record["tiles"] = dict(size, **dict(zip(("full", "partial", "empty"), tiles)))
        record["full_tiles"] = dict(rows=96, cols=256, full=11008, partial=0, empty=0)
    return record


class Tables(unittest.TestCase):
    def setUp(self):
        # Full attention takes 1 s for as much as 88064 tiles of 48 x 64.
        self.cells = [
            timed("window 512", tiles=(8616, 3968, 162520), attn=[0.16, 0.15, 0.14],
                  flex=[0.3], full=[1.0], same_tiles=[2.0]),
            timed("causal", tiles=(43000, 1032, 44032), attn=[0.5], flex=[1.5], full=[1.0]),
            timed("prefix 2048", tiles=(43000, 1032, 44032), attn=[0.4], full=[1.0]),
            timed("causal", threads=2, attn=[0.5]),
            timed("sink 64 window 512", threads=2, flex=[0.5]),
        ]
        self.results = dict(
            device=dict(cpu="CPU", cores=2, avx512=False), date="2026-01-01",
            versions=dict(torch="2.13"), cells=self.cells,
            protocol=dict(rounds=7, window_seconds=1.0, heads=8))

    def test_rows(self):
        text = "\n".join(cpu_mask_tables.section(self.results))
        per_tile = 0.15 / (8616 + 3968) * 88064
        # 171 rows of tiles, the last one of 32 rows, of 128 each.
        per_same = 0.15 / (8616 + 3968) * 8 * 171 * 128 / 2.0
        share = 100 * patterns.BY_NAME["window 512"].pairs(8192) * 8 / (
            (8616 + 3968) * 48 * 64)
        self.assertIn("| causal | 500.0 | 1.00 | 1500.0 | 1000.0 | 3.00 | 48 x 64 | 43000 "
                      "| 1032 | 44032 |", text)
        self.assertIn("| window 512 | 150.0 | 1.14 | 300.0 | 1000.0 | 2.00 | 48 x 64 | 8616 "
                      f"| 3968 | 162520 | {share:.0f} | {per_tile:.2f} | {per_same:.2f} |", text)
        self.assertIn("| causal | 500.0 | 1.00 |  |  |  |  |  |  |  |  |  |  |", text)
        self.assertIn("| sink 64 window 512 |  |  | 500.0 |  |  |  |  |  |  |  |  |  |", text)
        self.assertLess(text.index("| causal"), text.index("| window 512"))

    def test_tiles_that_data_hides(self):
        pattern = patterns.BY_NAME["documents 8 x 1024"]
        i, j = np.arange(8192)[:, None], np.arange(8192)[None]
        seen, causal = pattern.sees(i, j), j <= i
        for rows, cols in ((48, 64), (32, 256), (96, 128)):
            # What the report counts is what is causal.
            counts = [sum(mask[r:r + rows, c:c + cols].any() for r in range(0, 8192, rows)
                          for c in range(0, 8192, cols)) for mask in (causal, seen)]
            cell = next(found for found in cpu_masks.cells() if found["mask"] == pattern.name)
            hidden = cpu_mask_tables.hidden_by_data(cell, dict(rows=rows, cols=cols))
            self.assertEqual(hidden, 8 * (counts[0] - counts[1]))

    def test_summaries(self):
        text = "\n".join(cpu_mask_tables.section(self.results))
        self.assertIn("Geometric mean of the ratios to Flex 2.45, lowest 2.00 (window 512).",
                      text)
        self.assertIn("Within 15 % of full attention's time per visited tile: 2 of 3; below: "
                      "prefix 2048.", text)
        self.assertIn("Within 15 % of full attention's time per visited tile in such tiles: "
                      "1 of 1.", text)

    def test_the_page(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "cpu-masks.json").write_text(json.dumps(self.results))
            page = render.render(Path(folder))
        self.assertIn("## Masks on the CPU (`benchmarks/run.py cpu-masks`)", page)
        self.assertIn("### f32 under masks, 2 threads", page)
        self.assertTrue(page.endswith("\n") and not page.endswith("\n\n"))
        self.assertFalse([line for line in page.splitlines() if line != line.rstrip()])


if __name__ == "__main__":
    if "--build" in sys.argv:
        at = sys.argv.index("--build")
        Tiles.build = Path(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main()
