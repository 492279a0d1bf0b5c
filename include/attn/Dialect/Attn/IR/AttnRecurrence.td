//===- AttnRecurrence.td - The matrix-state recurrence ------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTNRECURRENCE
#define ATTN_DIALECT_ATTN_IR_ATTNRECURRENCE

include "attn/Dialect/Attn/IR/AttnOpBase.td"

def Attn_RecurrenceOp : Attn_Op<"recurrence", [
    AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<TilingInterface,
      ["getIterationDomain", "getLoopIteratorTypes",
       "getTiledImplementation", "getResultTilePosition"]>,
    DeclareOpInterfaceMethods<Tile_FoldOpInterface, ["getFoldPieces"]>]> {
  let summary = "linear attention: a matrix that each token updates and reads";
  let description = [{
    For batch entry b and state head h, a matrix S of Dk x Dv begins as
    init[b, h], or zero. Token t = 0, 1, ... first forgets,

        D = S                                     (no decay)
        D[d, e] = exp(gate[b, h, t]) * S[d, e]    (decay(scalar gate))
        D[d, e] = exp(gate[b, h, t, d]) * S[d, e] (decay(key gate))
        D[d, e] = exp(gate[b, h, t, e]) * S[d, e] (decay(value gate))

    then writes its key k and value v, which are key[b, h / (Hv / Hk), t] and
    value[b, h, t],

        S' = D + k v^T                                (additive, the default)
        S' = D + beta[b, h, t] * k (v - D^T k)^T      (update(delta beta))
        S' = D + b[b, h, t] (a[b, h, t]^T S) + k v^T  (update(dplr a, b))

    and is read by the query q of each output head that belongs to the state,

        out = scale * q^T S'                               (the default)
        out = scale * q^T (S + diag(bonus[h]) k v^T)       (bonus)

    so that the delta rule reads the decayed state, and what is multiplied by a,
    and the read with a bonus, the state before the decay. The last S' is the
    final state. With `segments`, S is zero in front of each token whose segment
    differs from that of the token before it.

    With norm(sum), a vector z of Dk follows the state: it begins as
    init_sum[b, h], or zero, is made zero and decays as a column of S does, and
    is written the key, z' = exp(gate) * z + k. What is read is divided by

        n = scale * q^T z'                        (the default)
        n = scale * q^T (z + bonus[h] * k)        (bonus)
        n = max(|n|, bound[b, h, t])              (bound)

    and is 0 where n is 0, as attention is where a query sees no key. The last
    z' is the final sum. With positive keys and queries these are the weights of
    a softmax with another kernel than the exponential. S and z of a state whose
    keys and gates are stabilised by exp(-m_t), with bound = exp(-m_t), give what
    the true ones give with a bound of 1 (mLSTM). What is divided, and n, may be
    rounded to the type of the values before; for f16, whose range sums of keys
    leave, they are f32.

    There are H = max(Hq, Hv) output heads: output head j reads with query head
    j / (H / Hq) the state of head j / (H / Hv).

    Gates are logarithms, at most 0 as a rule; exponentials are taken of sums of
    them between two tokens, never of the difference of two numbers that could
    each overflow. A positive gate gives the value of the equations as long as
    that is finite; `attn-run --check` says that there are some. What is not
    finite, such as a state that keys of the delta rule made grow because they
    are not of unit length, may make other tokens of its chunk NaN, also earlier
    ones. States, gates and sums are f32, or f64 for f64 operands; in
    a chunk of several tokens (see `#attn.chunk_schedule`), operands of products
    may be rounded to the type of the values.

    | operand | shape | type |
    |---|---|---|
    | query | `B x Hq x S x Dk` | T in f16, bf16, f32, f64 |
    | key | `B x Hk x S x Dk` | T |
    | value | `B x Hv x S x Dv` | T |
    | outs[0] | `B x H x S x Dv` | T |
    | outs[1] (final state) | `B x Hv x Dk x Dv` | f32 (f64 if T is f64) |
    | outs[2] (final sum) | `B x Hv x Dk` | f32 (f64 if T is f64) |
    | gate of a scalar decay | `B x Hv x S` | f32 (f64 if T is f64) |
    | gate of a key decay | `B x Hv x S x Dk` | f32 (f64 if T is f64) |
    | gate of a value decay | `B x Hv x S x Dv` | f32 (f64 if T is f64) |
    | beta | `B x Hv x S` | any float |
    | a, b | `B x Hv x S x Dk` | any float |
    | bonus | `Hv x Dk` | any float |
    | init | `B x Hv x Dk x Dv` | f32 (f64 if T is f64) |
    | segments | `B x S` | i32 |
    | bound | `B x Hv x S` | f32 (f64 if T is f64) |
    | init_sum | `B x Hv x Dk` | f32 (f64 if T is f64) |

    C1: query, key and value have rank 4.
    C2: query, key and value have one element type: f16, bf16, f32, f64.
    C3: batch sizes agree.
    C4: lengths agree.
    C5: query and key agree in width.
    C6: Hv is a multiple of Hk, and one of Hq and Hv is a multiple of the other,
        of which both are 0 or none.
    C7: outs[0] is B x H x S x Dv of T; outs[1] is B x Hv x Dk x Dv of f32 (f64);
        outs[2], with a norm only, is B x Hv x Dk of f32 (f64). There are one or
        two of them, with a norm one or three.
    C8: a gate is given exactly if there is a decay, and has the shape that this
        says, and type f32 (f64).
    C9: delta has one coefficient, B x Hv x S; dplr has two, B x Hv x S x Dk;
        additive has none. They are floats.
    C10: bonus is Hv x Dk of any float, and comes with the additive update.
    C11: init is B x Hv x Dk x Dv of f32 (f64).
    C12: segments are B x S of i32.
    C13: scale is finite.
    C14: operands are all tensors or all memrefs.
    C15: a schedule of more than one token at a time comes with no decay by
         value, an additive or delta update, no bonus and no segments.
    C16: a norm comes with the additive update and no decay by value.
    C17: bound comes with a norm and is B x Hv x S of f32 (f64).
    C18: init_sum comes with a norm and init, init with a norm comes with
         init_sum, and is B x Hv x Dk of f32 (f64).

    Sources: Katharopoulos et al. 2020 (additive, norm); Sun et al. 2023 (RetNet), Dao
    and Gu 2024 (Mamba-2: scalar decay); Yang et al. 2024 (GLA: decay by key);
    Schlag et al. 2021, Yang et al. 2024 (DeltaNet), Yang et al. 2025 (Gated
    DeltaNet: delta); Peng et al. 2025 (RWKV-7: dplr); Peng et al. 2024 (RWKV-5
    and 6: bonus); Beck et al. 2024 (mLSTM: bound); Ainslie et al. 2023 (groups
    of heads).

    ```mlir
    // Gated DeltaNet, 16 key heads and 32 value heads.
    %o, %s1 = attn.recurrence %q, %k, %v outs(%e, %s) scale(0.0883883)
        decay(scalar %g : tensor<1x32x?xf32>) update(delta %beta : tensor<1x32x?xf32>)
        init(%s0 : tensor<1x32x128x128xf32>)
       : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x32x?x128xbf16>
         -> tensor<1x32x?x128xbf16>, tensor<1x32x128x128xf32>
    // Linear transformer, of queries and keys that are positive.
    %p = attn.recurrence %fq, %fk, %v outs(%e) scale(1.0) norm(sum)
       : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
    ```
  }];
  let arguments = (ins
    AnyShaped:$query, AnyShaped:$key, AnyShaped:$value,
    Variadic<AnyShaped>:$outs, F64Attr:$scale,
    DefaultValuedAttr<Attn_Decay, "::attn::Decay::None">:$decay,
    Optional<AnyShaped>:$gate,
    DefaultValuedAttr<Attn_Update, "::attn::Update::Additive">:$update,
    Variadic<AnyShaped>:$coefficients,
    Optional<AnyShaped>:$bonus, Optional<AnyShaped>:$init,
    Optional<AnyShaped>:$segments,
    DefaultValuedAttr<Attn_Norm, "::attn::Norm::None">:$norm,
    Optional<AnyShaped>:$bound, Optional<AnyShaped>:$init_sum,
    OptionalAttr<Attn_ChunkScheduleAttr>:$schedule);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $query `,` $key `,` $value `outs` `(` $outs `)` `scale` `(` $scale `)`
    oilist(
        `decay` `(` $decay $gate `:` type($gate) `)`
      | `update` `(` $update $coefficients `:` type($coefficients) `)`
      | `bonus` `(` $bonus `:` type($bonus) `)`
      | `init` `(` $init `:` type($init) `)`
      | `segments` `(` $segments `:` type($segments) `)`
      | `norm` `(` $norm `)`
      | `bound` `(` $bound `:` type($bound) `)`
      | `init_sum` `(` $init_sum `:` type($init_sum) `)`
      | `schedule` `(` custom<ChunkSchedule>($schedule) `)`
    )
    attr-dict `:` type($query) `,` type($key) `,` type($value)
      `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = dpsInits # [{
    ::mlir::Value getOutput() { return getOuts()[0]; }
    /// The destination of the final state, null if it is not asked for.
    ::mlir::Value getFinalState() {
      return getOuts().size() > 1 ? getOuts()[1] : nullptr;
    }
    /// The destination of the final sum, null if it is not asked for.
    ::mlir::Value getFinalSum() {
      return getOuts().size() > 2 ? getOuts()[2] : nullptr;
    }
    bool isNormalized() { return getNorm() != ::attn::Norm::None; }
    /// A normalised recurrence as two that are not, and a division; null if it
    /// is none. On tensors.
    ::llvm::SmallVector<::mlir::Value>
    expandNorm(::mlir::OpBuilder &builder);
    /// The type that gates, sums and states are computed in: f64 for f64
    /// operands, else f32.
    ::mlir::FloatType getComputeType();
    /// Several tokens may be taken at a time, by products of matrices.
    bool hasChunkForm();
  }];
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNRECURRENCE
