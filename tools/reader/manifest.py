"""Head and manifest of a bundle: Protocol/03-bundles.md, bundle.proto."""

import hashlib
from dataclasses import dataclass

from .canonical import LOG, SECTIONS, Birth, Cursor, Dot, Malformed, Partition, Refusal

LARGEST_MANIFEST = 8_388_608
LARGEST_NUMBER = 2**62
LATEST_MADE = 281_474_976_709
MOST_PARTS = 65_536
MOST_PLACES = 2**20 - 1
LARGEST_INLINE = 1_024
LARGEST_FOLLOWING = 262_144
LARGEST_SEQUENCE = 2**31 - 1

VARINT, FIXED64, BLOCK, GROUP, GROUP_END, FIXED32 = range(6)


@dataclass
class Piece:
    """Where a piece is: inline if `content` is not empty, else following."""

    content: bytes
    length: int
    hash: bytes


@dataclass
class Delta:
    """A delta as the manifest lists it; chain values are bytes, zeros where unknown."""

    partition: Partition
    base: tuple
    target: tuple
    base_chains: list
    target_chains: list
    digest: int
    births: list
    pieces: list


@dataclass
class Receipt:
    partition: Partition
    received: tuple
    safe: tuple
    refused: str


@dataclass
class Manifest:
    sender: int
    reader: int
    number: int
    made: int
    places: list
    epochs: list
    deltas: list
    receipts: list
    catalogue: int
    catalogue_lacking: int
    part: int
    more: bool
    believed: int
    seal: bytes


@dataclass
class Head:
    """`size` is where the following pieces begin."""

    manifest: Manifest
    manifest_size: int
    check: bytes
    size: int


# The head


def read_head(data):
    """Checks 1 to 12 of 03, Reading, and the order of checks."""
    if data[:2] != b"YZ"[: len(data)]:
        raise Refusal("not_a_bundle", "it does not begin with YZ")
    if len(data) < 4:
        raise Refusal("truncated", f"it has {len(data)} bytes")
    if data[2] != 1:
        raise Refusal("version_unsupported", f"its format version is {data[2]}")
    start = 3 + _length_of_length(data)
    try:
        length = Cursor(data[:start], 3).varint()
    except Malformed as defect:
        raise Refusal("manifest_malformed", f"the length of the manifest: {defect}") from None
    if length > LARGEST_MANIFEST:
        raise Refusal("manifest_too_large", f"it claims a manifest of {length} bytes")
    end = start + length
    if len(data) < end + 9:
        raise Refusal("truncated", f"the head has {end + 9} bytes, the bundle {len(data)}")
    check = data[end : end + 8]
    if hashlib.sha256(data[:end]).digest()[:8] != check:
        raise Refusal("check_failed", "the check is not that of the head")
    manifest = read_manifest(data[start:end])
    if data[end + 8] != 0:
        raise Refusal("manifest_malformed", "there is a signature")
    return Head(manifest, length, check, end + 9)


def _length_of_length(data):
    """How many bytes say how long the manifest is: check 4."""
    for size in range(1, 6):
        if len(data) >= 3 + size and data[2 + size] < 0x80:
            return size
    if len(data) < 8:
        raise Refusal("truncated", "it ends within the length of the manifest")
    raise Refusal("manifest_too_large", "the length of the manifest has no end")


# Protobuf


def _strict_fields(data):
    """The fields of a message as the counting of parts sees them (03, Manifest)."""
    cursor = Cursor(data)
    while cursor.remaining():
        tag = cursor.varint()
        wire = tag & 7
        if wire == VARINT:
            content = cursor.varint()
        elif wire == FIXED64:
            content = cursor.take(8)
        elif wire == BLOCK:
            content = cursor.block()
        elif wire == FIXED32:
            content = cursor.take(4)
        else:
            raise Malformed(f"a field of wire type {wire}")
        yield tag >> 3, wire, content


def count_parts(data):
    """Deltas, receipts and the pieces within them (03, Manifest)."""
    parts = 0
    for field, wire, content in _strict_fields(data):
        if wire == BLOCK and field in (7, 8):
            parts += 1
            for inner, inner_wire, _ in _strict_fields(content):
                parts += inner_wire == BLOCK and inner == 7
    return parts


