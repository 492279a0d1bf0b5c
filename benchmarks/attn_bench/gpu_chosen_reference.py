# MoBA and NSA on a GPU: operands, and what is expected.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What each row chooses is computed again, in float32. A row whose last chosen score and
the next one nearly tie may choose either, so its result is not looked at (NaN)."""

import torch

# Queries and keys of MoBA drift in some of their channels, over so many tokens.
DRIFTING, DRIFT = 16, 1024
# Scores that differ by less may be ordered either way: means are rounded to bf16.
NEAR = 0.05
# Of the rows that are looked at, as many may be left out because of that.
MOST_NEAR = 0.2


def drift(array):
    """Lets the first channels of each head wander, with variance 1 everywhere."""
    count, length = array.shape[1], array.shape[2]
    knots = torch.randn(1, count, length // DRIFT + 2, DRIFTING, device="cuda")
    place = torch.arange(length, device="cuda") / DRIFT
    number, angle = place.long(), (place % 1 * torch.pi / 2)[:, None]
    wave = angle.cos() * knots[:, :, number] + angle.sin() * knots[:, :, number + 1]
    array[..., :DRIFTING] = wave.to(array.dtype)


def draw_lists(cell):
    """Distinct blocks up to the own one: that, the first, and others; -1 if there are
    not enough."""
    own = torch.arange(0, cell["S"], cell["rows"], device="cuda") // cell["block"]
    numbers = torch.arange(cell["S"] // cell["block"], device="cuda")
    forced = (numbers == 0) | (numbers == own[:, None])
    lists = []
    for _ in range(cell["Hkv"]):
        noise = torch.rand(forced.shape, device="cuda") + forced
        best = noise.masked_fill(numbers > own[:, None], -1).topk(cell["chosen"], -1)
        lists.append(best.indices.masked_fill(best.values < 0, -1).int())
    return torch.stack(lists)[None].contiguous()


def make_inputs(cell, inputs):
    """What the program takes, of queries, keys and values."""
    if cell["kind"] == "nsa":
        return [*inputs, draw_lists(cell)]
    for array in inputs[:2]:
        drift(array)
    return inputs[:2] if cell["kind"] == "choosing" else inputs


def choose(cell, q, k, rows):
    """Which blocks rows of MoBA choose, by head, and which rows would choose others if
    scores were a little different."""
    count = cell["S"] // cell["block"]
    numbers, own = torch.arange(count, device="cuda"), rows[:, None] // cell["block"]
    means = k.float().unflatten(1, (count, -1)).mean(2)
    scores = (q[:, rows].float() @ means.mT).masked_fill(numbers == own, torch.inf)
    scores = scores.masked_fill(numbers > own, -torch.inf)
    best = scores.topk(cell["chosen"] + 1, -1)
    seen = torch.zeros_like(scores).scatter(-1, best.indices[..., :-1], 1).bool()
    gap = best.values[..., -2] - best.values[..., -1]
    return seen & (numbers <= own), gap < NEAR


def listed(cell, lists, rows):
    """The blocks in the lists of rows, by head of keys."""
    chosen = lists[:, rows // cell["rows"]].long()
    count = cell["S"] // cell["block"]
    seen = torch.zeros(*chosen.shape[:2], count + 1, dtype=torch.bool, device="cuda")
    return seen.scatter(2, torch.where(chosen < 0, count, chosen), True)[..., :count]


def expected_rows(cell, inputs, rows):
    """Rows of the result in float64; of what chooses, the blocks as zeros and ones. NaN
    where either choice would be right."""
    rows = torch.tensor(list(rows), device="cuda")
    q, k = inputs[0][0], inputs[1][0]
    if cell["kind"] == "nsa":
        seen, near = listed(cell, inputs[3][0], rows), None
    else:
        seen, near = choose(cell, q, k, rows)
        if near.float().mean() > MOST_NEAR:
            raise ValueError("too many rows have scores that nearly tie")
    if cell["kind"] == "choosing":
        result = seen.double()
        result[near] = torch.nan
        return result[None]
    group = cell["H"] // cell["Hkv"]
    causal = torch.arange(cell["S"], device="cuda") <= rows[:, None]
    results = []
    for head in range(cell["H"]):
        visible = causal & seen[head // group].repeat_interleave(cell["block"], -1)
        keys, values = (x[0, head // group].double() for x in inputs[1:3])
        logits = q[head, rows].double() @ keys.T * cell["D"] ** -0.5
        results.append(logits.masked_fill(~visible, -torch.inf).softmax(-1) @ values)
    result = torch.stack(results)
    if near is not None:
        result[near] = torch.nan
    return result[None]


def as_zeros_and_ones(cell, lists):
    """Lists as what is expected of them."""
    return listed(cell, lists[0], torch.arange(cell["S"], device="cuda")).float()[None]


def tiles_seen(cell, inputs, rows=64):
    """Of the pairs that causal attention has, what tiles of so many rows visit if each
    row chooses alone, and how many pairs there are that are chosen."""
    q, k = (x[0] for x in inputs[:2])
    every = torch.arange(cell["S"], device="cuda")
    seen = choose(cell, q, k, every)[0]
    union = seen.unflatten(1, (-1, rows)).any(2).float().sum() * rows * cell["block"]
    causal = cell["H"] * cell["S"] ** 2 / 2
    return dict(
        chosen_share=round(cell["flops"] / (4 * cell["D"]) / causal, 4),
        visited_share=round(float(union) / causal, 4),
    )


def flex_block_mask(cell, q, k):
    """What each token chose as FlexAttention takes it: a test of each pair, in blocks of
    128 that some row of them sees."""
    from torch.nn.attention.flex_attention import BlockMask

    size, length = 128, cell["S"]
    every = torch.arange(length, device="cuda")
    seen = choose(cell, q[0], k[0], every)[0]
    rows = seen.unflatten(1, (-1, size))
    some, all_rows = (
        x.repeat_interleave(cell["block"] // size, -1) for x in (rows.any(2), rows.all(2))
    )
    number = torch.arange(length // size, device="cuda")
    some &= number <= number[:, None]
    full = all_rows & (number < number[:, None])

    def listed_blocks(mask):
        order = mask.int().sort(dim=-1, descending=True, stable=True).indices.int()
        return mask.sum(-1, dtype=torch.int32)[None], order[None].contiguous()

    def test(b, h, i, j):
        return seen[h, i, j // cell["block"]] & (j <= i)

    return BlockMask.from_kv_blocks(
        *listed_blocks(some & ~full), *listed_blocks(full), BLOCK_SIZE=size, mask_mod=test
    )
