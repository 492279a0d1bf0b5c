# flash-linear-attention on a GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Its functions that go by chunks, on the same numbers in its own layout, which is batch,
length, heads and width."""

from importlib import import_module
from pathlib import Path

# By method: module and function, names of what comes after q, k and v, what else is said.
FUNCTIONS = {
    "linear": ("linear_attn", "chunk_linear_attn", (), dict(normalize=False)),
    # Has the rates in itself.
    "retention": ("retention", "chunk_retention", (None,), {}),
    "simple_gla": ("simple_gla", "chunk_simple_gla", ("g",), {}),
    "delta": ("delta_rule", "chunk_delta_rule", ("beta",), {}),
    "gated_delta": ("gated_delta_rule", "chunk_gated_delta_rule", ("g", "beta"), {}),
    "gla": ("gla", "chunk_gla", ("g",), {}),
    "gla64": ("gla", "chunk_gla", ("g",), {}),
    "kda": ("kda", "chunk_kda", ("g", "beta"), {}),
    "kda64": ("kda", "chunk_kda", ("g", "beta"), {}),
}
# Its functions that go token by token, which is what it decodes by.
STEPS = {
    "linear": ("linear_attn", "fused_recurrent_linear_attn", (), dict(normalize=False)),
    "simple_gla": ("simple_gla", "fused_recurrent_simple_gla", ("g",), {}),
    "delta": ("delta_rule", "fused_recurrent_delta_rule", ("beta",), {}),
    "gated_delta": ("gated_delta_rule", "fused_recurrent_gated_delta_rule", ("g", "beta"), {}),
    "gla": ("gla", "fused_recurrent_gla", ("gk",), {}),
}


def function(module, name):
    return getattr(import_module(f"fla.ops.{module}"), name)


def in_its_layout(x):
    return x.transpose(1, 2).contiguous()


def bind(cell, inputs, find=function, gamma=False):
    """What computes the cell once."""
    module, name, names, options = FUNCTIONS["simple_gla" if gamma else cell["method"]]
    options = dict(options, scale=cell["D"] ** -0.5)
    if gamma:
        # The gates of any token are those of all.
        names, options["g_gamma"] = (), inputs[3][0, :, 0].contiguous()
    call = find(module, name)
    q, k, v = map(in_its_layout, inputs[:3])
    options |= {name: in_its_layout(x) for name, x in zip(names, inputs[3:]) if name}
    return lambda: call(q, k, v, **options)


def bind_step(cell, inputs, find=function):
    """What takes the state of this number one token on."""
    module, name, names, others = STEPS[cell["method"]]
    call, states = find(module, name), inputs[-1]
    q, k, v = map(in_its_layout, inputs[:3])
    options = {name: in_its_layout(x) for name, x in zip(names, inputs[3:-1])}
    options |= dict(others, scale=cell["D"] ** -0.5, output_final_state=True)
    return lambda place: call(q, k, v, initial_state=states[place], **options)


def bind_chosen(cell, inputs, find=function):
    """What computes MoBA, or the attention of NSA to the tokens in given lists."""
    import torch

    q, k, v = map(in_its_layout, inputs[:3])
    length = cell["S"]
    if cell["kind"] == "moba":
        ends = torch.tensor([0, length], dtype=torch.int32, device="cuda")
        call = find("moba", "parallel_moba")
        sizes = dict(max_seqlen=length, chunk_size=cell["block"], topk=cell["chosen"])
        return lambda: call(q, k, v, cu_seqlens=ends, **sizes)
    call = find("nsa.parallel", "parallel_nsa")
    # It takes a list for each token, and a gate.
    lists = inputs[3].repeat_interleave(cell["rows"], 2).transpose(1, 2).long().contiguous()
    gate = torch.ones(1, length, cell["H"], device="cuda", dtype=q.dtype)
    options = dict(block_indices=lists, block_counts=cell["chosen"], block_size=cell["block"])
    return lambda: call(q, k, v, None, gate, None, **options)


def view(result):
    """Of the output and the state, which is not asked for."""
    return (result[0] if isinstance(result, tuple) else result).transpose(1, 2)


def version(package):
    """A file COMMIT beside the package says which it is."""
    note = Path(package.__file__).resolve().parents[1] / "COMMIT"
    text = note.read_text().split() if note.exists() else []
    return " ".join([package.__version__, *(part[:12] for part in text[:1])])
