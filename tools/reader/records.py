"""Record pieces: Protocol/03-bundles.md, Record pieces."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple

from .canonical import TAG_DOT, TAG_INTEGER, TAG_NULL, TAG_TEXT, Dot, Refusal, dot_bytes, zigzag
from .coder import Decoder, NumberModel, Seen, TextModels, demand, model, models, s64
from .heap import open_piece, read_texts
from .manifest import LARGEST_SEQUENCE

NULL, INTEGER, TEXT, DOT, DATE, BYTES = range(6)
LARGEST_VALUE = 65_537
MOST_VALUE_BYTES = 16_777_216
MOST_FIELDS = 256
MOST_FIELDS_OF_A_PIECE = 1_024
MOST_SIBLINGS = 4_096
MOST_SIBLINGS_OF_A_PIECE = 262_144
LARGEST_VALUE = 65_536
LARGEST_LEAD = 64
KNOWN_INTEGERS = 64
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
LARGEST_MILLISECONDS = 2**48 - 1


class Sibling(NamedTuple):
    """One surviving value of a field (01, Records)."""

    dot: Dot
    time: int
    value: bytes


@dataclass
class Record:
    """A delta of a record; `fields` has only those that the piece lists."""

    collection: str
    id: Dot
    vector: tuple
    fields: dict


@dataclass
class RecordPiece:
    layouts: list
    records: list

    def __len__(self):
        return len(self.records)


def read_record_piece(data, epochs, made):
    """Decodes a piece; `made` is the manifest's."""
    count, heap, stream = open_piece(data, 2, "records")
    layouts = _read_layouts(heap)
    texts = read_texts(heap)
    coder = _RecordCoder(Decoder(stream, 0, len(texts)), layouts, texts, epochs, made)
    records = [coder.record() for _ in range(count)]
    coder.decoder.finish()
    return RecordPiece(layouts, records)


# The heap


class _Field:
    """A field of a layout with its models, which are made when it is first present."""

    def __init__(self, name, follows):
        self.name = name
        self.follows = follows
        self.is_present = model()
        self.is_ready = False

    def prepare(self, coder):
        if not self.is_ready:
            self.is_ready = True
            self.is_identity, self.is_before = model(), model()
            self.siblings = NumberModel()
            self.dots = _DotCoder(coder.decoder, coder.epochs)
            self.values = _ValueCoder(coder.decoder, coder.texts, coder.epochs)


class Layout(NamedTuple):
    collection: str
    fields: list


def _read_layouts(heap):
    """The layouts, in the order of checks that 03, Order of checks of a record piece, gives."""
    count = heap.count()
    layouts, total = [], 0
    for _ in range(count):
        layouts.append(_read_layout(heap))
        total += len(layouts[-1].fields)
        if total > MOST_FIELDS_OF_A_PIECE:
            raise Refusal("piece_too_large", f"layouts with {total} fields")
    demand(layouts, "a piece without a layout")
    names = {each.collection for each in layouts}
    demand(len(names) == len(layouts), "a collection comes twice")
    return layouts


def _read_layout(heap):
    collection = heap.name()
    demand(collection, "a collection without a name")
    count = heap.varint()
    demand(1 <= count <= MOST_FIELDS, f"a layout of {count} fields")
    fields = []
    for at in range(count):
        name, follows = heap.name(empty=at == 0), heap.varint()
        demand(follows <= at, f"field {at} follows {follows}")
        fields.append(_Field(name, follows - 1 if follows else None))
    demand(len({each.name for each in fields}) == count, "a field comes twice")
    return Layout(collection, fields)


# The stream


class _DotCoder:
    """Two number models and the last sequence of each epoch (03, Records)."""

    def __init__(self, decoder, epochs):
        self.decoder = decoder
        self.epochs = epochs
        self.epoch, self.step = NumberModel(), NumberModel()
        self.last = {}

    def read(self):
        epoch = self.decoder.number(self.epoch)
        sequence = s64(self.last.get(epoch, 0) + 1 + self.decoder.signed(self.step))
        self.last[epoch] = sequence
        demand(epoch < len(self.epochs), f"a dot of epoch {epoch}")
        demand(1 <= sequence <= LARGEST_SEQUENCE, f"a dot of sequence {sequence}")
        return Dot(self.epochs[epoch], sequence)


