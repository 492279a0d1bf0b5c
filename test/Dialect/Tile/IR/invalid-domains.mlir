// RUN: attn-opt %s --split-input-file --verify-diagnostics

// domain, C2: four bounds of same_id.
func.func @domain_c2(%n: index, %I: !tile.coords<8>) {
  // expected-error @below {{expected four bounds of same_id, got 2}}
  %d = tile.domain %n mask(#attn.segment rows %I : !tile.coords<8> at %n, %n) same_id(%n, %n) : !tile.domain<16>
  return
}
