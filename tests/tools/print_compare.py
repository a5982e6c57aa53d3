#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""print_compare.py OURS [-v] [--mutate N] [--seed S] FILE... -- tcpdump options

Text of `tcpdump -n` and of lib/print (OURS: the binary print_pcap) for the same captures, packet
by packet. A packet is `equal`; or `upper`: equal up to where tcpdump goes on decoding what lies
above, which OURS marks with a byte 0x01; or `diff`. The rule is in docs/TEXT.md.

One line a file with differences, then `packets P equal E upper U diff D`. With -v the text of both.
--mutate N: also N times as many packets, cut short and with bytes changed at random.
"""
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

# Ports and protocols above which tcpdump decodes: only there may its line be longer than ours.
TCP_UPPER = {21, 22, 23, 25, 43, 53, 80, 139, 179, 323, 445, 554, 639, 646, 1723, 2049, 6379,
             6633, 6653, 8080, 8554, 10288}
START = re.compile(rb' {0,4}(\d+)  ')


def start(cmd):
    env = dict(os.environ, TZ='UTC')
    return subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)


def packets(text):
    """Split at the numbers that -# puts before each packet."""
    out = []
    for line in text.split(b'\n'):
        m = START.match(line)
        if m and int(m.group(1)) == len(out) + 1:
            out.append(line)
        elif out:
            out[-1] += b'\n' + line
    if out and out[-1].endswith(b'\n'):
        out[-1] = out[-1][:-1]
    return out


def tcp_upper(head):
    m = re.search(rb'(\d+) > [0-9a-f.:]*?(\d+): Flags[^\n]*$', head)
    return not m or any(int(p) in TCP_UPPER for p in m.groups())


def judge(theirs, ours):
    """OURS has 0x01 before what stands for an upper layer, and 0x02 before a dump."""
    if theirs == ours.replace(b'\x01', b'').replace(b'\x02', b''):
        return 'equal'
    mark = ours.find(b'\x01')
    head, dump = ours.split(b'\x02', 1)
    if mark < 0 or mark > len(head):
        return 'diff'
    common, rest = head[:mark], head[mark + 1:]
    # When its decoder met the end of the packet, tcpdump dumps it with the link-level header.
    cut = re.search(rb' \[\|[a-z0-9_-]+\]\n', theirs)
    if not theirs.startswith(common) or (not theirs.endswith(dump) and not cut):
        return 'diff'
    if not rest and not tcp_upper(common):
        return 'diff'
    return 'upper'


def read_pcap(name):
    with open(name, 'rb') as f:
        head, out = f.read(24), []
        order = '<' if head[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
        while True:
            rec = f.read(16)
            if len(rec) < 16:
                return head, order, out
            sec, frac, cap, length = struct.unpack(order + 'IIII', rec)
            out.append((sec, frac, length, f.read(cap)))


def mutate(rng, data, length):
    data = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        if data:
            i = rng.randrange(min(len(data), rng.choice((14, 40, 60, 100, 1 << 16))))
            data[i] = rng.choice((0, 1, 2, 0x7f, 0x80, 0xff, rng.randrange(256)))
    if rng.random() < 0.5 and len(data) > 1:
        data = data[:rng.randrange(1, len(data))]
        if rng.random() < 0.5:
            length = len(data)
    return bytes(data), max(length, len(data))


def mutated(name, times, seed, to):
    head, order, recs = read_pcap(name)
    rng = random.Random('%s %s' % (os.path.basename(name), seed))
    with open(to, 'wb') as f:
        f.write(head)
        for _ in range(times):
            for sec, frac, length, data in recs[:60]:
                if 0 < len(data) <= 2000 and length < 200000:
                    d, n = mutate(rng, data, length)
                    f.write(struct.pack(order + 'IIII', sec, frac, len(d), n) + d)


def show(ours):
    return ours.replace(b'\x01', b'@').replace(b'\x02', b'')


def both(ours, path, opts):
    """The packets of both; the two run at once."""
    procs = (start(['tcpdump', '-n', '-#', '-r', path] + opts),
             start([ours, '-m', '-z', '\x02', '-#'] + opts + [path]))
    return [packets(p.communicate()[0]) for p in procs]


def verdicts(ours, path, opts):
    return [judge(t, o) for t, o in zip(*both(ours, path, opts))]


def compare(ours, name, path, opts, verbose, count):
    theirs, mine = both(ours, path, opts)
    bad = abs(len(theirs) - len(mine))
    count['diff'] += bad
    for t, o in zip(theirs, mine):
        count['packets'] += 1
        verdict = judge(t, o)
        count[verdict] += 1
        if verdict == 'diff':
            bad += 1
            if verbose:
                sys.stdout.buffer.write(b'< %s\n> %s\n' % (t, show(o)))
    if bad:
        print('%s: %d' % (name, bad))


def main():
    args = sys.argv[1:]
    split = args.index('--') if '--' in args else len(args)
    args, opts = args[:split], args[split + 1:]
    verbose = '-v' in args
    times = int(args[args.index('--mutate') + 1]) if '--mutate' in args else 0
    seed = args[args.index('--seed') + 1] if '--seed' in args else '1'
    files = [a for a in args[1:] if a.endswith('.pcap')]
    count = {'packets': 0, 'equal': 0, 'upper': 0, 'diff': 0}
    with tempfile.NamedTemporaryFile(suffix='.pcap') as tmp:
        for f in files:
            if times:
                mutated(f, times, seed, tmp.name)
            compare(args[0], os.path.basename(f), tmp.name if times else f, opts, verbose, count)
    print('packets %(packets)d equal %(equal)d upper %(upper)d diff %(diff)d' % count)


if __name__ == '__main__':
    main()
