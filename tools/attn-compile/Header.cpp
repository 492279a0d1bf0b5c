//===- Header.cpp - The C header of a compiled kernel ---------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Header.h"
#include "Metadata.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <set>

using namespace llvm;

namespace attn::compile {

using exec::Argument;
using exec::DimExpr;
using exec::Result;
using exec::Signature;

/// The C type of an element or a scalar. The 16-bit floats are their bits.
static StringRef getCType(mlir::Type type) {
  switch (exec::getDTypes(type).front()) {
  case exec::DType::Bool:
    return "uint8_t";
  case exec::DType::I8:
    return "int8_t";
  case exec::DType::I16:
    return "int16_t";
  case exec::DType::I32:
    return "int32_t";
  case exec::DType::I64:
    return "int64_t";
  case exec::DType::F32:
    return "float";
  case exec::DType::F64:
    return "double";
  default:
    return "uint16_t";
  }
}

static std::string printType(mlir::Type type) {
  std::string text;
  raw_string_ostream os(text);
  type.print(os);
  return text;
}

Error checkCallableFromC(const Signature &signature) {
  for (auto [index, argument] : enumerate(signature.arguments))
    if (!argument.isTensor &&
        (argument.elementType.isF16() || argument.elementType.isBF16()))
      return createStringError(
          formatv("argument {0} of '{1}': a scalar of type {2} cannot be "
                  "passed from C; make it f32",
                  index, signature.name, printType(argument.elementType))
              .str());
  return Error::success();
}

std::string getCName(const Signature &signature) {
  std::string name = signature.name;
  for (char &c : name)
    if (!isAlnum(c))
      c = '_';
  if (isDigit(name.front()))
    name.insert(name.begin(), '_');
  return name;
}

namespace {

class HeaderWriter {
public:
  HeaderWriter(raw_ostream &os, const Signature &signature,
               const Metadata &metadata)
      : os(os), signature(signature), metadata(metadata),
        name(getCName(signature)) {}

  void write();

private:
  bool isForGPU() const { return !metadata.chip.empty(); }
  void writeIntroduction();
  void writeGPUDeclarations();
  void writeDescriptor(size_t rank);
  void writePrototype();
  void writeResultSizes();
  void writeLauncher();
  void writeArgumentSizes(StringRef variable, ArrayRef<int64_t> shape,
                          unsigned position);
  void writeTensor(StringRef variable, size_t rank, unsigned position);

  /// The names of the tensor arguments' size parameters, as a parameter list.
  void writeSizeParameters();
  std::string getDescriptorType(size_t rank) {
    return formatv("attn_memref_{0}", rank);
  }
  bool isSizeUsed(const Argument &argument) const {
    return argument.isTensor &&
           is_contained(argument.shape, mlir::ShapedType::kDynamic);
  }
  std::string printDim(const DimExpr &expr) {
    std::string text;
    raw_string_ostream dim(text);
    expr.print(dim, "attn_", [](raw_ostream &leaf, DimExpr::Leaf which) {
      if (which.dim)
        leaf << formatv("arg{0}_sizes[{1}]", which.argument, *which.dim);
      else
        leaf << formatv("(int64_t)arg{0}", which.argument);
    });
    return text;
  }

