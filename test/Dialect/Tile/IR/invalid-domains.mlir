// RUN: attn-opt %s --split-input-file --verify-diagnostics

// domain, C2: four bounds of same_id.
func.func @domain_c2(%n: index, %I: !tile.coords<8>) {
  // expected-error @below {{expected four bounds of same_id, got 2}}
  %d = tile.domain %n mask(#attn.segment rows %I : !tile.coords<8> at %n, %n) same_id(%n, %n) : !tile.domain<16>
  return
}

// -----

#prefix = #attn.affine<"(b, h, i, j)[n] : (n - 1 - j >= 0)">

// domain, C3: as many parameters as the mask has.
func.func @domain_c3(%n: index, %I: !tile.coords<8>) {
  // expected-error @below {{C3: expected 1 parameters of the mask, got 0}}
  %d = tile.domain %n mask(#prefix rows %I : !tile.coords<8> at %n, %n) : !tile.domain<16>
  return
}

// -----

#prefix = #attn.affine<"(b, h, i, j)[n] : (n - 1 - j >= 0)">

// predicate, C3: as many parameters as the mask has.
func.func @predicate_c3(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error @below {{C3: expected 1 parameters of the mask, got 2}}
  %0 = tile.predicate #prefix rows(%I) cols(%J) at(%b, %b) parameters(%b, %b) : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  return
}

// -----

// predicate, C4: bits are given when the mask reads them ...
func.func @predicate_c4(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error @below {{C4: needs bits: its mask reads them}}
  %0 = tile.predicate #attn.tree rows(%I) cols(%J) at(%b, %b) parameters(%b) : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  return
}

// -----

// predicate, C4: ... only then.
func.func @predicate_c4_needless(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index, %w: tensor<?x2xi32>) {
  // expected-error @below {{C4: takes no bits: its mask reads none}}
  %0 = tile.predicate #attn.causal rows(%I) cols(%J) at(%b, %b) bits(%w : tensor<?x2xi32>) : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  return
}

// -----

// visited, C2: as many parameters as the mask has.
func.func @visited_c2(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error @below {{C2: expected 0 parameters of the mask, got 1}}
  %0:2 = tile.visited #attn.causal rows(%I) cols(%J) at(%b, %b) parameters(%b) every 4 : !tile.coords<8>, !tile.coords<16> -> tensor<2xindex>, tensor<2xindex>
  return
}

// -----

// domain, C4: a span has two bounds ...
func.func @domain_c4(%n: index) {
  // expected-error@below {{C4: expected two bounds of a span, got 1}}
  %0 = tile.domain %n span(%n) : !tile.domain<16>
  return
}

// -----

// ... and there is no mask.
func.func @domain_c4_mask(%n: index, %I: !tile.coords<8>) {
  // expected-error@below {{C4: a mask decides which tiles are visited, so there is no span of them}}
  %0 = tile.domain %n mask(#attn.causal rows %I : !tile.coords<8> at %n, %n) span(%n, %n) : !tile.domain<16>
  return
}

// -----

// domain, C5: a list comes with two counts ...
func.func @domain_c5(%n: index, %l: tensor<?xi32>) {
  // expected-error @below {{C5: expected two counts with a list and none without, got 1}}
  %d = tile.domain %n list(%l, %n : tensor<?xi32>) : !tile.domain<64>
  return
}

// -----

// domain, C5: ... and without a mask.
func.func @domain_c5_mask(%n: index, %l: tensor<?xi32>, %I: !tile.coords<8>) {
  // expected-error @below {{C5: a list has been chosen already: it comes without a mask, same_id, span and irregular}}
  %d = tile.domain %n mask(#attn.causal rows %I : !tile.coords<8> at %n, %n) list(%l, %n, %n : tensor<?xi32>) : !tile.domain<64>
  return
}
