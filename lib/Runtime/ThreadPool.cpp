//===- ThreadPool.cpp - Parallel loops of compiled kernels ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A process-wide pool of sleeping threads and a list of running loops. A
// thread that wakes joins the oldest loop that has indices and room left; the
// thread that started a loop works on it too, so a loop always finishes even
// when every pool thread is busy elsewhere or none could be created.
//
// pthreads rather than std::thread: creation failure is a return code, not an
// exception, and objects link with a C compiler. Nothing here is destroyed at
// exit: the detached threads may still be waiting on it.
//
//===----------------------------------------------------------------------===//

#include "attn/Runtime/Runtime.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

namespace {

/// One running attn_parallel_for, on the stack of its caller.
struct Loop {
  Loop(int64_t n, attn_task task, void *ctx, int maxWorkers)
      : n(n), task(task), ctx(ctx), maxWorkers(maxWorkers) {}

  const int64_t n;
  const attn_task task;
  void *const ctx;
  const int maxWorkers;

  /// The next index to hand out; at or past `n` when none is left.
  std::atomic<int64_t> next{0};

  // Guarded by Pool::mutex, except that the caller polls `helpers` without it.
  int workers = 1;             // Worker numbers given out; 0 is the caller.
  std::atomic<int> helpers{0}; // Pool threads inside the loop now.
  Loop *older = nullptr;
  Loop *newer = nullptr;

  bool wantsWorker() const {
    return workers < maxWorkers && next.load(std::memory_order_relaxed) < n;
  }

  void work(int64_t worker) {
    for (;;) {
      int64_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= n)
        return;
      task(ctx, index, worker);
    }
  }
};

/// The state shared by all loops. Constant-initialised, never destroyed.
struct Pool {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t workCond = PTHREAD_COND_INITIALIZER; // A loop was added.
  pthread_cond_t doneCond = PTHREAD_COND_INITIALIZER; // A loop lost helpers.

  // Guarded by `mutex`.
  Loop *oldest = nullptr;
  Loop *newest = nullptr;
  int threads = 0;  // Pool threads in existence.
  int sleepers = 0; // Of these, waiting on `workCond`.
  bool forkHandlers = false;

  /// Changes whenever a loop is added: what a spinning thread looks at.
  std::atomic<uint32_t> epoch{0};
  /// 0 until first asked for.
  std::atomic<int> numThreads{0};
  std::atomic<uint64_t> calls{0};
};

Pool pool;

/// Set while this thread runs tasks: loops started then are serial.
thread_local bool insideTask = false;

/// About 20 to 50 us: long enough to bridge two loops of one kernel, short
/// enough that an idle process uses no time.
constexpr int spinRounds = 1000;

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

int availableProcessors() {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    int count = CPU_COUNT(&set);
    if (count > 0)
      return count;
  }
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? static_cast<int>(count) : 1;
}

int clampThreads(long threads) {
  return threads > ATTN_MAX_THREADS ? ATTN_MAX_THREADS
                                    : static_cast<int>(threads);
}

int defaultThreads() {
  if (const char *text = std::getenv("ATTN_NUM_THREADS")) {
    char *end = nullptr;
    long value = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && value >= 1)
      return clampThreads(value);
    if (*text != '\0')
      std::fprintf(stderr,
                   "attn: ATTN_NUM_THREADS='%s' is not a positive number and "
                   "is ignored\n",
                   text);
  }
  return clampThreads(availableProcessors());
}

void addLoop(Loop &loop) {
  loop.older = pool.newest;
  (pool.newest ? pool.newest->newer : pool.oldest) = &loop;
  pool.newest = &loop;
  pool.epoch.fetch_add(1, std::memory_order_release);
}

void removeLoop(Loop &loop) {
  (loop.older ? loop.older->newer : pool.oldest) = loop.newer;
  (loop.newer ? loop.newer->older : pool.newest) = loop.older;
}

/// Runs what there is to run; called and left with the mutex held.
void serveLoops() {
  for (Loop *loop = pool.oldest; loop;) {
    if (!loop->wantsWorker()) {
      loop = loop->newer;
      continue;
    }
    int worker = loop->workers++;
    loop->helpers.fetch_add(1, std::memory_order_relaxed);
    pthread_mutex_unlock(&pool.mutex);
    loop->work(worker);
    pthread_mutex_lock(&pool.mutex);
    // The release pairs with the caller's acquire in `waitForHelpers`. The
    // caller takes the mutex before it lets go of the loop.
    if (loop->helpers.fetch_sub(1, std::memory_order_release) == 1)
      pthread_cond_broadcast(&pool.doneCond);
    loop = pool.oldest;
  }
}

