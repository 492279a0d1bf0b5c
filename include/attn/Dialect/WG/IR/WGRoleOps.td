//===- WGRoleOps.td - Warps with different work -------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_IR_WGROLEOPS
#define ATTN_DIALECT_WG_IR_WGROLEOPS

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

def WG_RolesOp : WG_Op<"roles", [NoTerminator, RecursiveMemoryEffects]> {
  let summary = "some warps copy what the others compute with";
  let description = [{
    The first `consumers` warps of the block do what is in the second region,
    with up to `consumer_registers` registers for each thread: they are the warps
    among which tiles are distributed. One thread of each of the first `copiers`
    of the `producers` warps behind them does what is in the first region
    (`wg.copier` tells which one it is). If there are `helpers`, these warps
    behind the producers do what is in a third region, with tiles of their own.
    They all meet in channels only.

    C1: numbers of warps are positive multiples of 4: registers are handed over
        by groups of four warps.
    C2: numbers of registers are multiples of 8 from 24 to 256.
    C3: tiles in registers are not used in the first region.
    C4: from one warp to all producers have a thread that copies.

    ```mlir
    wg.roles producers 4 registers 24 {
      wg.acquire %k[%c0] : <2, 128x128xbf16>
      wg.copy_bulk %map[%b, %h, %row, %c0] into %k[%c0]
          : !llvm.ptr, <2, 128x128xbf16>
    } consumers 8 registers 240 {
      %tile = wg.receive %k[%c0] : <2, 128x128xbf16> -> <128x128xbf16>
      ...
      wg.release %k[%c0] : <2, 128x128xbf16>
    }
    ```
  }];
  let arguments = (ins I32Attr:$producers, I32Attr:$producer_registers,
                       I32Attr:$consumers, I32Attr:$consumer_registers,
                       DefaultValuedAttr<I32Attr, "0">:$helpers,
                       DefaultValuedAttr<I32Attr, "0">:$helper_registers,
                       DefaultValuedAttr<I32Attr, "1">:$copiers);
  let regions = (region SizedRegion<1>:$produce, SizedRegion<1>:$consume,
                        MaxSizedRegion<1>:$help);
  let assemblyFormat = [{
    `producers` $producers (`copiers` $copiers^)?
    `registers` $producer_registers $produce ``
    custom<Helpers>($helpers, $helper_registers, $help)
    `consumers` $consumers `registers` $consumer_registers $consume attr-dict
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def WG_CopierOp : WG_Op<"copier", [Pure]> {
  let summary = "which of the producers a thread is";
  let description = [{
    From 0 on, below `copiers` of the `wg.roles`.

    C1: in the first region of a `wg.roles`.
  }];
  let results = (outs I32:$result);
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

def WG_BarrierOp : WG_Op<"barrier", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "the warps that tiles are distributed among wait for each other";
  let description = [{
    What any of them did to shared memory before it, all see behind it.
  }];
  let assemblyFormat = "attr-dict";
}

def WG_TakeTurnOp : WG_Op<"take_turn", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until it is this group's turn";
  let description = [{
    Groups of four consumers take turns, in the order of their numbers and the
    first one first, so that while one multiplies the others do something else.

    C1: in the second region of a `wg.roles`.
    Requires: all groups take and pass turns equally often.
  }];
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

def WG_PassTurnOp : WG_Op<"pass_turn", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "gives the turn to the next group";
  let description = [{
    C1: in the second region of a `wg.roles`.
  }];
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

def WG_AgainOp : WG_Op<"again", [AllTypesMatch<["value", "result"]>,
                                 MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "the same scalar, as one that nothing is known about";
  let description = [{
    What is computed from the result is not merged with what was computed from
    the operand, which would have to be kept till here.
  }];
  let arguments = (ins AnyTypeOf<[I32, I64, Index]>:$value);
  let results = (outs AnyTypeOf<[I32, I64, Index]>:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

//===----------------------------------------------------------------------===//
// Channels
//===----------------------------------------------------------------------===//

// Something that either side does to a place of a channel.
class WG_ChannelOp<string mnemonic> : WG_Op<mnemonic,
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let arguments = (ins WG_ChannelType:$channel, I32:$cursor);
  let assemblyFormat = [{
    $channel `[` $cursor `]` attr-dict `:` type($channel)
  }];
}

def WG_MakeChannelOp : WG_Op<"make_channel", [MemoryEffects<[MemAlloc]>]> {
  let summary = "shared memory and barriers of a channel";
  let description = [{
    A tile is there when `fills` warps (or the copy engine, once) have brought
    it, and its place is free when `releases` warps have said so; without a
    number these are all consumers.

    C1: a `wg.roles` of the same block has all uses.
    C2: the numbers are positive.
  }];
  let arguments = (ins DefaultValuedAttr<I32Attr, "1">:$fills,
                       OptionalAttr<I32Attr>:$releases);
  let results = (outs WG_ChannelType:$result);
  let assemblyFormat = [{
    (`fills` $fills^)? (`releases` $releases^)? attr-dict `:` type($result)
  }];
  let builders = [OpBuilder<(ins "ChannelType":$type), [{
    build($_builder, $_state, type, 1, ::mlir::IntegerAttr());
  }]>];
  let hasVerifier = 1;
}

def WG_AdvanceOp : WG_Op<"advance", [Pure]> {
  let summary = "the cursor of the next place of a channel";
  let arguments = (ins I32:$cursor, WG_ChannelType:$channel);
  let results = (outs I32:$next);
  let assemblyFormat = "$cursor `in` $channel attr-dict `:` type($channel)";
}

def WG_AcquireOp : WG_ChannelOp<"acquire"> {
  let summary = "waits until a place may be filled";
}

def WG_CopyBulkOp : WG_Op<"copy_bulk", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "lets the copy engine fill a place of a channel";
  let description = [{
    Starts to copy the tile whose first element is at `coordinates` of the memory
    that `descriptor` describes; elements that do not exist become 0. When it is
    there its users go on.

    C1: there are at least two coordinates, the last for the columns.
  }];
  let arguments = (ins LLVM_AnyPointer:$descriptor,
                       Variadic<Index>:$coordinates, WG_ChannelType:$channel,
                       I32:$cursor);
  let assemblyFormat = [{
    $descriptor `[` $coordinates `]` `into` $channel `[` $cursor `]` attr-dict
    `:` type($descriptor) `,` type($channel)
  }];
  let hasVerifier = 1;
}

def WG_SendOp : WG_Op<"send", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "fills a place of a channel from registers";
  let description = [{
    Waits until the place is free; when all warps have sent their part of the
    tile, its users go on.

    C1: shapes and element types agree.
    C2: in the third region of a `wg.roles`.
  }];
  let arguments = (ins WG_TileType:$tile, WG_ChannelType:$channel, I32:$cursor);
  let assemblyFormat = [{
    $tile `into` $channel `[` $cursor `]` attr-dict
    `:` type($tile) `,` type($channel)
  }];
  let hasVerifier = 1;
}

def WG_ReceiveOp : WG_Op<"receive", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits for a tile of a channel";
  let description = [{
    C1: the result is a tile of the channel.
    C2: if a `wg.release` of the place follows in the block, no use of the tile
        follows that.
  }];
  let arguments = (ins WG_ChannelType:$channel, I32:$cursor);
  let results = (outs WG_SharedType:$result);
  let assemblyFormat = [{
    $channel `[` $cursor `]` attr-dict `:` type($channel) `->` type($result)
  }];
  let hasVerifier = 1;
}

def WG_ReleaseOp : WG_ChannelOp<"release"> {
  let summary = "lets a place be filled again";
  let description = [{
    Requires: the products that read it are complete (`wg.await_mma`).
  }];
}

//===----------------------------------------------------------------------===//
// Notes
//===----------------------------------------------------------------------===//

def WG_MakeNotesOp : WG_Op<"make_notes", [MemoryEffects<[MemAlloc]>]> {
  let summary = "notes that say nothing yet";
  let description = [{
    C1: a `wg.roles` of the same block has all uses.
  }];
  let results = (outs WG_NotesType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def WG_NoteOp : WG_Op<"note", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "notes a number if any element of a vector is not zero";
  let description = [{
    A NaN is not zero. No warp waits.

    C1: in the second region of a `wg.roles`.
    C2: the tile is a vector of floats, by row.
  }];
  let arguments = (ins WG_Rows:$tile, WG_NotesType:$notes, I32:$number);
  let assemblyFormat = [{
    $tile `in` $notes `[` $number `]` attr-dict `:` type($tile) `,` type($notes)
  }];
  let hasVerifier = 1;
}

def WG_ShareNotesOp : WG_Op<"share_notes",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "consumers are done with their notes";
  let description = [{
    They wait for each other. Requires: it happens once.

    C1: in the second region of a `wg.roles`.
  }];
  let arguments = (ins WG_NotesType:$notes);
  let assemblyFormat = "$notes attr-dict `:` type($notes)";
  let hasVerifier = 1;
}

def WG_AwaitNotesOp : WG_Op<"await_notes",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until consumers are done with their notes";
  let arguments = (ins WG_NotesType:$notes);
  let assemblyFormat = "$notes attr-dict `:` type($notes)";
}

