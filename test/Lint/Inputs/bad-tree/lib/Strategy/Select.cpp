#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Pipelines/Pipelines.h"
bool isDense(Operation *op) { return isa<AttentionOp>(op); }
bool isYield(Operation *op) { return isa<scf::YieldOp, YieldOp>(op); }
bool isOurYield(Operation *op) { return isa<attn::YieldOp>(op); }
bool isByName(StringRef name) { return name == "attn.attention"; }