  raw_ostream &os;
  const Signature &signature;
  const Metadata &metadata;
  std::string name;
};

} // namespace

void HeaderWriter::writeIntroduction() {
  ArrayRef<std::string> symbols = metadata.symbols;
  os << formatv("/* The compiled kernel '{0}' for {1}; made by attn-compile.\n",
                signature.name, isForGPU() ? metadata.chip : metadata.cpu);
  for (auto [index, argument] : enumerate(signature.arguments)) {
    std::string element = printType(argument.elementType);
    os << formatv(" *   arg{0}: {1}{2}\n", index,
                  argument.isTensor ? exec::formatShape(element, argument.shape)
                                    : element,
                  argument.isWritable ? ", may be overwritten" : "");
  }
  for (auto [index, result] : enumerate(signature.results)) {
    os << formatv(" *   result{0}: {1}[", index, printType(result.elementType));
    interleaveComma(result.dims, os,
                    [&](const DimExpr &dim) { os << printDim(dim); });
    os << "]\n";
  }
  os << " * f16 and bf16 elements are passed as their bits.\n";
  if (isForGPU())
    os << " * Tensors are in memory of the GPU. The kernel runs on the stream "
          "of "
          "the calling\n * thread, and a call does not wait for it.\n";
  os << " *\n"
        " * The code needs these symbols";
  if (symbols.empty())
    os << ": none.\n";
  else
    os << (isForGPU() ? ", of libattn_cuda_runtime, libattn_runtime, libm and "
                        "libc:\n *   "
                      : ", of libattn_runtime, libm and libc:\n *   ")
       << join(symbols, ", ") << '\n';
  os << " */\n";
}

void HeaderWriter::writeGPUDeclarations() {
  os << R"(
/* Of libattn_cuda_runtime; see attn/Runtime/CUDA.h for more. The first error of
 * this thread since it was cleared, or NULL; errors of a running kernel show
 * when it is waited for. */
const char *attn_cuda_last_error(void);
void attn_cuda_clear_error(void);
/* A CUstream or cudaStream_t; NULL is the legacy stream. */
void attn_cuda_set_stream(void *stream);
int attn_cuda_synchronize(void);
)";
}

void HeaderWriter::writeDescriptor(size_t rank) {
  os << formatv("\n#ifndef ATTN_MEMREF_{0}\n#define ATTN_MEMREF_{0}\n", rank);
  if (rank == 0)
    os << "/* A tensor of rank 0: its element is data[offset]. */\n";
  else
    os << formatv(
        "/* A tensor of rank {0}: element (i0, i1, ...) is data[offset + i0 * "
        "strides[0]\n * + i1 * strides[1] + ...]; offset, sizes and strides "
        "count elements, the last\n * stride is 1. `allocated` is not used. "
        "*/\n",
        rank);
  os << formatv("typedef struct attn_memref_{0} {{\n  void *allocated;\n"
                "  void *data;\n  int64_t offset;\n",
                rank);
  if (rank != 0)
    os << formatv("  int64_t sizes[{0}];\n  int64_t strides[{0}];\n", rank);
  os << formatv("} attn_memref_{0};\n#endif\n", rank);
}

void HeaderWriter::writePrototype() {
  os << "\n/* The kernel itself. The caller allocates the results, which may "
        "not "
        "overlap\n * anything else. Sizes that have to agree are taken to do "
        "so. "
        "*/\nvoid ";
  os << (name == signature.name ? signature.getSymbol()
                                : "_mlir_ciface_" + name)
     << '(';
  StringRef separator = "";
  for (auto [index, argument] : enumerate(signature.arguments)) {
    os << separator;
    separator = ", ";
    if (argument.isTensor)
      os << formatv("{0} *arg{1}", getDescriptorType(argument.shape.size()),
                    index);
    else
      os << formatv("{0} arg{1}", getCType(argument.elementType), index);
  }
  for (auto [index, result] : enumerate(signature.results)) {
    os << separator
       << formatv("{0} *result{1}", getDescriptorType(result.dims.size()),
                  index);
    separator = ", ";
  }
  os << (separator.empty() ? "void)" : ")");
  if (name != signature.name) // Not an identifier of C.
    os << formatv(" __asm__(\"{0}\")", signature.getSymbol());
  os << ";\n";
}

void HeaderWriter::writeSizeParameters() {
  for (auto [index, argument] : enumerate(signature.arguments)) {
    if (isSizeUsed(argument))
      os << formatv("const int64_t *arg{0}_sizes, ", index);
    else if (!argument.isTensor &&
             isa<mlir::IntegerType, mlir::IndexType>(argument.elementType))
      os << formatv("{0} arg{1}, ", getCType(argument.elementType), index);
  }
}

