//===- Passes.td - Passes that decide -----------------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_STRATEGY_PASSES
#define ATTN_STRATEGY_PASSES

include "attn/Strategy/PassOptions.td"

class CPUOption<string default>
    : Option<"cpu", "cpu", "std::string", default,
             "An LLVM CPU name (x86-64-v3, x86-64-v4, znver4, ...) or host">;
def ThreadsOption
    : Option<"threads", "threads", "int64_t", /*default=*/"0",
             "Threads to plan for; 0: as many as the CPU has cores">;

def SelectSchedule : Pass<"attn-select-schedule"> {
  let summary = "Choose the tiles of every operation that is a fold";
  let description = [{
    For each operation that implements FoldOpInterface, enumerates cuts into
    tiles, drops those that do not fit the machine, predicts the time of the
    others (docs/io-model.md), and attaches the fastest as the operation's
    schedule. A schedule that is there already stands.

    Ensures: every such operation has a schedule.

    Explains itself in remarks of the category `attn-select-schedule`
    (`--remarks-filter=attn-select-schedule`):

    | remark | kind | says |
    |---|---|---|
    | schedule | passed | the choice, what bounds it, bytes moved |
    | given-schedule | passed | the same, for a schedule that was there |
    | runner-up | missed | the next best cut, and what it loses time by |
    | better-schedule | missed | what would be faster than the given schedule |
    | few-tasks | missed | there are fewer tasks than threads |
    | no-fit | failed | no cut fits the caches; the smallest is used |
    | rejected | analysis | how many cuts do not fit, and why one does not |
    | assumed | analysis | the extents assumed for dynamic ones |

    Caveats: sizes are those of the types; lengths known only at run time are
    assumed, and what an operand hides (segments, lengths) is taken as visible.
  }];
  let options = [CPUOption<"\"host\"">, ThreadsOption];
  let statistics = [
    Statistic<"numChosen", "num-chosen", "Schedules chosen">,
    Statistic<"numGiven", "num-given", "Schedules kept">];
  let dependentDialects = ["::attn::tile::TileDialect"];
}

def SelectGPUSchedule : Pass<"attn-select-gpu-schedule"> {
  let summary = "Choose the tiles of every fold for a GPU";
  let description = [{
    For each operation that implements FoldOpInterface: the most rows (in groups
    of 64) and then the most columns whose state and values fit the registers of
    a thread, and whose operands fit shared memory. A schedule that is there
    already stands. What fits nothing is an error that names what it needs.

    Explains itself in remarks of the category `attn-select-gpu-schedule`; where
    `auto` does not hold a fold, why.
  }];
  let options = [
    MaximumOption, RegistersOption, SharedBytesOption, ProducersOption,
    Option<"stages", "stages", "int64_t", /*default=*/"2",
           "Tiles of columns in shared memory at a time">,
    Option<"tasks", "tasks", "int64_t", /*default=*/"0",
           "Tasks that fill the machine: recurrences of fewer are cut into pieces (0: are not)">];
  let statistics = [
    Statistic<"numChosen", "num-chosen", "Schedules chosen">,
    Statistic<"numGiven", "num-given", "Schedules kept">];
  let dependentDialects = ["::attn::tile::TileDialect"];
}

def VersionByColumns : Pass<"attn-version-by-columns", "::mlir::func::FuncOp"> {
  let summary = "Let few columns have a schedule of their own on a GPU";
  let description = [{
    For each operation that implements FoldOpInterface, has no schedule, and
    would get another one if it had few columns (2048; 8 tokens of a recurrence
    that goes on with a state): where their number is
    only known at run time, makes two of the operation, one for few columns
    (with the attribute `tile.most_columns`) and one for any number, and a
    condition between them. The function then has kernels for both.

    ```mlir
    %r = scf.if %few -> (tensor<?x32x?x64xbf16>) {
      %0 = attn.attention ... {tile.most_columns = 1280 : i64}
      scf.yield %0
    } else { ... }
    ```

    Only where all results are returned: what else uses a result may be fused
    with the operation, and it cannot be with two. Says so in a remark of the
    category `attn-version-by-columns`.
  }];
  let options = [
    MaximumOption, RegistersOption, SharedBytesOption, ProducersOption];
  let statistics = [
    Statistic<"numVersioned", "num-versioned", "Folds with two schedules">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def IOReport : Pass<"attn-io-report"> {
  let summary = "Report what every fold computes and moves";
  let description = [{
    For each operation that implements FoldOpInterface: operations,
    exponentials, bytes at each level of memory beside the compulsory minimum,
    empty, full and partial tiles, the predicted time and what bounds it, the
    schedule (the operation's own, or the one `attn-select-schedule` would
    choose) and the cuts that were rejected. Changes nothing.

    Of very many rows, or holes in their mask, some stand for those beside them.
    What is estimated so is listed (`estimated`); everything else is exact.

    With `chip`, the same for a GPU: the schedule is that of
    `attn-select-gpu-schedule`, and facts that are not known of the chip are
    named instead of what would follow from them.
  }];
  let options = [
    CPUOption<"\"\"">, ThreadsOption,
    Option<"chip", "chip", "std::string", /*default=*/"\"\"",
           "An LLVM name of a GPU (sm_80, sm_90a, ...); neither: cpu=host">,
    Option<"format", "format", "std::string", /*default=*/"\"table\"",
           "table or json">,
    Option<"file", "file", "std::string", /*default=*/"\"-\"",
           "Where to write; -: the standard output">
  ];
  let dependentDialects = ["::attn::tile::TileDialect"];
}

#endif // ATTN_STRATEGY_PASSES
