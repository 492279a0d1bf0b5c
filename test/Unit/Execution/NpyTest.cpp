//===- NpyTest.cpp - Tests of the .npy reader and writer ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Npy.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

using namespace attn::exec;

namespace {

/// A file as NumPy would write it, but for the padding of the header.
std::string makeFile(llvm::StringRef header, llvm::StringRef data,
                     int major = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(major);
  file += '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i)
    file += static_cast<char>(header.size() >> (8 * i));
  file += header;
  file += data;
  return file;
}

std::string makeHeader(llvm::StringRef descr, llvm::StringRef shape,
                       bool fortran = false) {
  return ("{'descr': '" + descr + "', 'fortran_order': " +
          (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n")
      .str();
}

template <typename T>
std::string makeBytes(std::initializer_list<T> values) {
  return std::string(reinterpret_cast<const char *>(values.begin()),
                     values.size() * sizeof(T));
}

Array parse(llvm::StringRef bytes) {
  llvm::Expected<Array> array = parseNpy(bytes, "x.npy");
  if (array)
    return std::move(*array);
  ADD_FAILURE() << llvm::toString(array.takeError());
  return Array(DType::U8, {0});
}

/// The message of a file that is to be refused.
std::string getProblem(llvm::StringRef bytes) {
  llvm::Expected<Array> array = parseNpy(bytes, "x.npy");
  if (!array)
    return llvm::toString(array.takeError());
  return "accepted";
}

TEST(NpyTest, RowMajor) {
  Array array = parse(makeFile(makeHeader("<f4", "(2, 3)"),
                               makeBytes<float>({0, 1, 2, 3, 4, 5})));
  EXPECT_EQ(array.format(), "f32[2, 3]");
  EXPECT_EQ(array.as<float>(), (llvm::ArrayRef<float>{0, 1, 2, 3, 4, 5}));
}

TEST(NpyTest, ColumnMajor) {
  Array array = parse(makeFile(makeHeader("<i4", "(2, 3)", /*fortran=*/true),
                               makeBytes<int32_t>({0, 3, 1, 4, 2, 5})));
  EXPECT_EQ(array.as<int32_t>(), (llvm::ArrayRef<int32_t>{0, 1, 2, 3, 4, 5}));
}

TEST(NpyTest, ColumnMajorOfRankThree) {
  // Element (i, j, k) of 2x2x3 is 100i + 10j + k.
  Array array = parse(makeFile(
      makeHeader("|u1", "(2, 2, 3)", /*fortran=*/true),
      makeBytes<uint8_t>({0, 100, 10, 110, 1, 101, 11, 111, 2, 102, 12, 112})));
  EXPECT_EQ(array.as<uint8_t>(),
            (llvm::ArrayRef<uint8_t>{0, 1, 2, 10, 11, 12, 100, 101, 102, 110,
                                     111, 112}));
}

TEST(NpyTest, EveryDType) {
  struct {
    const char *descr;
    DType dtype;
    size_t size;
  } const known[] = {
      {"|b1", DType::Bool, 1}, {"|i1", DType::I8, 1},  {"<i2", DType::I16, 2},
      {"<i4", DType::I32, 4},  {"<i8", DType::I64, 8}, {"|u1", DType::U8, 1},
      {"<u2", DType::U16, 2},  {"<u4", DType::U32, 4}, {"<u8", DType::U64, 8},
      {"<f2", DType::F16, 2},  {"<f4", DType::F32, 4}, {"<f8", DType::F64, 8}};
  for (auto [descr, dtype, size] : known) {
    std::string data(3 * size, '\1');
    Array array = parse(makeFile(makeHeader(descr, "(3,)"), data));
    EXPECT_EQ(array.dtype, dtype);
    EXPECT_EQ(array.getNumElements(), 3);
    // Writing and reading again changes nothing.
    std::string written;
    llvm::raw_string_ostream os(written);
    writeNpy(os, array);
    Array again = parse(written);
    EXPECT_EQ(again.dtype, dtype);
    EXPECT_EQ(again.as<char>(), array.as<char>());
  }
}

TEST(NpyTest, BooleansAreZeroOrOne) {
  Array array = parse(
      makeFile(makeHeader("|b1", "(3,)"), makeBytes<uint8_t>({0, 1, 255})));
  EXPECT_EQ(array.as<uint8_t>(), (llvm::ArrayRef<uint8_t>{0, 1, 1}));
}

TEST(NpyTest, RankZeroAndEmpty) {
  Array scalar =
      parse(makeFile(makeHeader("<f8", "()"), makeBytes<double>({2.5})));
  EXPECT_TRUE(scalar.shape.empty());
  EXPECT_EQ(scalar.as<double>()[0], 2.5);

  Array empty = parse(makeFile(makeHeader("<f4", "(4, 0, 2)"), ""));
  EXPECT_EQ(empty.format(), "f32[4, 0, 2]");
  EXPECT_EQ(empty.getNumElements(), 0);
  // The other dimensions may then be anything.
  parse(makeFile(
      makeHeader("<f4", "(0, 9223372036854775807, 9223372036854775807)"), ""));
}

TEST(NpyTest, LaterVersions) {
  std::string data = makeBytes<float>({1, 2});
  for (int major : {2, 3}) {
    Array array = parse(makeFile(makeHeader("<f4", "(2,)"), data, major));
    EXPECT_EQ(array.as<float>()[1], 2);
  }
  // A header beyond the reach of version 1.
  std::string header = makeHeader("<f4", "(2,)");
  header.insert(header.size() - 1, 100000, ' ');
  EXPECT_EQ(parse(makeFile(header, data, 2)).as<float>()[1], 2);
}

TEST(NpyTest, HeadersOfOtherWriters) {
  std::string data = makeBytes<float>({1, 2});
  for (const char *header :
       {"{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<f4\"}",
        "{'shape': (2L,), 'descr': '=f4', 'fortran_order': False}",
        "  {  'descr' : 'f4' , 'fortran_order' : True , 'shape' : ( 2 , ) , } "
        " \n"})
    EXPECT_EQ(parse(makeFile(header, data)).format(), "f32[2]") << header;
}

TEST(NpyTest, LargeHeaderIsWrittenAsVersionTwo) {
  // 33000 dimensions of one: no one would, but it must not be cut off.
  llvm::SmallVector<int64_t> shape(33000, 1);
  std::string written;
  llvm::raw_string_ostream os(written);
  Array array(DType::F32, shape);
  array.as<float>()[0] = 7;
  writeNpy(os, array);
  EXPECT_EQ(written[6], 2);
  Array again = parse(written);
  EXPECT_EQ(again.shape.size(), shape.size());
  EXPECT_EQ(again.as<float>()[0], 7);
}

TEST(NpyTest, DataIsAligned) {
  std::string written;
  llvm::raw_string_ostream os(written);
  Array array(DType::F32, {1});
  array.as<float>()[0] = 1;
  writeNpy(os, array);
  EXPECT_EQ((written.size() - sizeof(float)) % 64, 0u);
  EXPECT_EQ(written[written.size() - sizeof(float) - 1], '\n');
}

TEST(NpyTest, Truncated) {
  std::string file =
      makeFile(makeHeader("<f4", "(2,)"), makeBytes<float>({1, 2}));
  // Every proper prefix is refused.
  for (size_t size = 0; size < file.size(); ++size) {
    std::string problem = getProblem(llvm::StringRef(file).take_front(size));
    EXPECT_NE(problem, "accepted") << size;
    EXPECT_TRUE(llvm::StringRef(problem).starts_with("x.npy: ")) << problem;
  }
  EXPECT_EQ(getProblem(llvm::StringRef(file).drop_back(1)),
            "x.npy: truncated: f32[2] needs 8 bytes of elements, the file has "
            "7");
  EXPECT_EQ(getProblem(file + "!"),
            "x.npy: f32[2] needs 8 bytes of elements, the file has 9");
}

TEST(NpyTest, WrongFiles) {
  EXPECT_EQ(getProblem("PK\3\4 a zip archive"),
            "x.npy: not a .npy file: it does not start with \"\\x93NUMPY\"");
  EXPECT_EQ(getProblem(makeFile("", "", /*major=*/4)),
            "x.npy: .npy version 4.0 is not supported; 1, 2 and 3 are");
}

TEST(NpyTest, WrongDTypes) {
  std::string data(64, '\0');
  EXPECT_EQ(getProblem(makeFile(makeHeader("|O", "(2,)"), data)),
            "x.npy: dtype '|O' holds Python objects, not numbers");
  EXPECT_EQ(getProblem(makeFile(makeHeader(">f4", "(2,)"), data)),
            "x.npy: dtype '>f4' is big-endian; only little-endian data is "
            "supported");
  EXPECT_EQ(getProblem(makeFile(makeHeader("<c8", "(2,)"), data)),
            "x.npy: dtype '<c8' is not supported; bool, i8 to i64, u8 to u64, "
            "f16, f32 and f64 are");
  EXPECT_EQ(
      getProblem(makeFile("{'descr': [('a', '<f4')], 'fortran_order': False, "
                          "'shape': (2,)}",
                          data)),
      "x.npy: bad .npy header: structured dtypes are not supported");
}

TEST(NpyTest, WrongHeaders) {
  for (auto [header, reason] :
       {std::pair("", "expected '{'"),
        std::pair("{'descr'", "expected ':' after 'descr'"),
        std::pair("{'descr': '<f4", "a string has no end"),
        std::pair("{'order': 1}", "unknown key 'order'"),
        std::pair("{'descr': '<f4', 'descr': '<f4'}", "'descr' is given twice"),
        std::pair("{'fortran_order': 0}", "expected True or False"),
        std::pair("{'shape': (-1,)}", "expected a dimension"),
        std::pair("{'shape': (2 3)}", "expected ',' or ')' in the shape"),
        std::pair("{'shape': 3}", "expected '(' before the shape"),
        std::pair("{'descr': '<f4'}",
                  "'descr', 'fortran_order' and 'shape' are all needed"),
        std::pair("{'shape': (99999999999999999999,)}",
                  "expected a dimension")})
    EXPECT_EQ(getProblem(makeFile(header, "")),
              std::string("x.npy: bad .npy header: ") + reason);
  EXPECT_EQ(getProblem(
                makeFile(makeHeader("<f4", "(4294967296, 4294967296, 2)"), "")),
            "x.npy: f32[4294967296, 4294967296, 2] is larger than any memory");
}

TEST(NpyTest, Files) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("attn", "npy", path));
  llvm::FileRemover remover(path);
  Array array(DType::I16, {2});
  array.as<int16_t>()[0] = -1;
  array.as<int16_t>()[1] = 300;
  ASSERT_FALSE(llvm::errorToBool(writeNpy(path, array)));
  llvm::Expected<Array> again = readNpy(path);
  ASSERT_TRUE(static_cast<bool>(again));
  EXPECT_EQ(again->as<int16_t>(), array.as<int16_t>());

  EXPECT_EQ(llvm::toString(readNpy("/no/such.npy").takeError()),
            "/no/such.npy: cannot be read: No such file or directory");
  EXPECT_EQ(llvm::toString(readNpy("/").takeError()),
            "/: cannot be read: Is a directory");
  EXPECT_EQ(llvm::toString(writeNpy("/no/such.npy", array)),
            "/no/such.npy: cannot be written: No such file or directory");
}

} // namespace
