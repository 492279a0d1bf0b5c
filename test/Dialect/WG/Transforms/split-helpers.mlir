// RUN: attn-opt %s --wg-split-helpers | FileCheck %s
// RUN: attn-opt %s --wg-split-helpers --canonicalize --cse | FileCheck %s --check-prefix=CLEAN
// RUN: attn-opt %s --wg-split-helpers --remarks-filter-missed=wg-split-helpers --verify-diagnostics -o /dev/null

// The product of the keys does not need the state, and is handed over: four warps
// more make it, and send it and the prefix sum that both need. Threads, registers
// and the warps that fill and release places are counted again.
// CHECK-LABEL: func @split
// CHECK-SAME: %[[N:[^:]*]]: index, %[[ZERO:[^:]*]]: !wg.tile<64x64xf32>
// CHECK: gpu.launch {{.*}} threads({{.*}}) in (%{{.*}} = %c384,
// CHECK: %[[KC:.*]] = wg.make_channel releases 8 : <2, 64x64xbf16>
// CHECK-NEXT: %[[QC:.*]] = wg.make_channel releases 4 : <2, 64x64xbf16>
// CHECK-NEXT: %[[VC:.*]] = wg.make_channel releases 4 : <2, 64x64xbf16>
// CHECK-NEXT: %[[GC:.*]] = wg.make_channel releases 4 : <2, 64xf32>
// CHECK-NEXT: %[[SUMC:.*]] = wg.make_channel fills 4 releases 4 : <2, 64xf32>
// CHECK-NEXT: %[[WC:.*]] = wg.make_channel fills 4 releases 4 : <2, 64x64xbf16>
// CHECK: wg.roles producers 4 registers 24 {

// Helpers carry cursors, but no state; places are free behind the last use of
// their tiles. They have the tile of zeros in front of the loop, too.
// CHECK: } helpers 4 registers 104 {
// CHECK-NEXT: %[[F0:.*]] = arith.constant 0.0
// CHECK-NEXT: %[[NONE:.*]] = wg.splat %[[F0]]
// CHECK-NEXT: scf.for %{{.*}} = %c0 to %[[N]] step %c1
// CHECK-SAME: iter_args(%[[KI:.*]] = %c0_i32, %[[QI:.*]] = %c0_i32, %[[VI:.*]] = %c0_i32, %[[GI:.*]] = %c0_i32, %[[SUMI:.*]] = %c0_i32{{.*}}, %[[WI:.*]] = %c0_i32{{.*}}) -> (i32, i32, i32, i32, i32, i32) {
// CHECK-NEXT: %[[K:.*]] = wg.receive %[[KC]][%[[KI]]]
// CHECK-NEXT: %[[Q:.*]] = wg.receive %[[QC]][%[[QI]]]
// CHECK-NEXT: %[[G:.*]] = wg.receive %[[GC]][%[[GI]]]
// CHECK-NEXT: %[[DECAY:.*]] = wg.from_shared %[[G]]
// CHECK-NEXT: wg.release %[[GC]][%[[GI]]]
// CHECK-NEXT: %[[SUM:.*]] = wg.scan %[[DECAY]]
// CHECK-NEXT: wg.send %[[SUM]] into %[[SUMC]][%[[SUMI]]]
// CHECK-NEXT: %[[SUMN:.*]] = wg.advance %[[SUMI]] in %[[SUMC]]
// CHECK-NEXT: %[[S:.*]] = wg.mma %[[K]], %[[Q]] transposed, %[[NONE]] :
// CHECK-NEXT: wg.release %[[QC]][%[[QI]]]
// CHECK-NEXT: wg.release %[[KC]][%[[KI]]]
// CHECK-NEXT: %[[W:.*]] = wg.map ins(%[[S]], %[[SUM]] :
// CHECK: wg.send %[[W]] into %[[WC]][%[[WI]]]
// CHECK-NEXT: %[[WN:.*]] = wg.advance %[[WI]] in %[[WC]]
// CHECK-NEXT: %[[KN:.*]] = wg.advance %[[KI]] in %[[KC]]
// CHECK-NEXT: %[[QN:.*]] = wg.advance %[[QI]] in %[[QC]]
// CHECK-NEXT: %[[VN:.*]] = wg.advance %[[VI]] in %[[VC]]
// CHECK-NEXT: %[[GN:.*]] = wg.advance %[[GI]] in %[[GC]]
// CHECK-NEXT: scf.yield %[[KN]], %[[QN]], %[[VN]], %[[GN]], %[[SUMN]], %[[WN]] :
// CHECK-NEXT: }

