# Renders profiles of GPU cells.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The section of docs/benchmarks.md that benchmarks/results/gpu-profile.json makes."""

from . import gpu_tables, tables

# What is asked of ncu, by what it is called in the results.
METRICS = {
    "ns": "gpu__time_duration.sum",
    "cycles": "sm__cycles_elapsed.max",
    "hz": "sm__cycles_elapsed.avg.per_second",
    "instructions": "smsp__inst_executed.sum",
    "issue": "smsp__issue_active.avg.pct_of_peak_sustained_active",
    "tensor": "sm__pipe_tensor_op_hmma_cycles_active.avg.pct_of_peak_sustained_elapsed",
    "xu": "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_elapsed",
    "dram": "dram__throughput.avg.pct_of_peak_sustained_elapsed",
    "registers": "launch__registers_per_thread",
}
HEADER = (
    "cell",
    "contestant",
    "us",
    "cycles",
    "clock, MHz",
    "instructions, M",
    "issue slots, %",
    "tensor cores, %",
    "exponentials, %",
    "HBM, %",
    "registers",
)


def row(call):
    found = call["counters"]
    name = gpu_tables.NAMES.get(call["contestant"], call["contestant"])
    if call["kernels"] > 1:
        name += f" ({call['kernels']} kernels)"
    columns = [call["name"], name, f"{found['ns'] / 1e3:.0f}", f"{found['cycles']:.0f}"]
    columns += [f"{found['hz'] / 1e6:.0f}", f"{found['instructions'] / 1e6:.1f}"]
    columns += [f"{found[key]:.0f}" for key in ("issue", "tensor", "xu", "dram", "registers")]
    return f"| {' | '.join(columns)} |"


def section(results):
    calls = results["calls"]
    if not calls:
        return []
    device = results["device"]
    return [
        "## Profiles (`benchmarks/gpu_profile.py`)",
        "",
        f"{device['name']}. Counters of one call by Nsight Compute, clocks left alone, of the "
        "longest kernel if there are several. Shares are of what the units can do in the time "
        "of the kernel, of issue slots while a multiprocessor is busy; the exponential is one "
        "of the instructions of its unit.",
        "",
        *tables.table(HEADER, map(row, calls), calls),
    ]
