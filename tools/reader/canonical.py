"""Small things, values, events, chains, digests and catalogues: Protocol/02-canonical.md.

In this package a dot is a Dot, a vector a tuple of dots in ascending order of epochs, a value of a
record bytes with their tag, and a cell of an event None, an int, bytes (a text) or a Dot.
"""

import re
import hashlib
from typing import NamedTuple

SECTIONS = ("urgent", "public", "work", "log", "people")
NAME = re.compile(rb"[a-z0-9_]{1,63}")
LOG = SECTIONS.index("log")
ROLES = ("station", "hub")
TAG_NULL, TAG_INTEGER, TAG_TEXT, TAG_DOT = range(4)
UNKNOWN_CHAIN = bytes(16)
MOST_COLUMNS = 31


class Refusal(Exception):
    """A bundle that MUST be rejected, with its code (04, Of a bundle as bytes)."""

    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Malformed(Exception):
    """Bytes that are not of their form; the caller knows which code that is."""


class Dot(NamedTuple):
    """The name of one write (00, Words)."""

    epoch: int
    sequence: int

    def __str__(self):
        return f"{self.epoch:016x}:{self.sequence}"


class Partition(NamedTuple):
    """The unit of replication (00, Words)."""

    place: int
    section: int

    def __str__(self):
        return f"{self.place:016x}/{SECTIONS[self.section]}"


class Birth(NamedTuple):
    """The beginning of an epoch (01, Epochs and births)."""

    epoch: int
    place: int
    role: int
    parents: tuple


def dot_from_text(text):
    """The dot written as `epoch:sequence`."""
    epoch, _, sequence = text.partition(":")
    return Dot(int(epoch, 16), int(sequence))


# Small things


class Cursor:
    """Reads small things one after the other (02, Small things)."""

    def __init__(self, data, at=0):
        self.data = data
        self.at = at

    def remaining(self):
        return len(self.data) - self.at

    def take(self, size):
        if size > self.remaining():
            raise Malformed(f"{size} bytes wanted where {self.remaining()} remain")
        self.at += size
        return self.data[self.at - size : self.at]

    def byte(self):
        return self.take(1)[0]

    def fixed(self):
        return int.from_bytes(self.take(8), "little")

    def varint(self):
        """A varint of the one form that is allowed."""
        result = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift > 0:
                    raise Malformed("a varint is not in its shortest form")
                if result >> 64:
                    break
                return result
        raise Malformed("a varint exceeds 64 bits")

    def count(self):
        """A varint that counts things of at least a byte each."""
        number = self.varint()
        if number > self.remaining():
            raise Malformed(f"a count of {number} where {self.remaining()} bytes remain")
        return number

    def zigzag(self):
        number = self.varint()
        return (number >> 1) ^ -(number & 1)

    def block(self):
        return self.take(self.varint())

    def name(self, empty=False):
        """The name of a collection, column or field; `empty` where it may be left out."""
        name = self.block()
        if not (empty and not name) and not NAME.fullmatch(name):
            raise Malformed("a name is not of lower-case letters, digits and underscores")
        return name.decode("ascii")

    def dot(self):
        dot = Dot(self.fixed(), self.varint())
        if dot.epoch == 0 or dot.sequence == 0:
            raise Malformed("a dot with a zero")
        return dot


def fixed(number):
    return number.to_bytes(8, "little")


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def block(data):
    return varint(len(data)) + data


def name_block(name):
    return block(name.encode("utf-8"))


def dot_bytes(dot):
    return fixed(dot.epoch) + varint(dot.sequence)


def hash16(data):
    return hashlib.sha256(data).digest()[:16]


def hash8(data):
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "little")


# Values and cells


def parse_value(value):
    """The kind (null, integer, text, dot, other) of a value and what it says (02, Values)."""
    tag = value[0] if value else None
    if value == b"\x00":
        return "null", None
    if tag == TAG_TEXT:
        return "text", value[1:]
    cursor = Cursor(value, 1)
    try:
        if tag == TAG_INTEGER:
            kind, content = "integer", cursor.zigzag()
        elif tag == TAG_DOT:
            kind, content = "dot", cursor.dot()
        else:
            return "other", value
    except Malformed:
        return "other", value
    return (kind, content) if cursor.remaining() == 0 else ("other", value)


