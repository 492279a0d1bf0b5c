"""What benchmarks/render.py makes of results of the GPU suite of masks."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import tempfile
import unittest
from pathlib import Path

from gpu_dense import H200  # Makes the benchmarks known.
from gpu_masks import cell

import render
from attn_bench import gpu_cells, gpu_mask_tables


def timed(name, left_out=None, **tflops):
    """A cell of the results, by the rate of each contestant."""
    found = cell(name)
    contestants = {who: dict(ms=[found["flops"] / rate / 1e9 for rate in rates],
                             error=0.003, host_ms=0.01)
                   for who, rates in tflops.items()}
    return dict(found, commit="0123456789ab", window_ms=250.0,
                contestants=contestants, left_out=left_out or {})


def cost(seconds, mib):
    return dict(first=dict(seconds=seconds, bytes=mib << 20),
                again=dict(seconds=seconds / 2, bytes=1 << 20))


class Tables(unittest.TestCase):
    def setUp(self):
        self.cells = [
            timed("prefix 4096", {"flex": "RuntimeError: no"}, attn=[500]),
            timed("window 1024", attn=[400, 500, 450], flex=[300], fa3=[500]),
            timed("causal", attn=[600], flex=[400], fa3=[600], cudnn=[500], fa2=[300]),
            timed("window 1024 S65536", attn=[500]),
            timed("window 1024 S1048576", {"attn": "wrong result, error 1"}),
        ]
        self.cells[1]["contestants"]["flex"]["block_mask"] = dict(
            plain=cost(0.5, 300), compiled=cost(8, 4))
        self.cells[2]["contestants"]["flex"]["block_mask"] = dict(
            plain=cost(0.25, 200), compiled=dict(failure="Unsupported"))
        self.results = dict(device=H200, cells=self.cells, date="2026-01-01",
                            versions=dict(torch="2.11"))

    def section(self):
        return "\n".join(gpu_mask_tables.section(self.results))

    def test_rates(self):
        lines = self.section().splitlines()
        at = lines.index("### bf16, S16384")
        shares = [f"{100 * rate / gpu_cells.peak(H200) * 1e12:.0f}"
                  for rate in (600, 450, 500)]
        self.assertEqual(lines[at + 2:at + 7], [
            "| cell | attn | spread | Flex | FA3 | cuDNN | FA2 | attn / Flex "
            "| attn / FA3 | % of floor |",
            "|---" * 10 + "|",
            f"| causal | 600 | 1.00 | 400 | 600 | 500 | 300 | 1.50 | 1.00 | {shares[0]} |",
            f"| window 1024 | 450 | 1.25 | 300 | 500 |  |  | 1.50 | 0.90 | {shares[1]} |",
            f"| prefix 4096 | 500 | 1.00 |  |  |  |  |  |  | {shares[2]} |",
        ])

    def test_summaries(self):
        text = self.section()
        self.assertIn("Geometric mean of the ratios to Flex 1.50, lowest 1.50 (", text)
        self.assertIn("); to FA3 0.95, lowest 0.90 (window 1024).", text)
        self.assertIn("Left out: Flex (RuntimeError: no) in prefix 4096.", text)
        self.assertIn("Commit 0123456789ab.", text)

    def test_block_masks(self):
        text = self.section()
        self.assertIn("### Building FlexAttention's block masks", text)
        self.assertIn("| causal | 250.0 | 125.0 | 200 | Unsupported |  |  |", text)
        self.assertIn("| window 1024 | 500.0 | 250.0 | 300 | 8000.0 | 4000.0 | 4 |", text)
        for found in self.cells:
            found["contestants"].pop("flex", None)
        self.assertNotIn("block masks |", self.section())
        self.assertNotIn("### Building", self.section())

    def test_lengths(self):
        ms = self.cells[3]["contestants"]["attn"]["ms"][0]
        text = self.section()
        self.assertIn(f"| window 1024 S65536 | {ms:.3f} | 1.00 | {1e3 * ms / 65536:.4f} "
                      "| 500 |", text)
        self.assertIn("| window 1024 S1048576 |  |  |  |  |", text)
        self.assertIn("Left out: attn (wrong result, error 1) in window 1024 S1048576.",
                      text)

    def test_the_page(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "gpu-masks.json").write_text(json.dumps(self.results))
            page = render.render(Path(folder))
        self.assertIn("## Masks and scores on a GPU (`benchmarks/run.py gpu-masks`)", page)
        self.assertNotIn("gpu-dense", page)
        self.assertTrue(page.endswith("\n") and not page.endswith("\n\n"))
        self.assertFalse([line for line in page.splitlines() if line != line.rstrip()])


if __name__ == "__main__":
    unittest.main()