// Consumers receive what helpers send. They receive no tile that only helpers use.
// CHECK-NEXT: } consumers 4 registers 240 {
// CHECK: %[[R:.*]]:7 = scf.for
// CHECK-SAME: iter_args(%[[STATE:.*]] = %[[ZERO]], %[[KI:.*]] = %c0_i32, %[[QI:.*]] = %c0_i32, %[[VI:.*]] = %c0_i32, %[[GI:.*]] = %c0_i32, %[[SUMI:.*]] = %c0_i32{{.*}}, %[[WI:.*]] = %c0_i32{{.*}}) ->
// CHECK-NEXT: %[[K:.*]] = wg.receive %[[KC]][%[[KI]]]
// CHECK-NEXT: %[[SUMS:.*]] = wg.receive %[[SUMC]][%[[SUMI]]]
// CHECK-NEXT: %[[SUM:.*]] = wg.from_shared %[[SUMS]]
// CHECK-NEXT: wg.release %[[SUMC]][%[[SUMI]]]
// CHECK-NEXT: %[[SUMN:.*]] = wg.advance %[[SUMI]] in %[[SUMC]]
// CHECK-NEXT: %[[W:.*]] = wg.receive %[[WC]][%[[WI]]]
// CHECK-NEXT: %[[WN:.*]] = wg.advance %[[WI]] in %[[WC]]
// CHECK-NEXT: %[[ROUNDED:.*]] = wg.map ins(%[[STATE]], %[[SUM]] :
// CHECK: %[[NEXT:.*]] = wg.mma %[[ROUNDED]], %[[W]], %[[STATE]] :
// CHECK-NEXT: wg.release %[[WC]][%[[WI]]]
// CHECK-NEXT: %[[V:.*]] = wg.receive %[[VC]][%[[VI]]]
// CHECK-NEXT: %[[OUT:.*]] = wg.mma %[[K]], %[[V]], %[[NEXT]] :
// CHECK-NEXT: wg.release %[[VC]][%[[VI]]]
// CHECK-NEXT: wg.release %[[KC]][%[[KI]]]
// CHECK-COUNT-4: wg.advance
// CHECK-NEXT: scf.yield %[[OUT]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[SUMN]], %[[WN]] :
// CHECK-NEXT: }
// CHECK-NEXT: wg.store %[[R]]#0

// What neither of them needs is gone.
// CLEAN-LABEL: func @split
// CLEAN: helpers
// CLEAN: wg.receive {{.*}}<2, 64x64xbf16>
// CLEAN-NEXT: wg.receive {{.*}}<2, 64x64xbf16>
// CLEAN-NEXT: wg.receive {{.*}}<2, 64xf32>
// CLEAN-COUNT-1: wg.mma
// CLEAN-NOT: wg.mma
// CLEAN: consumers
// CLEAN-COUNT-2: wg.mma
// CLEAN-NOT: wg.mma
// CLEAN: wg.store
func.func @split(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    %qc = wg.make_channel : <2, 64x64xbf16>
    %vc = wg.make_channel : <2, 64x64xbf16>
    %gc = wg.make_channel : <2, 64xf32>
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %f0 = arith.constant 0.0 : f32
      %none = wg.splat %f0 : f32 -> !wg.tile<64x64xf32>
      %r:5 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first, %qi = %first, %vi = %first, %gi = %first)
          -> (!wg.tile<64x64xf32>, i32, i32, i32, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %q = wg.receive %qc[%qi] : <2, 64x64xbf16> -> <64x64xbf16>
        %g = wg.receive %gc[%gi] : <2, 64xf32> -> <64xf32>
        %decay = wg.from_shared %g : !wg.shared<64xf32> -> !wg.tile<64xf32, cols>
        %sum = wg.scan %decay : !wg.tile<64xf32, cols>
        %s = wg.mma %k, %q transposed, %none : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %w = wg.map ins(%s, %sum : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32, %y: f32):
          %z = arith.mulf %x, %y : f32
          %t = arith.truncf %z : f32 to bf16
          wg.yield %t : bf16
        }
        %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %rounded = wg.map ins(%state, %sum : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32, %y: f32):
          %z = arith.mulf %x, %y : f32
          %t = arith.truncf %z : f32 to bf16
          wg.yield %t : bf16
        }
        %next = wg.mma %rounded, %ws, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
        %out = wg.mma %k, %v, %next : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        wg.release %qc[%qi] : <2, 64x64xbf16>
        wg.release %vc[%vi] : <2, 64x64xbf16>
        wg.release %gc[%gi] : <2, 64xf32>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        %qn = wg.advance %qi in %qc : <2, 64x64xbf16>
        %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
        %gn = wg.advance %gi in %gc : <2, 64xf32>
        scf.yield %out, %kn, %qn, %vn, %gn : !wg.tile<64x64xf32>, i32, i32, i32, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// In blocks that stay, helpers go through the loop over the work, too, with the
