# Compiles the programs of the GPU suites.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One shared library for each width, heads, mask and score, of any batch and length,
by the default schedule. OUT/manifest.json says what is in OUT and of which commit;
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

from . import gpu_chosen, gpu_clusters, gpu_linear_artefacts, gpu_routed, patterns  # noqa: E402


def alibi(heads):
    """Adds 2^(-8 (h + 1) / heads) (j - i) to a logit (Press et al. 2022)."""
    step = -8 / heads
    return (
        f"""%h1 = arith.index_cast %h : index to i32
%h2 = arith.sitofp %h1 : i32 to f32
%one = arith.constant 1.0 : f32
%h3 = arith.addf %h2, %one : f32
%step = arith.constant {step!r} : f32
%h4 = arith.mulf %h3, %step : f32
%slope = math.exp2 %h4 : f32
%n = arith.subi %j, %i : index
%m = arith.index_cast %n : index to i32
%f = arith.sitofp %m : i32 to f32
%p = arith.mulf %f, %slope : f32
%y = arith.addf %s, %p : f32""",
        lambda s, b, h, i, j, slopes: s + (j - i) * 2.0 ** (step * (h + 1)),
    )


def score_of(cell):
    """What the checks are made to call the score, or nothing."""
    if cell["softcap"]:
        name, score = f"softcap_{cell['softcap']:g}", cases.softcap(cell["softcap"])
    elif cell.get("alibi"):
        name, score = f"alibi_{cell['H']}", alibi(cell["H"])
    else:
        return ""
    cases.SCORES[name] = score
    return name


def mask_of(cell):
    """What the checks are made to call the mask: its spelling, which says whether it
    reads segments. Its value does not read them, but knows."""
    pattern = patterns.BY_NAME[cell["mask"]]
    if pattern.ir:
        cases.MASKS[pattern.ir] = (pattern.ir, lambda h, i, j, same: pattern.sees(i, j))
    return pattern.ir


def case_of(cell):
    """The attention of a cell as the checks on a GPU describe theirs."""
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
        mask=mask_of(cell),
        score=score_of(cell),
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
    if cell["kind"] == "matmul":
        return matmul_source(cell)
    if cell["kind"] in gpu_linear_artefacts.KINDS:
        return gpu_linear_artefacts.source(cell)
    if cell["kind"] == gpu_routed.KIND:
        return gpu_routed.source(cell)
    if cell["kind"] in gpu_chosen.KINDS:
        return gpu_chosen.source(cell)
    if cell["kind"] in gpu_clusters.KINDS:
        return gpu_clusters.source(cell)
    return program.write(case_of(cell))


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
        chip = cell.get("chip", "sm_90a")
        error = build.compile_program(
            name, name, source(cell), compiler, folder, "so", output, ptxas, chip
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
