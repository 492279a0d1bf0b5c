# Reformer and the Routing Transformer on a GPU: operands, and what is expected.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is chosen is computed again, in float64. Queries of Reformer are drawn until no
two of their hashes nearly tie: one token in another bucket moves all behind it. Tokens
that a cluster of the Routing Transformer might or might not take, and those that attend
in it, are not looked at (NaN)."""

import torch

# Products that differ by less may be ordered either way.
NEAR = 1e-3
# Numbers are compared by their bits.
BITS = 20


def hashes_of(cell, rows, rotations):
    """Of rows [n, D] with the rotations [columns, D] of a round: buckets, and whether one
    of the hashes nearly ties."""
    bucket, near = torch.zeros(len(rows), dtype=torch.long, device="cuda"), False
    parts = rotations.double().split([count // 2 for count in cell["hashes"]])
    for count, part in zip(cell["hashes"], parts):
        products = rows.double() @ part.T
        best = torch.cat([products, -products], -1).topk(2, -1)
        bucket = bucket * count + best.indices[:, 0]
        near = near | (best.values[:, 0] - best.values[:, 1] < NEAR)
    return bucket, near


def each_round(cell):
    return ((h, h * cell["rounds"] + r) for h in range(cell["H"]) for r in range(cell["rounds"]))


def make_inputs(cell, inputs):
    """What the program takes, of queries, keys and values."""
    q, k, v = inputs
    if cell["kind"] in ("routing", "members"):
        means = torch.randn(cell["H"], cell["clusters"], cell["D"], device="cuda")
        return [q, k, v, torch.nn.functional.normalize(means, dim=-1).bfloat16()]
    heads = cell["H"] * cell["rounds"]
    rotations = torch.randn(1, heads, sum(cell["hashes"]) // 2, cell["D"], device="cuda").bfloat16()
    for h in range(cell["H"]):
        rows = torch.arange(cell["S"], device="cuda")
        while len(rows):
            near = torch.zeros(len(rows), dtype=torch.bool, device="cuda")
            for r in range(cell["rounds"]):
                near |= hashes_of(cell, q[0, h, rows], rotations[0, h * cell["rounds"] + r])[1]
            rows = rows[near]
            q[0, h, rows] = torch.randn(len(rows), cell["D"], device="cuda").bfloat16()
    return [q, v, rotations]


def dense_operands(cell, inputs):
    """Queries, keys and values of attention to all keys."""
    if cell["kind"] == "routing":
        return inputs[:3]
    return [inputs[0], inputs[0], inputs[1]]


def result_shape(cell, inputs):
    """Of a part: its numbers."""
    if cell["kind"] == "members":
        return (1, cell["H"] * cell["clusters"], cell["clusters"])
    return (1, cell["H"] * cell["rounds"], cell["S"])


def as_bits(numbers):
    """[..., n] as [..., n, BITS] of -1 and 1: wrong ones are far apart."""
    bits = numbers.long()[..., None] >> torch.arange(BITS, device="cuda")
    return (bits & 1).double() * 2 - 1


def with_one(rows):
    """So that a row of a token in no cluster has a length to compare with."""
    return torch.nn.functional.pad(rows, (0, 1), value=1.0)


def view(cell, result):
    """A part as what is expected of it."""
    if cell["kind"] != "members":
        return as_bits(result)
    seen = torch.zeros(cell["H"], cell["clusters"], cell["S"], device="cuda")
    lists = result.long().view(cell["H"], cell["clusters"], -1)
    return with_one(seen.scatter_(-1, lists, 1.0).transpose(1, 2))[None]


def buckets_of(cell, inputs):
    q, _, rotations = inputs
    return torch.stack([hashes_of(cell, q[0, h], rotations[0, n])[0] for h, n in each_round(cell)])


def reformer_rows(cell, inputs, rows):
    q, v, _ = inputs
    norms = q.float().square().sum(-1, keepdim=True).sqrt()
    k, chunk = (q.float() / norms).bfloat16(), cell["chunk"]
    order = buckets_of(cell, inputs).argsort(dim=-1, stable=True)
    results = []
    for h in range(cell["H"]):
        outs, sums = [], []
        for n in range(h * cell["rounds"], (h + 1) * cell["rounds"]):
            place = torch.empty_like(order[n])
            place[order[n]] = torch.arange(cell["S"], device="cuda")
            chunks = order[n].view(-1, chunk)
            own = place[rows] // chunk
            seen = torch.cat([chunks[own], chunks[own - 1]], -1)
            logits = (k[0, h, seen].double() @ q[0, h, rows].double()[..., None])[..., 0]
            logits = (logits * cell["D"] ** -0.5).masked_fill(seen == rows[:, None], -5e4)
            logits = logits.masked_fill(seen > rows[:, None], -torch.inf)
            outs.append((logits.softmax(-1)[:, None] @ v[0, h, seen].double())[:, 0])
            sums.append(logits.logsumexp(-1))
        weights = torch.stack(sums).softmax(0)[..., None]
        results.append((weights * torch.stack(outs)).sum(0))
    return torch.stack(results)[None]


def members_of(cell, x, means):
    """Of one head: the tokens of each cluster, and those that nearly are, or nearly are not."""
    x = x.double()
    scores = means.double() @ (x / x.norm(dim=-1, keepdim=True)).T
    best = scores.topk(cell["clusters"] + 1, -1)
    bound = best.values[:, -2:].mean(-1, keepdim=True)
    return best.indices[:, :-1], (scores - bound).abs() < NEAR / 100


def members_rows(cell, inputs, rows):
    results = []
    for h in range(cell["H"]):
        taken, near = members_of(cell, inputs[0][0, h], inputs[3][h])
        seen = torch.zeros(near.shape, dtype=torch.double, device="cuda").scatter_(-1, taken, 1.0)
        seen = with_one(seen[:, rows].T)
        seen[near[:, rows].any(0)] = torch.nan
        results.append(seen)
    return torch.stack(results)[None]


def routing_rows(cell, inputs, rows):
    q, k, v, means = inputs
    results = []
    for h in range(cell["H"]):
        (mine, nearly), (theirs, nearby) = (members_of(cell, x[0, h], means[h]) for x in (q, k))
        # Clusters with a key that might be another one.
        unsure = nearby.sum(-1) > 1
        keys, values = (x[0, h][theirs].double() for x in (k, v))
        out = torch.zeros(len(rows), cell["D"], dtype=torch.double, device="cuda")
        for n, row in enumerate(rows.tolist()):
            clusters = (mine == row).any(-1).nonzero()[:, 0]
            logits = keys[clusters] @ q[0, h, row].double() * cell["D"] ** -0.5
            hidden = theirs[clusters] > row
            weights = logits.masked_fill(hidden, -torch.inf).softmax(-1).nan_to_num(0)
            out[n] = (weights[:, None] @ values[clusters]).sum((0, 1)) / max(1, len(clusters))
            # A row of zeros has no direction to compare.
            if nearly[:, row].any() or unsure[clusters].any() or not out[n].any():
                out[n] = torch.nan
        results.append(out)
    return torch.stack(results)[None]


def expected_rows(cell, inputs, rows):
    """Rows of the result, in float64."""
    rows = torch.tensor(list(rows), device="cuda")
    if cell["kind"] == "routing":
        return routing_rows(cell, inputs, rows)
    if cell["kind"] == "members":
        return members_rows(cell, inputs, rows)
    if cell["kind"] == "reformer":
        return reformer_rows(cell, inputs, rows)
    numbers = buckets_of(cell, inputs)
    if cell["kind"] == "order":
        numbers = numbers.argsort(dim=-1, stable=True)
    return as_bits(numbers[:, rows])[None]
