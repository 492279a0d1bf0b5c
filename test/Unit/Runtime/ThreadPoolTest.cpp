//===- ThreadPoolTest.cpp - Tests of attn_parallel_for --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Runtime/Runtime.h"

#include "gtest/gtest.h"

#include <atomic>
#include <chrono>
#include <ctime>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// Calls attn_parallel_for with a C++ callable.
template <typename Fn>
void parallelFor(int64_t n, Fn &&fn) {
  attn_parallel_for(
      n,
      [](void *ctx, int64_t index, int64_t worker) {
        (*static_cast<std::remove_reference_t<Fn> *>(ctx))(index, worker);
      },
      &fn);
}

/// Restores the default number of threads.
struct ThreadPoolTest : ::testing::Test {
  ~ThreadPoolTest() override { attn_set_num_threads(0); }
};

TEST_F(ThreadPoolTest, EveryIndexOnce) {
  attn_set_num_threads(4);
  for (int64_t n : {1, 2, 3, 4, 5, 63, 1000, 20000}) {
    std::vector<std::atomic<int>> seen(n);
    parallelFor(n, [&](int64_t index, int64_t) { ++seen[index]; });
    for (int64_t i = 0; i < n; ++i)
      ASSERT_EQ(seen[i], 1) << "index " << i << " of " << n;
  }
}

TEST_F(ThreadPoolTest, NothingToDo) {
  bool called = false;
  parallelFor(0, [&](int64_t, int64_t) { called = true; });
  parallelFor(-5, [&](int64_t, int64_t) { called = true; });
  EXPECT_FALSE(called);
}

TEST_F(ThreadPoolTest, WritesAreVisibleToTheCaller) {
  attn_set_num_threads(4);
  for (int round = 0; round < 500; ++round) {
    std::vector<int64_t> values(64, -1); // Plain memory on purpose.
    parallelFor(64, [&](int64_t index, int64_t) { values[index] = index; });
    for (int64_t i = 0; i < 64; ++i)
      ASSERT_EQ(values[i], i);
  }
}

TEST_F(ThreadPoolTest, IndicesStartInOrder) {
  attn_set_num_threads(1);
  std::vector<int64_t> order;
  parallelFor(100, [&](int64_t index, int64_t) { order.push_back(index); });
  for (int64_t i = 0; i < 100; ++i)
    ASSERT_EQ(order[i], i);

  // With many workers each of them still sees increasing indices.
  attn_set_num_threads(4);
  std::vector<int64_t> last(4, -1);
  std::atomic<int> disorder{0};
  parallelFor(10000, [&](int64_t index, int64_t worker) {
    if (index <= last[worker])
      ++disorder;
    last[worker] = index;
  });
  EXPECT_EQ(disorder, 0);
}

TEST_F(ThreadPoolTest, WorkersAreExclusive) {
  attn_set_num_threads(8);
  std::vector<std::atomic<int>> busy(8);
  std::atomic<int> clashes{0}, outOfRange{0};
  for (int round = 0; round < 200; ++round)
    parallelFor(100, [&](int64_t, int64_t worker) {
      if (worker < 0 || worker >= 8) {
        ++outOfRange;
        return;
      }
      if (busy[worker].fetch_add(1) != 0)
        ++clashes;
      std::this_thread::yield();
      busy[worker].fetch_sub(1);
    });
  EXPECT_EQ(clashes, 0);
  EXPECT_EQ(outOfRange, 0);
}

