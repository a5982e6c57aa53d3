#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""view_make.py FILE - the capture of tests/net/test_xdpview.sh: a minute of a chain of blocklist,
ratelimit (in shadow mode on the second interface), a firewall and the load balancer, with an attack
in it. Always the same bytes."""
import ipaddress
import struct
import sys

EPOCH = 1790000000  # 2026-09-21 13:33:20 UTC
out = bytearray()


def pad(b):
    return b + b"\0" * (-len(b) % 4)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + pad(value)


def block(kind, body):
    n = len(body) + 12
    out.extend(struct.pack("<II", kind, n) + body + struct.pack("<I", n))


def section():
    block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(name):
    block(1, struct.pack("<HHI", 1, 0, 0) + option(2, name.encode()) + option(9, b"\x09") + option(0, b""))


def packet(iface, at, data, trail, verdict, number, length=None):
    ns = int((EPOCH + at) * 10 ** 9)
    opts = option(1, trail.encode())
    opts += option(5, struct.pack("<Q", iface << 56 | number))
    opts += option(6, struct.pack("<I", number % 4))
    opts += option(7, b"\x02" + struct.pack("<Q", verdict))
    opts += option(0, b"")
    block(6, struct.pack("<IIIII", iface, ns >> 32, ns & 0xFFFFFFFF, len(data), length or len(data))
          + pad(data) + opts)


def checksum(b):
    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def ip4(src, dst, proto, payload, ident=7):
    h = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, 0x4000, 63, proto, 0,
                    ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed)
    return h[:10] + struct.pack("!H", checksum(h)) + h[12:] + payload


def ip6(src, dst, proto, payload):
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), proto, 63,
                       ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed) + payload


def udp(sport, dport, data):
    return struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data


def tcp(sport, dport, flags, seq=1000, ack=0):
    return struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 64240, 0, 0)


def ether(payload, kind=0x0800):
    return bytes.fromhex("020000000001020000000002") + struct.pack("!H", kind) + payload


def main(path):
    section()
    interface("eth0")
    interface("eth1")
    events = []
    for i in range(120):  # a client, all the time
        syn = i % 6 == 0
        inner = ip4("10.10.0.%d" % (2 + i % 3), "192.0.2.10", 6, tcp(40000 + i, 80, 2 if syn else 16))
        real = 1 + i % 3 // 2
        data = ether(ip4("172.16.252.128", "10.20.%d.2" % real, 4, inner))
        events.append((i * 0.5, 0, data, "xdpchain/2 TX; 1:blocklist 40ns; 2:ratelimit 85ns; "
                       "15:lb TX reason=%s rule=%d/10.20.%d.2 %dns"
                       % ("1/new" if syn else "2/known", real, real, 400 if syn else 190), 3))
    for i in range(30):  # IPv6, passed
        data = ether(ip6("2001:db8:10::%x" % (2 + i % 4), "2001:db8:f::10", 17, udp(5353, 53, b"query")),
                     0x86DD)
        events.append((1 + i * 1.9, 0, data,
                       "xdpchain/2 PASS; 1:blocklist 42ns; 2:ratelimit 90ns; 15:lb 130ns", 2))
    for i in range(20):  # a blocked network
        data = ether(ip4("203.0.113.%d" % (5 + i % 2), "192.0.2.10", 17, udp(1024 + i, 80, b"x" * 16)))
        events.append((2 + i * 2.7, 0, data, "xdpchain/2 DROP; 1:blocklist DROP reason=1/prefix "
                       "rule=7/203.0.113.0/24 44ns", 1))
    for i in range(360):  # the attack: three seconds, from one source and some others
        src = "198.51.100.2" if i % 4 else "198.51.100.%d" % (10 + i % 11)
        data = ether(ip4(src, "192.0.2.10", 17, udp(1024 + i, 80, b"flood"), i))
        events.append((30 + i / 120, 0, data, "xdpchain/2 DROP; 1:blocklist 40ns; 2:ratelimit DROP "
                       "reason=1/rate rule=1/500/s 88ns", 1))
    for i in range(40):  # the second interface: shadow, and a program that gave up
        src = "10.11.0.%d" % (1 + i % 5)
        data = ether(ip4(src, "192.0.2.20", 1, bytes.fromhex("0800f7ff00000000") + b"ping"))
        if i % 10 == 9:
            trail, verdict = "xdpchain/2 ABORTED; 3:guard ABORTED 60ns", 0
        elif i % 4 == 0:
            trail, verdict = "xdpchain/2 PASS; 2:ratelimit would-DROP reason=1/rate rule=1/100/s 70ns; 3:guard 95ns", 2
        else:
            trail, verdict = "xdpchain/2 PASS; 2:ratelimit 70ns; 3:guard 95ns", 2
        events.append((0.2 + i * 1.4, 1, data, trail, verdict))
    events.sort(key=lambda e: e[0])
    for number, (at, iface, data, trail, verdict) in enumerate(events, 1):
        packet(iface, at, data, trail, verdict, number)
    with open(path, "wb") as f:
        f.write(out)


main(sys.argv[1])
