# The test suite of attn.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tree mirrors the sources.

With ATTN_VERIFY_ROUNDTRIP=1 every attn-opt call also prints and parses its
input again. Each test says what it requires: `clang-format`, `numpy`, `plugin`.
"""
import importlib.util
import os
import shutil
import sys
import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "attn"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["CMakeLists.txt", "Inputs", "lib", "python", "fuzz"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.attn_obj_root, "test")

llvm_config.use_default_substitutions()
llvm_config.with_environment("PATH", config.attn_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)

config.substitutions += [
    ("%src_root", config.attn_src_root),
    ("%obj_root", config.attn_obj_root),
    ("%python", config.python_executable),
    # What runs lit; scripts/test.sh runs it in an environment with NumPy.
    ("%numpy_python", sys.executable),
    ("%cmake", config.cmake_executable),
    ("%cc", config.host_cc),
    ("%cxx", config.host_cxx),
    # For what links code of this build.
    ("%sanitize", "-fsanitize=address,undefined" if config.sanitizers else ""),
    ("%npy", '"{}" "{}"'.format(config.python_executable, os.path.join(
        config.test_source_root, "lib", "npy.py"))),
    ("%plugin", os.path.join(config.attn_obj_root, "lib", "AttnPlugin.so")),
    ("%fake_cuda", os.path.join(
        config.attn_obj_root, "test", "lib", "FakeCUDA")),
    ("%attn_compile", os.path.join(config.attn_tools_dir, "attn-compile")),
    ("%attn_opt", os.path.join(config.attn_tools_dir, "attn-opt")),
    ("%mlir_opt", os.path.join(config.llvm_tools_dir, "mlir-opt")),
]

attn_opt = "attn-opt"
if os.environ.get("ATTN_VERIFY_ROUNDTRIP"):
    attn_opt += " --verify-roundtrip"
llvm_config.add_tool_substitutions(
    [ToolSubst("attn-opt", attn_opt, unresolved="fatal"),
     ToolSubst("attn-run", unresolved="fatal"),
     ToolSubst("attn-compile", unresolved="fatal")],
    [config.attn_tools_dir, config.llvm_tools_dir],
)

if shutil.which("clang-format-22"):
    config.available_features.add("clang-format")
ptxas = next(
    filter(None, map(shutil.which, (os.environ.get("PTXAS") or "ptxas",
                                    "/usr/local/cuda/bin/ptxas"))), None)
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%ptxas", ptxas))
if config.plugin:
    config.available_features.add("plugin")
if config.sanitizers:
    config.available_features.add("sanitizers")
    # MLIR's allocators poison memory that code without the sanitizer then
    # hands out. LLVM keeps much to its end that nothing points to any more.
    llvm_config.with_environment(
        "ASAN_OPTIONS", "allow_user_poisoning=0:detect_leaks=0")
    llvm_config.with_environment("UBSAN_OPTIONS", "print_stacktrace=1")

# Executed tests: attn-opt %s %oracle | %run
libraries = [
    f"{config.attn_obj_root}/lib/lib{name}.so"
    for name in ("attn_check_runtime", "attn_runtime")
]
config.substitutions += [
    ("%oracle", "--convert-check-to-calls --attn-lower-to-loops --attn-loops-to-llvm"),
    ("%compiler", "--convert-check-to-calls --attn-lower-to-cpu=cpu=x86-64-v3"),
    ("%run", "mlir-runner -e main --entry-point-result=void --shared-libs="
     + ",".join(libraries)),
]

if importlib.util.find_spec("numpy"):
    config.available_features.add("numpy")
