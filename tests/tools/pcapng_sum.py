#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""pcapng_sum.py FILE... - what files of xdpdump have, added up, in the order given: one line of
NAME=NUMBER. Of every file, the statistics block must be there, be the last block, and count what
is in the file. Of all together:

packets     in the files
offered accepted lost delivered   sums of the statistics blocks
dropcounts  sum of epb_dropcount
unordered   packets earlier than the one before
twice       packet ids that were there before
gaps        numbers missing in the sequences of the CPUs, between the first and the last of each
holes       in how many places
triggers    comments that say that a flight recorder was triggered
"""
import struct
import sys


def blocks(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if size < 12 or at + size > len(data) or \
           struct.unpack_from("<I", data, at + size - 4)[0] != size:
            sys.exit("block at %d does not add up" % at)
        yield kind, data[at + 8:at + size - 4]
        at += size


def options(body, at):
    while at + 4 <= len(body):
        code, n = struct.unpack_from("<HH", body, at)
        if not code:
            return
        yield code, body[at + 4:at + 4 + n]
        at += 4 + (n + 3 & ~3)


def word(value):
    return struct.unpack("<Q", value)[0]


total = dict.fromkeys("packets offered accepted lost delivered dropcounts unordered twice gaps "
                      "holes triggers".split(), 0)
seen, first, last, before = set(), {}, {}, 0
for path in sys.argv[1:]:
    count, isb = 0, None
    for kind, body in blocks(open(path, "rb").read()):
        if isb:
            sys.exit("%s: something behind the statistics" % path)
        if kind == 6:
            high, low, cap = struct.unpack_from("<III", body, 4)
            count += 1
            total["unordered"] += (high << 32 | low) < before
            before = high << 32 | low
            for code, value in options(body, 20 + (cap + 3 & ~3)):
                if code == 4:
                    total["dropcounts"] += word(value)
                elif code == 5:
                    i = word(value)
                    cpu, seq = i >> 44, i & (1 << 44) - 1
                    total["twice"] += i in seen
                    seen.add(i)
                    first.setdefault(cpu, seq)
                    total["holes"] += seq != last.get(cpu, seq - 1) + 1
                    last[cpu] = seq
                elif code == 1:
                    total["triggers"] += value.startswith(b"xdpchain trigger: ")
        elif kind == 5:
            isb = dict((c, word(v)) for c, v in options(body, 12) if len(v) == 8)
    if not isb or isb[8] != count:
        sys.exit("%s: %d packets, statistics %r" % (path, count, isb))
    total["packets"] += count
    for key, code in (("offered", 4), ("accepted", 6), ("lost", 7), ("delivered", 8)):
        total[key] += isb[code]
total["gaps"] = sum(last[c] - first[c] + 1 for c in first) - len(seen)
print(" ".join("%s=%d" % kv for kv in total.items()))