// scalars but not the stores; cursors go on from one piece of work to the next.
// Vectors that both need, other than prefix sums, and tiles of one value, both
// compute. Two groups of consumers have the registers that are left, and release
// together.
// CHECK-LABEL: func @around
// CHECK: threads({{.*}}) in (%{{.*}} = %c512,
// CHECK: %[[KC:.*]] = wg.make_channel releases 4 : <2, 128x64xbf16>
// CHECK-NEXT: %[[VC:.*]] = wg.make_channel releases 12 : <2, 64x64xbf16>
// CHECK-NEXT: %[[GC:.*]] = wg.make_channel releases 12 : <2, 64xf32>
// CHECK-NEXT: %[[WC:.*]] = wg.make_channel fills 4 releases 8 : <2, 128x64xbf16>
// CHECK: } helpers 4 registers 104 {
// CHECK-NEXT: scf.for %[[J:[a-z0-9]+]] = {{.*}} iter_args(%[[KO:.*]] = %c0_i32, %[[VO:.*]] = %c0_i32, %[[GO:.*]] = %c0_i32, %[[WO:.*]] = %c0_i32{{.*}}) -> (i32, i32, i32, i32) {
// CHECK-NEXT: %[[ALL:.*]] = arith.muli %[[J]],
// CHECK-NEXT: %[[E:.*]]:4 = scf.for %{{.*}} to %[[ALL]] {{.*}} iter_args(%[[KI:.*]] = %[[KO]], %[[VI:.*]] = %[[VO]], %[[GI:.*]] = %[[GO]], %[[WI:.*]] = %[[WO]])
// CHECK: %[[DECAY:.*]] = wg.from_shared
// CHECK: %[[RATE:.*]] = wg.map ins(%[[DECAY]] :
// CHECK: %[[NONE:.*]] = wg.splat
// CHECK-NEXT: %[[S:.*]] = wg.mma %{{.*}}, %{{.*}}, %[[NONE]] :
// CHECK: %[[W:.*]] = wg.map ins(%[[S]], %[[RATE]] :
// CHECK: wg.send %[[W]] into %[[WC]][%[[WI]]]
// CHECK-NOT: wg.send
// CHECK-NOT: wg.mma
// CHECK: scf.yield
// CHECK-NEXT: }
// CHECK-NEXT: scf.yield %[[E]]#0, %[[E]]#1, %[[E]]#2, %[[E]]#3 :
// CHECK-NEXT: }
// CHECK-NEXT: } consumers 8 registers 192 {
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[KO:.*]] = %c0_i32, %[[VO:.*]] = %c0_i32, %[[GO:.*]] = %c0_i32, %[[WO:.*]] = %c0_i32{{.*}}) -> (i32, i32, i32, i32) {
// CHECK: %[[E:.*]]:5 = scf.for {{.*}} iter_args(%[[STATE:.*]] = %{{.*}}, %{{.*}} = %[[KO]], %{{.*}} = %[[VO]], %{{.*}} = %[[GO]], %[[WI:.*]] = %[[WO]])
// CHECK: %[[DECAY:.*]] = wg.from_shared
// CHECK: %[[RATE:.*]] = wg.map ins(%[[DECAY]] :
// CHECK: %[[NONE:.*]] = wg.splat
// CHECK: %[[W:.*]] = wg.receive %[[WC]][%[[WI]]]
// CHECK: wg.map ins(%[[STATE]], %[[RATE]] :
// CHECK: wg.mma %{{.*}}, %{{.*}}, %[[NONE]] : !wg.tile
// CHECK-NEXT: wg.mma %[[W]],
// CHECK-NEXT: wg.release %[[VC]]
// CHECK-NEXT: wg.release %[[WC]][%[[WI]]]
// CHECK-NOT: wg.mma
// CHECK: }
// CHECK-NEXT: wg.store %[[E]]#0
// CHECK-NEXT: scf.yield %[[E]]#1, %[[E]]#2, %[[E]]#3, %[[E]]#4 :
func.func @around(%n: index, %zero: !wg.tile<128x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c384 = arith.constant 384 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c384, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 128x64xbf16>
    %vc = wg.make_channel : <2, 64x64xbf16>
    %gc = wg.make_channel : <2, 64xf32>
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 8 registers 232 {
      %ends:3 = scf.for %j = %c0 to %n step %c1 iter_args(%ko = %first, %vo = %first, %go = %first) -> (i32, i32, i32) {
        %all = arith.muli %j, %n : index
        %r:4 = scf.for %i = %c0 to %all step %c1 iter_args(%state = %zero, %ki = %ko, %vi = %vo, %gi = %go)
            -> (!wg.tile<128x64xf32>, i32, i32, i32) {
          %k = wg.receive %kc[%ki] : <2, 128x64xbf16> -> <128x64xbf16>
          %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
          %g = wg.receive %gc[%gi] : <2, 64xf32> -> <64xf32>
          %decay = wg.from_shared %g : !wg.shared<64xf32> -> !wg.tile<64xf32, cols>
          %rate = wg.map ins(%decay : !wg.tile<64xf32, cols>) -> !wg.tile<64xf32, cols> {
          ^bb0(%row: index, %col: index, %x: f32):
            %z = math.exp2 %x : f32
            wg.yield %z : f32
          }
          %f0 = arith.constant 0.0 : f32
          %none = wg.splat %f0 : f32 -> !wg.tile<128x64xf32>
          %s = wg.mma %k, %v, %none : !wg.shared<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
          %w = wg.map ins(%s, %rate : !wg.tile<128x64xf32>, !wg.tile<64xf32, cols>) -> !wg.tile<128x64xbf16> {
          ^bb0(%row: index, %col: index, %x: f32, %y: f32):
            %z = arith.mulf %x, %y : f32
            %t = arith.truncf %z : f32 to bf16
            wg.yield %t : bf16
          }
          %ws = wg.to_shared %w : !wg.tile<128x64xbf16> -> !wg.shared<128x64xbf16>
          %rounded = wg.map ins(%state, %rate : !wg.tile<128x64xf32>, !wg.tile<64xf32, cols>) -> !wg.tile<128x64xbf16> {
          ^bb0(%row: index, %col: index, %x: f32, %y: f32):
            %z = arith.mulf %x, %y : f32
            %t = arith.truncf %z : f32 to bf16
            wg.yield %t : bf16
          }
          %x = wg.mma %rounded, %v, %none : !wg.tile<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
          %y = wg.mma %ws, %v, %x : !wg.shared<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
          wg.release %kc[%ki] : <2, 128x64xbf16>
          wg.release %vc[%vi] : <2, 64x64xbf16>
          wg.release %gc[%gi] : <2, 64xf32>
          %kn = wg.advance %ki in %kc : <2, 128x64xbf16>
          %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
          %gn = wg.advance %gi in %gc : <2, 64xf32>
          scf.yield %y, %kn, %vn, %gn : !wg.tile<128x64xf32>, i32, i32, i32
        }
        wg.store %r#0 into %o[] from %b : !wg.tile<128x64xf32> into memref<?x64xf32>
        scf.yield %r#1, %r#2, %r#3 : i32, i32, i32
      }
    }
    gpu.terminator
  }
  return
}

