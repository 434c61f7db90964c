#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Send what scapy expressions describe.

usage: craft.py DEVICE MAC

Reads one Python expression a line: a packet from the IP header on, bytes, or
a list of them. Each is put into an Ethernet frame to MAC and sent as it is;
nothing is fragmented or resolved. Answers each line with "sent N" or with what
was wrong.
"""
import itertools  # pylint: disable=unused-import
import socket
import sys
import time

from scapy.config import conf
from scapy.compat import raw
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption, IPOption_NOP, fragment
from scapy.layers.inet6 import (ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6MLQuery,
                                ICMPv6MLReport, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                                ICMPv6ND_RS, ICMPv6Unknown, IPv6, IPv6ExtHdrDestOpt,
                                IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, PadN, in6_chksum)
from scapy.packet import Packet, Raw
from scapy.utils import checksum

conf.verb = 0


# The shortest messages, where they have more than eight bytes: RFC 792, 950, 1393, 1788;
# RFC 2710, 2894, 3971, 4620, 4861, 6775
LEAST4 = {13: 20, 14: 20, 17: 12, 18: 12, 30: 20, 38: 12}
LEAST6 = {130: 24, 131: 24, 132: 24, 134: 16, 135: 24, 136: 24, 137: 40, 138: 16, 139: 16,
          140: 16, 149: 12, 157: 32, 158: 32}


def icmp4(kind, body=None, code=0):
    """An ICMP message of any type, its checksum right; the shortest one without BODY."""
    if body is None:
        body = bytes(LEAST4.get(kind, 8) - 4)
    message = bytes([kind, code, 0, 0]) + body
    return Raw(message[:2] + checksum(message).to_bytes(2, "big") + message[4:])


def icmp6(src, dst, kind, code=0, body=None, hop_limit=64, **more):
    """An ICMPv6 message of any type, its checksum right; the shortest one without BODY."""
    if body is None:
        body = bytes(LEAST6.get(kind, 8) - 4)
    ip = IPv6(src=src, dst=dst, hlim=hop_limit, **more)
    message = bytes([kind, code, 0, 0]) + body
    message = message[:2] + in6_chksum(58, ip, message).to_bytes(2, "big") + message[4:]
    return IPv6(src=src, dst=dst, hlim=hop_limit, nh=58, **more) / Raw(message)


def error4(src, dst, quoted, kind=3, code=1, rest=b"\0" * 4):
    """An ICMP error that quotes a packet, or bytes."""
    return IP(src=src, dst=dst, proto=1) / icmp4(kind, rest + raw(quoted), code)


def error6(src, dst, quoted, kind=1, code=0, rest=b"\0" * 4, **more):
    """An ICMPv6 error that quotes a packet, or bytes."""
    return icmp6(src, dst, kind, code, rest + raw(quoted), **more)


def cut4(packet, size):
    """An IPv4 packet's fragments with SIZE bytes of payload each."""
    return [IP(raw(p)) for p in fragment(IP(raw(packet)), fragsize=size)]


def cut6(packet, size, ident=1):
    """An IPv6 packet's fragments; nothing is in front of the fragment header."""
    ip = IPv6(raw(packet))
    body = raw(ip.payload)
    base = IPv6(src=ip.src, dst=ip.dst, hlim=ip.hlim)
    return [base / IPv6ExtHdrFragment(nh=ip.nh, id=ident, offset=at // 8,
                                      m=int(at + size < len(body))) / Raw(body[at:at + size])
            for at in range(0, len(body), size)]


WHERE = {}


def where(src4, dst4, src6, dst6):
    """Set the addresses that the functions below use. Sends nothing."""
    WHERE.update(src4=src4, dst4=dst4, src6=src6, dst6=dst6)
    return []


def ping4(size, fill=0):
    """The bytes of an echo request with SIZE bytes of payload."""
    return raw(icmp4(8, b"\0\1\0\1" + bytes([fill]) * size))


def ping6(size, fill=0):
    """The same for IPv6, with where()'s addresses."""
    return raw(icmp6(WHERE["src6"], WHERE["dst6"], 128,
                     body=b"\0\1\0\1" + bytes([fill]) * size).payload)


def ip4(**fields):
    return IP(**{"src": WHERE["src4"], "dst": WHERE["dst4"], "proto": 1, **fields})


def ip6(*headers, **fields):
    packet = IPv6(**{"src": WHERE["src6"], "dst": WHERE["dst6"], **fields})
    for header in headers:
        packet = packet / header
    return packet


