# What is known about the GPU, and what it does meanwhile.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Facts from PyTorch and nvidia-smi; without nvidia-smi they are fewer."""

import os
import statistics
import subprocess
import tempfile

import torch

READINGS = {"clock_mhz": "clocks.sm", "power_w": "power.draw", "celsius": "temperature.gpu"}
PERIOD = 100  # milliseconds


def smi(fields, *options):
    """The command that prints the fields of this process's GPU."""
    chosen = []
    if torch.cuda.device_count() > 1 or os.environ.get("CUDA_VISIBLE_DEVICES"):
        uuid = str(torch.cuda.get_device_properties(0).uuid)
        chosen = ["-i", uuid if uuid.startswith("GPU-") else f"GPU-{uuid}"]
    query = f"--query-gpu={','.join(fields)}"
    return ["nvidia-smi", *chosen, query, "--format=csv,noheader,nounits", *options]


def parse(text, names):
    """A dictionary of numbers for each line; what is no number is left out."""
    lines = []
    for line in text.splitlines():
        found = {}
        for name, value in zip(names, line.split(",")):
            try:
                found[name] = float(value)
            except ValueError:
                pass
        lines.append(found)
    return lines


def describe():
    properties = torch.cuda.get_device_properties(0)
    found = dict(
        name=properties.name,
        capability=[properties.major, properties.minor],
        multiprocessors=properties.multi_processor_count,
    )
    try:
        names = ("clocks.max.sm", "power.limit", "driver_version")
        done = subprocess.run(smi(names), capture_output=True, text=True, timeout=30, check=True)
        found["driver"] = done.stdout.strip().split(",")[-1].strip()
        numbers = parse(done.stdout, ("max_clock_mhz", "power_limit_w"))
        found.update(numbers[0] if numbers else {})
    except (OSError, subprocess.SubprocessError) as error:
        found["driver"] = f"not read ({type(error).__name__})"
    return found


class Watch:
    """Reads clocks, power and temperature while its block runs: `medians` then."""

    def __enter__(self):
        self.output, self.process = tempfile.TemporaryFile("w+"), None
        try:
            self.process = subprocess.Popen(
                smi(READINGS.values(), f"--loop-ms={PERIOD}"),
                stdout=self.output,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            pass
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.output.seek(0)
        lines = parse(self.output.read(), READINGS)
        self.output.close()
        read = {name: [line[name] for line in lines if name in line] for name in READINGS}
        self.medians = {name: statistics.median(found) for name, found in read.items() if found}
