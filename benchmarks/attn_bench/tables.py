# What the tables of several suites say in the same way.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Means of ratios, the machine of a CPU suite, and rows with where they are from."""

import math


def geometric_mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def mean_and_lowest(ratios):
    """Of ratios by the name of their cell, nothing where there is none."""
    ratios = {name: value for name, value in ratios.items() if value}
    if not ratios:
        return None
    lowest = min(ratios, key=ratios.get)
    return f"{geometric_mean(ratios.values()):.2f}, lowest {ratios[lowest]:.2f} ({lowest})"


def cpu_machine(results):
    device = results["device"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return (
        f"{device['cpu']}, {device['cores']} cores, "
        f"{'AVX-512' if device['avx512'] else 'no AVX-512'}; {results['date']}; {versions}."
    )


def table(header, rows, records):
    """Rows below a header, and the commits of the records that they are of."""
    commits = ", ".join(sorted({record["commit"] for record in records}))
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|", *rows]
    return [*lines, "", f"Commit {commits}.", ""]
