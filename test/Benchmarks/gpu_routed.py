"""What the GPU suite of chosen keys does without a GPU."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import unittest

from gpu_dense import H200  # Makes the benchmarks known.

from attn_bench import gpu_artefacts, gpu_cells, gpu_routed_cells, gpu_routed_tables


def cell(name):
    return next(found for found in gpu_routed_cells.cells() if found["name"] == name)


def timed(name, left_out=None, **ms):
    contestants = {who: dict(ms=times, error=0.003, host_ms=0.01) for who, times in ms.items()}
    return dict(cell(name), commit="0123456789ab", window_ms=250.0, contestants=contestants,
                left_out=left_out or {}, clock_mhz=1980)


class Cells(unittest.TestCase):
    def test_the_suite(self):
        cells = list(gpu_routed_cells.cells())
        self.assertEqual(len({found["program"] for found in cells}), len(cells))
        for found in cells:
            self.assertTrue(found["program"].isidentifier(), found)
        listed = [found for found in cells if found["kind"] == "blocks"]
        self.assertEqual([(found["size"], found["chosen"]) for found in listed],
                         [(128, 6), (128, 26), (128, 64), (64, 13), (64, 51), (64, 128)])

    def test_only_listed_pairs_are_work(self):
        whole = cell("all keys")["flops"]
        self.assertEqual(whole, 4 * 16 * 128 * 16384**2)
        self.assertEqual(cell("blocks 128 50 %")["flops"], whole / 2)
        self.assertEqual(cell("blocks 64 5 %")["flops"], whole * 13 / 256)

    def test_contestants(self):
        self.assertEqual(gpu_cells.contestants(cell("blocks 64 20 %")), ("attn", "flex"))
        self.assertEqual(gpu_cells.contestants(cell("all keys")), ("attn", "fa3", "cudnn"))

    def test_programs(self):
        text = gpu_artefacts.source(cell("blocks 64 20 %"))
        self.assertIn("select(%lists : tensor<?x16x256x51xi32>) blocks(64, 64)", text)
        self.assertNotIn("select", gpu_artefacts.source(cell("all keys")))

    def test_tokens_that_choose(self):
        # 512 tokens have 1 block, the next two, and so on; the own one as far as the token.
        moba = cell("MoBA")
        pairs = sum(min(8, i // 512 + 1) * 512 - (511 - i % 512) for i in range(32768))
        self.assertEqual(moba["flops"], 4 * 16 * 128 * pairs)
        self.assertEqual(gpu_cells.contestants(moba), ("attn", "dense", "flex", "fla"))
        text = gpu_artefacts.source(moba)
        self.assertIn("blocks(1, 512)", text)
        self.assertIn("attn.route_score", text)
        nsa = gpu_artefacts.source(cell("NSA S8192 a list 64 tokens"))
        self.assertIn("select(%lists : !lists) blocks(64, 64)", nsa)
        self.assertNotIn("attn.select", nsa)
        self.assertNotIn("attn.attention", gpu_artefacts.source(cell("MoBA choosing")))

    def test_tokens_in_clusters(self):
        found = cell("Reformer S32768")
        self.assertEqual(gpu_cells.contestants(found), ("attn", "dense"))
        self.assertEqual(gpu_cells.contestants(cell("Reformer S262144")), ("attn",))
        self.assertEqual(found["hashes"][0] * found["hashes"][1], 32768 // 64)
        text = gpu_artefacts.source(found)
        self.assertEqual(text.count("attn.cluster rotated"), 2)
        self.assertIn("tensor<1x8x32768x64xbf16>", text)
        self.assertNotIn("?x", text)
        for name, last in (("hashing", "%buckets"), ("hashing and sort", "%order")):
            part = gpu_artefacts.source(cell(f"Reformer, {name} S32768"))
            self.assertNotIn("attn.attention", part)
            self.assertTrue(part.endswith(f"return {last} : !paper_order\n}}\n"))
        text = gpu_artefacts.source(cell("Routing Transformer S32768"))
        self.assertIn("tensor<1448x1x181x64xbf16>", text)
        self.assertIn("attn.permute mean", text)


class Tables(unittest.TestCase):
    def setUp(self):
        self.results = dict(device=H200, date="2026-01-01", versions=dict(torch="2.11"), cells=[
            timed("all keys", attn=[4.0], fa3=[5.0]),
            timed("blocks 128 50 %", attn=[2.5], flex=[5.0]),
            timed("blocks 64 5 %", {"flex": "no"}),
            timed("MoBA", attn=[2.0], dense=[4.0], flex=[5.0]),
            timed("NSA S8192 a list a token", attn=[1.0], fla=[3.0]),
            timed("Reformer S32768", attn=[0.5], dense=[2.0]),
            timed("Reformer S262144", attn=[4.0]),
        ])

    def test_shares_of_dense_rates(self):
        lines = gpu_routed_tables.section(self.results)
        at = lines.index("| cell | % of attn over all keys | % of FA3 over all keys |")
        self.assertEqual(lines[at + 2:at + 4],
                         ["| blocks 128 50 % | 80 | 100 |", "| blocks 64 5 % |  |  |"])

    def test_ratios(self):
        lines = gpu_routed_tables.section(self.results)
        row = next(line for line in lines if line.startswith("| blocks 128 50 %"))
        self.assertIn("| 2.00 |", row)
        self.assertIn("Left out: Flex (no) in blocks 64 5 %.", lines)

    def test_milliseconds_by_token(self):
        lines = gpu_routed_tables.section(self.results)
        row = next(line for line in lines if line.startswith("| MoBA |"))
        self.assertIn("| 2.000 | 1.00 | 4.000 | 5.000 |  | 2.00 | 2.50 |  |", row)
        row = next(line for line in lines if line.startswith("| NSA S8192"))
        self.assertRegex(row, r"\| 3.00 \| 15\.\d \|$")

    def test_milliseconds_by_cluster(self):
        lines = gpu_routed_tables.section(self.results)
        self.assertIn("| Reformer S32768 | 0.500 | 1.00 | 2.000 | 4.00 |  |", lines)
        self.assertIn("| Reformer S262144 | 4.000 | 1.00 |  |  | 8.0 |", lines)

    def test_nothing_without_results(self):
        self.assertEqual(gpu_routed_tables.section(dict(self.results, cells=[])), [])


if __name__ == "__main__":
    unittest.main()