def WG_NotedOp : WG_Op<"noted", [MemoryEffects<[MemRead]>]> {
  let summary = "whether a number may have been noted";
  let description = [{
    Requires: `wg.share_notes` or `wg.await_notes` comes before it.
  }];
  let arguments = (ins WG_NotesType:$notes, I32:$number);
  let results = (outs I1:$result);
  let assemblyFormat = "$notes `[` $number `]` attr-dict `:` type($notes)";
}

//===----------------------------------------------------------------------===//
// Draws
//===----------------------------------------------------------------------===//

def WG_MakeDrawsOp : WG_Op<"make_draws", [MemoryEffects<[MemAlloc]>]> {
  let summary = "places for numbers that are not drawn yet";
  let description = [{
    C1: a `wg.roles` of the same block has all uses.
  }];
  let results = (outs WG_DrawsType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def WG_DrawOp : WG_Op<"draw", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "draws a number for a place";
  let description = [{
    Of the numbers below `count` that no block of the launch has drawn, the
    least; or -1 if there is none. Whoever reads it later waits for it. Nothing
    is drawn for a negative place. `counter` is of `wg.counter`.

    Requires: each place is drawn for once, in order.

    C1: in the first region of a `wg.roles`.
  }];
  let arguments = (ins WG_DrawsType:$draws, I32:$slot, I32:$count,
                   LLVM_AnyPointer:$counter);
  let assemblyFormat = [{
    $draws `[` $slot `]` `below` $count `from` $counter attr-dict `:`
    type($draws) `,` type($counter)
  }];
  let hasVerifier = 1;
}

def WG_DrawnOp : WG_Op<"drawn", [MemoryEffects<[MemRead]>]> {
  let summary = "the number that was drawn for a place";
  let description = [{
    Waits until it is there. -1 for a negative place.
  }];
  let arguments = (ins WG_DrawsType:$draws, I32:$slot);
  let results = (outs I32:$result);
  let assemblyFormat = "$draws `[` $slot `]` attr-dict `:` type($draws)";
}

def WG_EndDrawsOp : WG_Op<"end_draws", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "this block draws no more";
  let description = [{
    The last of the `blocks` of a launch to say so leaves the counter as it was.

    C1: in the first region of a `wg.roles`.
  }];
  let arguments = (ins LLVM_AnyPointer:$counter, I32:$blocks);
  let assemblyFormat = "$counter `of` $blocks attr-dict `:` type($counter)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// On the host
//===----------------------------------------------------------------------===//

def WG_CounterOp : WG_Op<"counter", [MemoryEffects<[MemAlloc]>]> {
  let summary = "a counter in device memory for the next launch";
  let description = [{
    Two i32, zeros, for `wg.draw` and `wg.end_draws` of one launch in the order
    of the stream, which leaves them so.
  }];
  let results = (outs LLVM_AnyPointer:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def WG_MultiprocessorsOp : WG_Op<"multiprocessors", [Pure]> {
  let summary = "how many multiprocessors the device has";
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def WG_DescribeOp : WG_Op<"describe", [MemoryEffects<[MemAlloc]>]> {
  let summary = "a descriptor of memory for the copy engine";
  let description = [{
    For tiles of type `tile`, of the last two dimensions. Where the memory does
    not begin, or have its rows, at multiples of 16 bytes, the descriptor is of a
    copy that does, which `wg.forget` gives back.

    C1: rank of 2 to 5, contiguous in the last dimension.
    C2: element types agree.
    C3: the tile has at most 256 rows, a vector at most 256 elements: that is
        what the engine copies at a time.
    C4: elements are integers of 8, 16 or 32 bits, f16, bf16 or f32.
  }];
  let arguments = (ins AnyMemRef:$memory, TypeAttrOf<WG_SharedType>:$tile);
  let results = (outs LLVM_AnyPointer:$result);
  let assemblyFormat = [{
    $memory `as` $tile attr-dict `:` type($memory) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    SharedType getTileType() {
      return ::llvm::cast<SharedType>(getTile());
    }
    /// Whether the engine copies such elements.
    static bool takesElement(::mlir::Type type);
  }];
}

def WG_ForgetOp : WG_Op<"forget", [MemoryEffects<[MemFree]>]> {
  let summary = "gives back what a descriptor needed";
  let description = [{
    In the order of the stream: behind kernels that were launched before.
  }];
  let arguments = (ins LLVM_AnyPointer:$descriptor);
  let assemblyFormat = "$descriptor attr-dict `:` type($descriptor)";
}

#endif // ATTN_DIALECT_WG_IR_WGROLEOPS
