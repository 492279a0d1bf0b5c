//===- AttnScan.td - The elementwise recurrence -------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTNSCAN
#define ATTN_DIALECT_ATTN_IR_ATTNSCAN

include "attn/Dialect/Attn/IR/AttnOpBase.td"

def Attn_ScanOp : Attn_Op<"scan", [
    AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<TilingInterface,
      ["getIterationDomain", "getLoopIteratorTypes",
       "getTiledImplementation", "getResultTilePosition"]>,
    DeclareOpInterfaceMethods<Tile_FoldOpInterface, ["getFoldPieces"]>]> {
  let summary = "a linear recurrence of each number of a state alone";
  let description = [{
    For batch entry b, head h and channel c, N numbers x[n, c] begin as
    init[b, h], or zero. No number of the state depends on another one. Token
    t = 0, 1, ... first forgets,

        y[n, c] = exp(gate[b, h, t, c] * rate[h, n, c]) * x[n, c]

    where a factor that is not given is 1, and without both nothing is
    forgotten; then writes its value v = value[b, h, t] along its key
    k = key[b, h / (H / G), t],

        x'[n, c] = y[n, c] + k[n] * v[c]                               (default)
        x'[n, c] = y[n, c] + beta[b, h, t, c] * k[n] * (v[c] - k[n] * y[n, c])
                                                                   (delta(beta))

    and is read by its query q = query[b, h / (H / G), t],

        out[c] = sum_n q[n] * x'[n, c]                                 (default)
        out[c] = sum_n q[n] * (x[n, c] + bonus[h, c] * k[n] * v[c])      (bonus)

    so that a read with a bonus is of the state before the decay. Keys and
    queries that are not given are ones. The last x' is the final state. Neither
    the decays nor what is written exist as `B x H x S x N x D`.

    With `weights`, out is an average of the values up to the token, in which
    value s has the weight exp(w[s, c]), decayed since (g = gate * rate):

        out[t, c] = sum_{s <= t} W[s] * v[s, c] / sum_{s <= t} W[s],
        W[s] = exp(w[s, c] + sum_{s < l <= t} g[l, c])                 (default)
        W[s] = exp(w[s, c] + sum_{s < l < t} g[l, c]) for s < t,
        W[t] = exp(bonus[h, c] + w[t, c])                                (bonus)

    computed relative to a reference near the largest of them, whatever these
    are; out is 0 where all of them are. The state is then three tensors, `acc`,
    `ref` and `sum` as of `attn.partial`: the sums of W v and of W, divided by
    exp(ref). It begins as 0, half the lowest finite number and 0. `ref` is the
    largest w since it was last far (by more than 20) from the logarithm of the
    sum, and then is that: so it is not rounded for each token.

    With `segments`, the state begins anew (from zero) in front of each token
    whose segment differs from that of the token before it.

    Logarithms of decays, gate * rate, are at most 0 as a rule; others give the
    value of the equations as long as that is finite. States and sums are f32,
    or f64 for f64 values.

    | operand | shape | type |
    |---|---|---|
    | value | `B x H x S x D` | T in f16, bf16, f32, f64 |
    | outs[0] | `B x H x S x D` | T |
    | outs[1...] (final state) | `B x H x N x D` | f32 (f64 if T is f64) |
    | key, query | `B x G x S x N` | T |
    | gate | `B x H x S x D` | f32 (f64 if T is f64) |
    | rate | `H x N x D` | f32 (f64 if T is f64) |
    | beta | `B x H x S x D` | any float |
    | weights | `B x H x S x D` | any float |
    | bonus | `H x D` | any float |
    | init | `B x H x N x D` | f32 (f64 if T is f64) |
    | segments | `B x S` | i32 |

    C1: value has rank 4, and elements of f16, bf16, f32 or f64.
    C2: outs[0] has the type of value.
    C3: key and query are B x G x S x N of T, and H is a multiple of G.
    C4: gate is B x H x S x D of f32 (f64).
    C5: rate is H x N x D of f32 (f64).
    C6: beta is B x H x S x D of any float.
    C7: weights are B x H x S x D of any float, and come without key, query and
        beta, and with N = 1.
    C8: bonus is H x D of any float, and comes without beta.
    C9: final states are B x H x N x D of f32 (f64): one, or three with weights,
        or none; N is 1 without key, query and rate.
    C10: init has the number and types of the final states.
    C11: segments are B x S of i32.
    C12: operands are all tensors or all memrefs.
    C13: a schedule is of one token at a time.

    Sources: Gu and Dao 2023 (Mamba: gate and rate, keys, queries); Liu et al.
    2024 (Longhorn: delta); Qin et al. 2023 (HGRN), De et al. 2024 (RG-LRU: a
    gate alone); Peng et al. 2023 (RWKV-4), Zhai et al. 2021 (AFT: weights); Fu
    et al. 2023 (H3: a rate alone).

    ```mlir
    // Mamba: what is written is dt * u, the rates are those of the model.
    %y, %s1 = attn.scan %du outs(%e, %s) key(%b : tensor<1x1x?x16xbf16>)
        query(%c : tensor<1x1x?x16xbf16>) decay(%dt : tensor<1x1x?x8192xf32>)
        rate(%a : tensor<1x16x8192xf32>) init(%s0 : tensor<1x1x16x8192xf32>)
       : tensor<1x1x?x8192xbf16> -> tensor<1x1x?x8192xbf16>, tensor<1x1x16x8192xf32>
    ```
  }];
  let arguments = (ins
    AnyShaped:$value, Variadic<AnyShaped>:$outs,
    Optional<AnyShaped>:$key, Optional<AnyShaped>:$query,
    Optional<AnyShaped>:$gate, Optional<AnyShaped>:$rate,
    Optional<AnyShaped>:$beta, Optional<AnyShaped>:$weights,
    Optional<AnyShaped>:$bonus, Variadic<AnyShaped>:$init,
    Optional<AnyShaped>:$segments,
    OptionalAttr<Attn_ChunkScheduleAttr>:$schedule);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $value `outs` `(` $outs `)`
    oilist(
        `key` `(` $key `:` type($key) `)`
      | `query` `(` $query `:` type($query) `)`
      | `decay` `(` $gate `:` type($gate) `)`
      | `rate` `(` $rate `:` type($rate) `)`
      | `delta` `(` $beta `:` type($beta) `)`
      | `weights` `(` $weights `:` type($weights) `)`
      | `bonus` `(` $bonus `:` type($bonus) `)`
      | `init` `(` $init `:` type($init) `)`
      | `segments` `(` $segments `:` type($segments) `)`
      | `schedule` `(` custom<ChunkSchedule>($schedule) `)`
    )
    attr-dict `:` type($value) `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = dpsInits # [{
    ::mlir::Value getOutput() { return getOuts()[0]; }
    /// The destinations of the final state; none if it is not asked for.
    ::mlir::OperandRange getFinalStates() { return getOuts().drop_front(); }
    /// Tensors that a state is made of.
    unsigned getNumStates() { return getWeights() ? 3 : 1; }
    /// Numbers of a channel's state: N.
    ::mlir::OpFoldResult getStateWidth(::mlir::OpBuilder &builder);
    int64_t getStaticStateWidth();
    /// The type that gates, sums and states are computed in: f64 for f64
    /// values, else f32.
    ::mlir::FloatType getComputeType();
  }];
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNSCAN
