# The contestants of the GPU suites.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each maker takes (cell, inputs, folder of the artefacts) and returns a Contestant.
Inputs are dense arrays in memory of the GPU: queries, keys and values in bf16, of
batch, heads, rows and width, and what else the program of the cell takes. Each
contestant gets them in the layout that it wants before the clock starts."""

import functools
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from . import gpu_cells, gpu_chosen, gpu_chosen_reference, gpu_clusters
from . import gpu_clusters_reference, gpu_fla, gpu_flex
from . import gpu_linear_reference, gpu_reference, gpu_routed, patterns
from . import gpu_artefacts  # Makes the modules of the GPU checks known.

from library import Program, convert  # noqa: E402
from operands import Buffer  # noqa: E402


class Absent(Exception):
    """The contestant cannot take part, for the reason given."""


@dataclass
class Contestant:
    """`call` enqueues the cell once and returns what `view` makes an array like the
    expected one; `buffer` is where the result lies, if that is known before. `facts`
    go into the results. What computes another thing says what is `expected` of it."""

    call: Callable
    view: Callable = lambda result: result
    buffer: Buffer = None
    facts: dict = field(default_factory=dict)
    expected: Callable = None


def load(cell, folder):
    name = cell["program"]
    entry = gpu_artefacts.manifest(folder).get(name, {})
    if "failed" in entry:
        raise Absent(f"not compiled: {entry['failed']}")
    if not (folder / f"{name}.so").exists():
        raise Absent(f"no artefact {name}.so")
    return Program(folder / f"{name}.so", name)


def attn(cell, inputs, folder):
    program = load(cell, folder)
    if cell["kind"] == "decode":
        return attn_decode(cell, inputs, program)
    shape, dtype = inputs[0].shape, inputs[0].dtype  # Of a square product, too.
    view, facts = Contestant.view, {}
    if cell["kind"] == "choosing":
        shape, dtype = (*shape[:3], cell["chosen"]), torch.int32
        view = functools.partial(gpu_chosen_reference.as_zeros_and_ones, cell)
    if cell["kind"] in ("hashing", "order", "members"):
        shape, dtype = gpu_clusters_reference.result_shape(cell, inputs), torch.int32
        view = functools.partial(gpu_clusters_reference.view, cell)
    if cell["kind"] == "moba":
        facts = gpu_chosen_reference.tiles_seen(cell, inputs)
    buffer = Buffer(shape, dtype)
    arguments = [convert(x) for x in (*inputs, buffer.array)]
    stream = torch.cuda.current_stream().cuda_stream

    def call(keep=inputs):
        program(stream, arguments)
        return buffer.array

    return Contestant(call, view, buffer, facts)


def dense(cell, inputs, folder):
    """Ours, of all keys up to the own one."""
    every = dict(cell, kind="rate", program=cell["dense"], mask=patterns.CAUSAL.name)
    operands = inputs[:3]
    if cell["kind"] in gpu_clusters.KINDS:
        operands = gpu_clusters_reference.dense_operands(cell, inputs)
    contestant = attn(every, operands, folder)
    contestant.expected = lambda: gpu_reference.expectations(every, operands)
    return contestant


def in_graph(cell, step):
    """What enqueues all steps at once, and what the last step returns."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):  # What is loaded, tuned or allocated at first is so now.
            step(0)
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for turn in range(cell["steps"]):
            result = step(turn % cell["states"])

    def call():
        graph.replay()
        return result

    return call


def attn_decode(cell, inputs, program):
    *others, states = inputs
    buffer = Buffer(inputs[0].shape, inputs[0].dtype)
    following = torch.full_like(states, torch.nan)
    arguments = [
        [convert(x) for x in (*others, state, buffer.array, after)]
        for state, after in zip(states, following)
    ]

    def step(place, keep=inputs):
        program(torch.cuda.current_stream().cuda_stream, arguments[place])

    def view(_):
        last = following[gpu_linear_reference.last_state(cell)]
        return gpu_linear_reference.with_state(buffer.array, last)

    return Contestant(in_graph(cell, step), view, buffer)


def fa3_without(feature):
    """Whether FlashAttention-3 was built without it, if that is known."""
    try:
        from flash_attn_config import CONFIG
    except ImportError:
        return False
    return CONFIG["build_flags"].get(f"FLASHATTENTION_DISABLE_{feature}", False)


def fa3(cell, inputs, folder):
    try:
        from flash_attn_interface import flash_attn_func
    except Exception as error:  # Whatever it is, it cannot be imported.
        raise Absent(f"{type(error).__name__}: {error}") from None
    if fa3_without(f"HDIM{cell['D']}"):
        raise Absent(f"built without D{cell['D']}")
    if cell["softcap"] and fa3_without("SOFTCAP"):
        raise Absent("built without softcap")
    pattern = patterns.BY_NAME[cell["mask"]]
    if pattern.window and fa3_without("LOCAL"):
        raise Absent("built without windows")
    q, k, v = (x.transpose(1, 2).contiguous() for x in inputs[:3])
    options = dict(causal=pattern is not patterns.FULL, softcap=cell["softcap"])
    if pattern.window:
        options["window_size"] = (pattern.window - 1, 0)

    def view(result):
        return (result[0] if isinstance(result, tuple) else result).transpose(1, 2)

    return Contestant(lambda: flash_attn_func(q, k, v, **options), view)


def sdpa(backend):
    def make(cell, inputs, folder):
        if cell["softcap"]:
            raise Absent("has no softcap")
        q, k, v = inputs
        causal, grouped = cell["mask"] == "causal", cell["H"] != cell["Hkv"]

        def call():
            with sdpa_kernel(backend):
                return torch.nn.functional.scaled_dot_product_attention(
                    q, k, v, is_causal=causal, enable_gqa=grouped
                )

        return Contestant(call)

    return make


def torch_matmul(cell, inputs, folder):
    a, b = inputs
    return Contestant(lambda: torch.matmul(a, b))


def flex(cell, inputs, folder):
    if cell["kind"] == gpu_routed.KIND:
        mask = gpu_routed.block_mask(cell, inputs[3])
        return Contestant(gpu_flex.prepare_blocks(mask, *inputs[:3]))
    if cell["kind"] == "moba":
        mask = gpu_chosen_reference.flex_block_mask(cell, *inputs[:2])
        return Contestant(gpu_flex.prepare_blocks(mask, *inputs))
    call, costs = gpu_flex.prepare(cell, *inputs[:3])
    return Contestant(call, facts=dict(block_mask=costs))


def fla(gamma):
    def make(cell, inputs, folder):
        try:
            if cell["kind"] in gpu_chosen.KINDS:
                return Contestant(gpu_fla.bind_chosen(cell, inputs), gpu_fla.view)
            if cell["kind"] == "decode":
                step = gpu_fla.bind_step(cell, inputs)
            else:
                call = gpu_fla.bind(cell, inputs, gamma=gamma)
        except Exception as error:  # Whatever it is, it cannot be imported.
            raise Absent(f"{type(error).__name__}: {error}") from None
        if cell["kind"] != "decode":
            return Contestant(call, gpu_fla.view)
        return Contestant(
            in_graph(cell, step),
            lambda result: gpu_linear_reference.with_state(gpu_fla.view(result), result[1]),
        )

    return make


MAKERS = {
    "attn": attn,
    "dense": dense,
    "flex": flex,
    "fa3": fa3,
    "cudnn": sdpa(SDPBackend.CUDNN_ATTENTION),
    "fa2": sdpa(SDPBackend.FLASH_ATTENTION),
    "torch": torch_matmul,
    "fla": fla(gamma=False),
    "fla_gamma": fla(gamma=True),
}


def makers(cell):
    return {who: MAKERS[who] for who in gpu_cells.contestants(cell)}


def versions(who):
    """Of the contestants named, as far as they have any."""
    found = dict(torch=torch.__version__, CUDA=torch.version.cuda)
    found["cuDNN"] = str(torch.backends.cudnn.version())
    if who & {"flex", "fla"}:
        try:
            import triton

            found["Triton"] = triton.__version__
        except ImportError as error:
            print(f"no Triton, {error}", file=sys.stderr)
    if "fla" in who:
        try:
            import fla

            found["FLA"] = gpu_fla.version(fla)
        except Exception as error:  # Whatever it is, it cannot be imported.
            print(f"fla: left out, {type(error).__name__}: {error}", file=sys.stderr)
    if "fa3" not in who:
        return found
    try:
        import flash_attn_interface
    except Exception as error:
        print(f"fa3: left out, {type(error).__name__}: {error}", file=sys.stderr)
        return found
    # A file COMMIT beside the folder that it was built in says which it is.
    note = Path(flash_attn_interface.__file__).resolve().parents[1] / "COMMIT"
    text = note.read_text().strip() if note.exists() else ""
    found["FlashAttention-3"] = text.splitlines()[0] if text else "of unknown revision"
    return found