// A state that is only added to is nothing to wait for. But what is added is made of
// products of tiles that are made themselves, which would be beside the state in
// registers: others do it, in shared memory of their own.
// CHECK-LABEL: func @added
// CHECK: threads({{.*}}) in (%{{.*}} = %c384,
// CHECK: %[[KC:.*]] = wg.make_channel releases 8 : <2, 64x64xbf16>
// CHECK-NEXT: %[[WC:.*]] = wg.make_channel fills 4 releases 4 : <2, 64x64xbf16>
// CHECK: } helpers 4 registers 240 {
// CHECK: scf.for
// CHECK: %[[TWICE:.*]] = wg.to_shared
// CHECK: %[[S:.*]] = wg.mma %{{.*}}, %[[TWICE]], %{{.*}} :
// CHECK: %[[W:.*]] = wg.map ins(%[[S]] :
// CHECK: wg.send %[[W]] into %[[WC]]
// CHECK-NOT: wg.mma
// CHECK: } consumers 4 registers 240 {
// CHECK: scf.for {{.*}} iter_args(%[[STATE:.*]] = %{{.*}}, %[[KI:.*]] = %{{.*}}, %[[WI:.*]] = %{{.*}}) ->
// CHECK: %[[K:.*]] = wg.receive %[[KC]][%[[KI]]]
// CHECK: %[[WS:.*]] = wg.receive %[[WC]][%[[WI]]]
// CHECK: wg.mma %[[WS]], %[[K]], %[[STATE]] :
// CHECK-NOT: wg.mma
// CHECK: wg.store
func.func @added(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %f0 = arith.constant 0.0 : f32
      %none = wg.splat %f0 : f32 -> !wg.tile<64x64xf32>
      %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first) -> (!wg.tile<64x64xf32>, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %kr = wg.from_shared %k : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
        %twice = wg.map ins(%kr : !wg.tile<64x64xbf16>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: bf16):
          %y = arith.addf %x, %x : bf16
          wg.yield %y : bf16
        }
        %ts = wg.to_shared %twice : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %s = wg.mma %k, %ts, %none : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %w = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32):
          %t = arith.truncf %x : f32 to bf16
          wg.yield %t : bf16
        }
        %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %next = wg.mma %ws, %k, %state : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        scf.yield %next, %kn : !wg.tile<64x64xf32>, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// Roles that have helpers stay, without a remark, as do those outside of a launch.