void *threadMain(void *) {
  insideTask = true;
  pthread_mutex_lock(&pool.mutex);
  for (;;) {
    serveLoops();
    uint32_t seen = pool.epoch.load(std::memory_order_relaxed);
    pthread_mutex_unlock(&pool.mutex);
    for (int i = 0; i < spinRounds; ++i) {
      if (pool.epoch.load(std::memory_order_relaxed) != seen)
        break;
      pause();
    }
    pthread_mutex_lock(&pool.mutex);
    while (pool.epoch.load(std::memory_order_relaxed) == seen) {
      ++pool.sleepers;
      pthread_cond_wait(&pool.workCond, &pool.mutex);
      --pool.sleepers;
    }
  }
}

// A forked child has none of the threads, nor the loops of other threads.
void beforeFork() { pthread_mutex_lock(&pool.mutex); }
void afterForkInParent() { pthread_mutex_unlock(&pool.mutex); }
void afterForkInChild() {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
  pool.mutex = mutex;
  pool.workCond = cond;
  pool.doneCond = cond;
  pool.oldest = pool.newest = nullptr;
  pool.threads = pool.sleepers = 0;
}

/// Brings the pool up to `wanted` threads; called with the mutex held. When
/// the system refuses, loops make do with what there is.
void growPool(int wanted) {
  if (pool.threads >= wanted)
    return;
  if (!pool.forkHandlers) {
    pool.forkHandlers = true;
    pthread_atfork(beforeFork, afterForkInParent, afterForkInChild);
  }
  pthread_attr_t attr;
  if (pthread_attr_init(&attr) != 0)
    return;
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  // Kernels may keep tiles on the stack; as much as a main thread has.
  constexpr size_t stackSize = size_t(8) << 20;
  size_t current = 0;
  if (pthread_attr_getstacksize(&attr, &current) == 0 && current < stackSize)
    pthread_attr_setstacksize(&attr, stackSize);
  // Signals sent to the process are for the program's own threads; faults and
  // profiling ticks concern the thread they happen on.
  sigset_t blocked, previous;
  sigfillset(&blocked);
  constexpr int kept[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGPROF};
  for (int signal : kept)
    sigdelset(&blocked, signal);
  pthread_sigmask(SIG_SETMASK, &blocked, &previous);
  while (pool.threads < wanted) {
    pthread_t thread;
    if (pthread_create(&thread, &attr, threadMain, nullptr) != 0)
      break;
    ++pool.threads;
  }
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  pthread_attr_destroy(&attr);
}

/// Waits until no pool thread is inside `loop`, which takes no more of them.
/// Called and left with the mutex held.
void waitForHelpers(Loop &loop) {
  pthread_mutex_unlock(&pool.mutex);
  for (int i = 0; i < spinRounds; ++i) {
    if (loop.helpers.load(std::memory_order_acquire) == 0)
      break;
    pause();
  }
  pthread_mutex_lock(&pool.mutex);
  while (loop.helpers.load(std::memory_order_acquire) != 0)
    pthread_cond_wait(&pool.doneCond, &pool.mutex);
}

void runSerially(int64_t n, attn_task task, void *ctx) {
  bool outer = insideTask;
  insideTask = true;
  for (int64_t i = 0; i < n; ++i)
    task(ctx, i, /*worker=*/0);
  insideTask = outer;
}

} // namespace

void attn_set_num_threads(int threads) {
  pool.numThreads.store(threads < 1 ? 0 : clampThreads(threads),
                        std::memory_order_relaxed);
}

int attn_get_num_threads(void) {
  int threads = pool.numThreads.load(std::memory_order_relaxed);
  if (threads > 0)
    return threads;
  // The environment is read once; a concurrent first call reads the same.
  static std::atomic<int> cached{0};
  threads = cached.load(std::memory_order_relaxed);
  if (threads == 0) {
    threads = defaultThreads();
    cached.store(threads, std::memory_order_relaxed);
  }
  return threads;
}

uint64_t attn_runtime_calls(void) {
  return pool.calls.load(std::memory_order_relaxed);
}

void attn_parallel_for(int64_t n, attn_task task, void *ctx) {
  pool.calls.fetch_add(1, std::memory_order_relaxed);
  if (n <= 0)
    return;
  int threads = attn_get_num_threads();
  if (threads > n)
    threads = static_cast<int>(n);
  if (threads == 1 || insideTask)
    return runSerially(n, task, ctx);

  Loop loop(n, task, ctx, threads);
  pthread_mutex_lock(&pool.mutex);
  growPool(threads - 1);
  addLoop(loop);
  int wake = pool.sleepers < threads - 1 ? pool.sleepers : threads - 1;
  for (int i = 0; i < wake; ++i)
    pthread_cond_signal(&pool.workCond);
  pthread_mutex_unlock(&pool.mutex);

  insideTask = true;
  loop.work(/*worker=*/0);
  insideTask = false;

  pthread_mutex_lock(&pool.mutex);
  removeLoop(loop);
  waitForHelpers(loop);
  pthread_mutex_unlock(&pool.mutex);
}
