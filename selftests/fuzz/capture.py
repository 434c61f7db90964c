#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What capture.sh captured, and scapy's packets for the types it hasn't, as cases.

usage: capture.py FILE.pcap...
"""
import pathlib
import re
import sys
import warnings

warnings.simplefilter("ignore")
from scapy import all as scapy  # noqa: E402 # pylint: disable=wrong-import-position

from cases import encode  # noqa: E402 # pylint: disable=wrong-import-position

TOP = pathlib.Path(__file__).resolve().parents[2]
LONGEST = 1300


def kind(packet):
    """Return (family, type, code, other distinguishing fields), or None."""
    if scapy.IP in packet and packet[scapy.IP].proto == 1:
        ip = packet[scapy.IP]
        if ip.frag:
            return (4, "fragment", 0, bool(ip.flags.MF))
        data = bytes(ip.payload)
        return (4, data[0], data[1], (ip.ihl, bool(ip.flags.MF)))
    if scapy.IPv6 in packet:
        ip = packet[scapy.IPv6]
        if scapy.IPv6ExtHdrFragment in ip:
            return (6, "fragment", 0, bool(ip[scapy.IPv6ExtHdrFragment].m))
        layer, chain = ip.payload, [ip.nh]
        while isinstance(layer, (scapy.IPv6ExtHdrHopByHop, scapy.IPv6ExtHdrDestOpt)):
            chain.append(layer.nh)
            layer = layer.payload
        if chain[-1] == 58:
            data = bytes(layer)
            return (6, data[0], data[1], tuple(chain))
    return None


def named(family):
    """The type numbers that have names"""
    text = (TOP / "kmod/type_names.h").read_text(encoding="utf-8")
    macro = {4: "ICMPGUARD_ICMP_TYPES", 6: "ICMPGUARD_ICMPV6_TYPES"}[family]
    body = re.search(rf"#define {macro}\(X\)(.*?)\n\n", text, re.S).group(1)
    return [int(number) for number in re.findall(r"X\((\d+),", body)]


def add_missing(found):
    """Yield scapy's own packet for each named type that nothing sent."""
    ip4 = scapy.IP(src="198.51.100.2", dst="192.0.2.1")
    ip6 = scapy.IPv6(src="2001:db8:a::2", dst="2001:db8:b::1", hlim=255)
    for number in named(4):
        if (4, number) not in found:
            yield f"icmp {number}, scapy", ip4 / scapy.Raw(
                bytes(scapy.ICMP(type=number)) + bytes(20))
    special = {
        134: scapy.ICMPv6ND_RA() / scapy.ICMPv6NDOptMTU() / scapy.ICMPv6NDOptPrefixInfo(
            prefix="2001:db8::") / scapy.ICMPv6NDOptRDNSS(dns=["2001:db8::53"]),
        137: scapy.ICMPv6ND_Redirect(tgt="fe80::9", dst="2001:db8::9"),
        130: scapy.ICMPv6MLQuery(), 131: scapy.ICMPv6MLReport(), 132: scapy.ICMPv6MLDone(),
        139: scapy.ICMPv6NIQueryName(data="host"), 140: scapy.ICMPv6NIReplyName(),
        4: scapy.ICMPv6ParamProblem() / scapy.IPv6() / scapy.UDP(),
    }
    for number in named(6):
        if (6, number) in found:
            continue
        if number in special:
            yield f"icmpv6 {number}, scapy", ip6 / special[number]
        else:
            yield f"icmpv6 {number}, scapy", scapy.IPv6(
                src="2001:db8:a::2", dst="2001:db8:b::1", nh=58, hlim=255) / scapy.Raw(
                bytes([number, 0, 0, 0]) + bytes(24))


def main():
    print("# SPDX-License-Identifier: GPL-2.0-only")
    print("# Made by capture.sh: one packet of each kind that was seen, from the IP header on.")
    seen, found = set(), set()
    for name in sys.argv[1:]:
        for packet in scapy.rdpcap(name):
            what = kind(packet)
            ip = packet[scapy.IP] if scapy.IP in packet else packet.getlayer(scapy.IPv6)
            if not what or what in seen or len(bytes(ip)) > LONGEST:
                continue
            seen.add(what)
            found.add(what[:2])
            family = "icmp" if what[0] == 4 else "icmpv6"
            print(f"# {family} {what[1]} code {what[2]}, captured")
            print(encode(bytes(ip)))
    for remark, packet in add_missing(found):
        print(f"# {remark}")
        print(encode(bytes(packet)))


if __name__ == "__main__":
    main()