// CHECK-LABEL: func @split_already
// CHECK: %[[C:.*]] = wg.make_channel fills 4 releases 4
// CHECK-NOT: wg.make_channel
// CHECK: wg.roles producers 4 registers 24 {
// CHECK: } helpers 4 registers 96 {
// CHECK-NEXT: wg.send
// CHECK-NEXT: } consumers 4 registers 232 {
// CHECK-NEXT: wg.receive %[[C]]
func.func @split_already(%n: index, %zero: !wg.tile<64x64xbf16>) {
  %c1 = arith.constant 1 : index
  %c384 = arith.constant 384 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c384, %ny = %c1, %nz = %c1) {
    %first = arith.constant 0 : i32
    %c = wg.make_channel fills 4 releases 4 : <2, 64x64xbf16>
    wg.roles producers 4 registers 24 {
      %p = arith.constant 0 : i32
    } helpers 4 registers 96 {
      wg.send %zero into %c[%first] : !wg.tile<64x64xbf16>, <2, 64x64xbf16>
    } consumers 4 registers 232 {
      %s = wg.receive %c[%first] : <2, 64x64xbf16> -> <64x64xbf16>
    }
    gpu.terminator
  }
  return
}

// CHECK-LABEL: func @no_launch
// CHECK: wg.roles producers 4 registers 40 {
// CHECK-NOT: helpers
// CHECK: } consumers 4 registers 232 {
func.func @no_launch(%o: memref<?x64xbf16>, %x: !wg.tile<64x64xbf16>) {
  %c0 = arith.constant 0 : index
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 232 {
    wg.store %x into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
  }
  return
}