class _Lax(Cursor):
    """Reads protobuf as protobuf does."""

    def varint(self):
        result = 0
        for shift in range(0, 70, 7):
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result % 2**64
        raise Malformed("a number of more than 10 bytes")

    def tag(self):
        tag = self.varint()
        if tag >> 32 or tag >> 3 == 0 or tag & 7 > FIXED32:
            raise Malformed(f"the tag {tag}")
        return tag >> 3, tag & 7

    def content(self, wire):
        if wire == VARINT:
            return self.varint()
        if wire == BLOCK:
            return self.block()
        return self.take(8 if wire == FIXED64 else 4)

    def skip_group(self, field):
        open_groups = [field]
        while open_groups:
            field, wire = self.tag()
            if wire == GROUP:
                open_groups.append(field)
            elif wire != GROUP_END:
                self.content(wire)
            elif open_groups.pop() != field:
                raise Malformed("a group ends that was not begun")


class _Message:
    """The fields of a message by number and wire type, for the types of bundle.proto."""

    def __init__(self, data):
        self._fields = {}
        cursor = _Lax(data)
        while cursor.remaining():
            field, wire = cursor.tag()
            if wire == GROUP_END:
                raise Malformed("a group ends that was not begun")
            if wire == GROUP:
                cursor.skip_group(field)
            else:
                self._fields.setdefault(field, []).append((wire, cursor.content(wire)))

    def _last(self, field, wire, default):
        found = default
        for kind, content in self._fields.get(field, ()):
            if kind == wire:
                found = content
        return found

    def uint64(self, field):
        return self._last(field, VARINT, 0)

    def uint32(self, field):
        return self.uint64(field) % 2**32

    def fixed64(self, field):
        return int.from_bytes(self._last(field, FIXED64, b""), "little")

    def fixed32(self, field):
        return int.from_bytes(self._last(field, FIXED32, b""), "little")

    def bytes(self, field):
        return self._last(field, BLOCK, b"")

    def messages(self, field):
        return [_Message(data) for wire, data in self._fields.get(field, ()) if wire == BLOCK]

    def uint64s(self, field):
        numbers = []
        for wire, content in self._fields.get(field, ()):
            if wire == VARINT:
                numbers.append(content)
            elif wire == BLOCK:
                packed = _Lax(content)
                while packed.remaining():
                    numbers.append(packed.varint())
        return numbers

    def fixed64s(self, field):
        numbers = []
        for wire, content in self._fields.get(field, ()):
            if wire in (FIXED64, BLOCK):
                packed = Cursor(content)
                while packed.remaining():
                    numbers.append(packed.fixed())
        return numbers


# The manifest


def read_manifest(data):
    """Checks 9 to 11."""
    try:
        parts = count_parts(data)
        if parts > MOST_PARTS:
            raise Refusal("manifest_too_large", f"the manifest has {parts} parts")
        return _Tables(_Message(data)).manifest()
    except Malformed as defect:
        raise Refusal("manifest_malformed", f"the manifest: {defect}") from None


def _demand(holds, text):
    if not holds:
        raise Malformed(text)


