# MoBA and NSA on a GPU: the programs.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tokens choose blocks of keys. MoBA (Lu et al. 2025) does its own choosing: scores are
products of queries with means of blocks. Of NSA (Yuan et al. 2025) it is the attention to
the chosen tokens; the lists are drawn, by token or for as many tokens as a block has.
"""

KINDS = ("moba", "nsa", "choosing")


def types(cell):
    H, Hkv, S, D = (cell[key] for key in ("H", "Hkv", "S", "D"))
    blocks, lists = S // cell["block"], S // cell["rows"]
    return f"""!q = tensor<1x{H}x{S}x{D}xbf16>
!kv = tensor<1x{Hkv}x{S}x{D}xbf16>
!means = tensor<1x{Hkv}x{blocks}x{D}xbf16>
!scores = tensor<1x{Hkv}x{S}x{blocks}xf32>
!lists = tensor<1x{Hkv}x{lists}x{cell["chosen"]}xi32>
"""


def choosing(cell):
    size = cell["block"]
    begun = f'affine<"(b, h, i, c) : (i - {size} * c >= 0)">'
    own = f'affine<"(b, h, i, c) : (i - {size} * c >= 0, {size} * c + {size - 1} - i >= 0)">'
    return f"""  %0 = tensor.empty() : !means
  %means = attn.pool mean %k outs(%0) window({size}) stride({size}) : !kv -> !means
  %1 = tensor.empty() : !scores
  %scores = attn.route_score sum %q, %means outs(%1) scale(1.0) : !q, !means -> !scores
  %2 = tensor.empty() : !lists
  %lists = attn.select %scores outs(%2) mask(#attn.{begun}) force(#attn.{own}) : !scores -> !lists
"""


def source(cell):
    """The program of a cell: the lists are an operand where it is told to attend to
    them, and the result where it is told to choose."""
    head = f"{types(cell)}func.func @{cell['program']}"
    if cell["kind"] == "choosing":
        return f"{head}(%q: !q, %k: !kv) -> !lists {{\n{choosing(cell)}  return %lists : !lists\n}}\n"
    arguments, choose = "%q: !q, %k: !kv, %v: !kv", ""
    if cell["kind"] == "moba":
        choose = choosing(cell)
    else:
        arguments += ", %lists: !lists"
    return f"""{head}({arguments}) -> !q {{
{choose}  %e = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%e) scale({cell["D"] ** -0.5!r}) mask(causal)
      select(%lists : !lists) blocks({cell["rows"]}, {cell["block"]}) : !q, !kv, !kv -> !q
  return %out : !q
}}
"""
