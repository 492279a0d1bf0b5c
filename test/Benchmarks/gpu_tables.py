"""What benchmarks/render.py makes of results of the GPU suite."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import tempfile
import unittest
from pathlib import Path

from gpu_dense import H200, cell, timed  # Makes the benchmarks known.

import render
from attn_bench import gpu_cells, gpu_tables


class Tables(unittest.TestCase):
    def setUp(self):
        flops = cell("D64 H32 S1024 B16 full")["flops"]
        at = lambda tflops: flops / tflops / 1e9  # noqa: E731
        self.cells = [
            timed("D64 H32 S4096 B4 full", attn=[1.0, 1.0, 1.2], fa3=[0.9] * 3,
                  cudnn=[1.0, 1.1, 1.2]),
            timed("D64 H32 S1024 B16 full", attn=[at(400), at(500), at(300)],
                  fa3=[at(320)], cudnn=[at(800)], fa2=[at(200)]),
            timed("D192 H10 S16384 B1 causal", {"fa3": "built without D192"},
                  attn=[2.0], cudnn=[1.0]),
            timed("D128 H32 S16384 B1 full", attn=[2.0]),
            timed("D128 H32/8 S16384 B1 full", attn=[1.9]),
            timed("matmul 8192 tile 128x128x64", attn=[2.0], torch=[1.5]),
            timed("D64 H32 S1024 B16 causal", {"attn": "wrong result, error 0.5"},
                  fa3=[at(300)]),
        ]

    def section(self, **device):
        return "\n".join(gpu_tables.section(dict(
            device=dict(H200, **device), cells=self.cells, date="2026-01-01",
            versions=dict(torch="2.11"))))

    def test_rows(self):
        lines = self.section().splitlines()
        first, second = (line for line in lines if " full |" in line and "D64" in line)
        floor = 100 * 400 / gpu_cells.peak(H200) * 1e12
        self.assertEqual(first, "| D64 H32 S1024 B16 full | 400 | 1.67 | 320 | 800 | 200 "
                                f"| 1.25 | 0.50 | {floor:.0f} |")
        self.assertIn("| 1.20 |", second)
        self.assertIn("| 0.90 | 1.10 |", second)

    def test_summaries(self):
        text = self.section()
        self.assertIn("Geometric mean of the ratios to FA3 1.06, lowest 0.90 (D64 H32 "
                      "S4096 B4 full); to cuDNN 0.74, lowest 0.50 (D64 H32 S1024 B16 "
                      "full).", text)
        self.assertIn("In both tables, 2 cells, geometric mean", text)
        self.assertIn("with 8 heads of keys over that with 32: full 0.950.", text)
        self.assertIn("peak of 1071 TFLOP/s", text)
        self.assertIn("clock under load was 1500 MHz", text)

    def test_who_is_left_out_is_named(self):
        text = self.section()
        self.assertIn("Left out: attn (wrong result, error 0.5) in every cell.", text)
        self.assertIn("Left out: FA3 (built without D192) in D192 H10 S16384 B1 causal.",
                      text)
        self.assertIn("| D64 H32 S1024 B16 causal |  |  | 150 |  |  |", text)

    def test_portable_cells_have_a_table_of_their_own(self):
        before = self.section()
        self.assertNotIn("sm_90", before)
        name = "D128 H16 S1024 B16 %s portable"
        self.cells += [timed(name % "full", attn=[1.0], fa2=[1.1]),
                       timed(name % "causal", attn=[1.0], fa2=[0.9])]
        after = self.section()
        self.assertTrue(after.startswith(before.rstrip()))
        table = after.removeprefix(before)
        self.assertIn("| cell | attn | spread | FA2 | attn / FA2 | % of floor |", table)
        self.assertIn("ratios to FA2 0.99, lowest 0.90 (D128 H16 S1024 B16 causal "
                      "portable).", table)

    def test_another_gpu_has_no_floor(self):
        text = self.section(capability=[8, 0])
        self.assertNotIn("TFLOP/s at the highest clock", text)
        self.assertIn("| D64 H32 S1024 B16 full | 400 | 1.67 | 320 | 800 | 200 | 1.25 "
                      "| 0.50 |  |", text)

    def test_the_page_has_the_suites_that_there_are(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotIn("##", render.render(Path(folder)).removeprefix("# "))
            results = dict(device=H200, cells=self.cells, date="2026-01-01",
                           versions=dict(torch="2.11"))
            (Path(folder) / "gpu-dense.json").write_text(json.dumps(results))
            page = render.render(Path(folder))
        self.assertIn("## Dense attention on a GPU (`benchmarks/run.py gpu-dense`)", page)
        self.assertTrue(page.endswith("\n") and not page.endswith("\n\n"))
        self.assertFalse([line for line in page.splitlines() if line != line.rstrip()])


if __name__ == "__main__":
    unittest.main()