void HeaderWriter::writeResultSizes() {
  for (auto [index, result] : enumerate(signature.results)) {
    if (result.dims.empty())
      continue;
    os << formatv("\n/* The sizes of result {0}, which the caller allocates. "
                  "*/\nstatic inline void {1}_result{0}_sizes(",
                  index, name);
    writeSizeParameters();
    os << "int64_t *sizes) {\n";
    for (auto [argIndex, argument] : enumerate(signature.arguments)) {
      if (isSizeUsed(argument))
        os << formatv("  (void)arg{0}_sizes;\n", argIndex);
      else if (!argument.isTensor &&
               isa<mlir::IntegerType, mlir::IndexType>(argument.elementType))
        os << formatv("  (void)arg{0};\n", argIndex);
    }
    for (auto [dim, expr] : enumerate(result.dims))
      os << formatv("  sizes[{0}] = {1};\n", dim, printDim(expr));
    os << "}\n";
  }
}

/// Writes the code that fills the descriptor of a tensor, but for its sizes.
void HeaderWriter::writeTensor(StringRef variable, size_t rank,
                               unsigned position) {
  os << formatv("  {0}_d.allocated = {0}_d.data = (void *){0};\n"
                "  {0}_d.offset = 0;\n",
                variable);
  if (rank == 0) {
    os << formatv("  (void){0}_strides;\n", variable);
    return;
  }
  os << formatv("  if ({0}_strides) {{\n"
                "    for (i = 0; i < {1}; ++i)\n"
                "      {0}_d.strides[i] = {0}_strides[i];\n"
                "  } else {{\n"
                "    {0}_d.strides[{2}] = 1;\n"
                "    for (i = {2}; i > 0; --i)\n"
                "      {0}_d.strides[i - 1] = {0}_d.strides[i] * "
                "{0}_d.sizes[i];\n"
                "  }\n"
                "  if ({0}_d.strides[{2}] != 1 && {0}_d.sizes[{2}] > 1)\n"
                "    return -{3};\n",
                variable, rank, rank - 1, position + 1);
}

/// Writes the code that sets the sizes of an argument's descriptor and checks
/// those that are fixed.
void HeaderWriter::writeArgumentSizes(StringRef variable,
                                      ArrayRef<int64_t> shape,
                                      unsigned position) {
  if (is_contained(shape, mlir::ShapedType::kDynamic))
    os << formatv("  if (!{0}_sizes)\n    return -{1};\n", variable,
                  position + 1);
  else if (shape.empty())
    os << formatv("  (void){0}_sizes;\n", variable);
  for (auto [dim, size] : enumerate(shape)) {
    if (mlir::ShapedType::isDynamic(size))
      os << formatv("  {0}_d.sizes[{1}] = {0}_sizes[{1}];\n", variable, dim);
    else
      os << formatv("  {0}_d.sizes[{1}] = {2};\n"
                    "  if ({0}_sizes && {0}_sizes[{1}] != {2})\n"
                    "    return -{3};\n",
                    variable, dim, size, position + 1);
  }
}

