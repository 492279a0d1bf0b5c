//===- ChannelPlaces.h - How many tiles are on their way ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_CHANNELPLACES_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_CHANNELPLACES_H

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include <optional>
#include <string>

namespace attn::wg {

/// Copies that go through the same places: those of sibling loops do.
struct Channel {
  SharedType tile;
  int64_t slots;
  /// Whether a tile stays while loops inside of the one that copies it go on.
  bool isKept;
  mlir::Value value;
};

/// Chooses how many places channels have: as many as they ask for, up to
/// `stages`, if shared memory of `limit` bytes has room. Tiles that are kept
/// ask for one, and get a second one for the next tile if there is room then.
/// Returns nothing, or what is missing.
std::optional<std::string> choosePlaces(mlir::gpu::LaunchOp launch,
                                        llvm::MutableArrayRef<Channel> channels,
                                        int64_t stages, int64_t limit);

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_CHANNELPLACES_H
