//===- Npy.cpp - NumPy's array file format --------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file is the magic "\x93NUMPY", two version bytes, the length of the header
// (two bytes in version 1, four later), the header, the elements. The header
// is a Python dictionary literal with the keys descr, fortran_order and shape.
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Npy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace llvm;

namespace attn::exec {
namespace {

constexpr StringLiteral magic("\x93NUMPY");

struct Header {
  std::string descr;
  bool fortranOrder = false;
  SmallVector<int64_t, 4> shape;
};

template <typename... Args>
Error makeError(const char *format, Args &&...args) {
  return createStringError(formatv(format, std::forward<Args>(args)...).str());
}

/// Parses the dictionary literal. Every `parse` method returns true on success
/// and otherwise leaves the reason in `problem`.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : text(text) {}

  bool parse(Header &header) {
    if (!consume('{'))
      return fail("expected '{'");
    bool hasDescr = false, hasOrder = false, hasShape = false;
    while (!consume('}')) {
      std::string key;
      if (!parseString(key))
        return false;
      if (!consume(':'))
        return fail("expected ':' after '" + key + "'");
      bool *seen = StringSwitch<bool *>(key)
                       .Case("descr", &hasDescr)
                       .Case("fortran_order", &hasOrder)
                       .Case("shape", &hasShape)
                       .Default(nullptr);
      if (!seen)
        return fail("unknown key '" + key + "'");
      if (*seen)
        return fail("'" + key + "' is given twice");
      *seen = true;
      if (seen == &hasDescr   ? !parseDescr(header.descr)
          : seen == &hasOrder ? !parseBool(header.fortranOrder)
                              : !parseShape(header.shape))
        return false;
      if (!consume(',') && peek() != '}')
        return fail("expected ',' or '}'");
    }
    if (peek() != '\0')
      return fail("text after the dictionary");
    if (!hasDescr || !hasOrder || !hasShape)
      return fail("'descr', 'fortran_order' and 'shape' are all needed");
    return true;
  }

  std::string problem;

private:
  bool fail(const Twine &reason) {
    problem = reason.str();
    return false;
  }
  char peek() {
    text = text.ltrim(" \t\r\n\f\v");
    return text.empty() ? '\0' : text.front();
  }
  bool consume(char c) {
    if (peek() != c)
      return false;
    text = text.drop_front();
    return true;
  }

  bool parseString(std::string &value) {
    char quote = peek();
    if (quote != '\'' && quote != '"')
      return fail("expected a string");
    size_t end = text.find(quote, 1);
    if (end == StringRef::npos)
      return fail("a string has no end");
    value = text.slice(1, end).str();
    text = text.drop_front(end + 1);
    return true;
  }

  bool parseDescr(std::string &value) {
    if (peek() == '[')
      return fail("structured dtypes are not supported");
    return parseString(value);
  }

  bool parseBool(bool &value) {
    peek();
    if (text.consume_front("True"))
      value = true;
    else if (text.consume_front("False"))
      value = false;
    else
      return fail("expected True or False");
    return true;
  }

  bool parseShape(SmallVectorImpl<int64_t> &shape) {
    if (!consume('('))
      return fail("expected '(' before the shape");
    while (!consume(')')) {
      peek();
      uint64_t dim;
      if (text.consumeInteger(10, dim) || dim > INT64_MAX)
        return fail("expected a dimension");
      text.consume_front("L"); // As Python 2 wrote it.
      shape.push_back(static_cast<int64_t>(dim));
      if (!consume(',') && peek() != ')')
        return fail("expected ',' or ')' in the shape");
    }
    return true;
  }

  StringRef text;
};

Expected<DType> parseDType(StringRef descr, StringRef name) {
  StringRef rest = descr;
  char order = '|';
  if (!rest.empty() && StringRef("<>=|").contains(rest.front())) {
    order = rest.front();
    rest = rest.drop_front();
  }
  if (rest.starts_with("O"))
    return makeError("{0}: dtype '{1}' holds Python objects, not numbers", name,
                     descr);
  std::optional<DType> dtype = StringSwitch<std::optional<DType>>(rest)
                                   .Case("b1", DType::Bool)
                                   .Case("i1", DType::I8)
                                   .Case("i2", DType::I16)
                                   .Case("i4", DType::I32)
                                   .Case("i8", DType::I64)
                                   .Case("u1", DType::U8)
                                   .Case("u2", DType::U16)
                                   .Case("u4", DType::U32)
                                   .Case("u8", DType::U64)
                                   .Case("f2", DType::F16)
                                   .Case("f4", DType::F32)
                                   .Case("f8", DType::F64)
                                   .Default(std::nullopt);
  if (!dtype)
    return makeError("{0}: dtype '{1}' is not supported; bool, i8 to i64, u8 "
                     "to u64, f16, f32 and f64 are",
                     name, descr);
  if (order == '>' && getSize(*dtype) > 1)
    return makeError("{0}: dtype '{1}' is big-endian; only little-endian data "
                     "is supported",
                     name, descr);
  return *dtype;
}

/// Copies column-major elements to row-major order.
void copyFromFortran(const char *source, Array &array) {
  int64_t elementSize = getSize(array.dtype);
  size_t rank = array.shape.size();
  SmallVector<int64_t, 4> index(rank, 0), strides(rank, 1);
  for (size_t dim = 1; dim < rank; ++dim)
    strides[dim] = strides[dim - 1] * array.shape[dim - 1];
  int64_t offset = 0;
  char *target = array.data.data();
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
    std::memcpy(target + i * elementSize, source + offset * elementSize,
                elementSize);
    for (size_t dim = rank; dim-- > 0;) {
      offset += strides[dim];
      if (++index[dim] < array.shape[dim])
        break;
      offset -= strides[dim] * array.shape[dim];
      index[dim] = 0;
    }
  }
}