TEST_F(ThreadPoolTest, RunsOnSeveralThreads) {
  // Two tasks that wait for each other finish only if both run at once.
  attn_set_num_threads(2);
  std::atomic<int> arrived{0};
  parallelFor(2, [&](int64_t, int64_t) {
    ++arrived;
    while (arrived != 2)
      std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

TEST_F(ThreadPoolTest, NestedCallsAreSerial) {
  attn_set_num_threads(4);
  std::atomic<int> inner{0}, wrong{0};
  parallelFor(16, [&](int64_t, int64_t) {
    std::thread::id self = std::this_thread::get_id();
    int64_t expected = 0;
    parallelFor(32, [&](int64_t index, int64_t worker) {
      if (std::this_thread::get_id() != self || worker != 0 ||
          index != expected++)
        ++wrong;
      ++inner;
    });
  });
  EXPECT_EQ(inner, 16 * 32);
  EXPECT_EQ(wrong, 0);
}

TEST_F(ThreadPoolTest, SerialCallLeavesLaterCallsParallel) {
  attn_set_num_threads(1);
  parallelFor(4, [](int64_t, int64_t) {});
  attn_set_num_threads(2);
  std::atomic<int> arrived{0};
  parallelFor(2, [&](int64_t, int64_t) {
    ++arrived;
    while (arrived != 2)
      std::this_thread::yield();
  });
  EXPECT_EQ(arrived, 2);
}

TEST_F(ThreadPoolTest, UnrelatedCallersShareThePool) {
  attn_set_num_threads(4);
  std::atomic<int64_t> total{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        std::atomic<int64_t> sum{0};
        parallelFor(50, [&](int64_t index, int64_t) { sum += index; });
        total += sum;
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(total, int64_t(3) * 300 * (49 * 50 / 2));
}

TEST_F(ThreadPoolTest, ThreadCountChanges) {
  for (int threads : {1, 7, 2, 16, 3, 1, 5}) {
    attn_set_num_threads(threads);
    EXPECT_EQ(attn_get_num_threads(), threads);
    std::atomic<int64_t> highest{0}, sum{0};
    parallelFor(400, [&](int64_t index, int64_t worker) {
      sum += index;
      int64_t seen = highest;
      while (worker > seen && !highest.compare_exchange_weak(seen, worker))
        ;
    });
    EXPECT_EQ(sum, 399 * 400 / 2);
    EXPECT_LT(highest, threads);
  }
}

TEST_F(ThreadPoolTest, ThreadCountIsClamped) {
  attn_set_num_threads(1 << 20);
  EXPECT_EQ(attn_get_num_threads(), ATTN_MAX_THREADS);
  attn_set_num_threads(-3);
  EXPECT_GE(attn_get_num_threads(), 1);
  EXPECT_LE(attn_get_num_threads(), ATTN_MAX_THREADS);
}

TEST_F(ThreadPoolTest, CountsCalls) {
  uint64_t before = attn_runtime_calls();
  parallelFor(10, [](int64_t, int64_t) {});
  parallelFor(0, [](int64_t, int64_t) {});
  EXPECT_EQ(attn_runtime_calls(), before + 2);
}

TEST_F(ThreadPoolTest, SleepsWhenIdle) {
  attn_set_num_threads(4);
  parallelFor(100, [](int64_t, int64_t) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::clock_t before = std::clock(); // Processor time of all threads.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  double seconds = double(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, 0.05);
}

TEST_F(ThreadPoolTest, UnevenTasksSpread) {
  // The first task waits until all others are done: with static chunks those
  // sharing its chunk would never run.
  attn_set_num_threads(2);
  std::atomic<int> others{0};
  parallelFor(50, [&](int64_t index, int64_t) {
    if (index != 0) {
      ++others;
      return;
    }
    while (others != 49)
      std::this_thread::yield();
  });
  EXPECT_EQ(others, 49);
}

// ThreadSanitizer does not follow threads into a child.
#if defined(__SANITIZE_THREAD__)
#define ATTN_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ATTN_TSAN 1
#endif
#endif

#ifndef ATTN_TSAN
TEST_F(ThreadPoolTest, WorksInAForkedChild) {
  attn_set_num_threads(4);
  parallelFor(100, [](int64_t, int64_t) {});
  pid_t child = fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    std::atomic<int> arrived{0};
    parallelFor(2, [&](int64_t, int64_t) {
      ++arrived;
      while (arrived != 2)
        std::this_thread::yield();
    });
    _exit(arrived == 2 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif

} // namespace
