"""What benchmarks/attn_bench/patterns.py says of a mask agrees with itself."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import sys
import unittest
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

from attn_bench import patterns  # noqa: E402

SMALL = (patterns.FULL, patterns.CAUSAL, patterns.window(5), patterns.window(1),
         patterns.prefix(7), patterns.prefix(1), patterns.documents(4, 8),
         patterns.sink(3, 6), patterns.sink(1, 1), patterns.blocks(6, 4, 3),
         patterns.blocks(1, 1, 2))


def count(pattern, length):
    return sum(bool(pattern.sees(i, j)) for i in range(length) for j in range(length))


class Patterns(unittest.TestCase):
    def test_pairs_are_those_that_are_seen(self):
        for pattern in SMALL:
            for length in (1, 2, 5, 8, 13, 32, 45):
                self.assertEqual(pattern.pairs(length), count(pattern, length),
                                 f"{pattern.name} at {length}")

    def test_what_is_timed(self):
        visible = {p.name: p.pairs(16384) for p in patterns.GPU}
        self.assertEqual(visible, {
            "causal": 16384 * 16385 // 2,
            "window 1024": 16384 * 1024 - 1024 * 1023 // 2,
            "prefix 4096": 16384 * 16385 // 2 + 4096 * 4095 // 2,
            "documents 16 x 1024": 16 * 1024 * 1025 // 2,
            "sink 64 window 1024": 16384 * 1024 - 1024 * 1023 // 2
            + 64 * (16384 - 1024) - 64 * 63 // 2,
            "window 256 every 16th 128": 16384 * 256 - 256 * 255 // 2 + sum(
                max(0, 16384 - 256 - j) for block in range(15, 128, 16)
                for j in range(128 * block, 128 * block + 128)),
        })
        self.assertEqual([p.name for p in patterns.CPU], [
            "causal", "window 512", "sink 64 window 512", "prefix 2048",
            "documents 8 x 1024", "window 256 every 16th 64"])

    def test_edges(self):
        see = {name: pattern.sees for name, pattern in patterns.BY_NAME.items()}
        for name, i, j, seen in (
                ("window 1024", 2000, 977, True), ("window 1024", 2000, 976, False),
                ("window 1024", 0, 1, False),
                ("prefix 4096", 0, 4095, True), ("prefix 4096", 0, 4096, False),
                ("prefix 4096", 5000, 5000, True), ("prefix 4096", 5000, 5001, False),
                ("documents 16 x 1024", 1024, 1024, True),
                ("documents 16 x 1024", 1024, 1023, False),
                ("documents 16 x 1024", 1023, 0, True),
                ("sink 64 window 1024", 16383, 63, True),
                ("sink 64 window 1024", 16383, 64, False),
                ("sink 64 window 1024", 10, 11, False),
                ("window 256 every 16th 128", 16383, 1920, True),
                ("window 256 every 16th 128", 16383, 2047, True),
                ("window 256 every 16th 128", 16383, 1919, False),
                ("window 256 every 16th 128", 16383, 2048, False),
                ("window 256 every 16th 128", 1900, 1920, False),
                ("window 256 every 16th 128", 1900, 1645, True),
                ("window 256 every 16th 128", 1900, 1644, False)):
            self.assertEqual(bool(see[name](i, j)), seen, f"{name} at {i}, {j}")

    def test_names_are_unique(self):
        everyone = {patterns.FULL, *patterns.GPU, *patterns.CPU}
        self.assertEqual(len(patterns.BY_NAME), len(everyone))


if __name__ == "__main__":
    unittest.main()
