// A gate for each key on a GPU: helpers take pairs of tokens level by level, and
// hand over weights, scaled queries and keys, and the sums of gates.

// RUN: attn-opt %s --attn-lower-to-nvvm="chip=sm_90a stop-after=wg" | FileCheck %s --check-prefix=WG
// RUN: attn-opt %s --attn-lower-to-nvvm="chip=sm_90a stop-after=kernels" | FileCheck %s --check-prefix=KERNELS

!keys = tensor<2x4x?x64xbf16>
!gates = tensor<2x4x?x64xf32>

// Six levels, each of two products of ones and zeros with the parts of gates, and
// one of scaled rows, of the first two levels also what these rows are rounded by.
// WG-LABEL: func.func @gla
// WG-COUNT-12: wg.mma %{{.*}} : !wg.tile<64x64xbf16>, <64x64xbf16>, <64x64xf32>
// WG: wg.sum_rows %{{.*}} : <64x64xf32> -> <64xf32, cols>

// KERNELS-LABEL: func.func @gla
// KERNELS: wg.roles producers 4
// KERNELS: helpers 4 registers 240
// KERNELS-NOT: wg.start_mma
// KERNELS-COUNT-2: wg.mma %{{.*}}, %{{.*}} transposed, %{{.*}} {wg.streamed} : !wg.shared<64x64xbf16>, <64x64xbf16>, <64x64xf32>
// KERNELS-NEXT: wg.mma %{{.*}}#1, %{{.*}} transposed, %{{.*}} {wg.streamed} : !wg.tile<64x64xbf16>, <64x64xbf16>, <64x64xf32>
// KERNELS: wg.mma %{{.*}}, %{{.*}} transposed, %{{.*}} {wg.streamed} : !wg.shared<64x64xbf16>, <64x64xbf16>, <64x64xf32>
// KERNELS-NEXT: wg.mma %{{.*}}#1, %{{.*}} transposed, %{{.*}} {wg.streamed} : !wg.tile<64x64xbf16>, <64x64xbf16>, <64x64xf32>
// KERNELS-COUNT-4: wg.mma %{{.*}}, %{{.*}} transposed, %{{.*}} {wg.streamed} : !wg.shared<64x64xbf16>, <64x64xbf16>, <64x64xf32>
// KERNELS-COUNT-4: wg.send
// KERNELS: consumers 4
// KERNELS: wg.start_mma
func.func @gla(%q: !keys, %k: !keys, %v: !keys, %g: !gates) -> !keys {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.125) decay(key %g : !gates)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}

// With 128 keys and values two groups share a state, and leave registers to helpers,
// whose factors are as wide.
// KERNELS-LABEL: func.func @wide
// KERNELS: helpers 4 registers 200
// KERNELS: consumers 8 registers 144
!wide_keys = tensor<2x4x?x128xbf16>
!wide_gates = tensor<2x4x?x128xf32>
func.func @wide(%q: !wide_keys, %k: !wide_keys, %v: !wide_keys, %g: !wide_gates) -> !wide_keys {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !wide_keys
  %init = tensor.empty(%length) : !wide_keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.125) decay(key %g : !wide_gates)
    : !wide_keys, !wide_keys, !wide_keys -> !wide_keys
  return %out : !wide_keys
}

// With the delta rule the inverses are computed first, by four warps that keep no
// factors either, and whatever the number of states: beside the levels of the
// queries nothing else would fit, so there is no uncut loop.
// KERNELS-LABEL: func.func @delta
// KERNELS-NOT: } else {
// KERNELS: gpu.launch
// KERNELS-NOT: wg.roles
// KERNELS: wg.mma %[[OWN:.*]], %[[OWN]] transposed, %{{.*}} {wg.streamed} : !wg.shared
// KERNELS: wg.tri_inverse
// KERNELS-NOT: } else {
// The state in front of the next chunk is begun before the output that is read here.
// KERNELS: wg.await_mma %{{.*}} pending 1
// KERNELS: %[[STATE:.*]] = wg.start_mma %[[NEWS:[0-9]+]], %{{[0-9]+}}, %{{[0-9]+}} :
// KERNELS: %[[OUT:.*]] = wg.start_mma %[[NEWS]], %{{.*}} transposed, %{{.*}} :
// KERNELS: wg.await_mma %[[STATE]] pending 1
// KERNELS-NEXT: wg.await_mma %[[OUT]] pending 0
// KERNELS-NOT: } else {
// KERNELS: return
func.func @delta(%q: !keys, %k: !keys, %v: !keys, %g: !gates, %beta: tensor<2x4x?xbf16>) -> !keys {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !keys
  %init = tensor.empty(%length) : !keys
  %out = attn.recurrence %q, %k, %v outs(%init) scale(0.125) decay(key %g : !gates)
      update(delta %beta : tensor<2x4x?xbf16>) schedule(#attn.chunk_schedule<tokens = 64, columns = 64, tasks = 132>)
    : !keys, !keys, !keys -> !keys
  return %out : !keys
}
