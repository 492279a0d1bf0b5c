# Runs a function of an MLIR file through attn-run.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles and runs a function on NumPy arrays by way of the ``attn-run`` tool."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Sequence

import numpy as np

from . import npy


class RunError(RuntimeError):
    """attn-run failed; the message is what it printed."""


def find_tool(name: str = "attn-run") -> Path | None:
    """The tool: in ``bin`` of ``$ATTN_BUILD_DIR``, else of ``build`` in the checkout, else on the path."""
    if folder := os.environ.get("ATTN_BUILD_DIR"):
        path = Path(folder) / "bin" / name
        return path if path.exists() else None
    path = Path(__file__).resolve().parents[2] / "build" / "bin" / name
    if path.exists():
        return path
    found = shutil.which(name)
    return Path(found) if found else None


def _reason(done: subprocess.CompletedProcess) -> str:
    """What the tool printed, without the stack dump of a crash."""
    text = f"{done.stdout}\n{done.stderr}"
    return re.split(r"^(?:PLEASE submit a bug report|Stack dump:)", text, maxsplit=1, flags=re.M)[0].strip() or "no message"


def run(text: str, inputs: Sequence[np.ndarray], outputs: int, *, entry: str = "main", target: str = "cpu",
        options: Sequence[str] = (), tool: Path | None = None, keep: Path | None = None, timeout: float = 300):
    """The `outputs` results of function `entry` of the module `text`, as read from attn-run.

    bfloat16 results are returned as their uint16 bits. `options` go to attn-run
    as they are. The files are left in `keep` if given. Raises `RunError` with
    the tool's output where it fails or takes longer than `timeout` seconds.
    """
    tool = tool or find_tool()
    if tool is None:
        raise RunError("attn-run is not built: set ATTN_BUILD_DIR or build it into build")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{entry}.mlir"
        file.write_text(text)
        command = [str(tool), str(file), f"--entry={entry}", f"--target={target}", *options]
        for n, array in enumerate(inputs):
            npy.save(folder / f"in{n}.npy", array)
            command.append(f"--input={folder / f'in{n}.npy'}")
        results = [folder / f"out{n}.npy" for n in range(outputs)]
        for path in results:
            path.unlink(missing_ok=True)
        command += [f"--output={path}" for path in results]
        try:
            # Symbols of a stack dump take minutes to look up and are cut anyway.
            environment = os.environ | {"LLVM_DISABLE_SYMBOLIZATION": "1"}
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=environment)
        except subprocess.TimeoutExpired:
            raise RunError(f"took longer than {timeout} s") from None
        if done.returncode:
            how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}"
            raise RunError(f"{how}: {_reason(done)}")
        missing = [path.name for path in results if not path.exists()]
        if missing:
            raise RunError(f"wrote no {', '.join(missing)}")
        return [npy.load(path) for path in results]
