"""What the GPU suite of the benchmarks does without a GPU."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import sys
import tempfile
import unittest
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

from attn_bench import gpu, gpu_artefacts, gpu_cells, gpu_suites  # noqa: E402

H200 = dict(name="NVIDIA H200", capability=[9, 0], multiprocessors=132,
            max_clock_mhz=1980.0, driver="580.1")
COMPILER = """#!/bin/sh
echo "$*" >> "$0.calls"
[ "$1" = "${1%refused.mlir}" ] || { echo "$1:1:1: error: too wide" >&2; exit 1; }
for argument; do output=$argument; done
cp "$1" "$KEPT_PTX" && echo library > "$output"
"""


def install_compiler(folder):
    """Something that is called as the compiler is, where the build in `folder` has it."""
    compiler = folder / "bin" / "attn-compile"
    compiler.parent.mkdir()
    compiler.write_text(COMPILER)
    compiler.chmod(0o755)
    return compiler


def cell(name):
    return next(cell for cell in gpu_cells.cells() if cell["name"] == name)


def timed(name, left_out=None, **ms):
    """A cell of the results: milliseconds by contestant."""
    contestants = {who: dict(ms=times, error=0.003, host_ms=0.01)
                   for who, times in ms.items()}
    return dict(cell(name), commit="0123456789ab", window_ms=250.0,
                contestants=contestants, left_out=left_out or {}, clock_mhz=1500.0)


class Cells(unittest.TestCase):
    def test_the_suite(self):
        cells = list(gpu_cells.cells())
        kinds = [cell["kind"] for cell in cells]
        self.assertEqual({kind: kinds.count(kind) for kind in kinds},
                         dict(dense=18, other=7, matmul=3, portable=6))
        self.assertEqual(len({cell["name"] for cell in cells}), len(cells))
        for found in cells:
            self.assertTrue(found["program"].isidentifier(), found)
            if "B" in found:
                self.assertEqual(found["B"] * found["S"], 16384)

    def test_contestants(self):
        self.assertEqual(gpu_cells.contestants(cell("D64 H32 S1024 B16 full")),
                         ("attn", "fa3", "cudnn", "fa2"))
        self.assertEqual(gpu_cells.contestants(cell("D128 H16 S1024 B16 full portable")),
                         ("attn", "fa2"))
        self.assertEqual(gpu_cells.contestants(cell("matmul 8192 tile 128x128x64")),
                         ("attn", "torch"))

    def test_portable_cells_are_those_of_hopper_on_another_chip(self):
        for mask in ("full", "causal"):
            for size in ("S1024 B16", "S4096 B4", "S16384 B1"):
                hopper = cell(f"D128 H16 {size} {mask}")
                found = cell(f"D128 H16 {size} {mask} portable")
                differ = {key for key in found if found[key] != hopper.get(key)}
                self.assertEqual(differ, {"kind", "name", "program", "chip"})
                self.assertEqual(found["chip"], "sm_90")
                self.assertEqual(gpu_artefacts.source(found).replace("_portable", ""),
                                 gpu_artefacts.source(hopper))

    def test_only_visible_pairs_are_work(self):
        full = cell("D64 H32 S1024 B16 full")
        causal = cell("D64 H32 S1024 B16 causal")
        self.assertEqual(full["flops"], 4 * 16 * 32 * 64 * 1024**2)
        self.assertEqual(causal["flops"], 4 * 16 * 32 * 64 * 1024 * 1025 / 2)
        grouped = cell("D128 H32/8 S16384 B1 full")
        self.assertEqual(grouped["flops"], cell("D128 H32 S16384 B1 full")["flops"])

    def test_a_program_serves_all_lengths(self):
        programs = {found["program"] for found in
                    gpu_suites.select("gpu-dense", "^D64 .* causal$")}
        self.assertEqual(programs, {"dense_d64_h32_causal"})

    def test_windows(self):
        lengths = [cell(f"D64 H32 S{length} full") for length in
                   ("16384 B1", "4096 B4", "1024 B16")]
        for text, windows in (("250", [250] * 3), ("300,200,150", [300, 200, 150])):
            self.assertEqual([gpu_cells.window_of(c, text) for c in lengths], windows)
        for text in ("1,2", "0", "-1", "fast"):
            with self.assertRaises(ValueError):
                gpu_cells.window_of(lengths[0], text)

    def test_rows_have_both_ends(self):
        for _ in range(20):
            rows = gpu_cells.sample_rows(1024)
            self.assertEqual((rows[0], rows[-1]), (0, 1023))
            self.assertEqual(rows, sorted(set(rows)))
            self.assertGreaterEqual(len(rows), 16)

    def test_floor(self):
        # At D64 an exponential takes as long as the products of its pair.
        clocks = 132 * 1.98e9 / 1e3  # in a millisecond
        d64, d128 = cell("D64 H32 S1024 B16 full"), cell("D128 H16 S1024 B16 full")
        self.assertAlmostEqual(d64["exps"] / 16 / clocks, d64["flops"] / 4096 / clocks)
        for found in (d64, d128):
            self.assertAlmostEqual(gpu_cells.floor_ms(found, H200),
                                   found["flops"] / 4096 / clocks)
        self.assertIsNone(gpu_cells.floor_ms(d64, dict(H200, capability=[8, 0])))
        self.assertIsNone(gpu_cells.floor_ms(d64, dict(name="GPU")))


class Artefacts(unittest.TestCase):
    def test_sources(self):
        source = gpu_artefacts.source(cell("D128 H32/8 S16384 B1 causal"))
        self.assertIn("%k: tensor<?x8x?x128xbf16>", source)
        self.assertIn("mask(causal)", source)
        self.assertNotIn("mask", gpu_artefacts.source(cell("D64 H32 S1024 B16 full")))
        source = gpu_artefacts.source(cell("D128 H16 S16384 B1 causal softcap 50"))
        self.assertIn("arith.constant 50.0 : f32", source)
        source = gpu_artefacts.source(cell("matmul 8192 tile 256x128x64"))
        self.assertIn("step (256, 128)", source)

    def test_the_manifest_says_what_was_built_and_why_not(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            compiler = install_compiler(folder)
            good = cell("D64 H32 S1024 B16 full")
            bad = dict(good, program="dense_refused")
            (folder / "out").mkdir()
            (folder / "out" / "dense_refused.so").write_text("of an older compiler")
            failed = gpu_artefacts.compile_all([good, good, bad], folder, folder / "out")
            self.assertEqual(failed, 1)
            manifest = gpu_artefacts.manifest(folder / "out")
            self.assertEqual(len(manifest["dense_d64_h32_full"]["ptx_sha256"]), 64)
            self.assertTrue((folder / "out" / "dense_d64_h32_full.so").exists())
            self.assertEqual(manifest["dense_refused"]["failed"],
                             "dense_refused.mlir:1:1: error: too wide")
            self.assertFalse((folder / "out" / "dense_refused.so").exists())
            older = cell("D128 H16 S1024 B16 full portable")
            gpu_artefacts.compile_all([older], folder, folder / "out")
            calls = Path(f"{compiler}.calls").read_text().splitlines()
            self.assertEqual(["--chip=sm_90a" in call for call in calls],
                             [True, True, False])
            self.assertIn("--chip=sm_90 ", calls[-1])

    def test_there_may_be_no_manifest(self):
        self.assertEqual(gpu_artefacts.manifest("/nowhere"), {})


class Results(unittest.TestCase):
    options = type("Options", (), dict(rounds=5, window="250", suite="gpu-dense"))

    def begin(self, before, device, merge=True):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "gpu-dense.json"
            path.write_text(json.dumps(before))
            facts = dict(device=device, versions=dict(torch="2.11"))
            return gpu.begin(path, merge, facts, self.options)

    def test_cells_of_one_device_are_merged(self):
        before = dict(device=H200, cells=[timed("D64 H32 S1024 B16 full", attn=[1.0])],
                      versions={"FlashAttention-3": "1"})
        after = self.begin(before, dict(H200, driver="581"))
        self.assertEqual(len(after["cells"]), 1)
        self.assertEqual(after["device"]["driver"], "581")
        self.assertEqual(after["versions"], {"FlashAttention-3": "1", "torch": "2.11"})
        self.assertEqual(self.begin(before, H200, merge=False)["cells"], [])
        with self.assertRaises(SystemExit):
            self.begin(before, dict(H200, name="NVIDIA H100 80GB HBM3"))


if __name__ == "__main__":
    unittest.main()