def value_of_cell(cell):
    """A cell as the value of a record that says the same."""
    if cell is None:
        return bytes([TAG_NULL])
    if isinstance(cell, bytes):
        return bytes([TAG_TEXT]) + cell
    if isinstance(cell, Dot):
        return bytes([TAG_DOT]) + dot_bytes(cell)
    return bytes([TAG_INTEGER]) + zigzag(cell)


def event_bytes(collection, cells):
    """The canonical bytes of an event (02, An event)."""
    mask, content = 0, []
    for column, cell in enumerate(cells):
        if cell is None:
            continue
        if isinstance(cell, bytes):
            kind, data = TAG_TEXT, block(cell)
        elif isinstance(cell, Dot):
            kind, data = TAG_DOT, dot_bytes(cell)
        else:
            kind, data = TAG_INTEGER, zigzag(cell)
        mask |= kind << (2 * column)
        content.append(data)
    return name_block(collection) + varint(mask) + b"".join(content)


def parse_event(data):
    """The collection and the cells of canonical bytes; empty cells at the end are gone."""
    cursor = Cursor(data)
    collection, mask, cells = cursor.name(), cursor.varint(), []
    if mask >> (2 * MOST_COLUMNS):
        raise Malformed("more columns than an event may have")
    while mask:
        kind = mask & 3
        cells.append((lambda: None, cursor.zigzag, cursor.block, cursor.dot)[kind]())
        mask >>= 2
    if cursor.remaining():
        raise Malformed("something stands behind the last cell")
    return collection, cells


# Chains, digests, places


class Chain:
    """The running hash over one epoch's writes (02, Chains)."""

    def __init__(self, partition, birth, parent_values):
        seed = [
            fixed(partition.place),
            bytes([partition.section]),
            fixed(birth.epoch),
            fixed(birth.place),
            bytes([birth.role]),
            varint(len(birth.parents)),
        ]
        for parent, value in zip(birth.parents, parent_values):
            seed.append(dot_bytes(parent) + value)
        self._hash = hashlib.sha256(b"".join(seed))
        self.length = 0

    def add(self, write):
        self._hash.update(write)
        self.length += 1

    def value(self):
        return self._hash.digest()[:16]


def digest_of(items):
    """The sum of the items' hashes (02, Digests)."""
    return sum(map(hash8, items)) % 2**64


def record_items(record):
    """The items of one record in the digest of its partition."""
    fields = record.fields
    if "" in fields:
        fields = {"": fields[""]}
    start = name_block(record.collection) + dot_bytes(record.id)
    for name, siblings in fields.items():
        for sibling in siblings:
            yield b"".join(
                (
                    start,
                    name_block(name),
                    dot_bytes(sibling.dot),
                    varint(sibling.time),
                    block(sibling.value),
                )
            )


def place_id(code):
    """The id of a place that was founded under a code (02, Places)."""
    return hash8(b"yizhan place " + code.encode("ascii")) or 1


# Catalogues


class Catalogue:
    """What both sides know of the programmes (02, Catalogues).

    `texts` are the numbered texts; `attributes[i][entry]` is a number or None, and
    `kinds[i]` says what it is the number of: TAG_TEXT, TAG_INTEGER or None.
    """

    def __init__(self, data):
        self.identity = hash8(data)
        cursor = Cursor(data)
        size, width = cursor.count(), cursor.count()
        self.entries = []
        for _ in range(size):
            key = cursor.block()
            if self.entries and key <= self.entries[-1][0]:
                raise Malformed("the keys of a catalogue do not ascend")
            self.entries.append((key, [cursor.block() for _ in range(width)]))
        if cursor.remaining():
            raise Malformed("something stands behind the last entry of a catalogue")
        self._number(width)

    def _number(self, width):
        """Numbers the texts and makes the table."""
        self.texts = [key for key, _ in self.entries]
        numbers = {key: at for at, key in enumerate(self.texts)}
        self.kinds = [None] * width
        self.attributes = [[None] * len(self.entries) for _ in range(width)]
        for at, (_, values) in enumerate(self.entries):
            for i, value in enumerate(values):
                kind, content = parse_value(value)
                if kind == "text":
                    kind = TAG_TEXT
                    if content not in numbers:
                        numbers[content] = len(self.texts)
                        self.texts.append(content)
                    content = numbers[content]
                elif kind == "integer" and content != -(2**63):
                    kind = TAG_INTEGER
                else:
                    continue
                if self.kinds[i] is None:
                    self.kinds[i] = kind
                if self.kinds[i] == kind:
                    self.attributes[i][at] = content
