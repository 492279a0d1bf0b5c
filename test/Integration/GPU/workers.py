"""Processes that do one thing after another, and are replaced when one is lost."""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import json
import queue
import subprocess
import threading


def lines_of(stream):
    """A queue of the lines as they come, and None behind the last one."""
    lines = queue.Queue()

    def read():
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def run_in_workers(command, names, patience):
    """Yields (name, record) in order, from as many workers as it takes.

    A worker is the command with the names that are left. It prints an object of
    JSON for each, with the name in it. One that ends with status 0 before its
    last name, as where the context of the GPU is lost, is replaced by another
    one. Where a worker ends otherwise, or prints nothing for `patience` seconds,
    its next name has failed and another worker goes on behind it.
    """
    left = list(names)
    while left:
        worker = subprocess.Popen([*command, *left], stdout=subprocess.PIPE,
                                  text=True)
        try:
            yield from take(worker, left, patience)
        finally:
            worker.kill()
            worker.wait()


def take(worker, left, patience):
    """What one worker brings to an end; `left` has the rest then."""
    lines, before = lines_of(worker.stdout), len(left)
    while left:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            yield left.pop(0), {"failure": f"no end within {patience} s"}
            return
        if line is None:
            if worker.wait() or len(left) == before:
                yield left.pop(0), {"failure": "the process ended"}
            return
        record = json.loads(line)
        name = record.pop("name")
        assert name == left.pop(0), name
        yield name, record
