# Compiles the programs of the GPU suite.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One shared library for each width, heads and mask, of any batch and length, by
the default schedule. OUT/manifest.json says what is in OUT and of which commit;
OUT without OUT/build is what the machine with the GPU needs.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(1, str(ROOT / "test" / "Integration" / "GPU"))

import build  # noqa: E402
import cases  # noqa: E402
import program  # noqa: E402


def case_of(cell):
    """The attention of a cell as the checks on a GPU describe theirs."""
    score = ""
    if cell["softcap"]:
        score = f"softcap_{cell['softcap']:g}"
        cases.SCORES[score] = cases.softcap(cell["softcap"])
    return cases.Case(
        cell["program"],
        B=cell["B"],
        Hq=cell["H"],
        Hkv=cell["Hkv"],
        Sq=cell["S"],
        Skv=cell["S"],
        Dk=cell["D"],
        Dv=cell["D"],
        scale=cell["D"] ** -0.5,
        mask="causal" if cell["mask"] == "causal" else "",
        score=score,
        lse=False,
        dynamic="BST",
    )


def matmul_source(cell):
    n, (tm, tn, tk) = cell["size"], cell["tile"]
    whole, columns = f"tensor<{n}x{n}xbf16>", f"tensor<{n}x{tn}xbf16>"
    sums, tile = f"tensor<{tm}x{tn}xf32>", f"tensor<{tm}x{tn}xbf16>"
    left, right = f"tensor<{tm}x{tk}xbf16>", f"tensor<{tk}x{tn}xbf16>"
    return f"""#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>

func.func @{cell["program"]}(%a: {whole}, %b: {whole}) -> {whole} {{
  %n = arith.constant {n} : index
  %zero = arith.constant 0.0 : f32
  %out = tensor.empty() : {whole}
  %r = scf.forall (%i, %j) = (0, 0) to ({n}, {n}) step ({tm}, {tn}) shared_outs(%o = %out) -> ({whole}) {{
    %I = tile.coords %i limit(%n) : <{tm}>
    %J = tile.coords %j limit(%n) : <{tn}>
    %e = tensor.empty() : {sums}
    %z = linalg.fill ins(%zero : f32) outs(%e : {sums}) -> {sums}
    %domain = tile.domain %n : <{tk}>
    %sums = tile.fold free (%K, partial = %p) in %domain iter(%c = %z) : !tile.domain<{tk}>, {sums} {{
      %at = tile.rows %a[] at %I columns %K : !tile.coords<{tk}> : {whole}, !tile.coords<{tm}> -> {left}
      %bt = tile.rows %b[] at %K columns %J : !tile.coords<{tn}> : {whole}, !tile.coords<{tk}> -> {right}
      %d = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%at, %bt : {left}, {right}) outs(%c : {sums}) -> {sums}
      tile.yield %d : {sums}
    }}
    %rounded = arith.truncf %sums : {sums} to {tile}
    %slice = tensor.extract_slice %o[0, %j] [{n}, {tn}] [1, 1] : {whole} to {columns}
    %w = tile.insert %rounded into %slice[] at %I : {tile} into {columns}, <{tm}>
    scf.forall.in_parallel {{
      tensor.parallel_insert_slice %w into %o[0, %j] [{n}, {tn}] [1, 1] : {columns} into {whole}
    }}
  }}
  return %r : {whole}
}}
"""


def source(cell):
    return matmul_source(cell) if cell["kind"] == "matmul" else program.write(case_of(cell))


def commit(build_dir):
    """The commit of the tree that the compiler was configured from, with a plus sign
    where the compiler's sources differ from it."""
    cache = Path(build_dir) / "CMakeCache.txt"
    home = re.search(
        r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", cache.read_text() if cache.exists() else "", re.M
    )
    git = ["git", "-C", home.group(1) if home else str(ROOT)]
    head = subprocess.run(
        [*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True
    )
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "include", "lib", "tools"])
    return head.stdout.strip() + ("+" if changed.returncode == 1 else "")


def manifest(folder):
    path = Path(folder) / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def compile_all(cells, build_dir, out):
    """Builds what the cells need; returns the number of programs that failed."""
    compiler, folder = build_dir / "bin" / "attn-compile", out / "build"
    folder.mkdir(parents=True, exist_ok=True)
    ptxas, found, failed = build.keep_ptx(folder), manifest(out), 0
    for name, cell in {cell["program"]: cell for cell in cells}.items():
        output = out / f"{name}.so"
        output.unlink(missing_ok=True)
        error = build.compile_program(
            name, name, source(cell), compiler, folder, "so", output, ptxas
        )
        found[name] = dict(commit=commit(build_dir))
        if error:
            failed += 1
            found[name]["failed"] = error
        else:
            found[name]["ptx_sha256"] = build.hash_of(folder / f"{name}.ptx")
        print(f"{name}: {error or 'built'}", flush=True)
        (out / "manifest.json").write_text(json.dumps(found, indent=1) + "\n")
    return failed
