# The suites of the GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A suite is the cells that it times and what makes a section of docs/benchmarks.md of
its results. Whatever else is done with a cell depends on the cell alone."""

import re
from dataclasses import dataclass
from typing import Callable

from . import gpu_cells, gpu_linear_cells, gpu_linear_tables, gpu_mask_cells, gpu_mask_tables
from . import gpu_routed_cells, gpu_routed_tables, gpu_tables


@dataclass(frozen=True)
class Suite:
    cells: Callable
    section: Callable
    # Seconds for a cell, its rounds not counted; the first has to load PyTorch.
    patience: int = 240


SUITES = {
    "gpu-dense": Suite(gpu_cells.cells, gpu_tables.section),
    "gpu-masks": Suite(gpu_mask_cells.cells, gpu_mask_tables.section),
    "gpu-routed": Suite(gpu_routed_cells.cells, gpu_routed_tables.section),
    # The peer tunes itself at its first calls.
    "gpu-linear": Suite(gpu_linear_cells.cells, gpu_linear_tables.section, 480),
}


def select(suite, only):
    return [cell for cell in SUITES[suite].cells() if re.search(only, cell["name"])]
