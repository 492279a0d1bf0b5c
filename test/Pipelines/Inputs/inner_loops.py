# Innermost loops of an assembly file, and how fast they are.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""inner_loops.py extract COUNT < FILE.s | llvm-mca -json | inner_loops.py rate LEAST

`extract` prints the innermost loops with COUNT multiply-adds or more, each as a
region of llvm-mca. `rate` prints how many multiply-adds of zmm registers a
clock llvm-mca finds in each region, and fails if one has less than LEAST.
"""
import json
import re
import sys


def extract(least):
    lines = sys.stdin.read().splitlines()
    starts = {}
    for i, line in enumerate(lines):
        if label := re.match(r"(\.L\w+):", line):
            starts[label[1]] = i
        jump = re.match(r"\s+j\w+\s+(\.L\w+)", line)
        if not jump or jump[1] not in starts:
            continue
        body = [x for x in lines[starts[jump[1]] + 1:i + 1]
                if re.match(r"\s+[a-z]", x)]
        if any(re.match(r"\s+j", x) for x in body[:-1]):
            continue
        if sum("vfmadd" in x for x in body) >= least:
            print("# LLVM-MCA-BEGIN", jump[1] + ":", *body, "# LLVM-MCA-END",
                  sep="\n")


def rate(least):
    for region in json.load(sys.stdin)["CodeRegions"]:
        summary = region["SummaryView"]
        count = sum("vfmadd" in x and "zmm" in x
                    for x in region["Instructions"])
        per_clock = count * summary["Iterations"] / summary["TotalCycles"]
        print("multiply-adds per clock: %.2f" % per_clock)
        if per_clock < least:
            sys.exit("less than %s" % least)


if sys.argv[1] == "extract":
    extract(int(sys.argv[2]))
else:
    rate(float(sys.argv[2]))
