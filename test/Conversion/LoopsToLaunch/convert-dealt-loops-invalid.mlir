// RUN: attn-opt %s --convert-dealt-loops-to-launch --split-input-file --verify-diagnostics

func.func @serial(%x: memref<9x77xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c76 = arith.constant 76 : index
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    // expected-error@+1 {{cannot be dealt to lanes: memory is written that may be read in other iterations}}
    scf.for %k = %c0 to %c76 step %c1 {
      %next = arith.addi %k, %c1 : index
      %a = memref.load %x[%i, %k] : memref<9x77xf32>
      memref.store %a, %x[%i, %next] : memref<9x77xf32>
    } {wg.deal = #wg.deal<lanes>}
    scf.reduce
  } {wg.deal = #wg.deal<warps>}
  return
}

// -----

func.func @results(%x: memref<9xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %zero = arith.constant 0.0 : f32
  // expected-error@+1 {{expected a loop without results, got 'f32'}}
  %s = scf.parallel (%i) = (%c0) to (%c9) step (%c1) init (%zero) -> f32 {
    %a = memref.load %x[%i] : memref<9xf32>
    scf.reduce(%a : f32) {
    ^bb0(%p: f32, %q: f32):
      %t = arith.addf %p, %q : f32
      scf.reduce.return %t : f32
    }
  } {wg.deal = #wg.deal<threads>}
  return %s : f32
}
