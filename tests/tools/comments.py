#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""comments.py OUT              write a pcapng of packets with comments: trails, damaged trails, foreign
comments.py --compare IN XDPDUMP FIELDS    xdpdump's reader is the judge of wireshark/xdpchain.lua

FIELDS is what tshark prints of IN with `-T fields -E aggregator=\\x01` for the FIELDS below. Where the
reader accepts a trail, the script must have the same in it. Where it refuses one, the script must
have seen the damage, or nothing at all if it is none of ours.
"""
import json
import random
import re
import struct
import subprocess
import sys

FIELDS = ['xdpchain.verdict', 'xdpchain.entry', 'xdpchain.stage', 'xdpchain.slot', 'xdpchain.said',
          'xdpchain.shadow', 'xdpchain.reason', 'xdpchain.rule', 'xdpchain.rule_text', 'xdpchain.ns',
          'xdpchain.damaged', 'xdpchain.version', '_ws.lua.error']
FRAME = bytes.fromhex('0200000000010200000000020800' + '45000014000000004011' + '0000' + '0a000001' + '0a000002')

FOREIGN = ['', 'a note', 'xdpchain', 'xdpchain/', 'xdpchain/1', 'XDPCHAIN/1 DROP', ' xdpchain/1 DROP',
           'xdpchain/x DROP', 'see xdpchain/1 DROP', 'ünïcode ☃', '{"json": [1]}', 'x' * 5000, '%s%n', '\\']
OTHER = ['xdpchain/3 DROP', 'xdpchain/10 DROP; 1 DROP', 'xdpchain/0 x']
DAMAGED = ['xdpchain/%d %s' % (v, t) for v in (1, 2) for t in (
    '', 'drop', 'verdict1', 'verdict256', 'verdict', 'DROP ', 'DROP exit', 'DROP entry ', 'DROP;', 'DROP; ',
    'DROP; 16 DROP', 'DROP; 01 DROP', 'DROP; -1 DROP', 'DROP; 99999999999999999999 DROP',
    'DROP; 1:', 'DROP; 1: DROP', 'DROP; 1:"droplet/x DROP', 'DROP; 1:"droplet/\\x0 DROP',
    'DROP; 1:"droplet/\\x00" DROP', 'DROP; 1:"droplet/\\xAB" DROP', 'DROP; 1:"droplet/\\q" DROP',
    'DROP; 1:"droplet/\\', 'DROP; 1:"" DROP', 'DROP; 1:droplet/\t DROP', 'DROP; 1 would- DROP',
    'DROP; 1 DROP reason=0', 'DROP; 1 DROP reason=65536', 'DROP; 1 DROP reason=1/', 'DROP; 1 DROP reason=',
    'DROP; 1 DROP reason=1/""', 'DROP; 1 DROP rule=1 reason=1', 'DROP; 1 DROP rule=4294967296',
    'DROP; 1 DROP rule=18446744073709551617', 'DROP; 1 DROP 1', 'DROP; 1 DROP 1n', 'DROP; 1 DROP 1ns ',
    'DROP; 1 DROP 4294967296ns', 'DROP; 1 DROP -1ns', 'DROP; 1 DROP ns', 'DROP; 1 DROP;2 DROP',
    'DROP; 1 DROP  1ns', 'DROP' + '; 1 NEXT' * 17, 'DROP; 1 DROP reason=1/ü')] + [
    'xdpchain/1 DROP; 1', 'xdpchain/1 DROP; 1 1ns', 'xdpchain/1 DROP; 1:x 1ns', 'xdpchain/2 DROP; 1 ',
    'xdpchain/2 DROP; 1:x ', 'xdpchain/2 DROP; 1 reason=1', 'xdpchain/2 DROP; 1 would-', 'xdpchain/2 DROP; 1 1']
WORDS = ['prefix', 'rate', '192.0.2.0/24', 'a=b', '"my rule"', '"semi; colon"', '"quote \\" and \\\\"',
         '"snow \\xe2\\x98\\x83"', '"bytes \\xff\\xfe"', '500/s', '"1 2 3"']
PAIRS = 400
VERDICTS = ['ABORTED', 'DROP', 'PASS', 'TX', 'REDIRECT', 'NEXT', 'verdict6', 'verdict99']


def trail(r):
    """The same trail in both versions."""
    times, steps = r.random() < .5, []
    for slot in sorted(r.sample(range(16), r.choice([0, 1, 2, 3, 16]))):
        group = {0: 'xdpdump/', 15: 'lb/'}.get(slot, 'droplet/')
        name = r.choice(['', ':%smy-stage', ':"%stwo words"', ':%sx'])
        name = (name % group, name % '') if name else (':lb',) * 2 if slot == 15 else ('', '')
        said = r.choice([' ', ' ', ' would-']) + r.choice(VERDICTS + ['NEXT'] * 4)
        for key, top in ('reason', 65535), ('rule', 4294967295):
            if r.random() < .5:
                said += ' %s=%d' % (key, r.choice([1, 7, top])) + r.choice(['', '/' + r.choice(WORDS)])
        ns = ' %dns' % r.choice([0, 96, 2200, 4294967295]) if times else ''
        steps.append((str(slot) + name[0] + said + ns, str(slot) + name[1] + (said if said != ' NEXT' else '') + ns))
    head = r.choice(VERDICTS) + r.choice(['', '', ' entry'])
    return ['; '.join(['xdpchain/%d %s' % (v + 1, head)] + [s[v] for s in steps]) for v in (0, 1)]


def mutated(r):
    t = list(r.choice(trail(r)))
    for _ in range(r.choice([1, 1, 2, 5])):
        at = r.randrange(len(t))
        t[at:at + r.randrange(2)] = r.choice(['', ' ', ';', '"', '\\', '/', '0', '9' * 30, 'ns', ':', '=', '\t', 'é'])
    return ''.join(t)


def comments():
    r = random.Random(1)
    return sum([trail(r) for _ in range(PAIRS)], []) + FOREIGN + OTHER + DAMAGED + [mutated(r) for _ in range(1500)]


def block(kind, body):
    size = len(body) + 12
    return struct.pack('<II', kind, size) + body + struct.pack('<I', size)


def option(code, value):
    return struct.pack('<HH', code, len(value)) + value + bytes(-len(value) % 4)


def write(path):
    with open(path, 'wb') as out:
        out.write(block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1)))
        out.write(block(1, struct.pack('<HHI', 1, 0, 65000)))
        for i, c in enumerate(comments()):
            head = struct.pack('<IIIII', 0, 0, i, len(FRAME), len(FRAME))
            out.write(block(6, head + FRAME + bytes(-len(FRAME) % 4) + option(1, c.encode()) + option(0, b'')))


def of_reader(comment, o):
    """What the script should have of a packet whose trail the reader accepts; None: that it is damaged."""
    if o['point'] is None:
        return None
    s = o['steps']
    flag = {True: '1', False: '0'}
    return [[re.match(r'xdpchain/. (\S+?)(;|$| )', comment).group(1)], [flag[o['point'] == 'entry']],
            [x['stage'] for x in s], [str(x['slot']) for x in s], [x['verdict'] for x in s],
            [flag[x['shadow']] for x in s], [x['reason'] for x in s if 'reason' in x],
            [str(x['rule']) for x in s if 'rule' in x], [x['rule_text'] for x in s if 'rule_text' in x],
            [str(x['ns']) for x in s if 'ns' in x]]


def plain(names):
    """tshark and we print control characters and what is no UTF-8 each in a way of our own."""
    return [n for n in names if n.isprintable() and '\\' not in n]


def judge(comment, reader, script):
    want, damaged, version, broken = of_reader(comment, reader), *script[10:13]
    if broken:
        return 'lua: ' + broken[0]
    if want:
        for name, a, b in zip(FIELDS, want, script):
            if plain(a) != plain(b) or len(a) != len(b):
                return '%s: %r, not %r' % (name, b, a)
        return 'damaged' if damaged else None
    if not re.match(r'xdpchain/\d+ ', comment):
        return 'not ours' if any(script) else None
    if not re.match(r'xdpchain/[12] ', comment):
        return None if version and not any(script[:10]) else 'another version'
    # The script does not hold a label against its slot, nor count the bytes of a name.
    return None if damaged or script[0] else 'neither damaged nor shown'


def compare(path, xdpdump, fields):
    out = subprocess.run([xdpdump, '-r', path, '--json'], capture_output=True, text=True, check=True).stdout
    readers = [json.loads(line) for line in out.splitlines()]
    with open(fields, newline='\n') as f:
        scripts = [[v.split('\x01') if v else [] for v in line.rstrip('\n').split('\t')] for line in f]
    all_ = comments()
    assert len(readers) == len(scripts) == len(all_), (len(readers), len(scripts), len(all_))
    bad = 0
    for i, (c, r, s) in enumerate(zip(all_, readers, scripts)):
        why = judge(c, r, s)
        if not why and i < 2 * PAIRS and s != scripts[i & ~1]:
            why = 'not the same as in version 1'
        if not why and c in DAMAGED and not s[10]:
            why = 'not seen as damaged'
        if why:
            bad += 1
            print('%s: %s' % (c[:200], why))
    accepted = sum(r['point'] is not None for r in readers)
    print('%d comments, %d trails, %d differ' % (len(all_), accepted, bad))
    return 1 if bad or accepted < 2 * PAIRS else 0


if sys.argv[1] == '--compare':
    sys.exit(compare(*sys.argv[2:5]))
if sys.argv[1] == '--fields':
    print('\n'.join(FIELDS))
else:
    write(sys.argv[1])
