#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""print_make.py DIR OURS -- write the captures that test_print goes by, DIR/print_*.pcap, and
beside each the text that the installed tcpdump prints for it, DIR/print_*.<options>.txt.

Packets above which tcpdump has a decoder and we have none go to print_upper.pcap; the text beside
it is ours (OURS: the binary print_pcap), after it was found equal up to where theirs goes on.

Run it again only to add packets, with tcpdump 4.99.3: what it wrote is committed. The packets are
made here byte by byte, with addresses of RFC 5737 and RFC 3849, and local MAC addresses.
"""
import os
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
import print_compare  # noqa: E402

MAC = bytes.fromhex('020000000001020000000002')
START = 1700000000

# Options of tcpdump by the name of the file that holds its text.
OPTIONS = {
    'plain': [], 'e': ['-e'], 'q': ['-q'], 'v': ['-v'], 'vv': ['-vv'], 'ev': ['-e', '-v'],
    'S': ['-S'], 'x': ['-x'], 'XX': ['-XX'], 'A': ['-A'], 't': ['-t'], 'tt': ['-tt'],
    'ttt': ['-ttt'], 'tttt': ['-tttt'], 'ttttt': ['-ttttt'], 'nano': ['--nano'], 'num': ['-#'],
}


def sum16(data):
    if len(data) % 2:
        data += b'\0'
    s = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def a4(text):
    return socket.inet_pton(socket.AF_INET, text)


def a6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def eth(kind, payload):
    return MAC + struct.pack('>H', kind) + payload


def llc(payload, length=None, trailer=b''):
    return eth(len(payload) if length is None else length, payload + trailer)


def ip4(proto, payload, src='192.0.2.1', dst='198.51.100.2', opt=b'', frag=0, ttl=64, tos=0,
        total=None, bad=0):
    head = struct.pack('>BBHHHBBH', 0x40 | (5 + len(opt) // 4), tos,
                       20 + len(opt) + len(payload) if total is None else total, 7, frag, ttl,
                       proto, 0) + a4(src) + a4(dst) + opt
    return head[:10] + struct.pack('>H', sum16(head) ^ bad) + head[12:] + payload


def ip6(nh, payload, src='2001:db8::1', dst='2001:db8::2', length=None, flow=0, hlim=64):
    return struct.pack('>IHBB', 0x60000000 | flow, len(payload) if length is None else length, nh,
                       hlim) + a6(src) + a6(dst) + payload


def pseudo(proto, data, src, dst):
    addr = a6 if ':' in src else a4
    return addr(src) + addr(dst) + struct.pack('>II', len(data), proto) + data


def udp(sport, dport, payload, ends=None, length=None, check=0):
    head = struct.pack('>HHHH', sport, dport, 8 + len(payload) if length is None else length,
                       check)
    if ends:
        check = sum16(pseudo(17, head + payload, *ends))
        head = head[:6] + struct.pack('>H', check)
    return head + payload


def tcp(sport, dport, flags, seq=1000, ack=0, payload=b'', opt=b'', win=512, urg=0, ends=None,
        words=None):
    opt += b'\1' * (-len(opt) % 4)
    off = 5 + len(opt) // 4 if words is None else words
    head = struct.pack('>HHIIBBHHH', sport, dport, seq, ack, off << 4, flags, win, 0, urg) + opt
    if ends:
        head = head[:16] + struct.pack('>H', sum16(pseudo(6, head + payload, *ends))) + head[18:]
    return head + payload


def e4(*args, **kw):
    return eth(0x800, ip4(*args, **kw))


def e6(*args, **kw):
    return eth(0x86dd, ip6(*args, **kw))


def icmp(kind, code, rest=b'\0\0\0\0', body=b'', bad=0):
    msg = bytes([kind, code, 0, 0]) + rest + body
    return msg[:2] + struct.pack('>H', sum16(msg) ^ bad) + msg[4:]


def icmp6(kind, code, rest=b'\0\0\0\0', body=b'', src='2001:db8::1', dst='2001:db8::2'):
    msg = bytes([kind, code, 0, 0]) + rest + body
    return msg[:2] + struct.pack('>H', sum16(pseudo(58, msg, src, dst))) + msg[4:]


V4 = ('192.0.2.1', '198.51.100.2')
V4R = (V4[1], V4[0])
V6 = ('2001:db8::1', '2001:db8::2')
INNER4 = ip4(17, udp(5, 6, b'xy'))
INNER6 = ip6(17, udp(5, 6, b'xy', V6))


def arp(op, hrd=1, pro=0x800, hlen=6, plen=4, tha=b'\0' * 6):
    return (struct.pack('>HHBBH', hrd, pro, hlen, plen, op) + MAC[6:][:hlen].ljust(hlen, b'\7') +
            a4('192.0.2.1')[:plen].ljust(plen, b'\1') + tha[:hlen].ljust(hlen, b'\0') +
            a4('192.0.2.9')[:plen].ljust(plen, b'\1'))


def link():
    yield eth(0x806, arp(1) + b'\0' * 18)
    yield eth(0x806, arp(1, tha=b'\2\2\2\2\2\2'))
    for op in (2, 8, 9, 10, 77):
        yield eth(0x806, arp(op))
    for op in (3, 4):
        yield eth(0x8035, arp(op))
    yield eth(0x806, arp(1, hrd=6, hlen=0))
    yield eth(0x806, arp(1, hrd=99, hlen=8))
    yield eth(0x806, arp(1, pro=0x86dd, plen=16))
    yield eth(0x806, arp(2, pro=0x1000))
    yield eth(0x806, arp(1)[:20])
    yield eth(0x806, b'\0\1')
    yield eth(0x8100, b'\x00\x07\x08\x00' + INNER4)
    yield eth(0x88a8, b'\x30\x07\x81\x00\xe0\x08\x86\xdd' + INNER6)
    yield eth(0x9100, b'\x00\x07\x92\x00\x00\x01\x08\x06' + arp(1))
    yield eth(0x8100, b'\x00\x07\x12\x34abc')
    yield eth(0x8100, b'\x20\x07\x00\x04\x04\x04\x03a')
    yield eth(0x8100, b'\0')
    yield eth(0x1234, b'abcdefghijklmnopq\x00\xff')
    yield eth(0x6004, b'abc')
    yield eth(0x88cc, b'\x02\x07\x04\x02\x00\x00\x00\x00\x01')
    yield eth(0x8863, b'\x11\x09\0\0\0\0')
    yield MAC
    yield MAC[:3]
    yield MAC + b'\x08'
    yield eth(0x800, b'')
    yield eth(0x8847, b'\0\1\0\x40\0\2\1\x3f' + INNER4)
    yield eth(0x8847, b'\0\0\x20\x40\0\0\x21\x3f' + INNER6)
    yield eth(0x8848, b'\0\1\1\x40' + INNER6)
    yield eth(0x8847, b'\0\1\1\x40\1\2\3')
    yield eth(0x8847, b'\0\1\1\x40')
    yield eth(0x8847, b'\0\1\0\x40\0')


def snap(oui, pid, payload):
    return b'\xaa\xaa\3' + struct.pack('>I', oui)[1:] + struct.pack('>H', pid) + payload


def dot3():
    yield llc(snap(0, 0x800, INNER4))
    yield llc(snap(0, 0x1234, b'abcd'))
    yield llc(snap(0x10203, 0x1234, b'abcd'))
    yield llc(snap(0xc, 0x2000, b'abcd'))
    yield llc(snap(0xc, 0x2009, b'abcd'))
    yield llc(snap(0xf8, 0x86dd, INNER6))
    yield llc(snap(0x80c2, 7, b'\0\0' + eth(0x800, INNER4)))
    yield llc(snap(0x80c2, 6, b'\0\0'))
    yield llc(b'\x42\x42\3\0\0\0\0abcdabcd')
    yield llc(b'\6\6\3' + INNER4)
    yield llc(b'\xff\xffabcd')
    yield llc(b'\xe0\xe0\3abcd')
    yield llc(b'\xf0\xf0\3abcd')
    for frame in (b'\x10\x11\3ab', b'\x10\x10\x13ab', b'\4\5\xaf\x81\1\2', b'\4\5\xaf',
                  b'\4\5\xaf\x81', b'\4\5\xaf\x80', b'\4\4\1\2', b'\4\5\1\3', b'\2\4\5\2',
                  b'\4\5\x0d\3', b'\4\4\2\4ab', b'\4\5\2\5ab', b'\4', b'\4\5', b'\4\5\6', b'',
                  b'\1\0\3', b'\4\4\xe3', b'\4\4\x63', b'\4\4\x43', b'\4\4\x0f', b'\4\4\x6f',
                  b'\4\4\x87', b'\4\4\x77', b'\xaa\xaa\3\0\0'):
        yield llc(frame)
    yield llc(snap(0, 0x800, b''), 200)
    yield llc(snap(0, 0x806, b''), 3)
    yield llc(b'\6\6\3' + INNER4, None, b'trailer')
    yield eth(0x8870, snap(0, 0x800, INNER4))


def ipv4():
    good = udp(5, 6, b'xy', V4)
    yield e4(17, good)
    yield e4(17, good, tos=1, ttl=0)
    yield e4(17, good, tos=0xba)
    yield e4(17, good, tos=3, bad=1)
    yield e4(17, good, frag=0x4000)
    yield e4(17, good, frag=0x2000)
    yield e4(17, b'abcdefgh', frag=0x2010)
    yield e4(6, b'abcdefgh', frag=0x0010)
    yield e4(17, good, frag=0x8000)
    yield e4(17, good, total=200)
    yield e4(17, good, total=10)
    yield e4(17, good, total=24)
    yield eth(0x800, b'\x44' + INNER4[1:])
    yield eth(0x800, b'\x65' + INNER4[1:])
    yield eth(0x800, b'\x15' + INNER4[1:])
    yield eth(0x800, b'\x4f' + INNER4[1:])
    yield eth(0x800, INNER4[:12])
    yield e4(17, good, opt=b'\1\1\1\0')
    yield e4(17, good, opt=b'\x07\x0b\x08' + a4('192.0.2.7') + a4('192.0.2.8') + b'\0')
    yield e4(17, good, opt=b'\x83\x07\x04' + a4('203.0.113.9') + b'\0')
    yield e4(17, good, opt=b'\x89\x07\x05' + a4('203.0.113.9') + b'\0')
    yield e4(17, good, opt=b'\x83\x06\x04' + a4('203.0.113.9') + b'\0')
    yield e4(17, good, opt=b'\x44\x0c\x09\x00' + struct.pack('>II', 1234, 0))
    yield e4(17, good, opt=b'\x44\x14\x0d\x21' + a4('192.0.2.7') + struct.pack('>I', 99) +
             a4('192.0.2.8') + struct.pack('>I', 0))
    yield e4(17, good, opt=b'\x44\x08\x05\x02' + b'\0' * 4)
    yield e4(17, good, opt=b'\x44\x07\x03\x03' + b'\0' * 4)
    yield e4(17, good, opt=b'\x94\x04\0\0')
    yield e4(17, good, opt=b'\x94\x04\0\7')
    yield e4(17, good, opt=b'\x94\x03\0\0')
    yield e4(17, good, opt=b'\x82\x04\0\0\x52\x04\0\0')
    yield e4(17, good, opt=b'\x99\x01\0\0')
    yield e4(17, good, opt=b'\x99\x09\0\0')
    for proto in (0, 2, 8, 33, 46, 50, 51, 55, 58, 59, 77, 88, 89, 97, 103, 108, 112, 132, 255):
        yield e4(proto, b'\0\x01\0\x02\0\0\0\3\0\0\0\4\0\0\0\5')


def udps():
    yield e4(17, udp(5, 6, b'xy', V4))
    yield e4(17, udp(5, 6, b'xyz', V4))
    yield e4(17, udp(5, 6, b'xy', check=0x1234))
    yield e4(17, udp(5, 6, b'xy'))
    yield e4(17, udp(5, 6, b'xy', length=20))
    yield e4(17, udp(5, 6, b'xy', length=5))
    yield e4(17, udp(5, 6, b'xyzz', length=10, check=9))
    yield e4(17, b'\0\1\0\2\0')
    yield e4(17, b'\0\1')
    yield e4(17, b'')
    yield e6(17, udp(5, 6, b'xy', V6))
    yield e6(17, udp(5, 6, b'xy'))
    yield e6(17, udp(53, 53, b'xy', V6))
    yield e6(17, b'\0\1\0\2\0')
    yield e6(17, b'\0\1')


def tcps():
    s, a, f, r, p = 2, 16, 1, 4, 8
    syn = (b'\2\4\5\xb4\4\2\x08\x0a' + struct.pack('>II', 111, 0) + b'\1\3\3\7')

    def c(*args, **kw):
        return e4(6, tcp(40000, 443, *args, ends=V4, **kw))

    def d(*args, **kw):
        return e4(6, tcp(443, 40000, *args, ends=V4R, **kw), src=V4R[0], dst=V4R[1])

    yield c(s, 5000, opt=syn)
    yield d(s | a, 9000, 5001, opt=syn)
    yield c(a, 5001, 9001)
    yield c(p | a, 5001, 9001, payload=b'hello')
    yield d(a, 9001, 5006, opt=b'\1\1\5\x0a' + struct.pack('>II', 5010, 5020))
    yield c(a, 5006, 9001, opt=b'\1\1\5\x12' + struct.pack('>IIII', 9100, 9200, 9300, 9400))
    yield d(f | a, 9001, 5006)
    yield c(r, 5006)
    yield c(r | a, 5006, 9002, payload=b'why\n\x80')
    yield c(r | a, 5006, 9002, payload=b'0123456789' * 4)
    yield c(0, 5006)
    yield c(0xff, 5006, 9002, urg=3)
    yield e6(6, tcp(40000, 40000, s | a, 7, 9, ends=V6))
    yield e6(6, tcp(40000, 40000, a, 8, 10, payload=b'abc', ends=V6))
    yield e6(6, tcp(40000, 40000, a, 10, 11, ends=(V6[1], V6[0])), src=V6[1], dst=V6[0])
    yield e6(6, tcp(1, 2, a, 10, 11))
    for opt in (b'\6\6\0\0\0\1\7\6\0\0\0\2', b'\x0b\6\0\0\0\1\x0c\6\0\0\0\2\x0d\6\0\0\0\3',
                b'\x13\x12' + bytes(range(16)), b'\x14\4\x80\7', b'\x1c\4\x80\7', b'\x1c\4\0\7',
                b'\x1d\x10\1\2' + bytes(range(12)), b'\x1d\3\1', b'\x1d\4\1\2', b'\x22\2',
                b'\x22\x0a' + bytes(range(8)), b'\x22\3\1', b'\xfe\4\xf9\x89',
                b'\xfe\x08\xf9\x89\1\2\3\4', b'\xfe\4\1\2', b'\xfe\3\1', b'\x50\5\1\2\3',
                b'\x50\2', b'\2\3\5', b'\2\4\5', b'\3\4\1\2', b'\5\7\1\2\3\4\5', b'\x08\4\1\2',
                b'\x0b\1', b'\1\x0b\1', b'\0\1\1\1', b'\1\1\1\2', b'\x12\3\7'):
        yield e4(6, tcp(3000, 4000, s, 1, opt=opt))
    for sub in (b'\x1e\4\1\x81', b'\x1e\x0c\0\1' + bytes(8), b'\x1e\x0c\x10\7\0\0\0\1\0\0\0\2',
                b'\x1e\4\x52\7', b'\x1e\3\x50', b'\x1e\4\x90\7'):
        yield e4(6, tcp(3000, 4000, s, 1, opt=sub))
    for sub in (b'\x1e\x14\0\x81' + bytes(range(16)), b'\x1e\x16\1\1' + bytes(range(18)),
                b'\x1e\x18\x10\0' + bytes(range(20)), b'\x1e\x08\x20\1\0\0\0\7',
                b'\x1e\x14\x20\5\0\0\0\7\0\0\0\x08\0\0\0\x09\0\2\xab\xcd',
                b'\x1e\x1a\x20\x1f' + bytes(range(22)), b'\x1e\x08\x30\1' + a4('192.0.2.7'),
                b'\x1e\x12\x31\2' + a4('192.0.2.7') + b'\0\x50' + bytes(range(8)),
                b'\x1e\x1e\x30\2' + a6('2001:db8::7') + b'\0\x50' + bytes(range(8)),
                b'\x1e\5\x40\1\2', b'\x1e\x0c\x60\0' + bytes(range(8)),
                b'\x1e\x0c\x70\0' + bytes(range(8)), b'\x1e\4\x85\3', b'\x1e\4\x80\7',
                b'\x1e\2', b'\x1e\7\x20\1\0\0\0'):
        yield e4(6, tcp(3000, 4000, a, 1, 1, opt=sub))
    yield e4(6, tcp(1, 2, s, words=4))
    yield e4(6, tcp(1, 2, s, words=15))
    yield e4(6, tcp(1, 2, a, 1, 1, payload=b'abcd', words=6))
    for n in (2, 5, 12, 19):
        yield e4(6, tcp(1, 2, s)[:n])
    yield e6(6, tcp(1, 2, s)[:3])
    yield e4(6, tcp(1, 2, s, opt=syn), total=30)
    yield e4(6, tcp(1, 2, s, opt=syn)[:30], total=60)
    yield e4(6, tcp(25, 2, a, 1, 1, payload=b'EHLO x\r\n', ends=V4))
    yield e4(6, tcp(1, 2, a, 1, 1, payload=b'abcd'), frag=0x2000)


def icmps():
    tcp4 = ip4(6, tcp(80, 443, 2))
    for code in range(17):
        yield e4(1, icmp(3, code, b'\0\0\0\0', INNER4))
    yield e4(1, icmp(3, 4, b'\0\0\5\0', INNER4))
    for body in (tcp4, ip4(47, b'abcdefgh'), INNER4[:12], INNER4[:20]):
        yield e4(1, icmp(3, 3, b'\0\0\0\0', body))
    for code in range(5):
        yield e4(1, icmp(5, code, a4('192.0.2.254'), INNER4))
    for code in range(3):
        yield e4(1, icmp(11, code, b'\0\0\0\0', INNER4))
    yield e4(1, icmp(4, 0, b'\0\0\0\0', INNER4))
    yield e4(1, icmp(12, 0, b'\7\0\0\0', INNER4))
    yield e4(1, icmp(12, 1, b'\7\0\0\0', INNER4))
    for kind in (0, 1, 6, 8, 9, 10, 13, 14, 15, 16, 17, 18, 19, 42):
        yield e4(1, icmp(kind, 0, b'\0\1\0\2', b'\0\1\0\2\3\4\5\6\0\0\0\7'))
    for rest in (b'\2\2\0\x20', b'\2\2\7\x20', b'\2\2\x77\x20', b'\3\2\0\x20', b'\2\1\0\x20'):
        yield e4(1, icmp(9, 0, rest, bytes(range(16))))
    yield e4(1, icmp(8, 0, b'\0\1\0\2', b'abc', bad=1))
    yield e4(1, icmp(8, 0), frag=0x2000)
    for n in (0, 1, 5):
        yield e4(1, icmp(8, 0)[:n])
    pad = INNER4.ljust(128, b'\0')

    def ext(*objs, head=b'\x20\0', bad=0):
        data = head + b'\0\0' + b''.join(objs)
        return data[:2] + struct.pack('>H', sum16(data) ^ bad) + data[4:]

    def obj(kind, sub, data, length=None):
        return struct.pack('>HBB', 4 + len(data) if length is None else length, kind, sub) + data

    mpls = obj(1, 1, b'\0\1\1\x40')
    for words in (0, 32):
        for e in (ext(mpls), ext(obj(1, 1, b'\0\1\0\x40\0\2\1\x40'), mpls), ext(obj(1, 2, b'abc')),
                  ext(obj(2, 0x0f, b'abcdefgh')), ext(obj(9, 9, b'')), ext(obj(0, 0, b'x')),
                  ext(obj(1, 1, b'\0\1\1\x40', 3)), ext(obj(1, 1, b'\0\1\1\x40', 40)),
                  ext(mpls, head=b'\x10\0'), ext(mpls, bad=1), b'\x20\0'):
            yield e4(1, icmp(11, 0, bytes([0, words, 0, 0]), pad + e))


def igmps():
    g = a4('224.0.0.9')
    for msg in (b'\x11\0\0\0' + b'\0' * 4, b'\x11\x64\0\0' + g, b'\x11\x0a\0\0' + g + b'xx',
                b'\x12\0\0\0' + g, b'\x12\0\0\0' + g + b'x', b'\x16\0\0\0' + g,
                b'\x17\0\0\0' + g, b'\x13\1\0\0' + g, b'\x77\0\0\0' + g,
                b'\x11\x64\0\0' + g + b'\2\x7d\0\0', b'\x11\x90\0\0' + g + b'\2\x7d\0\1' + g,
                b'\x11\xff\0\0' + b'\0' * 8, b'\x11\x14\0\0' + g + b'\2\x7d\0\7' + g,
                b'\x11\x64\0\0' + g + b'\2\x7d\0\0xy',
                b'\x22\0\0\0\0\0\0\2\1\0\0\1' + g + g + b'\4\0\0\0' + g,
                b'\x22\0\0\0\0\0\0\1\x63\0\0\0' + g, b'\x22\0\0\0\0\0\0\1\1\0\0\7' + g,
                b'\x22\0\0\0\0\0\0\3\1\0\0\0' + g, b'\x22\0\0\0\0\0\0\1', b'\x11', b'\x16\0\0'):
        yield e4(2, msg[:2] + struct.pack('>H', sum16(msg)) + msg[4:] if len(msg) > 4 else msg,
                 ttl=1)
    yield e4(2, b'\x16\0\1\2' + g)


def ipv6():
    good = udp(5, 6, b'xy', V6)

    def opts(*data, nh=17):
        body = b''.join(data)
        body += b'\0' * (-(len(body) + 2) % 8)
        return bytes([nh, (len(body) + 2) // 8 - 1]) + body

    def route(kind, length, left=1, rsv=b'\0\0\0\0', hops=2, nh=17):
        return bytes([nh, length, kind, left]) + rsv + b''.join(
            a6('2001:db8::%d' % (i + 10)) for i in range(hops))

    def frag(off, more, nh=17):
        return bytes([nh, 0]) + struct.pack('>HI', off << 3 | more, 0xabcd)

    yield e6(17, good)
    yield e6(17, good, flow=0x0ba12345)
    yield e6(17, good, length=100)
    yield e6(17, good, length=0)
    yield e6(17, good, length=4)
    yield e6(59, b'')
    yield e6(253, b'abcd')
    yield eth(0x86dd, b'\x45' + INNER6[1:])
    yield eth(0x86dd, INNER6[:30])
    for src in ('::', '::1', '::192.0.2.1', '::ffff:192.0.2.1', '2001:db8:0:1::', 'fe80::1:0:0:1',
                '1:0:0:2:0:0:0:3', '1:0:2:0:3:0:4:0', '1:2:3:4:5:6:7:8', 'ff02::1:ff00:1'):
        yield e6(59, b'', src=src)
    padn, alert, jumbo = b'\1\2\0\0', b'\5\2\0\0', b'\xc2\4'
    for o in ((padn,), (alert, padn), (jumbo + b'\0\0\0\1',), (alert, b'\x77\3abc'), (b'\5\3abc',),
              (b'\xc2\3abc',), (b'\1\xff',), (b'\xc9\x10' + a6('2001:db8::9'),),
              (b'\xc9\x18' + a6('2001:db8::9') + b'\1\1\0\0\x63\2ab',), (b'\xc9\4abcd',),
              (jumbo + b'\0\0\0\1', jumbo + b'\0\0\0\2')):
        yield e6(0, opts(*o) + good)
        yield e6(60, opts(*o) + good)
    yield e6(0, opts(padn) + good, length=0)
    yield e6(0, opts(jumbo + b'\0\0\0\7') + good, length=0)
    yield e6(0, opts(jumbo + b'\0\1\0\0') + good, length=0)
    yield e6(0, opts(padn, nh=0) + opts(padn) + good)
    yield e6(0, opts(padn, nh=60) + opts(padn, nh=43) + route(0, 4) + good)
    yield e6(60, opts(padn, nh=0) + opts(padn) + good)
    yield e6(0, b'\x11')
    yield e6(60, b'\x11\1\1\4\0\0\0\0')
    for r in (route(0, 4), route(2, 2, hops=1), route(0, 3), route(0, 8), route(4, 4, 1, b'\1\0\0\7'),
              route(4, 2, 1, b'\3\2\0\7', 1), route(3, 4), route(0, 4, 1, b'\0\0\1\0'),
              route(0, 0, 0, hops=0), b'\x11\4'):
        yield e6(43, r + good)
    yield e6(44, frag(0, 1) + good)
    yield e6(44, frag(10, 1) + good)
    yield e6(44, frag(0, 0) + good)
    yield e6(44, frag(0, 0))
    yield e6(44, frag(0, 0) + b'abc', length=4)
    yield e6(44, b'\x11\0\0')
    for nh in (1, 2, 33, 46, 50, 51, 58, 62, 77, 89, 103, 108, 112, 132, 135):
        yield e6(nh, b'\0\1\0\2\0\0\0\3\0\0\0\4\0\0\0\5')


def icmp6s():
    tcp6 = ip6(6, tcp(80, 443, 2))
    one, two = a6('fe80::1'), a6('ff02::2')
    for code in range(6):
        yield e6(58, icmp6(1, code, body=INNER6))
    for body in (tcp6, ip6(47, b'abcdefgh'), ip6(0, b'\x11\0\1\4\0\0\0\0' + udp(5, 6, b'xy')),
                 ip6(44, b'\x11\0\0\x08\0\0\0\7' + udp(5, 6, b'xy')), INNER6[:41], INNER6[:30]):
        yield e6(58, icmp6(1, 4, body=body))
    yield e6(58, icmp6(2, 0, b'\0\0\5\0', INNER6))
    for code in range(3):
        yield e6(58, icmp6(3, code, body=INNER6))
    for code in range(5):
        yield e6(58, icmp6(4, code, b'\0\0\0\7', INNER6))
    yield e6(58, icmp6(4, 0, b'\0\0\0\7', INNER6[:9]))
    yield e6(58, icmp6(3, 0, b'\0\0\0\7', INNER6[:9]))
    for n in (0, 1, 6):
        yield e6(58, icmp6(128, 0)[:n])
    for kind in (100, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142,
                 143, 144, 145, 146, 147, 155, 160, 200):
        yield e6(58, icmp6(kind, 0, b'\0\1\0\2', one + two))
    yield e6(58, icmp6(128, 0, b'\0\1\0\2', b'abc', src='2001:db8::9'))
    for body in (one, one + b'\x0a\x7d\0\0', one + b'\xff\x90\0\1' + two, one + b'\0\0\0\7' + two,
                 one[:12], one + b'\0\0'):
        yield e6(58, icmp6(130, 0, b'\x27\x10\0\0', body))
    yield e6(58, icmp6(130, 0, b'\x90\1\0\0', one + b'\x0a\x7d\0\0'))
    for body in (b'\4\0\0\0' + two, b'\1\0\0\1' + two + one + b'\x63\0\0\0' + two,
                 b'\1\0\0\7' + two, b'\1\0'):
        yield e6(58, icmp6(143, 0, b'\0\0\0\2', body))
    prefix = b'\3\4\x40\xc0' + b'\0\0\0\x64\xff\xff\xff\xff\0\0\0\0' + a6('2001:db8:7::')
    mac = b'\1\1' + MAC[:6]
    mtu = b'\5\1\0\0\0\0\5\xdc'
    ra = b'\x40\xca\7\x08'
    rest = b'\0\0\0\5\0\0\0\6'
    dns = b'\x19\3\0\0\0\0\0\x3c' + a6('2001:db8::53')
    search = b'\x1f\3\0\0\0\0\0\x3c\7example\3org\0\0\0\0'
    for o in (b'', prefix + mac + mtu, dns + search, b'\7\1\0\0\0\0\7\xd0\x08\1\0\0\0\1\0\2',
              b'\x18\2\x30\x08\0\0\0\x3c' + a6('2001:db8:9::')[:8], b'\x18\1\0\x18\xff\xff\xff\xff',
              b'\x18\4\x30\x08\0\0\0\x3c' + bytes(24), b'\x0e\1abcdef', b'\x63\1abcdef' + mac,
              b'\5\0abcdef', mac[:7], mac + b'\3', prefix[:20], b'\5\2' + bytes(14),
              b'\x1f\2\0\0\0\0\0\x3c\x3fab\0\0\0\0\0'):
        yield e6(58, icmp6(134, 0, ra, rest + o))
    yield e6(58, icmp6(133, 0, body=mac))
    yield e6(58, icmp6(135, 0, body=one + mac))
    for flags in (b'\0', b'\xe0', b'\x60'):
        yield e6(58, icmp6(136, 0, flags + b'\0\0\0', one + b'\2\1' + MAC[:6]))
    yield e6(58, icmp6(137, 0, body=one + two + mac + b'\4\2\0\0\0\0\0\0abcdefgh'))


def tunnels():
    def gre(flags, kind, payload):
        return struct.pack('>HH', flags, kind) + payload

    def ah(nh, words, icv):
        return bytes([nh, words, 0, 0]) + b'\0\0\1\0\0\0\0\5' + icv

    frame = eth(0x800, INNER4)
    for g in (gre(0, 0x800, INNER4), gre(0x2000, 0x800, b'\0\0\0\7' + INNER4),
              gre(0xb000, 0x86dd, b'\1\2\0\0\0\0\0\7\0\0\0\x09' + INNER6),
              gre(0x2081, 0x880b, b'\0\4\0\7\0\0\0\x09'), gre(2, 0x880b, b'\0\4\0\7'),
              gre(0, 0x6558, frame), gre(0, 0x1234, b'abcd'), b'\0', b'\0\0\x08',
              gre(0x4000, 0x800, b'\0\0\0\0\x08\0\4\x08\1\1\1\1\2\2\2\2\0\0\0\0' + INNER4),
              gre(0x4000, 0x800, b'\0\0\0\0\xff\xfe\2\4\1\1\2\2\x12\x34\0\0\0\0\0\0' + INNER4),
              gre(0x4000, 0x800, b'\0\0\0\0\x08\0\3\x08\1\1\1\1\2\2\2\2\0\0\0\0' + INNER4),
              gre(0x4800, 0x800, b'\0\0\0\0\x08\0\0\x06\1\1\1\1\2\2\0\0\0\0' + INNER4),
              gre(0, 0, b''), gre(0x2000, 0x800, b'\0'), gre(0x1000, 0x800, b'\0\0\0'),
              gre(0x8000, 0x800, b'\1'), gre(0, 0x8847, b'\0\1\1\x40' + INNER4),
              gre(0x3001, 0x6400, b'\0\4\0\7\0\0\0\1abcd')):
        yield e4(47, g)
    yield e6(47, gre(0, 0x86dd, INNER6))
    for v in (b'\x08\0\0\0\0\0\7\0' + frame, b'\0\0\0\0\0\0\7\0' + eth(0x86dd, INNER6),
              b'\x08\0\0\0\0\0\7\0' + eth(0x806, arp(1)), b'\x08\0\0\0\0\0\7\0', b'\x08\0\0\0\0'):
        yield e4(17, udp(44444, 4789, v))
    yield e4(17, udp(44444, 4789, b'\x08\0\0\0\0\0\7\0' + frame, length=40))
    yield e6(17, udp(44444, 4789, b'\x08\0\0\0\0\0\7\0' + frame, V6))
    for payload in (ah(17, 4, b'0123456789ab') + udp(5, 6, b'xy'), ah(17, 4, b'0123'), b'\x11\4\0',
                    b'\x11\4\1\2' + b'\0' * 20 + udp(5, 6, b'xy'), ah(51, 1, b'') * 2):
        yield e4(51, payload)
        yield e6(51, payload)
    yield e4(50, b'\0\0\1\0\0\0\0\5' + b'x' * 16)
    yield e4(50, b'\0\0\1\0\0')
    yield e4(4, INNER4)
    yield e4(41, INNER6)
    yield e6(4, INNER4)
    yield e6(41, INNER6)
    yield e6(143, frame)
    yield e4(143, frame)
    yield e4(4, INNER6)
    yield e4(4, ip4(4, ip4(41, ip6(4, INNER4))))
    yield e4(41, INNER6[:20])


GROUPS = {'link': link, 'dot3': dot3, 'ipv4': ipv4, 'udp': udps, 'tcp': tcps, 'icmp': icmps,
          'igmp': igmps, 'ipv6': ipv6, 'icmp6': icmp6s, 'tunnel': tunnels}

# What is left out as uninteresting for one group would only be megabytes of the same text.
TEXTS = {'link': ['plain', 'e', 'q', 'v', 'ev', 'x', 'XX', 'A', 'num'],
         'udp': ['plain', 'v', 'vv', 't', 'tt', 'ttt', 'tttt', 'ttttt', 'nano'],
         'tcp': ['plain', 'e', 'q', 'v', 'vv', 'S', 'x'],
         'upper': ['plain', 'e', 'v', 'x']}


def write_pcap(name, frames):
    with open(name, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for i, frame in enumerate(frames):
            # Back by a second now and then: differences may be negative.
            sec = START + i * 1801 - (5000 if i % 7 == 6 else 0)
            f.write(struct.pack('<IIII', sec, i * 1234567 % 1000000000, len(frame), len(frame)) +
                    frame)


def texts_of(name):
    return TEXTS.get(name, ['plain', 'e', 'q', 'v', 'vv'])


def is_upper(ours, base, name, frames):
    """For each frame: does tcpdump go on where we end, with any of the options?"""
    upper = [False] * len(frames)
    for text in texts_of(name):
        for i, verdict in enumerate(print_compare.verdicts(ours, base + '.pcap', OPTIONS[text])):
            assert verdict != 'diff', (name, text, i)
            upper[i] |= verdict == 'upper'
    return upper


def write_texts(base, name, command):
    for text in texts_of(name):
        with open('%s.%s.txt' % (base, text), 'wb') as out:
            subprocess.run(command + [base + '.pcap'] + OPTIONS[text], stdout=out,
                           stderr=subprocess.DEVNULL, check=True, env={'TZ': 'UTC'})


def main():
    to, ours = sys.argv[1:]
    rest = []
    for name, make in GROUPS.items():
        base = os.path.join(to, 'print_' + name)
        frames = list(make())
        write_pcap(base + '.pcap', frames)
        upper = is_upper(ours, base, name, frames)
        write_pcap(base + '.pcap', [f for f, u in zip(frames, upper) if not u])
        rest += [f for f, u in zip(frames, upper) if u]
        write_texts(base, name, ['tcpdump', '-n', '-r'])
    base = os.path.join(to, 'print_upper')
    write_pcap(base + '.pcap', rest)
    write_texts(base, 'upper', [ours])


main()
