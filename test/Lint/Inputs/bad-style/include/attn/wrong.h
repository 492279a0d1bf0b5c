//===- wrong.h - A header ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef WRONG_H
#define WRONG_H
int  y;
#endif
