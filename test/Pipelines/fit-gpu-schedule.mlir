// Tiles are tried with ptxas, the best first; scripts in its place say here what it
// would.

// RUN: rm -rf %t && split-file %s %t && chmod +x %t/clean
// RUN: for name in wide layers-wide holds pieces spills never serialised fails; do cp %t/clean %t/$name; done

// RUN: attn-opt %t/one.mlir --attn-fit-gpu-schedule=ptxas=%t/clean --remarks-filter=attn-fit-gpu-schedule 2>&1 | FileCheck %s --check-prefix=CLEAN
// CLEAN: remark: {{.*}}192 x 96, after 0 that do not assemble well
// CLEAN: schedule(<rows = 192, cols = 96, hoist_pack = false, partial_first = true, held = true>)

// If products of as many columns spill, there are others. Three groups hold their
// maximum beside 96 columns alone, but two beside fewer than 128.
// RUN: attn-opt %t/one.mlir --attn-fit-gpu-schedule=ptxas=%t/wide --remarks-filter=attn-fit-gpu-schedule 2>&1 | FileCheck %s --check-prefix=WIDE
// WIDE: remark: {{.*}}128 x 112, after 2 that do not assemble well
// WIDE: schedule(<rows = 128, cols = 112, hoist_pack = false, partial_first = true, held = true>)

// If all spill that hold their maximum, those are tried that do not.
// RUN: attn-opt %t/two.mlir --attn-fit-gpu-schedule=ptxas=%t/holds --remarks-filter=attn-fit-gpu-schedule 2>&1 | FileCheck %s --check-prefix=HOLDS
// HOLDS: remark: {{.*}}64 x 16, after 1 that do not assemble well
// HOLDS: schedule(<rows = 64, cols = 16, hoist_pack = false, partial_first = true>)
// RUN: attn-opt %t/two.mlir --attn-fit-gpu-schedule=ptxas=%t/clean | FileCheck %s --check-prefix=BOTH
// BOTH: schedule(<rows = 64, cols = 16, hoist_pack = false, partial_first = true, held = true>)

// Pieces of a recurrence make more kernels. If one of them spills, there are none.
// RUN: attn-opt %t/recurrence.mlir --attn-fit-gpu-schedule=ptxas=%t/clean | FileCheck %s --check-prefix=PIECES
// PIECES: schedule(<tokens = 64, columns = 64, tasks = 132>)
// RUN: attn-opt %t/recurrence.mlir --attn-fit-gpu-schedule=ptxas=%t/pieces --remarks-filter=attn-fit-gpu-schedule 2>&1 | FileCheck %s --check-prefix=WHOLE
// WHOLE: remark: {{.*}}64 x 64, after 1 that do not assemble well
// WHOLE: schedule(<tokens = 64, columns = 64>)

// If all spill, or serialise, or do not assemble, nothing is chosen and nothing
// said: the pipeline will, of what it compiles then. So it is if the operation
// cannot be compiled, whatever its tiles are.
// RUN: attn-opt %t/one.mlir --attn-fit-gpu-schedule=ptxas=%t/spills --remarks-filter=attn-fit-gpu-schedule 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=schedule --implicit-check-not=remark --implicit-check-not=error
// RUN: attn-opt %t/one.mlir --attn-fit-gpu-schedule=ptxas=%t/serialised 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=schedule --implicit-check-not=error
// RUN: attn-opt %t/one.mlir --attn-fit-gpu-schedule=ptxas=%t/fails 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=schedule --implicit-check-not=error
// RUN: attn-opt %t/refused.mlir --attn-fit-gpu-schedule=ptxas=%t/clean 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=schedule --implicit-check-not=error
// RUN: attn-opt %t/dynamic.mlir --attn-fit-gpu-schedule=ptxas=%t/clean 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=schedule --implicit-check-not=error
// NONE: attn.attention

// Without ptxas the pass does nothing.
// RUN: attn-opt %t/one.mlir --attn-fit-gpu-schedule=ptxas=%t/none 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=schedule --implicit-check-not=error
// RUN: env PTXAS=%t/none %attn_opt %t/one.mlir --attn-fit-gpu-schedule 2>&1 | FileCheck %s --check-prefix=NONE --implicit-check-not=schedule --implicit-check-not=error

// A schedule that is given is not tried, nor is the only one.
// RUN: attn-opt %t/given.mlir --attn-fit-gpu-schedule=ptxas=%t/never | FileCheck %s --check-prefix=GIVEN
// GIVEN: schedule(<rows = 64, cols = 32>)
// RUN: attn-opt %t/only.mlir --attn-fit-gpu-schedule=ptxas=%t/never | FileCheck %s --check-prefix=NONE --implicit-check-not="schedule("
// RUN: test ! -e %t/never.log

