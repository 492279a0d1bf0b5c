//===- Patterns.h - Patterns from wg to instructions ------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_PATTERNS_H
#define ATTN_CONVERSION_WGTONVVM_PATTERNS_H

#include "ThreadBuilder.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Transforms/DialectConversion.h"

namespace attn::wg {

/// A pattern for operations of a kernel with blocks of one shape.
template <typename Op>
class WGPattern : public mlir::OpConversionPattern<Op> {
public:
  WGPattern(const mlir::TypeConverter &converter, mlir::MLIRContext *context,
            const BlockShape &block)
      : mlir::OpConversionPattern<Op>(converter, context), block(block) {}

protected:
  const BlockShape &block;
};

/// wg.load, wg.store.
void populateMemoryPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns,
                            const BlockShape &block);
/// wg.scan.
void populateColumnPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns,
                            const BlockShape &block);
/// wg.copy.
void populateCopyPatterns(const mlir::TypeConverter &converter,
                          mlir::RewritePatternSet &patterns,
                          const BlockShape &block);
/// wg.roles, wg.barrier and what works on channels.
void populateChannelPatterns(const mlir::TypeConverter &converter,
                             mlir::RewritePatternSet &patterns,
                             const BlockShape &block);
/// wg.to_shared, wg.from_shared.
void populateSharedPatterns(const mlir::TypeConverter &converter,
                            mlir::RewritePatternSet &patterns,
                            const BlockShape &block);
/// wg.splat, wg.map, wg.reduce.
void populateArithmeticPatterns(const mlir::TypeConverter &converter,
                                mlir::RewritePatternSet &patterns,
                                const BlockShape &block);
/// wg.mma, wg.start_mma, wg.await_mma.
void populateMmaPatterns(const mlir::TypeConverter &converter,
                         mlir::RewritePatternSet &patterns,
                         const BlockShape &block);
void populateDrawPatterns(const mlir::TypeConverter &converter,
                          mlir::RewritePatternSet &patterns,
                          const BlockShape &block);
void populateNotePatterns(const mlir::TypeConverter &converter,
                          mlir::RewritePatternSet &patterns,
                          const BlockShape &block);

/// wg.relayout, wg.extract.
void populateScratchPatterns(const mlir::TypeConverter &converter,
                             mlir::RewritePatternSet &patterns,
                             const BlockShape &block);
/// wg.tri_inverse.
void populateTriInversePatterns(const mlir::TypeConverter &converter,
                                mlir::RewritePatternSet &patterns,
                                const BlockShape &block);

/// Why four warps cannot compute a product (`wg.mma`, `wg.start_mma`) together;
/// nothing if they can.
std::optional<std::string> getWgmmaObjection(mlir::Operation *op,
                                             const BlockShape &block);
/// Makes products that are started but will not be in flight ones that are
/// complete.
void completeWarpProducts(mlir::Operation *kernel, const BlockShape &block);

/// Lets the first thread count each branch that is taken because something was
/// wrong, once for all roles.
void countRepeats(mlir::gpu::GPUFuncOp kernel, const BlockShape &block);

/// Explains at the operation what the patterns cannot do.
mlir::LogicalResult checkSupported(mlir::Operation *op,
                                   const BlockShape &block);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_PATTERNS_H
