#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Send what scapy expressions describe.

usage: craft.py DEVICE MAC

Reads one Python expression a line: a packet from the IP header on, octets, or
a list of them. Each is put into an Ethernet frame to MAC and sent as it is;
nothing is fragmented or resolved. Answers each line with "sent N" or with what
was wrong.
"""
import socket
import sys

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


def icmp4(kind, body=b"\0" * 4, code=0):
    """An ICMP message of any type, its checksum right."""
    message = bytes([kind, code, 0, 0]) + body
    return Raw(message[:2] + checksum(message).to_bytes(2, "big") + message[4:])


def icmp6(src, dst, kind, code=0, body=b"\0" * 4, hop_limit=64, **more):
    """An ICMPv6 message of any type, its checksum right."""
    ip = IPv6(src=src, dst=dst, hlim=hop_limit, **more)
    message = bytes([kind, code, 0, 0]) + body
    message = message[:2] + in6_chksum(58, ip, message).to_bytes(2, "big") + message[4:]
    return IPv6(src=src, dst=dst, hlim=hop_limit, nh=58, **more) / Raw(message)


def error4(src, dst, quoted, kind=3, code=1, rest=b"\0" * 4):
    """An ICMP error that quotes a packet, or octets."""
    return IP(src=src, dst=dst, proto=1) / icmp4(kind, rest + raw(quoted), code)


def error6(src, dst, quoted, kind=1, code=0, rest=b"\0" * 4, **more):
    """An ICMPv6 error that quotes a packet, or octets."""
    return icmp6(src, dst, kind, code, rest + raw(quoted), **more)


def cut4(packet, size):
    """An IPv4 packet's fragments with SIZE octets of payload each."""
    return [IP(raw(p)) for p in fragment(IP(raw(packet)), fragsize=size)]


def cut6(packet, size, ident=1):
    """An IPv6 packet's fragments; nothing is in front of the fragment header."""
    ip = IPv6(raw(packet))
    body = raw(ip.payload)
    base = IPv6(src=ip.src, dst=ip.dst, hlim=ip.hlim)
    return [base / IPv6ExtHdrFragment(nh=ip.nh, id=ident, offset=at // 8,
                                      m=int(at + size < len(body))) / Raw(body[at:at + size])
            for at in range(0, len(body), size)]


def frame_of(packet, header4, header6):
    octets = raw(packet)
    return (header6 if octets[0] >> 4 == 6 else header4) + octets


def main():
    device, mac = sys.argv[1:]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((device, 0))
    addresses = bytes.fromhex(mac.replace(":", "")) + out.getsockname()[4]
    header4, header6 = addresses + b"\x08\x00", addresses + b"\x86\xdd"
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            packets = eval(line)  # pylint: disable=eval-used
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
