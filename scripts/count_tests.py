#!/usr/bin/env python3
# Counts test results.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Adds up test results.

    count_tests.py FILE...

FILE is what `lit -o FILE.json` or `pytest --junitxml FILE.xml` wrote, or a .log
that ends in `N passed, N failed[, N skipped]`. Prints `PASSED FAILED SKIPPED`. A
file that is missing or has no test counts as one failure: a suite that did not
run has not passed.
"""
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

LIT_PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
LIT_SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def count_lit(path):
    with open(path) as file:
        codes = [test["code"] for test in json.load(file)["tests"]]
    passed = sum(code in LIT_PASSED for code in codes)
    skipped = sum(code in LIT_SKIPPED for code in codes)
    return passed, len(codes) - passed - skipped, skipped


def count_junit(path):
    passed = failed = skipped = 0
    for case in ElementTree.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_log(path):
    with open(path) as file:
        last = file.read().splitlines()[-1:]
    match = re.fullmatch(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", *last)
    if not match:
        raise ValueError("no closing line")
    return tuple(int(number or 0) for number in match.groups())


COUNTERS = {".json": count_lit, ".xml": count_junit, ".log": count_log}


def count(path):
    try:
        counts = COUNTERS[path[path.rindex("."):]](path)
    except (OSError, TypeError, ValueError, KeyError, ElementTree.ParseError) as error:
        print(f"count_tests.py: {path}: {error}", file=sys.stderr)
        return 0, 1, 0
    return counts if sum(counts) else (0, 1, 0)


if __name__ == "__main__":
    print(*map(sum, zip((0, 0, 0), *map(count, sys.argv[1:]))))
