"""What benchmarks/gpu_profile.py reads of a profiler, and what is made of it."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import tempfile
import unittest
from pathlib import Path

from gpu_dense import H200  # Makes the benchmarks known.

import gpu_profile
import render
from attn_bench import gpu_profile_tables

COLUMNS = ["ID", "Process Name", "Kernel Name", *gpu_profile_tables.METRICS.values()]


def quoted(*values):
    return ",".join(f'"{value}"' for value in values)


def kernel(number, name, ns):
    return quoted(number, "python3", name, ns, "400,000", "1.75e9", "3500000", "41.5", "60.2",
                  "50", "20", "168")


def calls(*names):
    return [f"CALL {name}" for name in names]


def table(*kernels):
    """The header, the units, and a kernel that waits in front of each call's."""
    lines = [quoted(*COLUMNS), quoted("", "", "", *["ns"] * len(gpu_profile_tables.METRICS))]
    count = 0
    for call in kernels:
        for name, ns in [("spin_kernel(long)", 700), *call]:
            lines.append(kernel(count, name, ns))
            count += 1
    return lines


NOISE = ["==PROF== Connected to process 1", ""]


class Reading(unittest.TestCase):
    def test_the_longest_kernel_of_a_call(self):
        lines = NOISE + calls("attn D64, causal", "torch nothing", "fa3 D64, causal")
        lines += table([("attention(int, float)", "221,000")], [],
                       [("prepare", 2000), ("fwd", 250000), ("combine", 3000)])
        attn, fa3 = gpu_profile.parse("\n".join(lines))
        self.assertEqual((attn["name"], attn["contestant"], attn["kernels"]),
                         ("D64, causal", "attn", 1))
        self.assertEqual(attn["counters"]["ns"], 221000)
        self.assertEqual(attn["counters"]["cycles"], 400000)
        self.assertEqual((fa3["kernels"], fa3["kernel"], fa3["counters"]["ns"]),
                         (3, "fwd", 250000))

    def test_nothing_profiled(self):
        self.assertEqual(gpu_profile.parse("\n".join(NOISE + calls("attn D64"))), [])
        self.assertEqual(gpu_profile.parse("==ERROR== no permission\n"), [])


class Page(unittest.TestCase):
    def test_rows(self):
        lines = calls("attn D64", "fa3 D64") + table([("a", 221000)], [("b", 250000), ("c", 10)])
        found = gpu_profile.parse("\n".join(lines))
        results = dict(device=H200, calls=[dict(call, commit="0123456789ab") for call in found])
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "gpu-profile.json").write_text(json.dumps(results))
            page = render.render(Path(folder))
        self.assertIn("## Profiles (`benchmarks/gpu_profile.py`)", page)
        self.assertIn("| D64 | attn | 221 | 400000 | 1750 | 3.5 | 42 | 60 | 50 | 20 | 168 |", page)
        self.assertIn("| D64 | FA3 (2 kernels) | 250 |", page)
        self.assertIn("Commit 0123456789ab.", page)
        self.assertEqual(gpu_profile_tables.section(dict(device=H200, calls=[])), [])


if __name__ == "__main__":
    unittest.main()
