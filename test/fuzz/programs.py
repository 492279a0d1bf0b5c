# Whole programs out of the grammar.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One attention, a split one whose parts are merged, or two in a row."""
from grammar import (ELEMENT_TYPES, Program, Writer, chance, draw_clauses,
                     draw_sizes, twist)


def operands(writer, sizes, element):
    shapes = {"q": ["B", "Hq", "Sq", "Dk"], "k": ["B", "Hkv", "Skv", "Dk"],
              "v": ["B", "Hkv", "Skv", "Dv"]}
    types = [sizes.type(letters, element) for letters in shapes.values()]
    names = [writer.argument(name, type, sizes.open(letters))
             for (name, letters), type in zip(shapes.items(), types)]
    if chance(writer.rng, 15):
        # A producer that may be fused.
        name = writer.name("p")
        writer.line(f"{name} = arith.addf {names[0]}, {names[0]} : {types[0]}")
        names[0] = name
    return names, types


def empty(writer, sizes, letters, element, sources):
    """An uninitialised tensor; `sources` says where an open extent comes from."""
    extents = []
    for letter in letters:
        if letter in sizes.dynamic:
            value, type, axis = sources[letter]
            index = writer.constant(axis, "index")
            extents.append(writer.name("n"))
            writer.line(f"{extents[-1]} = tensor.dim {value}, {index} : {type}")
    name, type = writer.name("e"), sizes.type(letters, element)
    writer.line(f"{name} = tensor.empty({', '.join(extents)}) : {type}")
    return name, type


def extents_of(names, types):
    q, k, v = zip(names, types)
    return {"B": (*q, 0), "Hq": (*q, 1), "Sq": (*q, 2), "Dk": (*q, 3),
            "Hkv": (*k, 1), "Skv": (*k, 2), "Dv": (*v, 3)}


def attention(writer, sizes, element, names, types):
    rng, sources = writer.rng, extents_of(names, types)
    wide = "f64" if element == "f64" else "f32"
    outs = [empty(writer, sizes, ["B", "Hq", "Sq", "Dv"], element, sources)]
    if chance(rng, 40):
        outs.append(empty(writer, sizes, ["B", "Hq", "Sq"], wide, sources))
    clauses, regions = draw_clauses(rng, writer, sizes, element, can_sink=True)
    scale = rng.choice(["0.125", "0.35", "1.0", "-0.5", "0.0", "0.08838834764831845"])
    results = [writer.name("o") for _ in outs]
    writer.line(f"{', '.join(results)} = attn.attention {', '.join(names)} "
                f"outs({', '.join(name for name, _ in outs)}) scale({scale}) {clauses}{regions}"
                f" : {', '.join(types)} -> {', '.join(type for _, type in outs)}")
    return results, [type for _, type in outs]


def identity_state(writer, sizes, wide, sources):
    lowest = {"f32": "-3.40282347E+38", "f64": "-1.7976931348623157E+308"}[wide]
    state = []
    for letters, value in ((["B", "Hq", "Sq", "Dv"], "0.0"), (["B", "Hq", "Sq"], lowest),
                           (["B", "Hq", "Sq"], "0.0")):
        name, type = empty(writer, sizes, letters, wide, sources)
        filled, number = writer.name("i"), writer.constant(value, wide)
        writer.line(f"{filled} = linalg.fill ins({number} : {wide}) outs({name} : {type}) -> {type}")
        state.append((filled, type))
    return state


def join(state):
    return ", ".join(name for name, _ in state), ", ".join(type for _, type in state)


def partials(writer, sizes, element, names, types):
    """Two states, each over all keys with a mask of its own, merged and read."""
    rng, sources = writer.rng, extents_of(names, types)
    wide = "f64" if element == "f64" else "f32"
    states = []
    for _ in range(2):
        values, state_types = join(identity_state(writer, sizes, wide, sources))
        clauses, regions = draw_clauses(rng, writer, sizes, element, can_sink=False)
        results = [writer.name("s") for _ in range(3)]
        writer.line(f"{', '.join(results)} = attn.partial {', '.join(names)} outs({values}) "
                    f"scale(0.25) {clauses}{regions} : {', '.join(types)} -> {state_types}")
        states.append((results, state_types))
    (first, state_types), (second, _) = states
    values, _ = join(identity_state(writer, sizes, wide, sources))
    merged = [writer.name("m") for _ in range(3)]
    writer.line(f"{', '.join(merged)} = attn.merge {', '.join(first + second)} outs({values})"
                f" : {state_types}, {state_types} -> {state_types}")
    out, out_type = empty(writer, sizes, ["B", "Hq", "Sq", "Dv"], element, sources)
    lse, lse_type = empty(writer, sizes, ["B", "Hq", "Sq"], wide, sources)
    results = [writer.name("o"), writer.name("l")]
    writer.line(f"{', '.join(results)} = attn.finalize {', '.join(merged)} outs({out}, {lse})"
                f" : {state_types} -> {out_type}, {lse_type}")
    return results, [out_type, lse_type]


def generate(rng):
    sizes, element, writer = draw_sizes(rng), rng.choice(ELEMENT_TYPES), Writer(rng)
    names, types = operands(writer, sizes, element)
    kind = rng.randrange(10)
    if kind < 2:
        results, result_types = partials(writer, sizes, element, names, types)
    else:
        results, result_types = attention(writer, sizes, element, names, types)
        if kind == 9 and sizes.Dk == sizes.Dv and not {"Dk", "Dv"} & sizes.dynamic:
            # The result is the query of another one.
            results, result_types = attention(writer, sizes, element, [results[0], *names[1:]],
                                              [result_types[0], *types[1:]])
    text = writer.finish(results, result_types)
    if chance(rng, 15):
        return Program(twist(rng, text), [], False, False)
    return Program(text, writer.dims, True, not {"Dk", "Dv"} & sizes.dynamic)
