//===- AttnAttributes.td - Masks and schedules --------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTNATTRIBUTES
#define ATTN_DIALECT_ATTN_IR_ATTNATTRIBUTES

include "attn/Dialect/Attn/IR/AttnDialect.td"
include "attn/Dialect/Attn/IR/AttnEnums.td"
include "attn/Dialect/Tile/IR/TileTypes.td"
include "mlir/IR/AttrTypeBase.td"

class Attn_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Attn_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

//===----------------------------------------------------------------------===//
// Masks. i and j are logical positions; a mask is true where query i sees key j.
//===----------------------------------------------------------------------===//

class Attn_Mask<string name, string attrMnemonic>
    : Attn_Attr<name # "Mask", attrMnemonic, [
        DeclareAttrInterfaceMethods<Tile_VisitAttrInterface>]>;

def Attn_CausalMask : Attn_Mask<"Causal", "causal"> {
  let summary = "j <= i";
  let description = "A query sees itself and what came before: `j <= i`.";
}

def Attn_WindowMask : Attn_Mask<"Window", "window"> {
  let summary = "-right <= i - j < left";
  let description = [{
    `window<w>` is `0 <= i - j < w`: w keys, the query's own included.
    `window<left, right>` is `-right <= i - j < left`.

    C1: left >= 1 and right >= 0.
  }];
  let parameters = (ins "int64_t":$left, DefaultValuedParameter<"int64_t", "0">:$right);
  let assemblyFormat = "`<` $left (`,` $right^)? `>`";
  let genVerifyDecl = 1;
}

def Attn_PrefixMask : Attn_Mask<"Prefix", "prefix"> {
  let summary = "j < length";
  let description = [{
    The first `length` positions are seen by every query: `j < length`. A
    prefix language model is `or<causal, prefix<n>>`.

    C1: length >= 0.
  }];
  let parameters = (ins "int64_t":$length);
  let assemblyFormat = "`<` $length `>`";
  let genVerifyDecl = 1;
}

def Attn_SinkMask : Attn_Mask<"Sink", "sink"> {
  let summary = "j < count";
  let description = [{
    Every query sees the first `count` keys, its attention sinks (Xiao et al.
    2023): `j < count`. The same as `prefix<count>`, which it becomes.

    C1: count >= 0.
  }];
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
  let genVerifyDecl = 1;
}

def Attn_GlobalMask : Attn_Mask<"Global", "global"> {
  let summary = "i < count or j < count";
  let description = [{
    The first `count` tokens see all others and are seen by them (Longformer,
    Beltagy et al. 2020): `i < count or j < count`.

    C1: count >= 0.
  }];
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
  let genVerifyDecl = 1;
}

def Attn_DilatedMask : Attn_Mask<"Dilated", "dilated"> {
  let summary = "0 <= i - j < count * step and step divides i - j";
  let description = [{
    A window with gaps: `count` keys, the query's own included, `step` apart
    (Beltagy et al. 2020).

    C1: count >= 1 and step >= 1, and their product is representable.
  }];
  let parameters = (ins "int64_t":$count, "int64_t":$step);
  let assemblyFormat = "`<` $count `,` $step `>`";
  let genVerifyDecl = 1;
}

def Attn_StridedMask : Attn_Mask<"Strided", "strided"> {
  let summary = "stride divides i - j";
  let description = [{
    Every `stride`-th key, counted from the query in both directions (Sparse
    Transformer, Child et al. 2019): `(i - j) mod stride == 0`.

    C1: stride >= 1.
  }];
  let parameters = (ins "int64_t":$stride);
  let assemblyFormat = "`<` $stride `>`";
  let genVerifyDecl = 1;
}

def Attn_ChunkMask : Attn_Mask<"Chunk", "chunk"> {
  let summary = "i floordiv size == j floordiv size";
  let description = [{
    Query and key lie in the same of the chunks that the positions are cut into
    (Llama 4: `and<causal, chunk<8192>>`).

    C1: size >= 1.
  }];
  let parameters = (ins "int64_t":$size);
  let assemblyFormat = "`<` $size `>`";
  let genVerifyDecl = 1;
}