class _RecordCoder:
    """The models of a piece, and its records one after the other (03, Records)."""

    def __init__(self, decoder, layouts, texts, epochs, made):
        self.decoder = decoder
        self.layouts = layouts
        self.texts = texts
        self.epochs = epochs
        self.layout, self.vector_count = NumberModel(), NumberModel()
        self.milliseconds, self.time_count = NumberModel(), NumberModel()
        self.ids, self.vectors = _DotCoder(decoder, epochs), _DotCoder(decoder, epochs)
        self.is_vector_foretold = model()
        self.last_time = (min(made * 1_000 % 2**64, LARGEST_MILLISECONDS), 0)
        self.left = MOST_SIBLINGS_OF_A_PIECE
        self.bytes_left = MOST_VALUE_BYTES

    def record(self):
        at = self.decoder.number(self.layout)
        demand(at < len(self.layouts), f"a record of layout {at}")
        layout = self.layouts[at]
        identity = before = self.ids.read()
        times, first, fields, foretold = {}, {}, {}, {}
        for position, field in enumerate(layout.fields):
            if not self.decoder.bit(field.is_present):
                continue
            field.prepare(self)
            lead = first.get(field.follows)
            if lead is not None and len(lead) > LARGEST_LEAD:
                lead = None
            siblings = []
            for _ in range(self.sibling_count(field)):
                before = dot = self.dot(field, identity, before)
                if dot not in times:
                    times[dot] = self.time()
                value = field.values.read(lead)
                self.count_bytes(value)
                first.setdefault(position, value)
                siblings.append(Sibling(dot, times[dot], value))
                foretold[dot.epoch] = max(dot.sequence, foretold.get(dot.epoch, 0))
            _demand_ascent([each.dot for each in siblings], "siblings")
            fields[field.name] = siblings
        demand(fields, "a record without a field")
        return Record(layout.collection, identity, self.vector(foretold), fields)

    def count_bytes(self, value):
        self.bytes_left -= len(value)
        if len(value) > LARGEST_VALUE or self.bytes_left < 0:
            raise Refusal("piece_too_large", "the values of a piece are too long")

    def sibling_count(self, field):
        count = (self.decoder.number(field.siblings) + 1) % 2**64
        if not 1 <= count <= min(self.left, MOST_SIBLINGS):
            raise Refusal("piece_too_large", f"a field with {count} siblings")
        self.left -= count
        return count

    def dot(self, field, identity, before):
        if self.decoder.bit(field.is_identity):
            return identity
        if before != identity and self.decoder.bit(field.is_before):
            return before
        return field.dots.read()

    def time(self):
        milliseconds, count = self.last_time
        step = self.decoder.signed(self.milliseconds)
        expected = count + 1 if step == 0 else 0
        count = (expected + self.decoder.signed(self.time_count)) % 2**16
        milliseconds = max(0, min(s64(milliseconds + step), LARGEST_MILLISECONDS))
        self.last_time = (milliseconds, count)
        return milliseconds << 16 | count

    def vector(self, foretold):
        if self.decoder.bit(self.is_vector_foretold):
            return tuple(Dot(epoch, foretold[epoch]) for epoch in sorted(foretold))
        count = self.decoder.number(self.vector_count)
        demand(count <= len(self.epochs), f"a vector of {count} entries")
        vector = tuple(self.vectors.read() for _ in range(count))
        _demand_ascent([each.epoch for each in vector], "a vector's epochs")
        return vector


def _demand_ascent(things, what):
    demand(all(a < b for a, b in zip(things, things[1:])), f"{what} do not ascend")


class _ValueCoder:
    """The values of one field (03, Values of a field)."""

    def __init__(self, decoder, texts, epochs):
        self.decoder = decoder
        self.all_texts = texts
        self.epochs = epochs
        self.is_foretold, self.is_known = models(2), model()
        self.texts, self.seen = TextModels(), Seen()
        self.kind, self.position, self.integer = NumberModel(), NumberModel(), NumberModel()
        self.date, self.length = NumberModel(), NumberModel()
        self.dot_epoch, self.dot_step = NumberModel(), NumberModel()
        self.last, self.learned, self.integers = None, {}, []
        self.last_integer = self.last_date = self.last_sequence = 0

    def read(self, lead):
        known = None if lead is None else self.learned.get(lead)
        guess = self.last if known is None else known
        value = None
        if guess is not None:
            if self.decoder.bit(self.is_foretold[0 if known is None else 1]):
                value = guess
        if value is None:
            value = self.literal()
        self.last = value
        if lead is not None:
            self.learned[lead] = value
        return value

    def literal(self):
        decoder, kind = self.decoder, self.decoder.number(self.kind)
        if kind == NULL:
            return bytes([TAG_NULL])
        if kind == INTEGER:
            return bytes([TAG_INTEGER]) + zigzag(self.next_integer())
        if kind == TEXT:
            return bytes([TAG_TEXT]) + self.all_texts[decoder.text(self.texts, self.seen)]
        if kind == DOT:
            epoch = decoder.number(self.dot_epoch)
            self.last_sequence = s64(self.last_sequence + decoder.signed(self.dot_step))
            demand(epoch < len(self.epochs), f"a dot of epoch {epoch}")
            demand(1 <= self.last_sequence <= LARGEST_SEQUENCE, f"sequence {self.last_sequence}")
            return bytes([TAG_DOT]) + dot_bytes(Dot(self.epochs[epoch], self.last_sequence))
        if kind == DATE:
            self.last_date = s64(self.last_date + decoder.signed(self.date))
            demand(FIRST_DAY <= self.last_date <= LAST_DAY, f"day {self.last_date}")
            day = datetime.date.fromordinal(self.last_date - FIRST_DAY + 1)
            return bytes([TAG_TEXT]) + day.isoformat().encode("ascii")
        demand(kind == BYTES, f"a value of kind {kind}")
        length = decoder.number(self.length)
        if length > LARGEST_VALUE:
            raise Refusal("piece_too_large", f"a value of {length} bytes")
        return bytes(decoder.raw(8) for _ in range(length))

    def next_integer(self):
        if self.decoder.bit(self.is_known):
            at = self.decoder.number(self.position)
            demand(at < len(self.integers), f"integer {at} where none is")
            self.last_integer = self.integers[at]
        else:
            self.last_integer = s64(self.last_integer + self.decoder.signed(self.integer))
            if len(self.integers) < KNOWN_INTEGERS:
                self.integers.append(self.last_integer)
        return self.last_integer
