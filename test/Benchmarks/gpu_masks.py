"""What the GPU suite of masks does without a GPU."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import tempfile
import unittest
from pathlib import Path

from gpu_dense import H200, install_compiler  # Makes the benchmarks known.

from attn_bench import gpu_artefacts, gpu_cells, gpu_mask_cells, gpu_suites, patterns

NAMES = ["causal", "window 1024", "prefix 4096", "documents 16 x 1024",
         "sink 64 window 1024", "window 256 every 16th 128", "causal softcap 50",
         "causal alibi"]


def cell(name):
    return next(cell for cell in gpu_mask_cells.cells() if cell["name"] == name)


class Cells(unittest.TestCase):
    def test_the_suite(self):
        cells = list(gpu_mask_cells.cells())
        masks = [found for found in cells if found["kind"] == "mask"]
        self.assertEqual([found["name"] for found in masks], NAMES)
        self.assertEqual(len({found["name"] for found in cells}), len(cells))
        for found in cells:
            self.assertTrue(found["program"].isidentifier(), found)
            self.assertEqual((found["B"], found["H"], found["D"]), (1, 16, 128))
        self.assertEqual({found["S"] for found in masks}, {16384})
        self.assertEqual(len({found["program"] for found in masks}), len(masks))

    def test_one_program_serves_all_lengths(self):
        lengths = [c for c in gpu_mask_cells.cells() if c["kind"] == "length"]
        self.assertEqual([found["S"] for found in lengths],
                         [16384, 65536, 262144, 1048576])
        self.assertEqual({found["program"] for found in lengths},
                         {cell("window 1024")["program"]})
        self.assertEqual(len({gpu_artefacts.source(found) for found in lengths}), 1)

    def test_only_visible_pairs_are_work(self):
        for found in gpu_mask_cells.cells():
            pairs = patterns.BY_NAME[found["mask"]].pairs(found["S"])
            self.assertEqual(found["flops"], 4 * 16 * 128 * pairs)
            self.assertEqual(found["exps"], 16 * pairs * (2 if found["softcap"] else 1))
        self.assertLess(gpu_cells.floor_ms(cell("window 1024"), H200),
                        gpu_cells.floor_ms(cell("causal"), H200) / 8)

    def test_contestants(self):
        for name, peers in (("causal", ("flex", "fa3", "cudnn", "fa2")),
                            ("window 1024", ("flex", "fa3")),
                            ("causal softcap 50", ("flex", "fa3")),
                            ("prefix 4096", ("flex",)), ("causal alibi", ("flex",)),
                            ("window 1024 S1048576", ())):
            self.assertEqual(gpu_cells.contestants(cell(name)), ("attn", *peers))

    def test_selection(self):
        self.assertEqual([c["name"] for c in gpu_suites.select("gpu-masks", "^sink")],
                         ["sink 64 window 1024"])
        self.assertEqual(gpu_suites.select("gpu-masks", "nothing"), [])

    def test_windows_of_time(self):
        for name in ("causal", "window 1024 S1048576"):
            self.assertEqual(gpu_cells.window_of(cell(name), "300,200,150"), 300)


class Sources(unittest.TestCase):
    def test_masks(self):
        for name, mask in (
                ("causal", "causal"), ("window 1024", "window<1024>"),
                ("prefix 4096", "or<causal, prefix<4096>>"),
                ("documents 16 x 1024", "and<segment, causal>"),
                ("sink 64 window 1024", "and<causal, or<window<1024>, prefix<64>>>"),
                ("window 256 every 16th 128",
                 "and<causal, or<window<256>, affine<affine_set<(b, h, i, j) : "
                 "((j floordiv 128) mod 16 - 15 == 0)>>>>")):
            source = gpu_artefacts.source(cell(name))
            self.assertIn(f" mask({mask})", source)
            self.assertIn(f"func.func @{cell(name)['program']}(%q: "
                          "tensor<?x16x?x128xbf16>", source)
            self.assertNotIn("score", source)
            self.assertEqual("segments(" in source, name.startswith("documents"))

    def test_documents_are_operands(self):
        source = gpu_artefacts.source(cell("documents 16 x 1024"))
        self.assertIn("%v: tensor<?x16x?x128xbf16>, %qseg: tensor<?x?xi32>, "
                      "%kseg: tensor<?x?xi32>)", source)

    def test_scores(self):
        source = gpu_artefacts.source(cell("causal softcap 50"))
        self.assertIn("arith.constant 50.0 : f32", source)
        self.assertIn("mask(causal)", source)
        source = gpu_artefacts.source(cell("causal alibi"))
        self.assertIn("arith.constant -0.5 : f32", source)
        self.assertIn("math.exp2", source)
        self.assertIn("mask(causal)", source)

    def test_slopes(self):
        value = gpu_artefacts.alibi(8)[1]
        self.assertEqual(value(0.0, 0, 0, 7, 5, None), -2 * 0.5)
        self.assertEqual(value(1.0, 0, 7, 7, 3, None), 1 - 4 / 256)

    def test_masks_of_the_reference_know_segments(self):
        case = gpu_artefacts.case_of(cell("documents 16 x 1024"))
        value = gpu_artefacts.cases.MASKS[case.mask][1]
        self.assertTrue(value(0, 2047, 1024, None))
        self.assertFalse(value(0, 2048, 2047, None))


class Artefacts(unittest.TestCase):
    def test_the_manifest_has_each_program_once(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            install_compiler(folder)
            cells = list(gpu_mask_cells.cells())
            self.assertEqual(gpu_artefacts.compile_all(cells, folder, folder / "out"), 0)
            manifest = gpu_artefacts.manifest(folder / "out")
            self.assertEqual(list(manifest), [f"mask_{name.replace(' ', '_')}"
                                              for name in NAMES])
            for program, record in manifest.items():
                self.assertEqual(len(record["ptx_sha256"]), 64)
                self.assertTrue((folder / "out" / f"{program}.so").exists())


if __name__ == "__main__":
    unittest.main()
