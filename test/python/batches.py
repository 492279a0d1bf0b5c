# Cases that share a function.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How many cases become one function, which is compiled and run once.

A process for each case takes longer to start than to compile; what LLVM takes for a
function of fifty is more than fifty times that for one.
"""

BATCH = 6


def in_batches(cases, run):
    """What `run(batch, number of its first case)` says of all cases."""
    return [line for first in range(0, len(cases), BATCH) for line in run(cases[first : first + BATCH], first)]
