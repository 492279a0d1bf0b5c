//===- ChannelPlaces.cpp - How many tiles are on their way ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelPlaces.h"
#include "Chains.h"
#include "DeferBranches.h"

using namespace mlir;
using namespace attn::wg;

/// Bytes of shared memory, with all channels.
static int64_t getBytes(gpu::LaunchOp launch, ArrayRef<Channel> channels,
                        int64_t handed) {
  constexpr int64_t kAlignment = 1024;
  int64_t bytes = getWorkBytes(launch, handed);
  for (const Channel &channel : channels)
    bytes = llvm::alignTo(bytes, kAlignment) +
            ChannelType::get(launch.getContext(), channel.slots, channel.tile)
                .getBytes();
  return bytes;
}

std::optional<std::string>
attn::wg::choosePlaces(gpu::LaunchOp launch, MutableArrayRef<Channel> channels,
                       int64_t stages, int64_t limit) {
  // The notes of a branch that is deferred lie behind the last barrier.
  limit -= kDeferredBytes;
  // What helpers hand over has two places, or one where there is no room.
  int64_t handed = kHandedPlaces, most = stages;
  for (;;) {
    for (Channel &channel : channels)
      channel.slots = std::min(channel.slots, stages);
    int64_t bytes = getBytes(launch, channels, handed);
    if (bytes <= limit)
      break;
    if (stages > 1)
      --stages;
    else if (handed > 1)
      --handed;
    else
      return (Twine(bytes) + " bytes of shared memory are needed, " +
              Twine(limit + kDeferredBytes) + " are there")
          .str();
  }
  for (Channel &channel : channels) {
    if (!channel.isKept || channel.slots == most)
      continue;
    ++channel.slots;
    if (getBytes(launch, channels, handed) > limit)
      --channel.slots;
  }
  return std::nullopt;
}
