//===- TriInverse.h - Inverses of triangular tiles --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_TRIINVERSE_H
#define ATTN_CONVERSION_WGTONVVM_TRIINVERSE_H

#include <cstdint>

namespace attn::wg {

/// The rows of the blocks on the diagonal, of which a tile has 2^n.
inline constexpr int64_t kTriInverseBlock = 16;

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_TRIINVERSE_H
