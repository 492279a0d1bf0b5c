"""A block of threads that executes PTX, in NumPy.

Knows the instructions of tiles and of products by single warps: their layouts
are written down here a second time, from the description of the instructions
alone (PTX ISA, "Matrix Fragments for mma.m16n8k16", "ldmatrix").
"""
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import re

import numpy as np

INSTRUCTION = re.compile(r"\s*(?:@(!?)(%p\d+)\s+)?([a-z][\w.:]*)\s*(.*)", re.S)
LABEL = re.compile(r"\s*(\$\w+):")
OPERAND = re.compile(r"\{[^}]*\}|\[[^\]]*\]|[^\s,]+")
SHARED_BASE = 1024


def floats(bits):
    return bits.astype(np.uint32).view(np.float32)


def bits_of(values):
    return np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)


def halves(bits, kind):
    """The two elements of a register, as float64: (threads, 2)."""
    parts = np.stack([bits & 0xffff, bits >> 16], -1).astype(np.uint16)
    if kind == "f16":
        return parts.view(np.float16).astype(np.float64)
    return (parts.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


class Machine:
    def __init__(self, ptx, threads, symbols=()):
        """`symbols` are names of shared memory, of which a kernel uses one."""
        self.threads, self.symbols = threads, symbols
        self.code, self.labels = [], {}
        text = re.sub(r"//.*", "", ptx)
        body = text[text.index("{", text.index(".entry")) + 1:]
        for piece in body.split(";"):
            while label := LABEL.match(piece):
                self.labels[label[1]] = len(self.code)
                piece = piece[label.end():]
            if found := INSTRUCTION.fullmatch(piece):
                negated, guard, name, rest = found.groups()
                self.code.append((negated, guard, name.split("."),
                                  OPERAND.findall(rest)))
        self.registers, self.memory = {}, {}
        self.executed = {}

    def run(self, parameters, memory, shared_bytes, block=0, blocks=1):
        """`memory` has arrays of bytes by the upper half of their address."""
        self.parameters, self.registers = parameters, {}
        self.special = {"%ctaid.x": block, "%nctaid.x": blocks}
        self.memory = memory | {0: np.zeros(SHARED_BASE + shared_bytes, np.uint8)}
        at = np.zeros(self.threads, np.int64)
        while True:
            counter, active = self.choose(at)
            if counter >= len(self.code):
                return
            negated, guard, name, operands = self.code[counter]
            does = active
            if guard:
                does = active & ((self.registers[guard] != 0) != bool(negated))
            at[active] += 1
            if name[0] == "bra":
                at[does] = self.labels[operands[-1]]
            elif name[0] == "ret":
                at[does] = len(self.code)
            elif does.any():
                self.executed[name[0]] = self.executed.get(name[0], 0) + 1
                self.execute(name, operands, does)

    def choose(self, at):
        """Threads that are behind go first, so that all meet again; but those that are
        where a whole warp, or all, have to come wait for the rest."""
        for counter in np.unique(at):
            active = at == counter
            if counter < len(self.code):
                name = self.code[counter][2]
                if name[0] in ("shfl", "redux", "vote") or name[:2] == ["bar", "warp"]:
                    active &= np.repeat(active.reshape(-1, 32).all(1), 32)
                elif name[0] in ("bar", "barrier"):
                    active &= active.all()
            if active.any():
                return counter, active
        raise AssertionError("a warp waits for threads that do not come")

    # Operands.

    def get(self, operand):
        """The bits of an operand for all threads."""
        if operand.startswith("{"):
            low, high = (self.get(x) for x in OPERAND.findall(operand[1:-1]))
            return low & 0xffff | high << 16
        if operand in self.registers:
            return self.registers[operand]
        if operand == "%tid.x":
            value = np.arange(self.threads)
        elif operand in self.special:
            value = self.special[operand]
        elif operand.startswith(("%tid", "%ctaid")):
            value = 0
        elif operand == "wg_shared_memory" or operand in self.symbols:
            value = SHARED_BASE
        elif operand.startswith("0f"):
            value = int(operand[2:], 16)
        elif operand.startswith("%"):
            raise KeyError(f"{operand} is read before it is written")
        else:
            value = int(operand, 0) & (2 ** 64 - 1)
        return np.zeros(self.threads, np.uint64) + np.array(value).astype(np.uint64)

    def set(self, operand, value, does, width):
        if operand in ("_", "%_"):
            return
        value = np.asarray(value).astype(np.uint64) & np.uint64(2 ** width - 1)
        old = self.registers.get(operand, np.zeros(self.threads, np.uint64))
        self.registers[operand] = np.where(does, value, old)

    def address(self, operand):
        base, _, offset = operand.strip("[]").partition("+")
        return (self.get(base.strip()).astype(np.int64) + int(offset or 0))

    def load(self, addresses, does, size):
        out = np.zeros(self.threads, np.uint64)
        for thread in np.flatnonzero(does):
            address = int(addresses[thread])
            assert address % size == 0, "misaligned"
            data = self.memory[address >> 32]
            at = address & (2 ** 32 - 1)
            assert at + size <= len(data), "reads outside"
            out[thread] = int.from_bytes(data[at:at + size].tobytes(), "little")
        return out

    def store(self, addresses, does, size, values):
        for thread in np.flatnonzero(does):
            address = int(addresses[thread])
            assert address % size == 0, "misaligned"
            data = self.memory[address >> 32]
            at = address & (2 ** 32 - 1)
            assert at + size <= len(data), "writes outside"
            data[at:at + size] = np.frombuffer(
                int(values[thread]).to_bytes(8, "little")[:size], np.uint8)

    # Instructions.

    def execute(self, name, operands, does):
        kind = name[0]
        if kind in ("bar", "barrier"):
            assert does.all() or "warp" in name and are_whole_warps(does), \
                "not all threads are here"
        elif kind == "fence":
            pass
        elif kind == "ld":
            self.do_load(name, operands, does)
        elif kind == "st":
            values = (OPERAND.findall(operands[1][1:-1])
                      if operands[1].startswith("{") else [operands[1]])
            size = width_of(name[-1]) // 8
            for i, value in enumerate(values):
                self.store(self.address(operands[0]) + i * size, does, size,
                           self.get(value))
        elif kind == "cp":
            if "async" in name and "shared" in name:
                self.do_copy(operands, does)
        elif kind == "ldmatrix":
            self.do_ldmatrix(name, operands, does)
        elif kind == "stmatrix":
            self.do_stmatrix(name, operands, does)
        elif kind == "mma":
            self.do_mma(name, operands, does)
        elif kind == "mov" and operands[0].startswith("{"):
            low, high = OPERAND.findall(operands[0][1:-1])
            value, half = self.get(operands[1]), width_of(name[-1]) // 2
            self.set(low, value, does, half)
            self.set(high, value >> half, does, half)
        elif kind == "shfl":
            self.do_shuffle(name, operands, does)
        elif kind in ("redux", "vote"):
            self.do_vote(name, operands, does)
        elif kind == "setp":
            self.do_compare(name, operands, does)
        else:
            width = width_of(name[-2] if kind == "cvt" else name[-1])
            width *= 2 if "wide" in name else 1
            self.set(operands[0], self.compute(name, operands[1:]), does, width)

    def do_load(self, name, operands, does):
        if "param" in name:
            value = self.parameters[int(operands[1].strip("[]").rsplit("_", 1)[1])]
            self.set(operands[0], np.full(self.threads, value & (2 ** 64 - 1),
                                          np.uint64), does, 64)
            return
        size = width_of(name[-1]) // 8
        targets = (OPERAND.findall(operands[0][1:-1])
                   if operands[0].startswith("{") else [operands[0]])
        addresses = self.address(operands[1])
        for i, target in enumerate(targets):
            self.set(target, self.load(addresses + i * size, does, size), does,
                     8 * size)

    def do_copy(self, operands, does):
        target, source = self.address(operands[0]), self.address(operands[1])
        size = int(operands[2])
        exist = (self.get(operands[3]) if len(operands) > 3
                 else np.full(self.threads, size))
        for thread in np.flatnonzero(does):
            data = np.zeros(size, np.uint8)
            count = int(exist[thread])
            place, at = int(source[thread]) >> 32, int(source[thread]) & (2 ** 32 - 1)
            assert target[thread] % size == 0 and at % size == 0, "misaligned"
            assert at + count <= len(self.memory[place]), "reads outside"
            data[:count] = self.memory[place][at:at + count]
            to = int(target[thread])
            self.memory[0][to:to + size] = data

    def do_ldmatrix(self, name, operands, does):
        assert does.all(), "not all threads are here"
        count = int(next(part for part in name if part[0] == "x")[1:])
        targets = OPERAND.findall(operands[0][1:-1])
        addresses = self.address(operands[1])
        results = np.zeros((count, self.threads), np.uint64)
        for warp in range(0, self.threads, 32):
            for matrix in range(count):
                rows = []
                for row in range(8):
                    at = int(addresses[warp + 8 * matrix + row])
                    assert at % 16 == 0, "misaligned"
                    rows.append(self.memory[0][at:at + 16].view(np.uint16))
                block = np.array(rows, np.uint64)
                if "trans" in name:
                    block = block.T
                for lane in range(32):
                    pair = block[lane // 4, 2 * (lane % 4):][:2]
                    results[matrix, warp + lane] = pair[0] | pair[1] << np.uint64(16)
        for target, value in zip(targets, results):
            self.set(target, value, does, 32)

    def do_stmatrix(self, name, operands, does):
        assert are_whole_warps(does), "not all threads are here"
        addresses = self.address(operands[0])
        values = [self.get(x) for x in OPERAND.findall(operands[1][1:-1])]
        for warp in np.flatnonzero(does)[::32]:
            for matrix, value in enumerate(values):
                block = np.zeros((8, 8), np.uint16)
                for lane in range(32):
                    bits = int(value[warp + lane])
                    block[lane // 4, 2 * (lane % 4):][:2] = bits & 0xffff, bits >> 16
                if "trans" in name:
                    block = block.T
                for row in range(8):
                    at = int(addresses[warp + 8 * matrix + row])
                    assert at % 16 == 0, "misaligned"
                    data = np.ascontiguousarray(block[row]).view(np.uint8)
                    assert at + 16 <= len(self.memory[0]), "writes outside"
                    self.memory[0][at:at + 16] = data

    def do_shuffle(self, name, operands, does):
        """Of a whole warp; who reads from nobody keeps what it has."""
        assert are_whole_warps(does), "not all threads are here"
        lane = np.arange(self.threads) % 32
        by = self.get(operands[2]).astype(np.int64)
        source = {"bfly": lane ^ by, "idx": by % 32, "up": lane - by}[name[2]]
        source = np.where(source < 0, lane, source) + np.arange(self.threads) - lane
        self.set(operands[0].split("|")[0], self.get(operands[1])[source], does, 32)

    def do_vote(self, name, operands, does):
        """What all lanes of a warp get of the values of all."""
        assert are_whole_warps(does), "not all threads are here"
        kind = name[-1]
        values = typed(self.get(operands[1]), kind).reshape(-1, 32)
        work = {"max": np.max, "min": np.min, "add": np.sum,
                "and": np.bitwise_and.reduce, "or": np.bitwise_or.reduce,
                "any": np.max, "all": np.min,
                "ballot": lambda x, axis: (x.astype(np.uint64) << np.arange(
                    32, dtype=np.uint64)).sum(axis)}[name[2]]
        result = np.repeat(work(values, axis=1), 32)
        self.set(operands[0], result, does, 1 if kind == "pred" else 32)

    def do_mma(self, name, operands, does):
        assert are_whole_warps(does), "not all threads are here"
        types = name[-4:]
        assert types[0] == types[3] == "f32" and name[4:6] == ["row", "col"]
        kind = types[1]
        lists = [OPERAND.findall(operand[1:-1]) for operand in operands]
        a, b, c = ([self.get(x) for x in names] for names in lists[1:])
        lane = np.arange(32)
        group, quad = lane // 4, lane % 4
        results = np.zeros((4, self.threads), np.uint64)
        for warp in np.flatnonzero(does)[::32]:
            of = slice(warp, warp + 32)
            depth = 8 if kind == "tf32" else 16
            left, right = np.zeros((16, depth)), np.zeros((depth, 8))
            total = np.zeros((16, 8))
            for i, register in enumerate(a):
                rows, half = group + 8 * (i % 2), i // 2
                if kind == "tf32":
                    left[rows, quad + 4 * half] = tf32(register[of])
                else:
                    for j in range(2):
                        left[rows, 2 * quad + j + 8 * half] = halves(
                            register[of], kind)[:, j]
            for i, register in enumerate(b):
                if kind == "tf32":
                    right[quad + 4 * i, group] = tf32(register[of])
                else:
                    for j in range(2):
                        right[2 * quad + j + 8 * i, group] = halves(
                            register[of], kind)[:, j]
            for i, register in enumerate(c):
                total[group + 8 * (i // 2), 2 * quad + i % 2] = floats(register[of])
            total = towards_zero(total + left @ right)
            for i in range(4):
                results[i, of] = bits_of(total[group + 8 * (i // 2), 2 * quad + i % 2])
        for target, value in zip(lists[0], results):
            self.set(target, value, does, 32)

    def do_compare(self, name, operands, does):
        relation, kind = name[1], name[-1]
        x, y = (typed(self.get(operand), kind) for operand in operands[1:3])
        if relation in ("nan", "num"):
            unordered = np.isnan(x) | np.isnan(y)
            self.set(operands[0], unordered == (relation == "nan"), does, 1)
            return
        value = {"lt": x < y, "le": x <= y, "gt": x > y, "ge": x >= y,
                 "eq": x == y, "ne": x != y}[relation[:2]]
        if kind == "f32":
            unordered = np.isnan(x) | np.isnan(y)
            value = np.where(unordered, relation == "neu" or relation[2:] == "u", value)
        self.set(operands[0], value, does, 1)

    def compute(self, name, operands):
        kind = name[-1]
        if name[0] == "cvt":
            return self.convert(name, operands)
        if name[0] == "selp":
            return np.where(self.get(operands[2]) != 0, self.get(operands[0]),
                            self.get(operands[1]))
        values = [typed(self.get(operand), kind) for operand in operands]
        x, y = values[0], values[1] if len(values) > 1 else None
        with np.errstate(all="ignore"):
            value = {
                "mov": lambda: x, "cvta": lambda: x, "add": lambda: x + y,
                "sub": lambda: x - y, "and": lambda: x & y,
                "mul": lambda: high(x, y, kind) if "hi" in name else x * y,
                "or": lambda: x | y, "xor": lambda: x ^ y, "not": lambda: ~x,
                "neg": lambda: -x, "abs": lambda: np.abs(x), "min": lambda: np.fmin(x, y),
                "max": lambda: np.fmax(x, y), "ex2": lambda: np.exp2(x),
                "lg2": lambda: np.log2(x), "rcp": lambda: 1 / x, "mad": lambda: x * y + values[2],
                "fma": lambda: fused(x, y, values[2]),
                "shl": lambda: x << y.astype(x.dtype),
                "shr": lambda: x >> y.astype(x.dtype),
                "popc": lambda: np.array([int(value).bit_count() for value in x]),
                "rem": lambda: x % y,
                "div": lambda: x / y if kind == "f32" else x // y,
                "bfe": lambda: (x >> y) & ((np.uint64(1) << values[2]) - np.uint64(1)),
            }[name[0]]()
        return bits_of(value) if kind == "f32" else value.astype(np.uint64)

    def convert(self, name, operands):
        target, source = name[-2:]
        bits = self.get(operands[0])
        if target == "bf16x2":
            return rounded(bits) << 16 | rounded(self.get(operands[1]))
        if target == "bf16":
            return rounded(bits)
        if target in ("f16", "f16x2"):
            parts = [floats(self.get(operand)).astype(np.float16).view(np.uint16)
                     .astype(np.uint64) for operand in operands]
            return parts[0] if target == "f16" else parts[0] << 16 | parts[1]
        if target == "tf32":
            # To the nearest of 10 bits, ties away from zero.
            return bits + (1 << 12) & (2 ** 32 - (1 << 13))
        if target == "f32" and source == "bf16":
            return bits << 16
        if target == "f32" and source == "f16":
            return bits_of(bits.astype(np.uint16).view(np.float16))
        if target == "f32" and source[0] in "su":
            return bits_of(typed(bits, source).astype(np.float32))
        if "f" in target[0] + source[0]:
            raise NotImplementedError(".".join(name))
        return typed(bits, source).astype(np.int64).astype(np.uint64)


def fused(x, y, z):
    """Products of f32 are exact in 53 bits, so that only their sums are rounded."""
    return (x.astype(np.float64) * y + z).astype(np.float32)


def are_whole_warps(does):
    warps = does.reshape(-1, 32)
    return (warps.all(1) | ~warps.any(1)).all()


def width_of(kind):
    if kind in ("pred", "bf16x2", "f16x2", "tf32"):
        return 1 if kind == "pred" else 32
    return int(re.sub(r"\D", "", kind))


def typed(bits, kind):
    """Bits as numbers of 64 bits, or as f32."""
    if kind == "f32":
        return floats(bits)
    width = width_of(kind)
    bits = bits & np.uint64(2 ** width - 1)
    if kind[0] != "s":
        return bits
    sign = np.int64(1) << np.int64(width - 1)
    return (bits.astype(np.int64) ^ sign) - sign if width < 64 else bits.astype(np.int64)


def rounded(bits):
    """The bf16 nearest to an f32, ties to even."""
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16


def high(x, y, kind):
    """The upper half of products."""
    return np.array([int(a) * int(b) >> width_of(kind) for a, b in zip(x, y)])


def tf32(bits):
    return floats(bits & np.uint64(2 ** 32 - (1 << 13))).astype(np.float64)


def towards_zero(values):
    nearest = values.astype(np.float32)
    smaller = np.nextafter(nearest, np.float32(0))
    return np.where(np.abs(nearest.astype(np.float64)) > np.abs(values), smaller,
                    nearest)
