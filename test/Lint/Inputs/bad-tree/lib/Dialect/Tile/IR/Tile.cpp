#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Attn/IR/Attn.h"
// AttentionOp may be spoken of in a comment.
