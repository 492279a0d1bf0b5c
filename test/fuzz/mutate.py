# Random changes to the inputs of the test suite.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Takes a piece of a test apart into tokens and changes a few of them."""
import re

TOKEN = re.compile(r"\s+|[%#@!^]?[\w.$-]+|\"[^\"]*\"|->|.", re.S)
NUMBERS = ["0", "1", "-1", "2", "3", "7", "17", "64", "100", "1000003", "2147483647", "9223372036854775807"]
TYPES = ["f16", "bf16", "f32", "f64", "i1", "i32", "i64", "index"]
WORDS = ["causal", "and", "or", "not", "window", "prefix", "segment", "true", "false", "top_left",
         "bottom_right", "strict_values", "free", "ordered"]


def load(folder):
    """The pieces of all .mlir files: between `// -----`, without directives."""
    pieces = []
    for file in sorted(folder.rglob("*.mlir")):
        for piece in re.split(r"^// -----.*$", file.read_text(), flags=re.M):
            piece = "\n".join(line for line in piece.splitlines()
                              if not line.lstrip().startswith("//"))
            if piece.strip():
                pieces.append(piece.strip() + "\n")
    return pieces


def change(rng, tokens):
    at = rng.choice([i for i, token in enumerate(tokens) if not token.isspace()])
    token = tokens[at]
    kind = rng.randrange(10)
    if re.fullmatch(r"\d+", token) or kind == 0 and re.fullmatch(r"-?[\d.e+-]+", token):
        tokens[at] = rng.choice(NUMBERS)
    elif re.fullmatch(r"\d+(x\d+|x\?)*x\w+", token):
        # A shape, of which one extent changes.
        parts = token.split("x")
        parts[rng.randrange(len(parts) - 1)] = rng.choice(NUMBERS[:8] + ["?"])
        tokens[at] = "x".join(parts)
    elif token in TYPES:
        tokens[at] = rng.choice(TYPES)
    elif token in WORDS:
        tokens[at] = rng.choice(WORDS)
    elif token.startswith("%") and kind < 7:
        tokens[at] = rng.choice([t for t in tokens if t.startswith("%")])
    elif kind < 4:
        del tokens[at]
    elif kind < 7:
        tokens.insert(at, token)
    else:
        other = rng.randrange(len(tokens))
        tokens[at], tokens[other] = tokens[other], tokens[at]


def drop_line(rng, text):
    lines = text.splitlines(keepends=True)
    del lines[rng.randrange(len(lines))]
    return "".join(lines)


def mutate(rng, pieces):
    text = rng.choice(pieces)
    if rng.randrange(8) == 0:
        text += rng.choice(pieces)
    if rng.randrange(10) == 0:
        text = drop_line(rng, text) or text
    tokens = TOKEN.findall(text)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 4])):
        if any(not token.isspace() for token in tokens):
            change(rng, tokens)
    return "".join(tokens)