class _Tables:
    """Turns indices into places and epochs, and demands what must hold (03, Manifest)."""

    def __init__(self, message):
        self.message = message
        sender, reader = message.fixed64(1), message.fixed64(2)
        _demand(sender and reader, "sender or reader is zero")
        self.places = [sender, reader] + message.fixed64s(5)
        _demand(len(set(self.places)) == len(self.places), "a place is listed twice")
        _demand(len(self.places) <= MOST_PLACES, "too many places")
        self.epochs = message.fixed64s(6)
        _demand(0 not in self.epochs, "an epoch is zero")
        _demand(len(set(self.epochs)) == len(self.epochs), "an epoch is listed twice")

    def manifest(self):
        message = self.message
        deltas = [self.delta(each) for each in message.messages(7)]
        receipts = [self.receipt(each) for each in message.messages(8)]
        for what, entries in (("deltas", deltas), ("receipts", receipts)):
            partitions = {each.partition for each in entries}
            _demand(len(partitions) == len(entries), f"two {what} of one partition")
        _demand(message.uint64(3) <= LARGEST_NUMBER, "the number is out of range")
        _demand(message.uint64(4) <= LATEST_MADE, "the time of making is out of range")
        _demand(not message.bytes(15), "it is sealed")
        return Manifest(
            sender=self.places[0],
            reader=self.places[1],
            number=message.uint64(3),
            made=message.uint64(4),
            places=self.places,
            epochs=self.epochs,
            deltas=deltas,
            receipts=receipts,
            catalogue=message.fixed64(9),
            catalogue_lacking=message.fixed64(10),
            part=message.uint32(11),
            more=message.uint64(12) != 0,
            believed=message.fixed32(13),
            seal=message.bytes(15),
        )

    def place(self, index):
        _demand(index < len(self.places), f"place index {index}")
        return self.places[index]

    def epoch(self, index):
        _demand(index < len(self.epochs), f"epoch index {index}")
        return self.epochs[index]

    def partition(self, number):
        _demand(number % 8 < len(SECTIONS), f"section {number % 8}")
        return Partition(self.place(number // 8), number % 8)

    def vector(self, numbers):
        _demand(len(numbers) % 2 == 0, "a vector with an odd number of numbers")
        entries = []
        for at in range(0, len(numbers), 2):
            epoch, sequence = self.epoch(numbers[at]), numbers[at + 1]
            _demand(1 <= sequence <= LARGEST_SEQUENCE, f"sequence {sequence}")
            _demand(not entries or epoch > entries[-1].epoch, "a vector out of order")
            entries.append(Dot(epoch, sequence))
        return tuple(entries)

    def births(self, numbers):
        births, at = [], 0
        while at < len(numbers):
            _demand(at + 3 <= len(numbers), "births end within a birth")
            epoch, author, count = numbers[at : at + 3]
            at += 3
            _demand(at + 2 * count <= len(numbers), "births end within a birth")
            parents = self.vector(numbers[at : at + 2 * count])
            at += 2 * count
            births.append(Birth(self.epoch(epoch), self.place(author // 2), author % 2, parents))
        return births

    def delta(self, message):
        partition = self.partition(message.uint32(1))
        base, target = self.vector(message.uint64s(2)), self.vector(message.uint64s(3))
        chains = message.bytes(4)
        told_at_base = 0 if partition.section == LOG else len(base)
        split = 8 * told_at_base
        _demand(len(chains) == split + 16 * len(target), f"{len(chains)} bytes of chain values")
        return Delta(
            partition=partition,
            base=base,
            target=target,
            base_chains=[chains[at : at + 8] for at in range(0, split, 8)],
            target_chains=[chains[at : at + 16] for at in range(split, len(chains), 16)],
            digest=message.fixed64(5),
            births=self.births(message.uint64s(6)),
            pieces=[self.piece(each) for each in message.messages(7)],
        )

    def piece(self, message):
        piece = Piece(message.bytes(1), message.uint32(2), message.bytes(3))
        if piece.content:
            _demand(piece.length == 0, "a piece both inline and following")
            _demand(len(piece.content) <= LARGEST_INLINE, "an inline piece is too long")
            _demand(not piece.hash, "an inline piece has a hash")
        else:
            _demand(piece.length > 0, "a piece neither inline nor following")
            _demand(piece.length <= LARGEST_FOLLOWING, "a following piece is too long")
            _demand(len(piece.hash) == 16, f"a hash of {len(piece.hash)} bytes")
        return piece

    def receipt(self, message):
        return Receipt(
            partition=self.partition(message.uint32(1)),
            received=self.vector(message.uint64s(2)),
            safe=self.vector(message.uint64s(3)),
            refused=self.code(message.bytes(5)),
        )

    def code(self, text):
        _demand(len(text) <= 64, "the code of a refusal is too long")
        _demand(all(97 <= byte <= 122 or byte == 95 for byte in text), "a refusal without a code")
        return text.decode()
