#!/usr/bin/env python3
"""Makes the catalogue that bundles with playbacks refer to (Protocol/02-canonical.md, Catalogues).

  yizhan programme list --data DIR --json | catalogue.py > FILE

Both sides know it, so it does not travel; a reader without a replica has to be given it. At a hub
that no other hub is above, the list is that hub's own.
"""
import json
import sys


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def block(content):
    return varint(len(content)) + content


def value(content):
    if content is None:
        return b"\x00"
    if isinstance(content, int):
        return b"\x01" + varint(content << 1)
    return b"\x02" + content.encode()


def main():
    entries = {row["programme"].encode(): row for row in json.load(sys.stdin)}
    out = varint(len(entries)) + varint(2)
    for key in sorted(entries):
        out += block(key) + block(value(entries[key]["title"])) + block(value(entries[key]["seconds"]))
    sys.stdout.buffer.write(out)


if __name__ == "__main__":
    main()
