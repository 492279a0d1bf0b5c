//===- TargetTest.cpp - Facts about machines ------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Target/Target.h"
#include "attn/Target/GPUTarget.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"
#include "gtest/gtest.h"

using namespace llvm;
using attn::CPUTarget;
using attn::getCPUTarget;

namespace {

CPUTarget get(StringRef cpu) {
  Expected<CPUTarget> target = getCPUTarget(cpu);
  if (target)
    return *target;
  ADD_FAILURE() << toString(target.takeError());
  return {};
}

std::string getError(StringRef cpu) {
  Expected<CPUTarget> target = getCPUTarget(cpu);
  if (!target)
    return toString(target.takeError());
  ADD_FAILURE() << cpu.str() << " is known";
  return "";
}

TEST(Target, vectorUnitFollowsFeatures) {
  for (auto [cpu, bits, registers] :
       {std::tuple("x86-64", 128, 16), std::tuple("x86-64-v2", 128, 16),
        std::tuple("x86-64-v3", 256, 16), std::tuple("x86-64-v4", 512, 32),
        std::tuple("haswell", 256, 16), std::tuple("znver3", 256, 16),
        std::tuple("znver4", 512, 32), std::tuple("skylake-avx512", 512, 32),
        std::tuple("icelake-server", 512, 32),
        std::tuple("sapphirerapids", 512, 32),
        // Not in the table.
        std::tuple("nehalem", 128, 16), std::tuple("sandybridge", 128, 16),
        std::tuple("alderlake", 256, 16), std::tuple("tigerlake", 512, 32)}) {
    CPUTarget target = get(cpu);
    EXPECT_EQ(target.cpu, cpu);
    EXPECT_EQ(target.vectorBits, bits) << cpu;
    EXPECT_EQ(target.vectorRegisters, registers) << cpu;
  }
}

// x86-64-v4 lists avx512vl only; what that implies must be there too.
TEST(Target, featuresAreClosedUnderImplication) {
  CPUTarget target = get("x86-64-v4");
  for (StringRef feature : {"avx512vl", "avx512f", "avx2", "fma", "sse4.2"})
    EXPECT_TRUE(target.hasFeature(feature)) << feature.str();
  EXPECT_FALSE(target.hasFeature("avx512bf16"));
  EXPECT_FALSE(get("x86-64-v3").hasFeature("avx512f"));
}

TEST(Target, lanesAndPeak) {
  CPUTarget target = get("x86-64-v4");
  EXPECT_EQ(target.getLanes(32), 16);
  EXPECT_EQ(target.getLanes(64), 8);
  EXPECT_DOUBLE_EQ(target.getPeak(32), 2 * target.getPeak(64));
  EXPECT_DOUBLE_EQ(target.getPeak(32),
                   64 * target.gigahertz * 1e9); // two FMA of 16 lanes
}

TEST(Target, everyNameOfLLVMHasSaneFacts) {
  SmallVector<StringRef> names;
  X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
  ASSERT_GT(names.size(), 50u);
  for (StringRef name : names) {
    CPUTarget t = get(name);
    EXPECT_GT(t.l1Bytes, 0) << name.str();
    EXPECT_LT(t.l1Bytes, t.l2Bytes) << name.str();
    EXPECT_LT(t.l2Bytes, t.l3Bytes) << name.str();
    EXPECT_GE(t.opsPerCycle, t.fmaPerCycle) << name.str();
    EXPECT_GT(t.l2BytesPerCycle, t.l3BytesPerCycle) << name.str();
    EXPECT_GE(t.memoryBytesPerSecond, t.coreMemoryBytesPerSecond) << name.str();
    EXPECT_GE(t.cores, 1) << name.str();
  }
}

TEST(Target, everyEntryIsAnLLVMName) {
  for (StringRef name : attn::getTabulatedCPUs())
    EXPECT_NE(X86::parseArchX86(name, /*Only64Bit=*/true), X86::CK_None)
        << name.str();
}

TEST(Target, unknownNamesTellNearOnes) {
  EXPECT_NE(getError("znver33").find("unknown CPU 'znver33'; did you mean "
                                     "znver3 or "),
            std::string::npos);
  EXPECT_NE(getError("saphirerapids").find("did you mean sapphirerapids"),
            std::string::npos);
  EXPECT_NE(getError("x86-64-v5").find("x86-64-v4"), std::string::npos);
  EXPECT_EQ(getError("quantum-coprocessor"),
            "unknown CPU 'quantum-coprocessor'; expected host or an LLVM name "
            "of an x86-64 CPU");
  EXPECT_NE(getError("").find("unknown CPU ''"), std::string::npos);
}

TEST(Target, host) {
  if (X86::parseArchX86(sys::getHostCPUName()) == X86::CK_None)
    GTEST_SKIP() << "not an x86 host that LLVM knows";
  CPUTarget target = get("host");
  EXPECT_EQ(target.cpu, sys::getHostCPUName());
  bool hasAVX512 = sys::getHostCPUFeatures().lookup("avx512f");
  EXPECT_EQ(target.vectorBits == 512, hasAVX512);
  EXPECT_GE(target.cores, 1);
}

class CacheDirectory : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("attn-cache", root));
  }
  void TearDown() override { sys::fs::remove_directories(root); }
  void write(const Twine &index, StringRef file, StringRef text) {
    SmallString<64> path(root);
    path += ("/index" + index).str();
    ASSERT_FALSE(sys::fs::create_directories(path));
    path += "/";
    path += file;
    std::error_code error;
    raw_fd_ostream os(path, error);
    ASSERT_FALSE(error);
    os << text << "\n";
  }
  void writeCache(unsigned index, StringRef level, StringRef type,
                  StringRef size, StringRef sharers) {
    write(Twine(index), "level", level);
    write(Twine(index), "type", type);
    write(Twine(index), "size", size);
    write(Twine(index), "shared_cpu_list", sharers);
    write(Twine(index), "coherency_line_size", "128");
  }
  SmallString<64> root;
};

TEST_F(CacheDirectory, isRead) {
  writeCache(0, "1", "Data", "48K", "0");
  writeCache(1, "1", "Instruction", "64K", "0");
  writeCache(2, "2", "Unified", "2M", "0");
  writeCache(3, "3", "Unified", "61440K", "0-3,8,10-11");
  CPUTarget target = get("x86-64-v3");
  attn::readCacheSizes(target, root);
  EXPECT_EQ(target.l1Bytes, 48 << 10);
  EXPECT_EQ(target.l2Bytes, 2 << 20);
  EXPECT_EQ(target.l3Bytes, 60 << 20);
  EXPECT_EQ(target.l3Cores, 7);
  EXPECT_EQ(target.lineBytes, 128);
}

TEST_F(CacheDirectory, keepsWhatCannotBeRead) {
  writeCache(0, "1", "Data", "large", "0");
  writeCache(1, "3", "Unified", "16M", "0-");
  CPUTarget before = get("x86-64-v3"), target = before;
  attn::readCacheSizes(target, root);
  EXPECT_EQ(target.l1Bytes, before.l1Bytes);
  EXPECT_EQ(target.l2Bytes, before.l2Bytes);
  EXPECT_EQ(target.l3Bytes, 16 << 20);
  attn::readCacheSizes(target, "/nonexistent");
  EXPECT_EQ(target.l3Bytes, 16 << 20);
}

attn::GPUTarget getGPU(StringRef chip) {
  Expected<attn::GPUTarget> target = attn::getGPUTarget(chip);
  EXPECT_TRUE(static_cast<bool>(target));
  return target ? *target : attn::GPUTarget();
}

TEST(GPUTarget, isTheDefaultOnlyForTheSpecificChip) {
  attn::GPUTarget specific = getGPU("sm_90a"), plain = getGPU("sm_90");
  EXPECT_EQ(specific.sharedBytes, attn::GPUTarget().sharedBytes);
  EXPECT_TRUE(specific.hasWarpgroups);
  EXPECT_FALSE(plain.hasWarpgroups);
  EXPECT_EQ(plain.sharedBytes, specific.sharedBytes);
}

TEST(GPUTarget, hasSharedMemoryByGeneration) {
  EXPECT_EQ(getGPU("sm_80").sharedBytes, 163 << 10);
  EXPECT_EQ(getGPU("sm_86").sharedBytes, 99 << 10);
  EXPECT_EQ(getGPU("sm_89").sharedBytes, 99 << 10);
  EXPECT_EQ(getGPU("sm_100a").sharedBytes, 227 << 10);
  EXPECT_FALSE(getGPU("sm_100a").hasWarpgroups);
  EXPECT_EQ(getGPU("sm_120").sharedBytes, 99 << 10);
}

TEST(GPUTarget, sharesAMultiprocessor) {
  // Of one group with all registers, each thread has what it can have.
  EXPECT_EQ(attn::getRoleRegisters(1).consumer, 256);
  attn::RoleRegisters half = attn::getRoleRegisters(1, 65536 / 2);
  EXPECT_EQ(half.consumer, 224);
  EXPECT_EQ(half.producer, 32);
  EXPECT_EQ(attn::getRoleRegisters(2).consumer, 232);
  // 228 KiB, of which each block costs one.
  EXPECT_EQ(attn::getBlockSharedBytes(1, 227 << 10), 227 << 10);
  EXPECT_EQ(attn::getBlockSharedBytes(2, 227 << 10), 113 << 10);
}

TEST(GPUTarget, knowsAMachineOrSaysNothing) {
  const attn::GPUMachine hopper = getGPU("sm_90a").machine;
  EXPECT_EQ(hopper.name, "H200 SXM");
  EXPECT_EQ(hopper.multiprocessors, 132);
  EXPECT_EQ(hopper.l2Bytes, 60 << 20);
  // What its data sheet says: 989 TFLOP/s, at a higher clock than under load.
  double peak = hopper.multiprocessors * hopper.tensorFlopsPerCycle * 1.83e9;
  EXPECT_NEAR(peak, 989e12, 1e12);
  const attn::GPUMachine ampere = getGPU("sm_80").machine;
  EXPECT_NEAR(ampere.multiprocessors * ampere.tensorFlopsPerCycle *
                  ampere.gigahertz * 1e9,
              312e12, 1e12);
  EXPECT_TRUE(getGPU("sm_86").machine.name.empty());
  EXPECT_EQ(getGPU("sm_86").machine.multiprocessors, 0);
  EXPECT_EQ(getGPU("sm_100").machine.tensorFlopsPerCycle, 0);
}

TEST(GPUTarget, takesTheOldestPTXThatHasIt) {
  EXPECT_EQ(getGPU("sm_80").features, "+ptx86");
  EXPECT_EQ(getGPU("sm_120").features, "+ptx87");
  EXPECT_EQ(getGPU("sm_100f").features, "+ptx88");
}

TEST(GPUTarget, namesTheRuleForOthers) {
  std::string old = toString(attn::getGPUTarget("sm_75").takeError());
  EXPECT_NE(old.find("sm_80 or later"), std::string::npos);
  std::string unknown = toString(attn::getGPUTarget("sm_91").takeError());
  EXPECT_NE(unknown.find("expected one of"), std::string::npos);
}

} // namespace
