//===- Passes.td - Conversion passes ------------------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The road of bufferised code to the LLVM dialect on a CPU, in this order:
//
//   func.func(convert-linalg-to-vector-loops{lanes-bits registers})
//   convert-forall-to-parallel-calls           outlines tasks
//   func.func(place-static-buffers)            scratch of a task -> its stack
//   func.func(expand-math-to-polynomials)
//   func.func(arith-expand{include-bf16})      else bf16 truncation is a call
//   canonicalize, cse, loop-invariant-code-motion
//   convert-scf-to-cf, expand-strided-metadata, lower-affine,
//   convert-vector-to-llvm, convert-math-to-llvm, finalize-memref-to-llvm,
//   convert-{arith,index,func,cf,ub}-to-llvm, reconcile-unrealized-casts,
//   canonicalize, cse
//
// Do not run `canonicalize` between a vector transpose written as shuffles and
// the LLVM dialect with a pattern that rebuilds transposes out of them, and
// always hand LLVM the CPU (without it a vector fma becomes calls).
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CONVERSION_PASSES
#define ATTN_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertLinalgToVectorLoops
    : Pass<"convert-linalg-to-vector-loops", "::mlir::func::FuncOp"> {
  let summary = "linalg on buffers to loops over 1-D vectors";
  let description = [{
    Lowers every linalg operation on buffers, and `tile.contract`, to `scf`
    loops over 1-D `vector` operations:

    - contractions to a register tile: the accumulators are SSA values carried
      by the k-loop, so nothing is stored inside it;
    - elementwise operations and reductions to loops over contiguous elements,
      with masked tails; reductions keep vector accumulators;
    - transposing copies to in-register transposes;
    - neighbouring operations that touch each other's buffers at the same row
      only to one loop over blocks of rows, so that a row stays in cache.

    Whatever has none of these forms becomes scalar loops; the result is always
    the meaning of the input (floating-point sums may be reassociated).
  }];
  let options = [
    Option<"lanesBits", "lanes-bits", "int64_t", /*default=*/"256",
           "width of a vector register in bits">,
    Option<"registers", "registers", "int64_t", /*default=*/"16",
           "number of vector registers">,
    Option<"fuseRows", "fuse-rows", "bool", /*default=*/"true",
           "fuse neighbouring operations over blocks of rows">
  ];
  let statistics = [
    Statistic<"numContractions", "contractions", "register-tiled contractions">,
    Statistic<"numVectorised", "vectorised", "vectorised operations">,
    Statistic<"numScalar", "scalar", "operations lowered to scalar loops">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def ConvertForallToParallelCalls
    : Pass<"convert-forall-to-parallel-calls", "::mlir::ModuleOp"> {
  let summary = "parallel loops to calls of attn_parallel_for";
  let description = [{
    The body of an `scf.forall` without results becomes a task function, the
    loop a call of

        attn_parallel_for(n, task, context)

    which runs `task(context, i, worker)` for every i below n. Captured values
    travel in a struct on the caller's stack. The last dimension of the loop is
    the fastest; with `tile.task_order = #tile.task_order<reversed>` on the
    loop, task i is iteration n - 1 - i, for loops whose last iterations are
    the longest. A parallel loop inside of another one becomes sequential.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect"
  ];
}

def PlaceStaticBuffers
    : Pass<"place-static-buffers", "::mlir::func::FuncOp"> {
  let summary = "allocates scratch buffers once, at the function's entry";
  let description = [{
    Moves every `memref.alloc` of static shape that does not escape to the
    entry of the function: to the stack up to `stack-limit` bytes in all, the
    smallest first, to the heap (freed at the end) beyond. Buffers of one type
    that are never alive together share an allocation.
  }];
  let options = [
    Option<"stackLimit", "stack-limit", "int64_t", /*default=*/"1048576",
           "bytes that may go to the stack of a function">
  ];
  let statistics = [
    Statistic<"numOnStack", "on-stack", "allocations on the stack">,
    Statistic<"numOnHeap", "on-heap", "allocations on the heap">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def ExpandMathToPolynomials
    : Pass<"expand-math-to-polynomials", "::mlir::func::FuncOp"> {
  let summary = "elementary functions of f32 without calls";
  let description = [{
    Writes `math.exp2` and `math.exp` of f32 scalars and vectors as a
    polynomial of degree 5 and a scale. The relative error is at most 2^-22 for
    results above 2^-125.5; smaller ones are zero. Powers of two are
    exact, -inf gives 0, 2^128 and above +inf, NaN stays NaN. With `ninf` on
    the operation one instruction less is needed and the result for exponents
    above 129 is undefined.

    tanh, log, log2, log1p, expm1, erf, sin, cos and atan take the upstream
    approximations. f64 is left to the C library.
  }];
  let options = [
    Option<"avx512", "avx512", "bool", /*default=*/"false",
           "use vreduceps and vscalefps for vector<16xf32>">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"
  ];
}

def ConvertTileToWG : Pass<"convert-tile-to-wg", "::mlir::func::FuncOp"> {
  let summary = "static tiles become tiles of warps";
  let description = [{
    Requires: in every `scf.forall`, `tile.rows`, `tile.insert`,
    `tile.tri_inverse` of f32 and `linalg` on static tiles of rank 1 and 2
    (`tile-expand-ops{keep-memory keep-work}`), with contractions that are
    products of two matrices.

    Ensures: a loop's body is `wg`, `scf` and scalars; tensors are left for
    memory only, and `wg.warps` on the loop says how many warps share a tile.
    Loops without any operation of `tile`, as those of `convert-tile-to-lanes`,
    are left alone.

    A tile is made in each place that one of its uses needs: the right operand
    of a product, and a left one that is read from memory, in shared memory; a
    left operand that has been computed stays in registers. What is in shared
    memory is read from there, if it is needed in registers too. Vectors are computed
    again by row and by column where both are asked for, those that are reduced
    are moved. Nothing else is decided here.
  }];
  let options = [
    Option<"maxGroups", "max-groups", "int64_t", /*default=*/"4",
           "groups of four warps that share a tile, at most">
  ];
  let statistics = [
    Statistic<"numLoops", "loops", "loops converted">
  ];
  let dependentDialects = [
    "::attn::wg::WGDialect", "::mlir::arith::ArithDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

def DealTiles : Pass<"deal-tiles", "::mlir::func::FuncOp"> {
  let summary = "decide which loops over tiles the lanes of a warp do alone";
  let description = [{
    Writes `#wg.lanes` on every outermost `scf.forall` over tiles of which some
    have rows that are no multiple of 16, or columns that are none of 8, so that
    warps cannot multiply them, and changes nothing else.

    The dimensions of all tiles of a loop that are the same number are an axis.
    The axis that is innermost in the largest tile is cut into runs of 16 bytes,
    which neighbouring lanes hold, as many as there are; what is left of the 32
    lanes goes to the other axes, the largest first, whose elements a lane holds
    in a row. So lanes read memory side by side and 16 bytes at a time, and
    sums over the other axes are of registers first, then of lanes.

    Requires what `convert-tile-to-lanes` does of a loop; one that has something
    else (a product of matrices, a tile with two dimensions of one axis) keeps
    no attribute, with a remark (`no-lanes`).
  }];
  let statistics = [
    Statistic<"numLoops", "loops", "loops dealt to lanes">
  ];
  let dependentDialects = ["::attn::wg::WGDialect"];
}

def ConvertTileToLanes : Pass<"convert-tile-to-lanes", "::mlir::func::FuncOp"> {
  let summary = "static tiles become registers of the lanes of a warp";
  let description = [{
    Obeys the `#wg.lanes` that `deal-tiles` writes, and erases it: each lane has
    its elements of a tile as scalars, which loops carry. A tile without one of
    the axes is the same in all lanes of that axis. Operations of `linalg` are
    done element by element; a sum over an axis is one over a lane's own
    elements, then over lanes, by shuffles, so that all have it. Memory is read
    and written by `vector` transfers of elements in a row, or one by one. Lanes
    that hold the same element write the same value.

    Requires: in the loop, `tile.rows`, `tile.insert`, `linalg.fill`,
    `linalg.generic` and changes of shape by dimensions of extent 1 on static
    tiles; coordinates that are complete; as many lanes and elements in a row as
    divide an axis. Ensures: tensors are left for memory only, and `wg.warps`
    is 1.
  }];
  let statistics = [
    Statistic<"numLoops", "loops", "loops converted">
  ];
  let dependentDialects = [
    "::attn::wg::WGDialect", "::mlir::arith::ArithDialect",
    "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def VersionAccesses : Pass<"version-accesses", "::mlir::func::FuncOp"> {
  let summary = "transfers of vectors by one instruction, where memory allows";
  let description = [{
    A `gpu.launch` with `vector` transfers of several elements becomes two, and
    the host chooses: one for memory that begins at a multiple of 16 bytes, with
    strides of such multiples, whose transfers are loads and stores of vectors
    with that alignment, and one that has them element by element.

    A transfer whose place in its memory is not known to be a multiple of its
    length is written element by element in both.
  }];
  let statistics = [
    Statistic<"numVersions", "versions", "launches with two versions">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def PrefetchLoads : Pass<"prefetch-loads", "::mlir::func::FuncOp"> {
  let summary = "read memory some steps of a loop before it is needed";
  let description = [{
    In a `gpu.launch` without operations of `wg`, a loop with reads at places
    that depend on the number of the iteration alone, of memory that the loop
    does not write, becomes a loop over groups of iterations, which carries what
    is read for the next group, and one over the iterations that are left. A
    group has as many iterations (a power of two, 16 at most) as `registers`
    of 32 bits suffice for.
  }];
  let options = [
    Option<"registers", "registers", "int64_t", /*default=*/"48",
           "registers of a thread that are spent on it">
  ];
  let statistics = [
    Statistic<"numLoops", "loops", "loops that read ahead">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"
  ];
}

def HoistLaunchScalars
    : Pass<"hoist-launch-scalars", "::mlir::func::FuncOp"> {
  let summary = "compute before a launch what is the same for all its threads";
  let description = [{
    Integers and indices that come from values outside of a `gpu.launch` are
    computed on the host. A kernel reads its arguments for nothing, but what it
    computes once it keeps in registers to the end.
  }];
  let statistics = [
    Statistic<"numHoisted", "hoisted", "operations moved out of launches">
  ];
}

def ConvertForallToLaunch
    : Pass<"convert-forall-to-launch", "::mlir::func::FuncOp"> {
  let summary = "loops over tiles become kernel launches";
  let description = [{
    Requires: `scf.forall` on buffers with `wg.warps`.

    Ensures: each is a `gpu.launch` of one block for each iteration, in one grid
    dimension (the last dimension of the loop varies fastest, so blocks that
    share what they read run together), of `wg.warps` x 32 threads. A loop whose
    order is `#tile.task_order<reversed>` starts with the last iterations. A
    loop without iterations launches nothing. A loop without `wg.warps` has no
    tiles that warps would share and is left alone.
  }];
  let statistics = [
    Statistic<"numLaunches", "launches", "kernel launches made">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::scf::SCFDialect"
  ];
}

def MergeParallelLoops : Pass<"merge-parallel-loops", "::mlir::func::FuncOp"> {
  let summary = "a parallel loop with nothing but another in it becomes one";
  let description = [{
    What stands before the inner loop, is computed of its own operands alone and
    is not needed by its bounds moves into it. So a grid has as many threads as
    there are iterations, and neighbours have neighbouring ones of the innermost
    dimension.
  }];
  let statistics = [
    Statistic<"numMerged", "merged", "loops merged into the one around them">
  ];
}

def PromoteAccumulators
    : Pass<"promote-accumulators", "::mlir::func::FuncOp"> {
  let summary = "what a loop adds to in memory is carried instead";
  let description = [{
    A place in memory that each iteration of an `scf.for` reads first and writes
    last, and nothing else in the loop may touch, is read in front of the loop
    and written behind it. Two memories are taken for different if they begin
    with different allocations or arguments: results are written to no memory
    that is also read under another name.
  }];
  let statistics = [
    Statistic<"numPromoted", "promoted", "places carried by a loop">
  ];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def DealLoops : Pass<"deal-loops", "::mlir::func::FuncOp"> {
  let summary = "decide who does the iterations of loops that are no kernel yet";
  let description = [{
    Writes `#wg.deal` on every outermost `scf.parallel` outside of a
    `gpu.launch`, and on loops inside, and changes nothing else.

    `threads`: an iteration of the outer loop is a thread's. So it is where
    there is no loop inside, and where most of what loops inside read lies side
    by side for neighbouring iterations of the outer loop.

    `warps`: an iteration is a warp's; all lanes do the same but in loops with
    `lanes`, whose iterations they share. Those are parallel loops, and ones
    whose iterations may be done in any order: they write nothing, or places of
    their own, and what they carry are reductions (sums, smallest and largest
    numbers, bits), the best of tuples in a lexicographic order, and counts of
    those iterations that append something. A remark (`serial-loop`) says of a
    loop that one thread does all of why.

    `blocks`: the same, by all threads of a block. So it is where a lane would do
    a loop of thousands of iterations, or one of any length dozens of times: few
    iterations of the outer loop would leave most of the machine without work.
  }];
  let options = [
    Option<"least", "least", "int64_t", /*default=*/"8",
           "iterations that are worth sharing, at least, if their number is known">
  ];
  let statistics = [
    Statistic<"numThreads", "threads", "loops dealt to threads">,
    Statistic<"numWarps", "warps", "loops dealt to warps">,
    Statistic<"numBlocks", "blocks", "loops dealt to blocks">,
    Statistic<"numLanes", "lanes", "loops dealt to lanes">
  ];
  let dependentDialects = ["::attn::wg::WGDialect"];
}

def WidenLoops : Pass<"widen-loops", "::mlir::func::FuncOp"> {
  let summary = "neighbours that lie side by side are one iteration";
  let description = [{
    An `scf.parallel` that `deal-loops` gave to threads, and whose last dimension
    runs along the last one of all memory that depends on it, does as many
    neighbours in an iteration as 16 bytes have: indices, branches, loops and
    reads that they share once, accesses by `vector` transfers, what is computed
    for each. Loops whose last extent is not known or no multiple of these, and
    others, are left alone; a remark (`single-elements`) says why.
  }];
  let statistics = [Statistic<"numWidened", "widened", "loops widened">];
  let dependentDialects = [
    "::attn::wg::WGDialect", "::mlir::arith::ArithDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
}

def ConvertDealtLoopsToLaunch
    : Pass<"convert-dealt-loops-to-launch", "::mlir::func::FuncOp"> {
  let summary = "loops become kernel launches as #wg.deal says";
  let description = [{
    Obeys what `deal-loops` writes, and erases it. Lanes take neighbouring
    iterations. What they carry is combined by shuffles and reductions of a warp,
    counts by votes, of which the threads of a block have several between two
    barriers; every lane gets the result. What the whole warp does
    outside of such loops writes memory by one lane, with barriers of the warp
    before and behind. Instructions of the whole warp stand where all of its
    lanes come. The threads of a block do as lanes do: what each warp has made of
    its part goes through shared memory, and all warps combine that of all.

    Requires: no `scf.parallel` with results. A `#wg.deal<lanes>` on a loop that
    cannot be shared is an error.
  }];
  let statistics = [
    Statistic<"numLaunches", "launches", "kernel launches made">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"
  ];
}

def ConvertWGToNVVM : Pass<"convert-wg-to-nvvm", "::mlir::gpu::GPUModuleOp"> {
  let summary = "tiles of warps to the code of a thread of a GPU";
  let description = [{
    Lowers the dialect `wg` in every `gpu.func` with `known_block_size`: a tile
    in registers becomes a vector of the elements that a thread holds, a tile in
    shared memory an address.

    Requires: memory instead of tensors; `wg.offset`, a multiple of 1024, on
    every operation that makes a shared tile or works in shared memory;
    `wg.barrier` between the writers and readers of shared tiles (operations
    that work there, and channels, have their own). Dynamic shared memory of the
    launch begins at offset 0.

    `wg.mma` takes operands of bf16, f16 or f32 and accumulators of f32; k is a
    multiple of 16, of f32 of 8. On sm_90a it becomes wgmma where whole
    warpgroups multiply operands of bf16 or f16 to a multiple of 64 rows.
    Elsewhere each warp computes its bands by mma.sync, and a remark
    (`warp-product`) says why; f32 in three products of tf32, to about the
    precision of f32, but with NaN for what an infinity is multiplied with. It is
    complete when the operation is. `wg.roles` needs sm_90a. `wg.tri_inverse`
    takes 16, 32, 64, ... rows and at least as many threads.

    Wide accesses assume that buffers begin at a multiple of 16 bytes.

    With `count-repeats`, kernels count what they do again because something was
    wrong with it (branches by `wg.any` and `wg.noted`), as a fold that was held
    is: once for each block and piece of work, into `attn_repeats`, a global
    number of 64 bits of the module.
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_90a\"",
           "an NVIDIA GPU, sm_80 or later">,
    Option<"countRepeats", "count-repeats", "bool", /*default=*/"false",
           "count what is done again">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def ConvertMathToNVVMApprox
    : Pass<"convert-math-to-nvvm-approx", "::mlir::gpu::GPUModuleOp"> {
  let summary = "elementary functions of f32 to the approximations of a GPU";
  let description = [{
    Scalars of f32; f16 and bf16 go through f32. Subnormal arguments and results
    are 0, infinities and NaN are right. Errors, by NVIDIA's documentation:

    | function    | instruction          | error                             |
    |-------------|----------------------|-----------------------------------|
    | exp2        | ex2.approx.ftz       | 2^-22.5 relative                  |
    | exp         | ... of x log2(e),    | 2^-22.2 relative                  |
    |             | and what it rounds   |                                   |
    | ... of afn  | ... of x log2(e)     | 2^-22.5 + abs(x) 2^-23.5 relative |
    | log2        | lg2.approx.ftz       | 2^-22 absolute in (0.5, 2), else  |
    |             |                      | 2^-22 relative                    |
    | log         | ln(2) times log2     | the same                          |
    | sqrt, rsqrt | (r)sqrt.approx.ftz   | 2^-22.9 relative                  |
    | sin, cos    | sin, cos .approx.ftz | 2^-20.5 absolute in (-pi, pi),    |
    |             |                      | growing with abs(x) outside       |
    | tanh        | tanh.approx          | 2^-11 relative                    |
    | expm1       | exp, near 0 a series | 2^-20 + abs(x) 2^-22 relative     |
    | log1p       | log                  | 2^-22 absolute near 0, else that  |
    |             |                      | of log                            |
    | x / const   | mul by 1 / const     | 2^-23 relative                    |

    A quotient x / y is exact; where x is 0, another numerator takes its place,
    since what a division does at the ends of the range costs a warp a hundred
    instructions.

    erf and atan take the upstream polynomials. fma, absf,
    floor, ceil, trunc, roundeven, copysign and `arith.maxnumf` and `minnumf` of
    all floats become intrinsics, which are exact. For what is left
    `convert-gpu-to-nvvm` calls libdevice.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"
  ];
}

def DescriptorsByValue
    : Pass<"gpu-descriptors-by-value", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Kernels take descriptors of memory by value";
  let description = [{
    The copy engine reads a descriptor from the constant memory of the kernel's
    parameters: an argument that `nvvm.cp.async.bulk.tensor` takes it from
    becomes 128 bytes by value (`llvm.byval`, `nvvm.grid_constant`).
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def MergeGPUModules : Pass<"merge-gpu-modules", "::mlir::ModuleOp"> {
  let summary = "all kernels in one gpu.module";
  let description = [{
    Moves the contents of every `gpu.module` into the first one with the same
    targets, so that a program is one binary and is loaded once. Symbols that
    collide are renamed, launches follow; a declaration that is there already is
    dropped.

    An error is a `gpu.func` with an `llvm.byval` argument: its lowering would
    drop the attribute, and the kernel would read the host's address.
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def AssembleGPUModules : Pass<"assemble-gpu-modules", "::mlir::ModuleOp"> {
  let summary = "gpu.module to gpu.binary, with what the assembler says";
  let description = [{
    Translates each `gpu.module` of llvm and nvvm operations to PTX, for each
    of its `#nvvm.target`s, and, for `format=bin`, to a cubin with `ptxas`. The
    object carries a table of its kernels: names, types and, from `ptxas -v`,
    `registers`, `stack_bytes`, `spill_bytes` and `shared_bytes`.

    Differs from `gpu-module-to-binary` in that a kernel which is correct but
    useless is an error: one for which ptxas ignores the redistribution of
    registers (C7508) or serialises wgmma (C7510 to C7514), and one that spills.
    `attn.spill_allowance = N : i32` on a kernel allows N bytes, at most 160, and
    makes a remark. A call of a function that no library defines is an error
    as well.

    With `retry`, a module with kernels that spill is assembled again. First the
    kernels are told that one of their blocks on a multiprocessor will do
    (`nvvm.minctasm = 1`, if they say nothing else), so that they get more
    registers; if that does not help, with `-O1`: ptxas then leaves loads and
    addresses closer to where they are used. If nothing spills so, this is the
    result, and a remark names the kernels.
  }];
  let options = [
    Option<"format", "format", "std::string", /*default=*/"\"bin\"",
           "isa (PTX, which the driver compiles when it loads it) or bin">,
    Option<"ptxas", "ptxas", "std::string", /*default=*/"\"\"",
           "the assembler; empty for $PTXAS, the CUDA toolkit's or that in "
           "$PATH">,
    Option<"cache", "cache", "std::string", /*default=*/"\"\"",
           "a folder that keeps PTX, which is not made again from the same "
           "text; empty for none">,
    Option<"retry", "retry", "bool", /*default=*/"false",
           "assemble what spills again, with more registers or less reordering">
  ];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def ConvertDescriptorsToCalls
    : Pass<"convert-descriptors-to-calls", "::mlir::ModuleOp"> {
  let summary = "Descriptors of memory to calls of the runtime";
  let description = [{
    `wg.describe` becomes a call of `attn_cuda_describe`, with the descriptor on
    the stack of the caller, `wg.forget` one of `attn_cuda_forget`, and
    `wg.multiprocessors` one of `attn_cuda_multiprocessors`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ConvertHostMemoryToGPU
    : Pass<"convert-host-memory-to-gpu", "::mlir::func::FuncOp"> {
  let summary = "buffers of host code become buffers of the GPU";
  let description = [{
    For functions whose memrefs are memory of the GPU: `memref.alloc`, `dealloc`
    and contiguous `copy` become their asynchronous counterparts of `gpu`, in
    the order of the caller's stream. Host code that would read or write such
    memory is an error; it had to become a kernel before. `memref.alloca` stays
    memory of the host, and so does what only host code looks at, as it does to
    decide at run time which buffers to free; constants do too, and kernels read
    copies of them.
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def ConvertGPULaunchesToCalls
    : Pass<"convert-gpu-launches-to-calls", "::mlir::ModuleOp"> {
  let summary = "gpu.binary and gpu.launch_func to data and runtime calls";
  let description = [{
    Does, in the LLVM dialect and after `gpu-to-llvm`, what the translation of
    these operations to LLVM IR does, but without a static constructor: a binary
    is embedded as a constant and loaded when a kernel of it is first launched.
    A launch without a stream goes to the caller's and is not waited for.

    An operand for a kernel's parameter with `llvm.byval` is the host's address
    of the value, which the launch copies: so tensor descriptors are passed.
    Such a kernel has to be an `llvm.func` from the start.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // ATTN_CONVERSION_PASSES
