"""Which name is to blame when a worker is lost."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import sys
import unittest

from workers import run_in_workers

WORKER = """
import json, os, sys, time
for name in sys.argv[1:]:
    if "crash" in name:
        os._exit(1)
    if "hang" in name:
        time.sleep(60)
    if "quiet" in name:
        os._exit(0)
    print(json.dumps({"name": name, "pid": os.getpid()}), flush=True)
    if "lost" in name:
        os._exit(0)
"""


def run(*names, patience=30):
    command = [sys.executable, "-c", WORKER]
    return list(run_in_workers(command, names, patience))


class Workers(unittest.TestCase):
    def test_one_worker_does_all(self):
        found = run("a", "b", "c")
        self.assertEqual([name for name, _ in found], ["a", "b", "c"])
        self.assertEqual(len({record["pid"] for _, record in found}), 1)

    def test_the_name_after_a_crash_goes_on_elsewhere(self):
        (_, a), (_, crash), (_, b) = run("a", "crash", "b")
        self.assertEqual(crash, {"failure": "the process ended"})
        self.assertNotEqual(a["pid"], b["pid"])

    def test_no_name_is_blamed_for_the_context_that_another_lost(self):
        (_, lost), (_, after) = run("lost", "after")
        self.assertNotIn("failure", lost)
        self.assertNotIn("failure", after)
        self.assertNotEqual(lost["pid"], after["pid"])

    def test_who_ends_at_once_has_failed(self):
        (_, quiet), (_, after) = run("quiet", "after")
        self.assertEqual(quiet, {"failure": "the process ended"})
        self.assertNotIn("failure", after)

    def test_who_hangs_has_failed(self):
        (_, hang), (_, after) = run("hang", "after", patience=2)
        self.assertEqual(hang, {"failure": "no end within 2 s"})
        self.assertNotIn("failure", after)

    def test_the_last_may_crash(self):
        self.assertIn("failure", run("a", "crash")[1][1])


if __name__ == "__main__":
    unittest.main()
