// BigBird: blocks of a window, global blocks and random blocks. With n blocks, a
// query in block x sees the keys in the blocks
//
//   0, n - 1, x - 1, x, x + 1 and random_blocks[h, x]    0 < x < n - 1
//   all of them                                          x = 0 or x = n - 1
//
// Zaheer et al. 2020.
//
// The random blocks are data, and so is the number of blocks: a region says it
// all. @bigbird has blocks of 16 and 2 random ones, @bigbird_paper those of the
// paper, 64 and 3.

!qkv = tensor<?x4x?x32xf32>

func.func @bigbird(%q: !qkv, %k: !qkv, %v: !qkv,
    %random_blocks: tensor<4x?x2xi32>) -> !qkv {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %block = arith.constant 16 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %blocks = tensor.dim %random_blocks, %c1 : tensor<4x?x2xi32>
  %last = arith.subi %blocks, %c1 : index
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %x = arith.divui %i, %block : index
    %y = arith.divui %j, %block : index
    %first_query = arith.cmpi eq, %x, %c0 : index
    %last_query = arith.cmpi eq, %x, %last : index
    %first_key = arith.cmpi eq, %y, %c0 : index
    %last_key = arith.cmpi eq, %y, %last : index
    // x - 1 <= y <= x + 1
    %d = arith.subi %x, %y : index
    %d1 = arith.addi %d, %c1 : index
    %near = arith.cmpi ule, %d1, %c2 : index
    %y32 = arith.index_cast %y : index to i32
    %random0 = tensor.extract %random_blocks[%h, %x, %c0] : tensor<4x?x2xi32>
    %is_random0 = arith.cmpi eq, %y32, %random0 : i32
    %random1 = tensor.extract %random_blocks[%h, %x, %c1] : tensor<4x?x2xi32>
    %is_random1 = arith.cmpi eq, %y32, %random1 : i32
    %0 = arith.ori %first_query, %last_query : i1
    %1 = arith.ori %0, %first_key : i1
    %2 = arith.ori %1, %last_key : i1
    %3 = arith.ori %2, %near : i1
    %4 = arith.ori %3, %is_random0 : i1
    %5 = arith.ori %4, %is_random1 : i1
    attn.yield %5 : i1
  }
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x12x?x64xbf16>

func.func @bigbird_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv,
    %random_blocks: tensor<12x?x3xi32>) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %block = arith.constant 64 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %blocks = tensor.dim %random_blocks, %c1 : tensor<12x?x3xi32>
  %last = arith.subi %blocks, %c1 : index
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %x = arith.divui %i, %block : index
    %y = arith.divui %j, %block : index
    %first_query = arith.cmpi eq, %x, %c0 : index
    %last_query = arith.cmpi eq, %x, %last : index
    %first_key = arith.cmpi eq, %y, %c0 : index
    %last_key = arith.cmpi eq, %y, %last : index
    // x - 1 <= y <= x + 1
    %d = arith.subi %x, %y : index
    %d1 = arith.addi %d, %c1 : index
    %near = arith.cmpi ule, %d1, %c2 : index
    %y32 = arith.index_cast %y : index to i32
    %random0 = tensor.extract %random_blocks[%h, %x, %c0] : tensor<12x?x3xi32>
    %is_random0 = arith.cmpi eq, %y32, %random0 : i32
    %random1 = tensor.extract %random_blocks[%h, %x, %c1] : tensor<12x?x3xi32>
    %is_random1 = arith.cmpi eq, %y32, %random1 : i32
    %random2 = tensor.extract %random_blocks[%h, %x, %c2] : tensor<12x?x3xi32>
    %is_random2 = arith.cmpi eq, %y32, %random2 : i32
    %0 = arith.ori %first_query, %last_query : i1
    %1 = arith.ori %0, %first_key : i1
    %2 = arith.ori %1, %last_key : i1
    %3 = arith.ori %2, %near : i1
    %4 = arith.ori %3, %is_random0 : i1
    %5 = arith.ori %4, %is_random1 : i1
    %6 = arith.ori %5, %is_random2 : i1
    attn.yield %6 : i1
  }
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
