# The multiply-add peak of this machine.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A register-only loop of independent multiply-adds, best of 20 bursts."""

import ctypes
import functools
import subprocess
import tempfile
from pathlib import Path

_SOURCE = r"""
#include <chrono>
#include <thread>
#include <vector>
#ifdef __AVX512F__
typedef float Vector __attribute__((vector_size(64)));
#else
typedef float Vector __attribute__((vector_size(32)));
#endif
constexpr int kChains = 10, kLanes = sizeof(Vector) / sizeof(float);
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9)
// GF/s of one thread over one burst. The chains are separate variables: an array
// of them may stay in memory.
static double burst(long steps) {
  Vector factor, addend;
  for (int i = 0; i < kLanes; ++i) factor[i] = 1.0000001f, addend[i] = 1e-9f;
#define DECLARE(i) Vector sum##i = addend;
  EACH(DECLARE)
  auto start = std::chrono::steady_clock::now();
  for (long step = 0; step < steps; ++step) {
#define ADVANCE(i) sum##i = sum##i * factor + addend;
#define PIN(i) asm volatile("" : "+x"(sum##i));
    EACH(ADVANCE)
    EACH(PIN)
  }
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return 2.0 * kLanes * kChains * steps / seconds.count() / 1e9;
}
extern "C" double peak(int threads) {
  double best = 0;
  for (int turn = 0; turn < 20; ++turn) {
    std::vector<double> rates(threads);
    std::vector<std::thread> pool;
    for (int i = 1; i < threads; ++i)
      pool.emplace_back([&, i] { rates[i] = burst(6000000); });
    rates[0] = burst(6000000);
    double sum = rates[0];
    for (std::thread &thread : pool) thread.join();
    for (int i = 1; i < threads; ++i) sum += rates[i];
    if (sum > best) best = sum;
  }
  return best;
}
"""


@functools.lru_cache
def _library():
    folder = Path(tempfile.mkdtemp())
    (folder / "peak.cpp").write_text(_SOURCE)
    command = ["c++", "-O3", "-march=native", "-ffp-contract=fast", "-shared", "-fPIC", "-pthread"]
    subprocess.run([*command, folder / "peak.cpp", "-o", folder / "peak.so"], check=True)
    library = ctypes.CDLL(str(folder / "peak.so"))
    library.peak.restype = ctypes.c_double
    return library


def measure(threads):
    """GF/s of `threads` threads together."""
    return _library().peak(threads)
