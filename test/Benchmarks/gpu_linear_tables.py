"""What benchmarks/render.py makes of results of the GPU suite of linear attention."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import tempfile
import unittest
from pathlib import Path

from gpu_dense import H200  # Makes the benchmarks known.

import render
from attn_bench import gpu_linear_cells, gpu_linear_tables


def timed(name, left_out=None, host_ms=0.01, **ms):
    """A cell of the results: milliseconds by contestant, beside a copy at 4 TB/s."""
    found = next(cell for cell in gpu_linear_cells.cells() if cell["name"] == name)
    contestants = {who: dict(ms=times, error=0.003, host_ms=host_ms) for who, times in ms.items()}
    return dict(found, commit="0123456789ab", window_ms=250.0, contestants=contestants,
                left_out=left_out or {}, copy=dict(bytes=4e9, ms=[1.0, 0.9, 1.1]))


def percent(name, ms):
    return f"{100 * timed(name)['bytes'] / 4e9 / ms:.0f}"


class Tables(unittest.TestCase):
    def setUp(self):
        self.cells = [
            timed("gated_delta B1 S65536 fast", attn=[2.0], fla=[2.5]),
            timed("simple_gla B1 S1048576", attn=[16.0, 17.0, 16.0]),
            timed("simple_gla B1 S65536", attn=[1.0], fla=[1.5]),
            timed("gated_delta B1 S65536", {"fla": "ModuleNotFoundError: no"}, attn=[2.5]),
            timed("retention B8 S2048", host_ms=0.29, attn=[0.4, 0.5, 0.6], fla=[0.6],
                  fla_gamma=[0.3]),
            timed("linear B8 S2048", {"attn": "not compiled: too wide"}, fla=[0.2]),
            timed("gated_delta B1 S1048576", {"attn": "wrong result, error 1"}),
        ]
        self.results = dict(device=H200, cells=self.cells, date="2026-01-01",
                            versions=dict(torch="2.11", FLA="0.5"))

    def section(self):
        return "\n".join(gpu_linear_tables.section(self.results))

    def test_rows(self):
        lines = self.section().splitlines()
        at = lines.index("### bf16, no decay, a constant one or a slow one")
        retention = percent("retention B8 S2048", 0.5)
        self.assertEqual(lines[at + 2:at + 8], [
            "| cell | attn | spread | % of floor | FLA | FLA given rates | attn / FLA "
            "| attn / FLA given rates |",
            "|---" * 8 + "|",
            "| linear B8 S2048 |  |  |  | 0.200 |  |  |  |",
            f"| retention B8 S2048 | 0.500 | 1.50 | {retention} | 0.600 | 0.300 | 1.20 | 0.60 |",
            "| simple_gla B1 S65536 | 1.000 | 1.00 | "
            f"{percent('simple_gla B1 S65536', 1)} | 1.500 |  | 1.50 |  |",
            "| gated_delta B1 S65536 | 2.500 | 1.00 | "
            f"{percent('gated_delta B1 S65536', 2.5)} |  |  |  |  |",
        ])
        fast = lines.index("### bf16, fast decay")
        self.assertEqual(lines[fast + 4], "| gated_delta B1 S65536 fast | 2.000 | 1.00 | "
                         f"{percent('gated_delta B1 S65536 fast', 2)} | 2.500 | 1.25 |")

    def test_summaries(self):
        text = self.section()
        self.assertIn("Geometric mean of the ratios to FLA 1.34, lowest 1.20 (retention B8 S2048); "
                      "to FLA given rates 0.60, lowest 0.60 (retention B8 S2048).", text)
        self.assertIn("By method, to FLA: retention 1.20, simple_gla 1.50.", text)
        self.assertIn("By method, to FLA: gated_delta 1.25.", text)
        self.assertIn("Commit 0123456789ab.", text)

    def test_who_is_left_out_or_waits_is_named(self):
        text = self.section()
        self.assertIn("Left out: FLA (ModuleNotFoundError: no) in gated_delta B1 S65536.", text)
        self.assertIn("Left out: attn (not compiled: too wide) in linear B8 S2048.", text)
        self.assertIn("Left out: attn (wrong result, error 1) in gated_delta B1 S1048576.", text)
        self.assertIn("FLA given rates may be bound by the host in retention B8 S2048.", text)
        self.assertEqual(text.count("bound by the host"), 1)

    def test_rule_and_floor(self):
        text = self.section()
        self.assertIn("medians of 1 to 3 rounds in windows of 250 ms by CUDA events", text)
        self.assertIn("4 x 2 x 128 bytes a token and head for q, k, v and o, half of it for gla64 "
                      "and kda64, 4 for a gate, of which these, gla and kda have one for each "
                      "key, and 2 for a beta, at the speed of a copy in the same rounds, which was 4.00 TB/s",
                      text)

    def test_lengths(self):
        text = self.section()
        self.assertIn("### Time per token at growing lengths, one sequence", text)
        places = [text.index(f"| {line} |") for line in (
            "gated_delta B1 S65536 | 2.500 | 1.00 | 38.1 | "
            f"{percent('gated_delta B1 S65536', 2.5)}",
            "gated_delta B1 S1048576 |  |  |  | ",
            f"simple_gla B1 S65536 | 1.000 | 1.00 | 15.3 | {percent('simple_gla B1 S65536', 1)}",
            "simple_gla B1 S1048576 | 16.000 | 1.06 | 15.3 | "
            f"{percent('simple_gla B1 S1048576', 16)}")]
        self.assertEqual(places, sorted(places))
        self.results["cells"] = [cell for cell in self.cells if cell["peers"]]
        self.assertNotIn("per token at", self.section())

    def test_decoding(self):
        before = self.section()
        self.assertNotIn("Decoding", before)
        self.cells.append(timed("simple_gla decode B1", attn=[0.5], fla=[0.6]))
        after = self.section()
        self.assertTrue(after.startswith(before.rstrip()))
        lines = after.removeprefix(before).strip().splitlines()
        self.assertEqual(lines[0], "### Decoding, microseconds a token")
        self.assertIn("A CUDA graph of 100 steps", lines[2])
        self.assertEqual(lines[4:7], [
            "| cell | attn | spread | % of floor | FLA | attn / FLA |", "|---" * 6 + "|",
            "| simple_gla decode B1 | 5.00 | 1.00 | "
            f"{percent('simple_gla decode B1', 0.5)} | 6.00 | 1.20 |"])

    def test_ours_alone(self):
        why = "ModuleNotFoundError: No module named 'fla'"
        self.results["cells"] = [timed("delta B8 S2048", {"fla": why}, attn=[0.5])]
        text = self.section()
        self.assertIn("| cell | attn | spread | % of floor |\n", text)
        self.assertIn(f"Left out: FLA ({why}) in every cell.", text)
        self.assertNotIn("Geometric", text)

    def test_the_page(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertNotIn("Linear attention", render.render(Path(folder)))
            (Path(folder) / "gpu-linear.json").write_text(json.dumps(self.results))
            page = render.render(Path(folder))
        self.assertIn("## Linear attention on a GPU (`benchmarks/run.py gpu-linear`)", page)
        self.assertTrue(page.endswith("\n") and not page.endswith("\n\n"))
        self.assertFalse([line for line in page.splitlines() if line != line.rstrip()])


if __name__ == "__main__":
    unittest.main()
