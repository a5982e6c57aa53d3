#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""lb_client.py VIP4 VIP6 - many connections to the VIPs; what becomes of them, counted exactly.

A command a line on stdin; when it is done, a state in JSON on stdout:
  open N   N more TCP connections to port 80 of either VIP; each has been answered once
  udp N    N more flows to port 7 of either VIP; each has been answered once
  ask N    each that is not broken has been answered N more times
  close    end all of them
Connections are asked again and again from open to close, also between commands; UDP flows when
the command is "ask". The state has "live" and "broken", numbers by the server that answered
first; "udp", the same; "moved", answers that came from another; and "new", the live connections of
the last "open" or "udp".
"""
import asyncio
import collections
import json
import resource
import sys

PAUSE_S = 0.05  # between an answer and the next request
LIMIT_S = 60    # without an answer it is broken: more than TCP needs for what a busy machine loses
OPENING = 8     # at once: fewer than a server's backlog, times the servers


class Connection:
    def __init__(self, addr):
        self.addr, self.server, self.answers, self.moved, self.broken = addr, None, 0, 0, False
        self.changed = asyncio.Condition()
        self.task, self.closing = None, False

    async def once(self, reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return (await reader.readexactly(size)).decode().split()[-1]

    async def note(self, server):
        async with self.changed:
            self.server = self.server or server
            self.moved += server is not None and server != self.server
            self.answers += server is not None
            self.broken = server is None
            self.changed.notify_all()

    async def run(self):
        writer = None
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(self.addr, 80), LIMIT_S)
            while not self.closing:
                await self.note(await asyncio.wait_for(self.once(reader, writer), LIMIT_S))
                await asyncio.sleep(PAUSE_S)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            await self.note(None)
        finally:
            if writer:
                writer.close()

    async def reach(self, answers):
        async with self.changed:
            await self.changed.wait_for(lambda: self.broken or self.answers >= answers)


class Flow(asyncio.DatagramProtocol):
    def __init__(self):
        self.server, self.moved, self.answers, self.broken = None, 0, 0, False
        self.got = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        server = data.decode()
        self.server = self.server or server
        self.moved += server != self.server
        self.answers += 1
        self.got.set()

    def error_received(self, exc):
        pass

    async def reach(self, answers):
        for _ in range(LIMIT_S):
            while self.answers < answers:
                self.got.clear()
                self.transport.sendto(b"who")
                try:
                    await asyncio.wait_for(self.got.wait(), 1)
                except asyncio.TimeoutError:
                    break
            else:
                return
        self.broken = True


class Client:
    def __init__(self, vips):
        self.vips, self.tcp, self.udp, self.new = vips, [], [], []
        self.few = asyncio.Semaphore(OPENING)

    async def first(self, c):
        async with self.few:
            c.task = asyncio.ensure_future(c.run())
            await c.reach(1)

    async def open(self, n):
        self.new = [Connection(v) for v in self.vips for _ in range(n)]
        self.tcp += self.new
        await asyncio.gather(*map(self.first, self.new))

    async def flows(self, n):
        loop = asyncio.get_running_loop()
        self.new = [(await loop.create_datagram_endpoint(Flow, remote_addr=(v, 7)))[1]
                    for v in self.vips for _ in range(n)]
        self.udp += self.new
        await asyncio.gather(*(f.reach(1) for f in self.new))

    async def ask(self, n):
        await asyncio.gather(*(c.reach(c.answers + n) for c in self.tcp + self.udp if not c.broken))

    async def close(self, _):
        for c in self.tcp:
            c.closing = True
        await asyncio.gather(*(c.task for c in self.tcp))
        for f in self.udp:
            f.transport.close()
        self.tcp, self.udp, self.new = [], [], []

    def state(self):
        def count(of, broken):
            return collections.Counter(str(c.server) for c in of if c.broken == broken)
        return {"live": count(self.tcp, False), "broken": count(self.tcp, True),
                "udp": count(self.udp, False), "udp_broken": sum(f.broken for f in self.udp),
                "new": count(self.new, False), "moved": sum(c.moved for c in self.tcp + self.udp)}


async def main():
    client = Client(sys.argv[1:3])
    commands = {"open": client.open, "udp": client.flows, "ask": client.ask, "close": client.close}
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().split():
        await commands[line[0]](int(line[1]) if len(line) > 1 else 0)
        print(json.dumps(client.state()), flush=True)


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run(main())
