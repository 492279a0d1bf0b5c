"""The test suite of attn.

The tree mirrors the sources. With ATTN_VERIFY_ROUNDTRIP=1 every attn-opt call
also prints and parses its input again.
"""
import os
import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "attn"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["CMakeLists.txt", "lit.cfg.py", "Inputs", "lib", "python", "fuzz"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.attn_obj_root, "test")

llvm_config.use_default_substitutions()
llvm_config.with_environment("PATH", config.attn_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)

attn_opt = "attn-opt"
if os.environ.get("ATTN_VERIFY_ROUNDTRIP"):
    attn_opt += " --verify-roundtrip"
llvm_config.add_tool_substitutions(
    [ToolSubst("attn-opt", attn_opt, unresolved="fatal")],
    [config.attn_tools_dir, config.llvm_tools_dir],
)