def Attn_NeighborhoodMask : Attn_Mask<"Neighborhood", "neighborhood"> {
  let summary = "j lies in the window of i on a grid";
  let description = [{
    Positions number the cells of a grid, the last dimension fastest. A query
    sees, along each dimension, the `kernel` cells around its own; at a border
    the window is moved inside, so that all queries see equally many
    (NATTEN, Hassani et al. 2023):

        start_d = min(max(i_d - kernel_d floordiv 2, 0), grid_d - kernel_d)
        start_d <= j_d < start_d + kernel_d

    What lies outside of the grid sees nothing and is not seen.

    `neighborhood<[56, 56], [7, 7]>`; any number of dimensions.

    C1: as many kernel sizes as grid sizes, at least one.
    C2: 1 <= kernel_d <= grid_d, kernel_d odd, and the cells can be counted.
  }];
  let parameters = (ins
    ArrayRefParameter<"int64_t">:$grid, ArrayRefParameter<"int64_t">:$kernel);
  let assemblyFormat = "`<` `[` $grid `]` `,` `[` $kernel `]` `>`";
  let genVerifyDecl = 1;
}

def Attn_RandomBlockMask : Attn_Mask<"RandomBlock", "random_block"> {
  let summary = "a few blocks of keys for each block of queries, drawn from a seed";
  let description = [{
    Positions are cut into blocks; `count` of the first `blocks` blocks of keys
    are seen by a block x of queries in head h (the random blocks of BigBird,
    Zaheer et al. 2020). Blocks of keys are cut into `count` stripes, of each of
    which one is drawn:

        first_r = r * blocks floordiv count,   m_r = first_(r + 1) - first_r
        y_r     = first_r + (a_r * x + b_r * h + c_r) mod m_r,   0 <= r < count

        j floordiv block = y_r for some r,   x = i floordiv block

    The numbers are drawn from the seed by the generator of Park and Miller
    (1988): s_0 = seed, s_(k + 1) = 48271 * s_k mod (2^31 - 1), and

        b_r = s_(3 r + 2) mod m_r,   c_r = s_(3 r + 3) mod m_r,
        a_r = the first number from s_(3 r + 1) mod m_r on that has no divisor
              in common with m_r

    So the blocks of a row are distinct, m_r blocks of rows draw each block of a
    stripe once, and where a block lies is a closed form of its row and head:
    what is random in the paper is pseudo-random here.

    `random_block<block = 64, blocks = 64, count = 3, seed = 7>`

    C1: block >= 1.
    C2: 1 <= count <= blocks <= 2^14.
    C3: 1 <= seed <= 2^31 - 2.
  }];
  let parameters = (ins "int64_t":$block, "int64_t":$blocks, "int64_t":$count,
                        "int64_t":$seed);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Attn_TreeMask : Attn_Mask<"Tree", "tree"> {
  let summary = "everything before a tree, and in it the ancestors";
  let description = [{
    A tree of draft tokens is verified at once (SpecInfer, Miao et al. 2024;
    Medusa, Cai et al. 2024). Row r of the queries is node r of the tree; its
    nodes are keys, behind the `start` positions that all of them see:

        j < start or bit (j - start) of ancestors[b, r] is set

    `ancestors` is an operand of the operation, by words of 32 bits from the
    lowest bit on: bit n says that node n is an ancestor of the row's, or the
    row's own. Behind the last word no bit is set. `start` is a parameter of
    the operation, number 0, or n in `tree<n>`.

    C1: 0 <= start <= 15.
  }];
  let parameters = (ins DefaultValuedParameter<"int64_t", "0">:$start);
  let assemblyFormat = "(`<` $start^ `>`)?";
  let genVerifyDecl = 1;
}

def Attn_SegmentMask : Attn_Mask<"Segment", "segment"> {
  let summary = "query and key belong to the same segment";
  let description = [{
    True where the segment id of the query equals that of the key (documents
    packed into one sequence). The ids are operands of the operation.
  }];
}

def Attn_AffineMask : Attn_Mask<"Affine", "affine"> {
  let summary = "(b, h, i, j) lies in an affine set";
  let description = [{
    Any conjunction of quasi-affine constraints over (b, h, i, j):

    ```mlir
    #attn.affine<"(b, h, i, j) : (i - j >= 0, (i - j) mod 4 == 0)">
    ```

    The quotes keep the `>` of a constraint from closing the attribute. An
    `affine_set<...>` or an alias of one is understood as well, where that is
    not in the way: an alias anywhere, a set where the mask is written without
    its `#attn.`.

    Symbols are parameters, numbers that the operation's `parameters` give at run
    time, for all or by batch entry or head: a prefix of unlike lengths is
    `affine<"(b, h, i, j)[n] : (n - 1 - j >= 0)">`. All affine masks of an
    operation number the same parameters.

    C1: four dimensions and up to 16 symbols.
    C2: what is divided by (mod, floordiv, ceildiv) is positive.
    C3: factors and divisors are numbers, not parameters.
  }];
  let parameters = (ins "::mlir::IntegerSetAttr":$set);
  let assemblyFormat = "`<` custom<PositionSet>($set) `>`";
  let genVerifyDecl = 1;
}

class Attn_MaskList<string name, string attrMnemonic> : Attn_Mask<name, attrMnemonic> {
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$masks);
  let assemblyFormat = "`<` custom<Masks>($masks) `>`";
  let genVerifyDecl = 1;
}