void HeaderWriter::writeLauncher() {
  os << "\n/* Calls the kernel on plain pointers. `argK_sizes` are the sizes "
        "of a tensor; the\n * fixed ones must be as stated above, and NULL "
        "will "
        "do if all are. `_strides` count\n * elements; NULL means row-major "
        "without gaps. Returns 0, or -1 - K without having\n * called the "
        "kernel when argument K has a wrong size or a last stride that is "
        "not\n * 1; results count on from the arguments.";
  if (isForGPU())
    os << " Returns 1 after an error of the\n * GPU, for which see "
          "attn_cuda_last_error; one from before the call is cleared.";
  os << " */\nstatic inline int ";
  os << name << "_launch(";
  StringRef separator = "\n    ";
  for (auto [index, argument] : enumerate(signature.arguments)) {
    os << separator;
    separator = ",\n    ";
    StringRef type = getCType(argument.elementType);
    if (!argument.isTensor)
      os << formatv("{0} arg{1}", type, index);
    else
      os << formatv("{0}{1} *arg{2}, const int64_t *arg{2}_sizes, const "
                    "int64_t *arg{2}_strides",
                    argument.isWritable ? "" : "const ", type, index);
  }
  for (auto [index, result] : enumerate(signature.results)) {
    os << separator
       << formatv("{0} *result{1}, const int64_t *result{1}_strides",
                  getCType(result.elementType), index);
    separator = ",\n    ";
  }
  os << (separator == "\n    " ? "void) {\n" : ") {\n") << "  int i = 0;\n";

  for (auto [index, argument] : enumerate(signature.arguments))
    if (argument.isTensor)
      os << formatv("  {0} arg{1}_d;\n",
                    getDescriptorType(argument.shape.size()), index);
  for (auto [index, result] : enumerate(signature.results))
    os << formatv("  {0} result{1}_d;\n", getDescriptorType(result.dims.size()),
                  index);
  os << "  (void)i;\n";

  unsigned position = 0;
  for (auto [index, argument] : enumerate(signature.arguments)) {
    if (argument.isTensor) {
      std::string variable = formatv("arg{0}", index);
      writeArgumentSizes(variable, argument.shape, position);
      writeTensor(variable, argument.shape.size(), position);
    }
    ++position;
  }
  for (auto [index, result] : enumerate(signature.results)) {
    std::string variable = formatv("result{0}", index);
    for (auto [dim, expr] : enumerate(result.dims))
      os << formatv("  {0}_d.sizes[{1}] = {2};\n", variable, dim,
                    printDim(expr));
    writeTensor(variable, result.dims.size(), position++);
  }

  if (isForGPU())
    os << "  attn_cuda_clear_error();\n";
  os << "  _mlir_ciface_" << name << '(';
  separator = "";
  for (auto [index, argument] : enumerate(signature.arguments)) {
    os << separator
       << formatv(argument.isTensor ? "&arg{0}_d" : "arg{0}", index);
    separator = ", ";
  }
  for (size_t index = 0; index < signature.results.size(); ++index) {
    os << separator << formatv("&result{0}_d", index);
    separator = ", ";
  }
  os << (isForGPU() ? ");\n  return attn_cuda_last_error() ? 1 : 0;\n}\n"
                    : ");\n  return 0;\n}\n");
}

void HeaderWriter::write() {
  writeIntroduction();
  std::string guard = "ATTN_KERNEL_" + StringRef(name).upper() + "_H";
  os << formatv("#ifndef {0}\n#define {0}\n\n#include <stdint.h>\n\n"
                "#ifdef __cplusplus\nextern \"C\" {{\n#endif\n",
                guard);
  std::set<size_t> ranks;
  for (const Argument &argument : signature.arguments)
    if (argument.isTensor)
      ranks.insert(argument.shape.size());
  for (const Result &result : signature.results)
    ranks.insert(result.dims.size());
  for (size_t rank : ranks)
    writeDescriptor(rank);
  os << R"(
#ifndef ATTN_SIZE_ARITHMETIC
#define ATTN_SIZE_ARITHMETIC
static inline int64_t attn_floordiv(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}
static inline int64_t attn_mod(int64_t a, int64_t b) {
  return a - attn_floordiv(a, b) * b;
}
static inline int64_t attn_ceildiv(int64_t a, int64_t b) {
  return a / b + (a % b > 0);
}
static inline int64_t attn_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t attn_max(int64_t a, int64_t b) { return a > b ? a : b; }
#endif
)";
  if (isForGPU())
    writeGPUDeclarations();
  writePrototype();
  writeResultSizes();
  writeLauncher();
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

void writeHeader(raw_ostream &os, const Signature &signature,
                 const Metadata &metadata) {
  HeaderWriter(os, signature, metadata).write();
}

} // namespace attn::compile
