// REQUIRES: ptxas
// UNSUPPORTED: sanitizers
// Running on a GPU, with a driver that runs nothing, so leaves the results
// unwritten.

// RUN: not env LD_LIBRARY_PATH=%fake_cuda attn-run %s --entry=twice --target=cuda --random-inputs=1 --dims=5 --check 2>&1 | FileCheck %s
// CHECK:      cuda: allocate [[BYTES:[0-9]+]]
// CHECK:      cuda: allocate [[BYTES]]
// CHECK:      cuda: copy [[BYTES]]
// CHECK:      cuda: load a module
// CHECK:      cuda: launch twice_kernel (1, 1, 1) x (128, 1, 1)
// CHECK:      cuda: wait for stream 0
// CHECK:      cuda: free
// CHECK-NEXT: cuda: free
// CHECK:      error: the kernel left 5 of 5 elements of result 0 unwritten

// Nothing to write: a result of no elements is right, and calls are timed by
// the driver.
// RUN: env LD_LIBRARY_PATH=%fake_cuda attn-run %s --entry=twice --target=cuda --random-inputs=1 --dims=0 --check --time=3 --json=%t.json 2>&1 | FileCheck %s --check-prefix=TIME
// TIME: time: median 0.5000 ms, min 0.5000 ms of 3 calls on sm_90a (compiled in
// TIME: check: result 0 f32[0]: ok
// RUN: FileCheck %s --check-prefix=JSON < %t.json
// JSON: "chip": "sm_90a"
// JSON: "target": "cuda"

// RUN: not env LD_LIBRARY_PATH=%fake_cuda FAKE_CUDA_FAIL=cuInit=100 attn-run %s --entry=twice --target=cuda --random-inputs=1 --dims=5 2>&1 | FileCheck %s --check-prefix=NOGPU
// NOGPU: error: no usable GPU: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected
// RUN: not env LD_LIBRARY_PATH=%fake_cuda FAKE_CUDA_FAIL=cuLaunchKernel=701 attn-run %s --entry=twice --target=cuda --random-inputs=1 --dims=5 2>&1 | FileCheck %s --check-prefix=LAUNCH
// LAUNCH: error: launching kernel 'twice_kernel' with (1, 1, 1) blocks of (128, 1, 1) threads and 0 bytes of dynamic shared memory: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701): too many
// RUN: not env LD_LIBRARY_PATH=%fake_cuda FAKE_CUDA_FAIL=cuMemAlloc_v2=2 attn-run %s --entry=twice --target=cuda --random-inputs=1 --dims=5 2>&1 | FileCheck %s --check-prefix=MEMORY
// MEMORY: error: allocating {{[0-9]+}} bytes on the GPU: CUDA_ERROR_OUT_OF_MEMORY

// RUN: attn-run %s --entry=twice --target=cuda --stop-after=kernels | FileCheck %s --check-prefix=STAGE
// STAGE: gpu.launch
// RUN: not attn-run %s --entry=twice --chip=sm_80 --random-inputs=1 --dims=5 2>&1 | FileCheck %s --check-prefix=CHIP
// CHIP: error: --chip has no meaning without --target=cuda

func.func @twice(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %sum = linalg.add ins(%x, %x : tensor<?xf32>, tensor<?xf32>) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  return %sum : tensor<?xf32>
}
