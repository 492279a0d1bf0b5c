// RUN: attn-opt %s --attn-request-c-wrappers | FileCheck %s

// CHECK: func @entry() attributes {llvm.emit_c_interface}
func.func @entry() {
  return
}

// Private functions have no caller outside, and a declaration is another's.
// CHECK: func private @helper() {
func.func private @helper() {
  return
}

// CHECK: func private @external(){{$}}
func.func private @external()
