//===- AttnClusters.td - What groups rows and moves them ----*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows that belong together are given one number (`attn.cluster`), are sorted
// by it (`attn.sort`) and are read in that order, or brought back from it
// (`attn.permute`). Rounds of hashing are groups of heads.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_DIALECT_ATTN_IR_ATTNCLUSTERS
#define ATTN_DIALECT_ATTN_IR_ATTNCLUSTERS

include "attn/Dialect/Attn/IR/AttnOpBase.td"

def Attn_ClusterOp : Attn_Op<"cluster", [AggregatedOpInterface]> {
  let summary = "the number of the centroid that each row is nearest to";
  let description = [{
    With x's head h / (H / Hx) and the centroids' head h / (H / Hc) of head h,
    the batch entry 0 of centroids that have one for all, and

        s(c) = sum_d x[b, h, i, d] * centroids[b, h, c, d]

    outs[b, h, i] is

        nearest   the c < C with the largest s(c)
        rotated   the c < 2 C with the largest of s(0), ..., s(C - 1),
                  -s(0), ..., -s(C - 1): a hash, where centroids are columns of
                  a random rotation

    of equal ones the smallest. With a mask those c take part for which
    mask(b, h, i, c) holds (rotated: c mod C); a NaN never does. A row is in
    cluster -1 if nothing takes part. Sums are f32, f64 for f64. Where Hx divides
    H, several tables of centroids hash the same rows: a group of heads is the
    rounds of one.

    | operand | shape | type |
    |---|---|---|
    | x | `B x Hx x S x D` | T in f16, bf16, f32, f64 |
    | centroids | `B x Hc x C x D` or `1 x Hc x C x D` | T' in f16, bf16, f32, f64 |
    | outs | `B x H x S` | i32 |

    C1: x and centroids have rank 4, and elements of f16, bf16, f32 or f64; both
        of f64 or none.
    C2: x and centroids agree in width.
    C3: centroids have B batch entries or 1.
    C4: outs is B x H x S of i32.
    C5: H is a multiple of Hx and of Hc.
    C6: the mask reads positions only: no segments, parameters or ancestors.
    C7: operands are all tensors or all memrefs.

    Sources: Kitaev et al. 2020 (Reformer: rotated), Roy et al. 2021 (nearest).

    ```mlir
    %buckets = attn.cluster rotated %q, %rotations outs(%e)
       : tensor<1x8x?x64xbf16>, tensor<1x32x256x64xbf16> -> tensor<1x32x?xi32>
    ```
  }];
  let arguments = (ins Attn_ClusterKind:$kind, AnyShaped:$input,
                       AnyShaped:$centroids, AnyShaped:$outs,
                       OptionalAttr<Tile_VisitAttrInterface>:$mask);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kind $input `,` $centroids `outs` `(` $outs `)`
    oilist(`mask` `(` custom<Mask>($mask) `)`) attr-dict
    `:` type($input) `,` type($centroids)
    `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let extraClassDeclaration = dpsInits # decomposes # [{
    /// The type that products are summed in.
    ::mlir::FloatType getComputeType();
  }];
}

def Attn_PermuteOp : Attn_Op<"permute", [AggregatedOpInterface]> {
  let summary = "rows by their numbers, there and back";
  let description = [{
    With the head h / (H / Hx) of x and h / (H / Ho) of the order for head h,

        gather    outs[b, h, i] = x[b, h, order[b, h, i]]
        inverse   outs[b, h, order[b, h, i]] = x[b, h, i]
        mean      outs[b, h, n] = the mean of the x[b, h, i] with
                  order[b, h, i] = n

    row by row. Numbers below 0, or of no row, name nothing: what is read there
    is 0, what is written there is dropped. A row that no number names is 0. Of
    several rows that `inverse` writes to one it takes any; `mean` sums them up
    in their order, in f32, or f64 for f64. A mean in place of a permutation
    undoes lists that may share rows, or miss some.

    | operand | shape | type |
    |---|---|---|
    | x | `B x Hx x S x D` or `B x Hx x S` | f16, bf16, f32, f64; i32 but for mean |
    | order | `B x Ho x N` | i32 |
    | outs | `B x H x M x D` or `B x H x M` | as x |

    C1: x has rank 3 or 4, and elements of f16, bf16, f32, f64 or i32; a mean is
        not of i32.
    C2: the order has rank 3 and is i32.
    C3: outs has the rank, type and width of x, and x, order and outs agree in
        batch.
    C4: H is a multiple of Hx and of Ho.
    C5: gather: M = N. inverse, mean: S = N.
    C6: operands are all tensors or all memrefs.

    ```mlir
    %order = attn.sort %buckets outs(%0) : tensor<1x32x?xi32> -> tensor<1x32x?xi32>
    %sorted = attn.permute gather %q, %order outs(%1)
       : tensor<1x8x?x64xbf16>, tensor<1x32x?xi32> -> tensor<1x32x?x64xbf16>
    %back = attn.permute inverse %o, %order outs(%1)
       : tensor<1x32x?x64xbf16>, tensor<1x32x?xi32> -> tensor<1x32x?x64xbf16>
    ```
  }];
  let arguments = (ins Attn_PermuteKind:$kind, AnyShaped:$input,
                       AnyShaped:$order, AnyShaped:$outs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kind $input `,` $order `outs` `(` $outs `)` attr-dict
    `:` type($input) `,` type($order)
    `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let extraClassDeclaration = dpsInits # decomposes;
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNCLUSTERS
