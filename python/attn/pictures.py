# Pictures of masks.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Pictures of masks: in letters, as the compiler prints them, and as PNG files.

>>> picture(And(Causal(), Or(Window(64), Sink(4))), 512, 512, "streaming.png", tile=(64, 64))

Drawing needs matplotlib, which nothing else of the package does.
"""

import os
import subprocess
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .driver import RunError, find_tool
from .masks import Mask, Point

#: Colours by letter, as #rrggbb, and what letters mean of a position and of a tile.
COLOURS = {".": "#e8e8e8", "+": "#f2a541", "#": "#2a5d9f"}
POSITIONS = {".": "not seen", "#": "seen"}
TILES = {".": "empty", "+": "partial", "#": "full"}
#: Pixels of the longer side, unless there are more letters.
_SIDE = 640


def letters(masks: Sequence[Mask], rows: int, cols: int, *, tile: tuple = (1, 1), offset: int = 0, batch: int = 0,
            head: int = 0) -> list[np.ndarray]:
    """What ``attn-opt --attn-print-mask`` prints of each mask, as an array of letters.

    `rows` queries, the first at position `offset`, and `cols` keys, in tiles of
    ``tile = (rows, cols)``: ``#`` full, ``+`` partial, ``.`` empty, as far as the
    compiler knows for any length. So the last tiles may reach behind `rows` and
    `cols`. In tiles of one position ``?`` is where run-time ids or bits decide. Raises
    `RunError` with the tool's output where it fails.
    """
    tool = find_tool("attn-opt")
    if tool is None:
        raise RunError("attn-opt is not built: set ATTN_BUILD_DIR or build it into build")
    x, ids = "tensor<1x1x?x1xf32>", "tensor<1x?xi32>"
    lines = []
    for mask in masks:
        segments = f"segments(%ids, %ids : {ids}, {ids})" if mask.reads_segments() else ""
        lines.append(f"attn.attention %x, %x, %x outs(%x) scale(1.0) mask({mask}) {segments} : {x}, {x}, {x} -> {x}")
    body = "\n  ".join(f"%r{number} = {line}" for number, line in enumerate(lines))
    options = f"rows={rows} cols={cols} tile-rows={tile[0]} tile-cols={tile[1]} offset={offset} batch={batch} head={head}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "masks.mlir"
        file.write_text(f"func.func @masks(%x: {x}, %ids: {ids}) {{\n  {body}\n  return\n}}\n")
        done = subprocess.run([tool, file, f"--attn-print-mask={options}", "-o", os.devnull],
                              capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunError(done.stderr.strip() or f"exit status {done.returncode}")
    # A line that names the mask, then the letters.
    return [np.array([list(line) for line in text.splitlines()[1:]]) for text in done.stdout.split("\n\n") if text]


def picture(mask: Mask, rows: int, cols: int, path, *, tile: tuple | None = None, offset: int = 0, batch: int = 0,
            head: int = 0, same_segment: np.ndarray | None = None) -> tuple:
    """Draws `mask` into the PNG file `path`: keys from left to right, queries downwards.

    Without `tile`, each of the `rows` x `cols` positions is seen or not, by the
    mask's definition; `same_segment` is ``bool [rows, cols]`` and needed where the
    mask compares segments. With ``tile = (rows, cols)``, tiles are empty, full or
    partial, by `letters`. `offset` is the position of the first query.

    Returns the pixels (left, top, right, bottom) of the file between which the
    positions lie. Raises ``ImportError`` if there is no matplotlib.
    """
    try:
        from matplotlib.colors import ListedColormap
        from matplotlib.figure import Figure
        from matplotlib.patches import Patch
    except ImportError as error:
        raise ImportError("pictures of masks are drawn by matplotlib, which is not installed: pip install matplotlib") from error

    if tile:
        drawn, = letters([mask], rows, cols, tile=tile, offset=offset, batch=batch, head=head)
        meaning, (height, width) = TILES, tile
    else:
        at = Point(batch, head, offset + np.arange(rows)[:, None], np.arange(cols)[None], same_segment)
        drawn = np.where(np.broadcast_to(mask.evaluate(at), (rows, cols)), "#", ".")
        meaning, (height, width) = POSITIONS, (1, 1)

    scale = max(1, _SIDE // max(drawn.shape))
    pixels = np.array(drawn.shape[::-1]) * scale + (160, 160)
    figure = Figure(figsize=pixels / 100, dpi=100, layout="constrained")
    axes = figure.subplots()
    # Where run-time ids or bits decide, a tile is partial.
    numbers = np.vectorize({letter: n for n, letter in enumerate(COLOURS)}.get)(np.where(drawn == "?", "+", drawn))
    axes.imshow(numbers, ListedColormap(COLOURS.values()), vmin=-0.5, vmax=len(COLOURS) - 0.5, interpolation="nearest",
                extent=(0, drawn.shape[1] * width, offset + drawn.shape[0] * height, offset), aspect=width / height)
    axes.set(xlabel="keys", ylabel="queries")
    axes.set_title("\n".join(textwrap.wrap(str(mask), max(24, pixels[0] // 8))), fontsize="small")
    figure.legend(handles=[Patch(color=COLOURS[letter], label=text) for letter, text in meaning.items()],
                  loc="outside lower center", ncols=len(meaning))
    figure.savefig(path, format="png")
    box = axes.get_window_extent()
    return float(box.x0), float(pixels[1] - box.y1), float(box.x1), float(pixels[1] - box.y0)