def part4(message, ident, start=0, end=None, more=None, **fields):
    """The fragment of MESSAGE's bytes START to END; the last one unless MORE."""
    piece = message[start:end]
    more = start + len(piece) < len(message) if more is None else more
    fields = {"flags": "MF" if more else 0, "frag": start // 8, **fields}
    return ip4(id=ident, **fields) / Raw(piece)


def part6(message, ident, start=0, end=None, more=None, nh=58, before=(), **fields):
    """The same for IPv6, after the headers BEFORE."""
    piece = message[start:end]
    more = start + len(piece) < len(message) if more is None else more
    return (ip6(*before, **fields) /
            IPv6ExtHdrFragment(nh=nh, id=ident, offset=start // 8, m=int(more)) / Raw(piece))


def parts(part, message, ident, size, **fields):
    """All of MESSAGE in fragments of SIZE bytes."""
    return [part(message, ident, at, at + size, **fields) for at in range(0, len(message), size)]


def from_many(packet, count):
    """The bytes of an IPv4 packet from COUNT sources, 10.9.0.0 and following."""
    head, rest = raw(packet)[:20], raw(packet)[20:]
    for i in range(count):
        now = head[:10] + b"\0\0" + bytes([10, 9, i >> 8, i & 255]) + head[16:]
        yield now[:10] + checksum(now).to_bytes(2, "big") + now[12:] + rest


def numbered(packet, count):
    """The bytes of an IPv4 packet with COUNT identifications, from 1 on."""
    head, rest = raw(packet)[:20], raw(packet)[20:]
    for i in range(1, count + 1):
        now = head[:4] + i.to_bytes(2, "big") + head[6:10] + b"\0\0" + head[12:]
        yield now[:10] + checksum(now).to_bytes(2, "big") + now[12:] + rest


def incomplete(count, sources):
    """First fragments of pings that are never completed, COUNT in both families together,
    from SOURCES in turn: 10.9.0.0 and 2001:db8:9:: and following."""
    first4, first6 = (raw(part(ping4(1000), 1, 0, 64)) for part in (part4, part6))
    for i in range(count):
        source, number = (i // 2) % sources, i.to_bytes(4, "big")
        if i % 2:
            yield (first6[:8] + bytes.fromhex("20010db80009") + source.to_bytes(2, "big") +
                   bytes(7) + b"\1" + first6[24:44] + number + first6[48:])
        else:
            now = (first4[:4] + number[2:] + first4[6:10] + b"\0\0\x0a\x09" +
                   source.to_bytes(2, "big") + first4[16:])
            yield now[:10] + checksum(now[:20]).to_bytes(2, "big") + now[12:]


def paced(packets, rate):
    """The same, RATE a second."""
    begun = time.monotonic()
    for i, packet in enumerate(packets):
        time.sleep(max(0, begun + i / rate - time.monotonic()))
        yield packet


def quoted4(reserved=bytes(4)):
    """An error's body: it quotes a datagram that the destination sent."""
    quoted = IP(src=WHERE["dst4"], dst=WHERE["src4"]) / UDP(sport=53, dport=5353) / Raw(bytes(8))
    return reserved + raw(quoted)


def quoted6(reserved=bytes(4)):
    """The same for IPv6."""
    quoted = IPv6(src=WHERE["dst6"], dst=WHERE["src6"]) / UDP(sport=53, dport=5353) / Raw(bytes(8))
    return reserved + raw(quoted)


# RFC 8335: identifier, sequence, and the interface with the number 1
EXTENDED = bytes([0, 1, 1, 0]) + bytes([0x20, 0, 0xd4, 0xf4, 0, 8, 3, 2, 0, 0, 0, 1])
LINK = bytes([1, 1, 2, 0, 0, 0, 0, 1])


def sample4(kind, code=0):
    """A well-formed message of any type, in which no check finds anything."""
    bodies = {3: quoted4(bytes([0, 0, 5, 120])), 4: quoted4(), 5: quoted4(bytes([198, 51, 100, 1])),
              9: bytes([1, 2, 7, 8]) + bytes([198, 51, 100, 1]) + bytes(4),
              10: bytes(4), 11: quoted4(), 12: quoted4(), 13: bytes(16), 14: bytes(16),
              17: bytes(8), 18: bytes(8), 42: EXTENDED, 43: EXTENDED}
    return ip4() / icmp4(kind, bodies.get(kind, bytes(28)), code)


def sample6(kind, code=0):
    """The same for IPv6, with the hop limit and the source that the type wants."""
    target = bytes.fromhex("fe800000000000000000000000000001")
    bodies = {1: quoted6(), 2: quoted6(bytes([0, 0, 5, 120])), 3: quoted6(), 4: quoted6(),
              130: bytes(20), 131: bytes(20), 132: bytes(20), 133: bytes(4) + LINK,
              134: bytes([64, 0, 7, 8]) + bytes(8) + LINK, 135: bytes(4) + target + LINK,
              136: bytes([0x40, 0, 0, 0]) + target + bytes([2]) + LINK[1:],
              137: bytes(4) + target + target, 139: bytes(12), 140: bytes(12),
              141: bytes(4) + LINK + bytes([2]) + LINK[1:],
              142: bytes(4) + LINK + bytes([2]) + LINK[1:] + bytes([10, 3]) + bytes(22),
              143: bytes(4), 160: EXTENDED, 161: EXTENDED}
    hop_limit = 64
    if 133 <= kind <= 137 or kind in (141, 142, 148, 149):
        hop_limit = 255
    source = WHERE["src6"]
    if kind in (130, 131, 132, 143, 151, 152, 153):
        hop_limit, source = 1, "fe80::1"
    return icmp6(source, WHERE["dst6"], kind, code, bodies.get(kind, bytes(28)), hop_limit)


def options(nh, n=1, head=IPv6ExtHdrDestOpt):
    """The bytes of N headers of eight bytes without any option; NH follows."""
    kind = 60 if head is IPv6ExtHdrDestOpt else 0
    return b"".join(bytes([nh if i == n - 1 else kind, 0, 1, 4, 0, 0, 0, 0]) for i in range(n))


def frame_of(packet, header4, header6):
    data = raw(packet)
    return (header6 if data[0] >> 4 == 6 else header4) + data


def main():
    device, mac = sys.argv[1:]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((device, 0))
    addresses = bytes.fromhex(mac.replace(":", "")) + out.getsockname()[4]
    header4, header6 = addresses + b"\x08\x00", addresses + b"\x86\xdd"
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            packets = eval(line, globals())  # pylint: disable=eval-used
            if isinstance(packets, (Packet, bytes)):
                packets = [packets]
            n = 0
            for packet in packets:
                out.send(frame_of(packet, header4, header6))
                n += 1
            print("sent", n, flush=True)
        except Exception as error:  # pylint: disable=broad-except
            print("wrong:", type(error).__name__, error, flush=True)


if __name__ == "__main__":
    main()
