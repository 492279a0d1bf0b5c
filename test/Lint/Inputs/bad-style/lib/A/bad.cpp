//===- other.cpp ---===//
int	x; 