def Attn_AndMask : Attn_MaskList<"And", "and"> {
  let summary = "true where every mask is";
  let description = "C1: at least one operand, and every operand is a mask.";
}

def Attn_OrMask : Attn_MaskList<"Or", "or"> {
  let summary = "true where some mask is";
  let description = "C1: at least one operand, and every operand is a mask.";
}

def Attn_PerHeadMask : Attn_MaskList<"PerHead", "per_head"> {
  let summary = "each query head has its own mask";
  let description = [{
    Head h sees what mask h mod n says, of the n that are listed:
    `per_head<causal, window<256>>` gives even heads everything before them and
    odd ones a window (DuoAttention, Xiao et al. 2024; MoA, Fu et al. 2024).

    C1: at least one operand, and every operand is a mask.
  }];
}

def Attn_NotMask : Attn_Mask<"Not", "not"> {
  let summary = "true where the mask is false";
  let description = "C1: the operand is a mask.";
  let parameters = (ins "::mlir::Attribute":$mask);
  let assemblyFormat = "`<` custom<Mask>($mask) `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Schedule
//===----------------------------------------------------------------------===//

def Attn_ScheduleAttr : Attn_Attr<"Schedule", "schedule"> {
  let summary = "how an operation is cut and executed";
  let description = [{
    Written by `attn-select-schedule` (or by hand, which wins) and obeyed by the
    passes below.

    - `rows`, `cols`: queries and keys of a tile.
    - `micro`: the register tile of contractions on a CPU; a target whose
      instructions multiply whole tiles has none.
    - `hoist_pack`: lay the keys and values out in panels once, for all tiles
      of rows that share them, instead of inside the fold, tile by tile.
    - `longest_first`: tasks start with the last rows, which see most keys.
    - `partial_first`: tiles that a mask or the last key cuts come before those
      that are wholly visible.
    - `held`: the row maximum is that of the first tiles (those, and one in any
      case); weights are relative to it, whatever comes. A block of rows in which
      a sum leaves the safe range is computed again with a running maximum.
    - `blocks`: on a GPU, how many blocks of threads share a multiprocessor, each
      with warps that copy for it. More than one work while the others wait, but
      have the fewer registers and the less shared memory.

    C1: rows and cols are positive; with a register tile, rows is a multiple of
        micro.rows and cols of micro.cols.
    C2: with `held`, partial tiles come first.
    C3: blocks is positive; with a register tile it is 1.
  }];
  let parameters = (ins
    "int64_t":$rows, "int64_t":$cols,
    OptionalParameter<"::attn::tile::MicroTileAttr">:$micro,
    DefaultValuedParameter<"bool", "true">:$hoist_pack,
    DefaultValuedParameter<"bool", "false">:$longest_first,
    DefaultValuedParameter<"bool", "false">:$partial_first,
    DefaultValuedParameter<"bool", "false">:$held,
    DefaultValuedParameter<"int64_t", "1">:$blocks);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Attn_ChunkScheduleAttr : Attn_Attr<"ChunkSchedule", "chunk_schedule"> {
  let summary = "how a recurrence is cut and executed";
  let description = [{
    Written by `attn-select-schedule` (or by hand, which wins) and obeyed by the
    passes below.

    - `tokens`: tokens of a step. One is the recurrence as it is written; more
      are a chunk, whose products are those of matrices.
    - `columns`: columns of the state (of the values) of a task.
    - `micro`: the register tile of contractions on a CPU; a target whose
      instructions multiply whole tiles has none.
    - `tasks`: tasks that fill the machine. Where there are fewer states, a
      sequence is cut into pieces that are worked on at the same time: first what
      each makes of a state of zero, and of any state; then the states between
      them; then the outputs. 0: no sequence is cut.

    C1: tokens and columns are positive, tasks is not negative; with a register
        tile, tokens is a multiple of micro.cols.
  }];
  let parameters = (ins
    "int64_t":$tokens, "int64_t":$columns,
    OptionalParameter<"::attn::tile::MicroTileAttr">:$micro,
    DefaultValuedParameter<"int64_t", "0">:$tasks);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNATTRIBUTES
