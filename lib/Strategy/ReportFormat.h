//===- ReportFormat.h - How reports write things ----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_STRATEGY_REPORTFORMAT_H
#define ATTN_LIB_STRATEGY_REPORTFORMAT_H

#include "attn/Strategy/Workload.h"
#include "llvm/Support/JSON.h"

namespace attn::strategy {

/// Counts are whole; JSON numbers of this size stay exact.
llvm::json::Value count(double value);
llvm::json::Object toJSON(const tile::FoldShape &shape);
llvm::json::Object toJSON(const TileCounts &tiles);
std::string toString(mlir::Location loc);

std::string formatBytes(double bytes);
/// Begins a line of an entry of a table.
llvm::raw_ostream &beginLine(llvm::raw_ostream &os, llvm::StringRef name);
/// The operation, its extents and what was assumed of them.
void writeHeading(llvm::raw_ostream &os, llvm::StringRef function,
                  mlir::Operation *op, const Workload &workload);
void writeWork(llvm::raw_ostream &os, double flops, double exponentials);
/// What of the numbers is estimated, in words.
llvm::SmallVector<std::string> explain(const Sampling &sampling);
/// The same as a line, if there is something to say.
void writeSampling(llvm::raw_ostream &os, const Sampling &sampling);
void writeLevel(llvm::raw_ostream &os, llvm::StringRef name, double bytes,
                double compulsory);

} // namespace attn::strategy

#endif // ATTN_LIB_STRATEGY_REPORTFORMAT_H
