/*===- CUDA.h - What compiled GPU kernels call --------------------*- C -*-===*/
/*
 * Licensed under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
/*===----------------------------------------------------------------------===*/
/*
 * The run-time library of kernels compiled for CUDA, plain C. It finds the
 * driver (libcuda.so.1) when the first kernel is launched, so a program links
 * and loads on a machine without one. No CUDA header or toolkit is needed.
 *
 * It works in the context that is current on the calling thread, or, if there
 * is none, makes the primary context of device 0 current.
 *
 * Errors never abort. The first one of a thread is kept with its text, and what
 * the thread asks for afterwards is not done until the error is cleared: after
 * a failed allocation no kernel runs on its result.
 */
/*===----------------------------------------------------------------------===*/

#ifndef ATTN_RUNTIME_CUDA_H
#define ATTN_RUNTIME_CUDA_H

#include "attn/Runtime/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The first error of this thread since it was last cleared, or NULL. The text
 * stays until then. Errors of a running kernel show when it is waited for. */
ATTN_RUNTIME_EXPORT const char *attn_cuda_last_error(void);
ATTN_RUNTIME_EXPORT void attn_cuda_clear_error(void);

/* The stream, a CUstream or cudaStream_t, that this thread's calls of kernels
 * go to. They return without waiting. NULL, the default, is the legacy stream.
 */
ATTN_RUNTIME_EXPORT void attn_cuda_set_stream(void *stream);
ATTN_RUNTIME_EXPORT void *attn_cuda_get_stream(void);

/* The functions below are for programs without another way to the driver.
 * Those that return an int return 0, or -1 after an error. */

/* Waits for this thread's stream. */
ATTN_RUNTIME_EXPORT int attn_cuda_synchronize(void);

/* Memory of the device; NULL after an error. */
ATTN_RUNTIME_EXPORT void *attn_cuda_alloc(uint64_t bytes);
ATTN_RUNTIME_EXPORT void attn_cuda_free(void *pointer);

/* Copies between host and device, in the order of this thread's stream, and
 * waits until it is done. */
ATTN_RUNTIME_EXPORT int attn_cuda_copy(void *to, const void *from,
                                       uint64_t bytes);

/* Times what the stream does between two calls: start() returns a handle, or
 * NULL after an error; stop() waits and returns milliseconds, or -1. */
ATTN_RUNTIME_EXPORT void *attn_cuda_timer_start(void);
ATTN_RUNTIME_EXPORT double attn_cuda_timer_stop(void *timer);

/* A module that was not made by attn-compile --emit=so: a cubin, or PTX with a
 * null byte behind it. The bytes must stay. Loaded at the first launch in a
 * context. */
ATTN_RUNTIME_EXPORT void *attn_cuda_module(const void *image, uint64_t bytes);
ATTN_RUNTIME_EXPORT void attn_cuda_module_free(void *module);
/* `arguments[i]` points to the value of parameter i. */
ATTN_RUNTIME_EXPORT int attn_cuda_launch(void *module, const char *kernel,
                                         const int64_t grid[3],
                                         const int64_t block[3],
                                         int32_t dynamic_shared_bytes,
                                         void **arguments);

/*
 * Writes the descriptor of a tensor of `rank` dimensions, the innermost first,
 * for the tensor memory accelerator: 128 bytes at `map`, which is aligned to
 * 64. `strides` has the bytes between neighbours of dimensions 1 to rank - 1,
 * `box` the elements of a tile. `type`, `swizzle` (0 none, 1 32, 2 64, 3 128
 * bytes) and `l2_promotion` are the driver's numbers; what a tile has outside
 * the tensor reads as zero.
 */
ATTN_RUNTIME_EXPORT int
attn_cuda_encode_tiled(void *map, int32_t type, int32_t rank, void *base,
                       const int64_t *sizes, const int64_t *strides,
                       const int32_t *box, int32_t swizzle,
                       int32_t l2_promotion);

/*
 * What lowered host code calls for memory that a kernel copies tiles of `rows`
 * rows from, `swizzle_bytes` wide, or, if that is 0, vectors of `rows`
 * elements: a descriptor as above into the first 128 of 192 bytes, for
 * dimensions of `sizes` and `strides` elements, the outermost first, the last
 * contiguous. Memory that does not begin, or have its rows, at multiples of 16
 * bytes is copied, in the order of this thread's stream, to one that does,
 * until attn_cuda_forget.
 */
ATTN_RUNTIME_EXPORT int attn_cuda_describe(void *descriptor, int32_t type,
                                           int32_t element_bytes, int32_t rank,
                                           void *base, const int64_t *sizes,
                                           const int64_t *strides, int32_t rows,
                                           int32_t swizzle_bytes);
ATTN_RUNTIME_EXPORT void attn_cuda_forget(void *descriptor);

/* The multiprocessors of the device; 1 after an error. */
ATTN_RUNTIME_EXPORT int64_t attn_cuda_multiprocessors(void);

/* What lowered host code calls for a launch whose blocks count in memory: two
 * i32, zeros, for this one launch to this thread's stream, which leaves zeros
 * behind; NULL after an error. */
ATTN_RUNTIME_EXPORT void *attn_cuda_counter(void);

/* What lowered host code calls for the kernel `name` of the module `image`: the
 * function in the current context. `slot` belongs to the module, at first null.
 */
ATTN_RUNTIME_EXPORT void *attn_cuda_kernel(void **slot, const void *image,
                                           uint64_t bytes, const char *name);

/* Reads the global `name`, of `bytes`, of the last module that has one, among
 * those of which lowered host code has launched a kernel in the current
 * context, after all that this thread's stream has to do; 0 or -1 (an error).
 */
ATTN_RUNTIME_EXPORT int attn_cuda_read(const char *name, void *data,
                                       uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_RUNTIME_CUDA_H */
