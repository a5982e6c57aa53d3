#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""pcapng_sum.py [--by-time] FILE... - what files of xdpdump have, added up, in the order given or in
that of their first packets: one line of NAME=NUMBER. Of every file, there must be a statistics
block of each interface, nothing behind them, and they must count what is in the file. Of all
together:

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


def packet(body):
    """Counts one; the number of its interface."""
    global before
    iface, high, low, cap = struct.unpack_from("<IIII", body)
    total["packets"] += 1
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
    return iface


def first_time(path):
    for kind, body in blocks(open(path, "rb").read()):
        if kind == 6:
            high, low = struct.unpack_from("<II", body, 4)
            return high << 32 | low
    return 0


paths = sys.argv[1:]
if paths[0] == "--by-time":
    paths = sorted(paths[1:], key=first_time)
for path in paths:
    counts, stats = [], {}
    for kind, body in blocks(open(path, "rb").read()):
        if stats and kind != 5:
            sys.exit("%s: something behind the statistics" % path)
        if kind == 1:
            counts.append(0)
        elif kind == 6:
            counts[packet(body)] += 1
        elif kind == 5:
            stats[struct.unpack_from("<I", body)[0]] = \
                dict((c, word(v)) for c, v in options(body, 12) if len(v) == 8)
    if sorted(stats) != list(range(len(counts))) or \
       any(stats[i][8] != n for i, n in enumerate(counts)):
        sys.exit("%s: packets %r, statistics %r" % (path, counts, stats))
    for key, code in (("offered", 4), ("accepted", 6), ("lost", 7), ("delivered", 8)):
        total[key] += sum(s[code] for s in stats.values())
total["gaps"] = sum(last[c] - first[c] + 1 for c in first) - len(seen)
print(" ".join("%s=%d" % kv for kv in total.items()))
