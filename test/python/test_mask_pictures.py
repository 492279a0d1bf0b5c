# Pictures of masks.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads back what `attn.pictures` draws: the colour of each position and tile."""

import sys

import numpy as np
import pytest
from attn import driver, pictures
from attn.masks import And, Causal, Or, PerHead, Prefix, Segment, Sink, Window


def read(path, box, rows, cols):
    """The letter in the middle of each of `rows` x `cols` fields of the picture."""
    image = pytest.importorskip("matplotlib.image").imread(path)
    pixels = np.rint(image[..., :3] * 255).astype(int)
    left, top, right, bottom = box
    x = (left + (np.arange(cols) + 0.5) * (right - left) / cols).astype(int)
    y = (top + (np.arange(rows) + 0.5) * (bottom - top) / rows).astype(int)
    letter = {tuple(bytes.fromhex(colour[1:])): letter for letter, colour in pictures.COLOURS.items()}
    return ["".join(letter.get(tuple(pixel), "x") for pixel in row) for row in pixels[y][:, x]]


def draw(path, mask, rows, cols, **options):
    pytest.importorskip("matplotlib")
    return pictures.picture(mask, rows, cols, path, **options)


@pytest.fixture
def png(tmp_path):
    return tmp_path / "mask.png"


@pytest.fixture
def attn_opt():
    tool = driver.find_tool("attn-opt")
    if tool is None:
        pytest.skip("attn-opt is not built: set ATTN_BUILD_DIR or build it into build")
    return tool


def test_positions(png):
    box = draw(png, Or(Window(2), Sink(1)), 4, 6)
    assert read(png, box, 4, 6) == ["#.....", "##....", "###...", "#.##.."]


def test_offset_and_head(png):
    box = draw(png, PerHead(Causal(), Window(2)), 3, 6, offset=2, head=1)
    assert read(png, box, 3, 6) == [".##...", "..##..", "...##."]


def test_segments(png):
    ids = np.array([0, 0, 1, 1])
    box = draw(png, And(Causal(), Segment()), 4, 4, same_segment=ids[:, None] == ids)
    assert read(png, box, 4, 4) == ["#...", "##..", "..#.", "..##"]
    with pytest.raises(ValueError, match="C10"):
        draw(png, Segment(), 4, 4)


def test_tiles(png, attn_opt):
    box = draw(png, Or(Causal(), Prefix(130)), 400, 512, tile=(100, 64))
    assert read(png, box, 4, 8) == ["##+.....", "##++....", "###++...", "####+++."]


def test_segments_make_partial_tiles(png, attn_opt):
    box = draw(png, And(Causal(), Segment()), 4, 6, tile=(2, 2))
    assert read(png, box, 2, 3) == ["+..", "++."]
    box = draw(png, Segment(), 2, 3, tile=(1, 1))
    assert read(png, box, 2, 3) == ["+++", "+++"]


def test_sizes(png):
    """Every position has a pixel of its own, and the axes have their names on them."""
    for rows, cols in ((1, 1), (3, 700), (900, 40)):
        left, top, right, bottom = draw(png, Causal(), rows, cols)
        assert right - left >= 0.99 * cols and bottom - top >= 0.99 * rows, (rows, cols)
        assert left > 20 and top > 10


def test_letters(attn_opt):
    first, second = pictures.letters([Window(3), Prefix(2)], 3, 5, offset=1)
    assert ["".join(row) for row in first] == ["##...", "###..", ".###."]
    assert ["".join(row) for row in second] == ["##..."] * 3
    with pytest.raises(driver.RunError, match="expected a picture"):
        pictures.letters([Causal()], 0, 5)


def test_without_matplotlib(monkeypatch, png):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match="matplotlib, which is not installed"):
        pictures.picture(Causal(), 4, 4, png)


def test_without_the_tool(monkeypatch, png):
    monkeypatch.setenv("ATTN_BUILD_DIR", "/nowhere")
    with pytest.raises(driver.RunError, match="attn-opt is not built"):
        pictures.letters([Causal()], 4, 4)
