# Functions to declare the parts of attn.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# How the libraries, unit tests and tools of attn are declared.
#
# Upstream libraries go through mlir_target_link_libraries, so that one switch
# (MLIR_LINK_MLIR_DYLIB) decides between the shared and the static MLIR and no
# symbol can come from both.
include_guard(GLOBAL)

# Splits LIBS into those of LLVM/MLIR and those of this project and links both.
function(attn_link_libraries target type)
  set(upstream)
  set(own)
  foreach(lib IN LISTS ARGN)
    if(lib MATCHES "^(MLIR|LLVM)")
      list(APPEND upstream ${lib})
    else()
      list(APPEND own ${lib})
    endif()
  endforeach()
  if(upstream)
    mlir_target_link_libraries(${target} ${type} ${upstream})
  endif()
  if(own)
    target_link_libraries(${target} ${type} ${own})
  endif()
endfunction()

# Lets TARGET see the statistics of passes as a MLIR without asserts does.
function(attn_use_llvm_statistics target)
  if(NOT LLVM_ENABLE_ASSERTIONS)
    target_compile_options(${target} PRIVATE
      "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${PROJECT_SOURCE_DIR}/cmake/LLVMStatistic.h>")
  endif()
endfunction()

# The headers of MLIR take most of the time of a compilation: they are compiled
# once. A build with ATTN_USE_PCH=OFF (the static preset) shows whether each
# file still includes what it uses.
if(ATTN_USE_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/attn_pch.cpp "")
  add_library(attn_pch OBJECT ${CMAKE_BINARY_DIR}/attn_pch.cpp)
  llvm_update_compile_flags(attn_pch)
  attn_use_llvm_statistics(attn_pch)
  target_precompile_headers(attn_pch PRIVATE
    <mlir/Dialect/Affine/IR/AffineOps.h>
    <mlir/Dialect/Arith/Utils/Utils.h>
    <mlir/Dialect/Bufferization/IR/Bufferization.h>
    <mlir/Dialect/Func/IR/FuncOps.h>
    <mlir/Dialect/GPU/IR/GPUDialect.h>
    <mlir/Dialect/LLVMIR/LLVMDialect.h>
    <mlir/Dialect/LLVMIR/NVVMDialect.h>
    <mlir/Dialect/Linalg/IR/Linalg.h>
    <mlir/Dialect/Linalg/Transforms/Transforms.h>
    <mlir/Dialect/Math/IR/Math.h>
    <mlir/Dialect/MemRef/IR/MemRef.h>
    <mlir/Dialect/SCF/Transforms/Transforms.h>
    <mlir/Dialect/SCF/Utils/Utils.h>
    <mlir/Dialect/Tensor/Utils/Utils.h>
    <mlir/Dialect/Vector/Utils/VectorUtils.h>
    <mlir/IR/AffineExprVisitor.h>
    <mlir/IR/DialectImplementation.h>
    <mlir/IR/Matchers.h>
    <mlir/Interfaces/TilingInterface.h>
    <mlir/Pass/PassManager.h>
    <mlir/Transforms/GreedyPatternRewriteDriver.h>
    <llvm/ADT/TypeSwitch.h>
    <llvm/Support/FormatVariadic.h>)
endif()

# Lets TARGET, which links the given libraries, start from the common headers.
# They refer to MLIR even where nothing is used, so a target without MLIR must
# do without them.
function(attn_precompile_headers target)
  set(uses_mlir OFF)
  foreach(lib IN LISTS ARGN)
    if(lib MATCHES "^MLIR")
      set(uses_mlir ON)
    elseif(TARGET ${lib})
      get_target_property(lib_uses_mlir ${lib} ATTN_USES_MLIR)
      if(lib_uses_mlir)
        set(uses_mlir ON)
      endif()
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES ATTN_USES_MLIR ${uses_mlir})
  if(uses_mlir)
    attn_use_llvm_statistics(${target})
  endif()
  if(ATTN_USE_PCH AND uses_mlir)
    target_precompile_headers(${target} REUSE_FROM attn_pch)
  endif()
endfunction()

# add_attn_library(NAME sources... [DEPENDS targets...]
#                  [LINK_LIBS [PUBLIC] libraries...] [LINK_COMPONENTS ...])
# The library is installed and exported by AttnConfig.cmake.
function(add_attn_library name)
  cmake_parse_arguments(ARG "DISABLE_INSTALL" ""
    "DEPENDS;LINK_LIBS;LINK_COMPONENTS" ${ARGN})
  list(REMOVE_ITEM ARG_LINK_LIBS PUBLIC)
  add_mlir_library(${name} ${ARG_UNPARSED_ARGUMENTS}
    DISABLE_INSTALL
    DEPENDS ${ARG_DEPENDS}
    LINK_COMPONENTS ${ARG_LINK_COMPONENTS})
  set_target_properties(${name} PROPERTIES FOLDER "attn/Libraries")
  attn_precompile_headers(obj.${name} ${ARG_LINK_LIBS})
  get_target_property(uses_mlir obj.${name} ATTN_USES_MLIR)
  set_target_properties(${name} PROPERTIES ATTN_USES_MLIR ${uses_mlir})
  attn_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  if(NOT ARG_DISABLE_INSTALL)
    install(TARGETS ${name} EXPORT AttnTargets COMPONENT attn-dev
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
endfunction()

# add_attn_tool(NAME sources... [LINK_LIBS libraries...]): installed in bin.
function(add_attn_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_llvm_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  attn_precompile_headers(${name} ${ARG_LINK_LIBS})
  attn_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  install(TARGETS ${name} EXPORT AttnTargets COMPONENT attn-tools
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# add_attn_unittest(NAMETests sources... [LINK_LIBS libraries...]): a GoogleTest
# program that lit finds by its name, which ends in Tests.
function(add_attn_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "the unit test ${name} must be named ...Tests")
  endif()
  add_llvm_executable(${name} IGNORE_EXTERNALIZE_DEBUGINFO NO_INSTALL_RPATH
    ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  attn_precompile_headers(${name} ${ARG_LINK_LIBS})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  attn_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  target_link_libraries(${name} PRIVATE GTest::gtest GTest::gtest_main)
  set_property(GLOBAL APPEND PROPERTY ATTN_UNIT_TESTS ${name})
endfunction()
