/*===- Runtime.h - What compiled kernels call ---------------------*- C -*-===*/
/*
 * Licensed under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
/*===----------------------------------------------------------------------===*/
/*
 * The run-time library of compiled attention kernels, plain C. It needs libc
 * and pthreads only, so an emitted object links with any C compiler and lives
 * beside OpenMP, TBB or Python in one process.
 *
 * libattn_runtime.so is one pool per process; libattn_runtime.a is one pool
 * per library it is linked into.
 */
/*===----------------------------------------------------------------------===*/

#ifndef ATTN_RUNTIME_RUNTIME_H
#define ATTN_RUNTIME_RUNTIME_H

#include <stdint.h>

#if defined(_WIN32)
#define ATTN_RUNTIME_EXPORT
#else
#define ATTN_RUNTIME_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* No call ever uses more workers than this. */
#define ATTN_MAX_THREADS 1024

/* One unit of work of a parallel region. */
typedef void (*attn_task)(void *ctx, int64_t index, int64_t worker);

/*
 * Runs task(ctx, i, worker) once for every i in [0, n) and returns when all
 * have returned; what the tasks wrote is then visible to the caller.
 *
 * - Indices are handed out one at a time in increasing order to whichever
 *   worker is free, so the longest tasks belong at the low indices.
 * - The caller takes part, as worker 0. Others get distinct numbers below
 *   attn_get_num_threads() as it was when the call began; two tasks of one
 *   call that run at the same time never see the same worker number, so
 *   scratch memory may be indexed by it.
 * - A call from inside a task runs serially on the thread that made it, with
 *   worker 0. Calls from unrelated threads may overlap: they share the pool.
 * - n <= 0 does nothing. Tasks must not throw and must not exit the thread.
 */
ATTN_RUNTIME_EXPORT void attn_parallel_for(int64_t n, attn_task task,
                                           void *ctx);

/*
 * The number of threads that later calls may use, the caller included. A value
 * below 1 restores the default, one above ATTN_MAX_THREADS is clamped. Not to
 * be called while a kernel that sized its scratch memory by the old value is
 * between reading it and running.
 *
 * The default is ATTN_NUM_THREADS from the environment, read once, or else the
 * number of processors this process may run on.
 */
ATTN_RUNTIME_EXPORT void attn_set_num_threads(int threads);
ATTN_RUNTIME_EXPORT int attn_get_num_threads(void);

/*
 * How many times attn_parallel_for was called in this process: each compiled
 * kernel calls it, so a program can tell that a kernel really ran.
 */
ATTN_RUNTIME_EXPORT uint64_t attn_runtime_calls(void);

/*
 * Kernels keep up to 256 MiB of freed buffers for their next call. This gives
 * them back to the C library.
 */
ATTN_RUNTIME_EXPORT void attn_release_memory(void);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_RUNTIME_RUNTIME_H */
