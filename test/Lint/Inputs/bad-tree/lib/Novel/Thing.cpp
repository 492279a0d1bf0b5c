#include "attn/InitAll.h"