// Operations that are the same but for their operands are tried once: two schedules
// of one and three of the other here. What their regions read of the function is
// there too.
// RUN: attn-opt %t/layers.mlir --attn-fit-gpu-schedule=ptxas=%t/layers-wide | FileCheck %s --check-prefix=LAYERS --implicit-check-not=attn_fitting
// LAYERS: schedule(<rows = 192, cols = 112, hoist_pack = false, longest_first = true, partial_first = true, held = true>)
// LAYERS: schedule(<rows = 192, cols = 112, hoist_pack = false, longest_first = true, partial_first = true, held = true>)
// LAYERS: schedule(<rows = 128, cols = 112, hoist_pack = false, partial_first = true, held = true>)
// RUN: FileCheck %s --check-prefix=TRIED --input-file=%t/layers-wide.log
// TRIED-COUNT-5: called
// TRIED-NOT: called

//--- clean
#!/bin/sh
# Says of each kernel that it spills, if it has what $spills is.
echo called >> "$0.log"
for file; do
  case "$file" in *.ptx) ptx=$file; esac
  if [ "$last" = -o ]; then printf 'a cubin' > "$file"; fi
  last=$file
done
case "${0##*/}" in
clean) spills=nothing ;;
*wide) spills='n128k16\|n96k16' ;;
holds) spills=atom.shared.or ;;
pieces) spills=entry.*_kernel_3 ;;
spills) spills=entry ;;
serialised) spills=nothing ;;
fails) exit 1 ;;
esac
bytes=0
if grep -q "$spills" "$ptx"; then bytes=24; fi
for kernel in $(sed -n 's/.*[.]entry \([a-z0-9_]*\)(.*/\1/p' "$ptx"); do
  cat >&2 <<END
ptxas info    : Compiling entry function '$kernel' for 'sm_90a'
ptxas info    : Function properties for $kernel
    0 bytes stack frame, $bytes bytes spill stores, 0 bytes spill loads
ptxas info    : Used 168 registers
END
  if [ "${0##*/}" = serialised ]; then
    echo "ptxas info : (C7510) wgmma is serialised in the function '$kernel'" >&2
  fi
done

//--- one.mlir
func.func @one(%q: tensor<1x8x?x64xbf16>, %o: tensor<1x8x?x64xbf16>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}

//--- refused.mlir
func.func @refused(%q: tensor<1x8x?x64xf64>, %o: tensor<1x8x?x64xf64>) -> tensor<1x8x?x64xf64> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x?x64xf64>, tensor<1x8x?x64xf64>, tensor<1x8x?x64xf64> -> tensor<1x8x?x64xf64>
  return %r : tensor<1x8x?x64xf64>
}

//--- dynamic.mlir
func.func @dynamic(%q: tensor<1x8x64x?xbf16>, %o: tensor<1x8x64x?xbf16>) -> tensor<1x8x64x?xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x64x?xbf16>, tensor<1x8x64x?xbf16>, tensor<1x8x64x?xbf16> -> tensor<1x8x64x?xbf16>
  return %r : tensor<1x8x64x?xbf16>
}

//--- given.mlir
func.func @given(%q: tensor<1x8x?x64xbf16>, %o: tensor<1x8x?x64xbf16>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) schedule(#attn.schedule<rows = 64, cols = 32>)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}

//--- only.mlir
func.func @only(%q: tensor<1x8x?x64xf16>, %v: tensor<1x8x?x384xf16>, %o: tensor<1x8x?x384xf16>) -> tensor<1x8x?x384xf16> {
  %r = attn.attention %q, %q, %v outs(%o) scale(0.125)
    : tensor<1x8x?x64xf16>, tensor<1x8x?x64xf16>, tensor<1x8x?x384xf16> -> tensor<1x8x?x384xf16>
  return %r : tensor<1x8x?x384xf16>
}

//--- two.mlir
func.func @two(%q: tensor<1x8x?x64xbf16>, %v: tensor<1x8x?x384xbf16>, %o: tensor<1x8x?x384xbf16>) -> tensor<1x8x?x384xbf16> {
  %r = attn.attention %q, %q, %v outs(%o) scale(0.125)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x384xbf16> -> tensor<1x8x?x384xbf16>
  return %r : tensor<1x8x?x384xbf16>
}

//--- layers.mlir
func.func @layers(%q: tensor<1x8x?x64xbf16>, %o: tensor<1x8x?x64xbf16>, %w: f32) -> tensor<1x8x?x64xbf16> {
  %half = arith.constant 0.5 : f32
  %a = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  %b = attn.attention %a, %a, %a outs(%o) scale(0.125) mask(causal)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  %c = attn.attention %b, %b, %b outs(%o) scale(0.125) score {
    ^bb0(%x: f32, %bi: index, %h: index, %i: index, %j: index):
      %y = arith.mulf %x, %w : f32
      %z = arith.addf %y, %half : f32
      attn.yield %z : f32
  } : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %c : tensor<1x8x?x64xbf16>
}

//--- recurrence.mlir
!keys = tensor<1x8x?x64xbf16>
func.func @recurrence(%q: !keys, %g: tensor<1x8x?x64xf32>, %o: !keys) -> !keys {
  %r = attn.recurrence %q, %q, %q outs(%o) scale(0.125) decay(key %g : tensor<1x8x?x64xf32>)
    : !keys, !keys, !keys -> !keys
  return %r : !keys
}
