#include "attn/Dialect/Tile/IR/Tile.h"
