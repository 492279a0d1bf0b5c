// RUN: attn-opt %s --split-input-file --verify-diagnostics

// Roles, channels and what is on the host.

// expected-error @below {{a channel has at least one place, got 0}}
func.func private @c1() -> !wg.channel<0, 64x64xbf16>

// -----

func.func @producers() {
  // expected-error @below {{C1: expected a positive multiple of 4 producers, got 0}}
  wg.roles producers 0 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @negative_producers() {
  // expected-error @below {{C1: expected a positive multiple of 4 producers, got -4}}
  wg.roles producers -4 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @consumers() {
  // expected-error @below {{C1: expected a positive multiple of 4 consumers, got 6}}
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 6 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @few_registers() {
  // expected-error @below {{C2: expected a multiple of 8 from 24 to 256 registers of producers, got 16}}
  wg.roles producers 4 registers 16 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @odd_registers() {
  // expected-error @below {{C2: expected a multiple of 8 from 24 to 256 registers of consumers, got 236}}
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 236 {
    wg.barrier
  }
  return
}

// -----

func.func @few_helpers() {
  // expected-error @below {{C1: expected a positive multiple of 4 helpers, got 6}}
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } helpers 6 registers 104 {
    wg.barrier
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @no_helpers() {
  // expected-error @below {{C1: expected a positive multiple of 4 helpers, got 0}}
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } helpers 0 registers 104 {
    wg.barrier
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @registers_of_helpers() {
  // expected-error @below {{C2: expected a multiple of 8 from 24 to 256 registers of helpers, got 100}}
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } helpers 4 registers 100 {
    wg.barrier
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @many_registers() {
  // expected-error @below {{C2: expected a multiple of 8 from 24 to 256 registers of helpers, got 264}}
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } helpers 4 registers 264 {
    wg.barrier
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @no_copier() {
  // expected-error @below {{C4: expected from 1 to 4 copiers, as there are producers, got 0}}
  wg.roles producers 4 copiers 0 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @many_copiers() {
  // expected-error @below {{C4: expected from 1 to 4 copiers, as there are producers, got 5}}
  wg.roles producers 4 copiers 5 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @copier_among_consumers() {
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 240 {
    // expected-error @below {{C1: expected a place among producers}}
    %0 = wg.copier
  }
  return
}

// -----

func.func @registers_of_producers(%x: f32) {
  wg.roles producers 4 registers 24 {
    scf.execute_region {
      // expected-error @below {{C3: a tile in registers is used by the producers}}
      %t = wg.splat %x : f32 -> !wg.tile<64x64xf32>
      scf.yield
    }
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @turn_of_nobody() {
  // expected-error @below {{'wg.take_turn' op C1: expected a place among consumers}}
  wg.take_turn
  return
}

// -----

func.func @turn_of_producers() {
  wg.roles producers 4 registers 24 {
    // expected-error @below {{'wg.pass_turn' op C1: expected a place among consumers}}
    wg.pass_turn
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @turn_of_helpers() {
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } helpers 4 registers 104 {
    // expected-error @below {{'wg.take_turn' op C1: expected a place among consumers}}
    wg.take_turn
  } consumers 8 registers 240 {
    wg.barrier
  }
  return
}

// -----

func.func @channel_outside(%i: i32) {
  // expected-error @below {{C1: used outside of a wg.roles of the same block: wg.acquire}}
  %c = wg.make_channel : !wg.channel<2, 64x64xbf16>
  wg.acquire %c[%i] : <2, 64x64xbf16>
  return
}

// -----

func.func @channel_of_another_block(%i: i32, %p: i1) {
  // expected-error @below {{C1: used outside of a wg.roles of the same block: wg.release}}
  %c = wg.make_channel : !wg.channel<2, 64x64xbf16>
  scf.if %p {
    wg.roles producers 4 registers 24 {
      %0 = arith.constant 0 : index
    } consumers 8 registers 240 {
      wg.release %c[%i] : <2, 64x64xbf16>
    }
  }
  return
}

// -----

func.func @channel_of_nobody() {
  // expected-error @below {{C2: expected positive numbers of warps, got 0 and 1}}
  %c = wg.make_channel fills 0 : !wg.channel<2, 64x64xbf16>
  return
}

// -----

func.func @channel_for_nobody() {
  // expected-error @below {{C2: expected positive numbers of warps, got 4 and 0}}
  %c = wg.make_channel fills 4 releases 0 : !wg.channel<2, 64x64xbf16>
  return
}

// -----

func.func @sent_shape(%c: !wg.channel<2, 64x64xbf16>, %t: !wg.tile<64x32xbf16>, %i: i32) {
  // expected-error @below {{C1: expected one shape and element type, got '!wg.tile<64x32xbf16>' and '!wg.channel<2, 64x64xbf16>'}}
  wg.send %t into %c[%i] : !wg.tile<64x32xbf16>, <2, 64x64xbf16>
  return
}

// -----

func.func @sent_elements(%c: !wg.channel<2, 64xf32>, %t: !wg.tile<64xf16, cols>, %i: i32) {
  // expected-error @below {{C1: expected one shape and element type, got '!wg.tile<64xf16, cols>' and '!wg.channel<2, 64xf32>'}}
  wg.send %t into %c[%i] : !wg.tile<64xf16, cols>, <2, 64xf32>
  return
}

// -----

func.func @sent_by_nobody(%c: !wg.channel<2, 64xf32>, %t: !wg.tile<64xf32, cols>, %i: i32) {
  // expected-error @below {{C2: expected a place among helpers}}
  wg.send %t into %c[%i] : !wg.tile<64xf32, cols>, <2, 64xf32>
  return
}

// -----

func.func @sent_by_consumers(%c: !wg.channel<2, 64xf32>, %t: !wg.tile<64xf32, cols>, %i: i32) {
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } helpers 4 registers 104 {
    wg.barrier
  } consumers 4 registers 240 {
    // expected-error @below {{C2: expected a place among helpers}}
    wg.send %t into %c[%i] : !wg.tile<64xf32, cols>, <2, 64xf32>
  }
  return
}

// -----

func.func @coordinates(%d: !llvm.ptr, %c: !wg.channel<2, 64x64xbf16>, %i: index, %j: i32) {
  // expected-error @below {{C1: expected at least two coordinates, got 1}}
  wg.copy_bulk %d[%i] into %c[%j] : !llvm.ptr, <2, 64x64xbf16>
  return
}

// -----

func.func @received(%c: !wg.channel<2, 64x64xbf16>, %i: i32) {
  // expected-error @below {{C1: expected a tile of the channel, '!wg.channel<2, 64x64xbf16>', got '!wg.shared<64x32xbf16>'}}
  %t = wg.receive %c[%i] : <2, 64x64xbf16> -> <64x32xbf16>
  return
}

// -----

func.func @released(%c: !wg.channel<2, 64x64xbf16>, %i: i32, %p: i1) {
  // expected-error @below {{C2: a use of the tile follows its release: wg.from_shared}}
  %t = wg.receive %c[%i] : <2, 64x64xbf16> -> <64x64xbf16>
  wg.release %c[%i] : <2, 64x64xbf16>
  scf.if %p {
    %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
  }
  return
}

// -----

// A place that is released with another cursor, or before, is another one.
func.func @other_places(%c: !wg.channel<2, 64x64xbf16>, %i: i32, %j: i32) {
  wg.release %c[%i] : <2, 64x64xbf16>
  %t = wg.receive %c[%i] : <2, 64x64xbf16> -> <64x64xbf16>
  wg.release %c[%j] : <2, 64x64xbf16>
  %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
  return
}

// -----

func.func @describe_rank(%m: memref<64xbf16>) {
  // expected-error @below {{C1: expected memory of rank 2 to 5 that is contiguous in the last dimension, got 'memref<64xbf16>'}}
  %d = wg.describe %m as !wg.shared<64x64xbf16> : memref<64xbf16> -> !llvm.ptr
  return
}

// -----

func.func @describe_columns(%m: memref<64x64xbf16, strided<[?, 2]>>) {
  // expected-error @below {{C1: expected memory of rank 2 to 5 that is contiguous in the last dimension, got 'memref<64x64xbf16, strided<[?, 2]>>'}}
  %d = wg.describe %m as !wg.shared<64x64xbf16> : memref<64x64xbf16, strided<[?, 2]>> -> !llvm.ptr
  return
}

// -----

func.func @describe_elements(%m: memref<64x64xf16>) {
  // expected-error @below {{C2: element types differ: 'f16' and 'bf16'}}
  %d = wg.describe %m as !wg.shared<64x64xbf16> : memref<64x64xf16> -> !llvm.ptr
  return
}

// -----

func.func @describe_f64(%m: memref<64x64xf64>) {
  // expected-error @below {{C4: the copy engine has no elements of 'f64'}}
  %d = wg.describe %m as !wg.shared<64x64xf64> : memref<64x64xf64> -> !llvm.ptr
  return
}

// -----

func.func @describe_rows(%m: memref<512x64xbf16>) {
  // expected-error @below {{C3: expected a tile of at most 256 rows, or elements of a vector, got '!wg.shared<264x64xbf16>'}}
  %d = wg.describe %m as !wg.shared<264x64xbf16> : memref<512x64xbf16> -> !llvm.ptr
  return
}

// -----

func.func @describe_vector(%m: memref<4x1024xf32>) {
  // expected-error @below {{C3: expected a tile of at most 256 rows, or elements of a vector, got '!wg.shared<264xf32>'}}
  %d = wg.describe %m as !wg.shared<264xf32> : memref<4x1024xf32> -> !llvm.ptr
  return
}

// -----

// expected-error @below {{C1: expected a power of two of at least 64 bits, got 32}}
func.func private @few_notes() -> !wg.notes<32>

// -----

// expected-error @below {{C1: expected a power of two of at least 64 bits, got 96}}
func.func private @odd_notes() -> !wg.notes<96>

// -----

func.func @notes_outside(%i: i32) {
  // expected-error @below {{C1: used outside of a wg.roles of the same block: wg.noted}}
  %n = wg.make_notes : !wg.notes<64>
  %0 = wg.noted %n[%i] : !wg.notes<64>
  return
}

// -----

func.func @note_of_producers(%n: !wg.notes<64>, %v: !wg.tile<64xf32, rows>, %i: i32) {
  // expected-error @below {{'wg.note' op C1: expected a place among consumers}}
  wg.note %v in %n[%i] : !wg.tile<64xf32, rows>, !wg.notes<64>
  return
}

// -----

func.func @note_of_indices(%n: !wg.notes<64>, %v: !wg.tile<64xindex, rows>, %i: i32) {
  wg.roles producers 4 registers 24 {
    %0 = arith.constant 0 : index
  } consumers 4 registers 240 {
    // expected-error @below {{C2: expected a vector of floats, got '!wg.tile<64xindex, rows>'}}
    wg.note %v in %n[%i] : !wg.tile<64xindex, rows>, !wg.notes<64>
  }
  return
}

// -----

func.func @share_of_producers(%n: !wg.notes<64>) {
  wg.roles producers 4 registers 24 {
    // expected-error @below {{'wg.share_notes' op C1: expected a place among consumers}}
    wg.share_notes %n : !wg.notes<64>
  } consumers 4 registers 240 {
    wg.barrier
  }
  return
}

// -----

// expected-error @below {{C1: expected at least one place, got 0}}
func.func private @no_draws() -> !wg.draws<0>

// -----

func.func @draws_outside(%i: i32) {
  // expected-error @below {{'wg.make_draws' op C1: used outside of a wg.roles of the same block: wg.drawn}}
  %d = wg.make_draws : !wg.draws<8>
  %0 = wg.drawn %d[%i] : !wg.draws<8>
  return
}

// -----

func.func @draw_of_consumers(%d: !wg.draws<8>, %i: i32, %c: !llvm.ptr) {
  wg.roles producers 4 registers 40 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 232 {
    // expected-error @below {{'wg.draw' op C1: expected a place among producers}}
    wg.draw %d[%i] below %i from %c : !wg.draws<8>, !llvm.ptr
  }
  return
}

// -----

func.func @end_of_consumers(%i: i32, %c: !llvm.ptr) {
  wg.roles producers 4 registers 40 {
    %0 = arith.constant 0 : index
  } consumers 8 registers 232 {
    // expected-error @below {{'wg.end_draws' op C1: expected a place among producers}}
    wg.end_draws %c of %i : !llvm.ptr
  }
  return
}