StringRef getDescr(DType dtype) {
  switch (dtype) {
  case DType::Bool:
    return "|b1";
  case DType::I8:
    return "|i1";
  case DType::I16:
    return "<i2";
  case DType::I32:
    return "<i4";
  case DType::I64:
    return "<i8";
  case DType::U8:
    return "|u1";
  case DType::U16:
    return "<u2";
  case DType::U32:
    return "<u4";
  case DType::U64:
    return "<u8";
  case DType::F16:
    return "<f2";
  case DType::F32:
    return "<f4";
  case DType::F64:
    return "<f8";
  }
  llvm_unreachable("unknown dtype");
}

} // namespace

Expected<Array> parseNpy(StringRef bytes, StringRef name) {
  if (!bytes.starts_with(magic))
    return makeError("{0}: not a .npy file: it does not start with "
                     "\"\\x93NUMPY\"",
                     name);
  StringRef rest = bytes.drop_front(magic.size());
  if (rest.size() < 2)
    return makeError("{0}: truncated: no version after the magic", name);
  unsigned major = static_cast<uint8_t>(rest[0]);
  unsigned minor = static_cast<uint8_t>(rest[1]);
  rest = rest.drop_front(2);
  if (major < 1 || major > 3)
    return makeError("{0}: .npy version {1}.{2} is not supported; 1, 2 and 3 "
                     "are",
                     name, major, minor);
  size_t lengthSize = major == 1 ? 2 : 4;
  if (rest.size() < lengthSize)
    return makeError("{0}: truncated: no header length", name);
  size_t length = major == 1 ? support::endian::read16le(rest.data())
                             : support::endian::read32le(rest.data());
  rest = rest.drop_front(lengthSize);
  if (rest.size() < length)
    return makeError("{0}: truncated: the header has {1} bytes, the file {2}",
                     name, length, rest.size());

  Header header;
  HeaderParser parser(rest.take_front(length));
  if (!parser.parse(header))
    return makeError("{0}: bad .npy header: {1}", name, parser.problem);
  rest = rest.drop_front(length);
  Expected<DType> dtype = parseDType(header.descr, name);
  if (!dtype)
    return dtype.takeError();
  std::optional<int64_t> size = getByteSize(*dtype, header.shape);
  std::string shape = formatShape(getName(*dtype), header.shape);
  if (!size)
    return makeError("{0}: {1} is larger than any memory", name, shape);
  if (static_cast<uint64_t>(*size) > rest.size())
    return makeError("{0}: truncated: {1} needs {2} bytes of elements, the "
                     "file has {3}",
                     name, shape, *size, rest.size());
  if (static_cast<uint64_t>(*size) < rest.size())
    return makeError("{0}: {1} needs {2} bytes of elements, the file has {3}",
                     name, shape, *size, rest.size());

  Array array(*dtype, header.shape);
  if (header.fortranOrder && array.shape.size() > 1)
    copyFromFortran(rest.data(), array);
  else if (*size != 0)
    std::memcpy(array.data.data(), rest.data(), *size);
  if (*dtype == DType::Bool) // Compiled code relies on 0 and 1.
    for (uint8_t &value : array.as<uint8_t>())
      value = value != 0;
  return array;
}

Expected<Array> readNpy(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return makeError("{0}: cannot be read: {1}", path,
                     file.getError().message());
  return parseNpy((*file)->getBuffer(), path);
}

void writeNpy(raw_ostream &os, const Array &array) {
  std::string header;
  raw_string_ostream text(header);
  text << "{'descr': '" << getDescr(array.dtype)
       << "', 'fortran_order': False, 'shape': (";
  interleaveComma(array.shape, text);
  // A Python tuple of one element needs the comma.
  text << (array.shape.size() == 1 ? ",), }" : "), }");

  // The header ends in a newline and the elements start at a multiple of 64.
  auto pad = [&](size_t prefix) {
    size_t used = prefix + header.size() + 1;
    return alignTo(used, 64) - used;
  };
  size_t prefix = magic.size() + 4;
  unsigned version = 1;
  if (header.size() + 64 > UINT16_MAX) {
    prefix += 2;
    version = 2;
  }
  header.append(pad(prefix), ' ');
  header.push_back('\n');

  os << magic << static_cast<char>(version) << '\0';
  char length[4];
  support::endian::write32le(length, static_cast<uint32_t>(header.size()));
  os.write(length, version == 1 ? 2 : 4);
  os << header;
  os.write(array.data.data(), array.data.size());
}

Error writeNpy(StringRef path, const Array &array) {
  std::error_code code;
  raw_fd_ostream os(path, code);
  if (!code) {
    writeNpy(os, array);
    os.close();
    code = os.error();
    os.clear_error(); // Reported here; the destructor must not abort.
  }
  if (code)
    return makeError("{0}: cannot be written: {1}", path, code.message());
  return Error::success();
}

} // namespace attn::exec
