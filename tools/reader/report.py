"""What `show` prints."""

import datetime
import itertools
import unicodedata

from .canonical import LOG, ROLES, Refusal, parse_value, value_of_cell
from .events import PREDICTIONS, EventPiece

FEW_ROWS = 10


def report(bundle, findings, size, is_all, out):
    """Prints a bundle; the content is cut after FEW_ROWS records or events unless `is_all`."""
    _Report(bundle, size, None if is_all else FEW_ROWS, out).run(findings)


# Texts


def instant(seconds):
    """Seconds since 1970 for people; empty where the calendar ends."""
    try:
        start = datetime.datetime(1970, 1, 1)
        return f"{start + datetime.timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return ""


def time_text(time):
    """A time of a write: milliseconds and count (01, Times)."""
    milliseconds, count = time >> 16, time & 0xFFFF
    day = instant(milliseconds // 1000)
    return f"{time}" + (f" ({day} .{milliseconds % 1000:03} +{count})" if day else "")


def vector_text(vector):
    return " ".join(map(str, vector)) or "-"


def value_text(value):
    """A value as text (02, Values)."""
    kind, content = parse_value(value)
    if kind == "null":
        return "null"
    if kind == "integer":
        return str(content)
    if kind == "dot":
        return f"@{content}"
    if kind == "text":
        try:
            return _quoted(content.decode("utf-8"))
        except UnicodeDecodeError:
            pass
    return "#" + value.hex()


def _quoted(text):
    out = []
    for character in text:
        if character in '"\\':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        elif character < " " or character == "\x7f":
            out.append(f"\\u{{{ord(character):x}}}")
        else:
            out.append(character)
    return '"' + "".join(out) + '"'


def _width(text):
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def table(rows):
    """Lines of aligned cells."""
    widths = [max(map(_width, column)) for column in zip(*rows)]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths))
        yield "  ".join(cells).rstrip()


# The report


class _Report:
    def __init__(self, bundle, size, limit, out):
        self.bundle = bundle
        self.manifest = bundle.head.manifest
        self.size = size
        self.limit = limit
        self.out = out

    def say(self, indent, label, text=""):
        print(f"{'  ' * indent}{label:<12}{text}".rstrip(), file=self.out)

    def place(self, place):
        own = {self.manifest.sender: " (sender)", self.manifest.reader: " (reader)"}
        return f"{place:016x}{own.get(place, '')}"

    def run(self, findings):
        self.head()
        for content, found in zip(self.bundle.contents, findings):
            self.delta(content.delta, found)
            self.content(content)
        for receipt in self.manifest.receipts:
            self.say(1, "receipt", receipt.partition)
            self.say(2, "received", vector_text(receipt.received))
            self.say(2, "safe", vector_text(receipt.safe))
            if receipt.refused:
                self.say(2, "refused", receipt.refused)
        for defect in self.bundle.defects:
            self.say(1, "DEFECT", defect)

    def head(self):
        head, manifest = self.bundle.head, self.manifest
        self.say(
            1,
            "head",
            f"version 1, {self.size} bytes, head of {head.size}, manifest of {head.manifest_size}, "
            f"check {head.check.hex()} is right, no signature",
        )
        self.say(1, "sender", f"{manifest.sender:016x}")
        self.say(1, "reader", f"{manifest.reader:016x}")
        self.say(1, "number", manifest.number)
        self.say(1, "made", f"{manifest.made} {instant(manifest.made)}")
        for place in manifest.places[2:]:
            self.say(1, "place", f"{place:016x}")
        for epoch in manifest.epochs:
            self.say(1, "epoch", f"{epoch:016x}")
        if manifest.catalogue:
            self.say(1, "catalogue", f"{manifest.catalogue:016x} was used for events")
            if any(each.code == "catalogue_unknown" for each in self.bundle.defects):
                self.say(1, "", "give its canonical bytes with --catalogue to read them")
        self.say(1, "believed", f"{manifest.believed:08x}, what the sender thinks the reader holds")
        if manifest.catalogue_lacking:
            self.say(1, "lacking", f"catalogue {manifest.catalogue_lacking:016x}, at the sender")
        if manifest.part or manifest.more:
            which = "more follow" if manifest.more else "the last"
            self.say(1, "part", f"{manifest.part}, {which}")
        if manifest.seal:
            self.say(1, "seal", manifest.seal.hex())

    def delta(self, delta, findings):
        self.say(1, "delta", delta.partition)
        self.say(2, "base", vector_text(delta.base))
        for dot, chain in zip(delta.base, delta.base_chains):
            self.say(3, "chain", f"{chain.hex()} at {dot}")
        self.say(2, "target", vector_text(delta.target))
        for dot, chain in zip(delta.target, delta.target_chains):
            self.say(3, "chain", f"{chain.hex()} at {dot}")
        self.say(2, "digest", f"{delta.digest:016x}")
        for birth in delta.births:
            self.say(
                2,
                "birth",
                f"{birth.epoch:016x} by the {ROLES[birth.role]} of {self.place(birth.place)}, "
                f"parents {vector_text(birth.parents)}",
            )
        for finding in findings:
            mark = "DEFECT " if finding.refusal else ""
            self.say(2, "checked", f"{mark}{finding.what}: {finding.outcome}")

    def content(self, content):
        for listed, piece in zip(content.delta.pieces, content.pieces):
            if listed.content:
                where = f"inline, {len(listed.content)} bytes"
            else:
                where = f"following, {listed.length} bytes, hash {listed.hash.hex()}"
            if isinstance(piece, Refusal):
                self.say(2, "piece", f"{where}: {piece}")
                continue
            what = "events" if isinstance(piece, EventPiece) else "records"
            self.say(2, "piece", f"{where}: {len(piece)} {what}")
            for line in _description(piece):
                self.say(3, line)
        if content.delta.partition.section == LOG:
            self.events(list(content.events()))
        else:
            self.records(list(content.records()))

    def shown(self, things):
        return things if self.limit is None else things[: self.limit]

    def more(self, things):
        if self.limit is not None and len(things) > self.limit:
            self.say(2, f"... {len(things) - self.limit} more; --all shows them")

    def events(self, events):
        """Tables, one for each stretch of events of one description; empty columns are left out."""

        def heading(event):
            collection = event[0]
            return [collection.name] + [column.name for column in collection.columns]

        for names, stretch in itertools.groupby(self.shown(events), heading):
            rows = [
                [str(dot)]
                + ["" if cell is None else value_text(value_of_cell(cell)) for cell in cells]
                for _, dot, cells in stretch
            ]
            used = [at for at in range(len(names)) if any(row[at] for row in rows)]
            for line in table([[row[at] for at in used] for row in [names, *rows]]):
                self.say(2, line)
        self.more(events)

    def records(self, records):
        for record in self.shown(records):
            deleted = " deleted" if "" in record.fields else ""
            vector = vector_text(record.vector)
            self.say(2, f"{record.collection} {record.id}{deleted}  vector {vector}")
            rows = [
                [name, value_text(value), str(dot), time_text(time)]
                for name, siblings in record.fields.items()
                for dot, time, value in siblings
            ]
            for line in table(rows):
                self.say(3, line)
        self.more(records)


def _description(piece):
    """How a piece describes its collections."""
    if isinstance(piece, EventPiece):
        for collection in piece.collections:
            columns = collection.columns
            texts = [_column_text(columns, column) for column in columns]
            yield f"{collection.name}: {', '.join(texts)}"
    else:
        for layout in piece.layouts:
            texts = [_field_text(layout.fields, field) for field in layout.fields]
            yield f"{layout.collection}: {', '.join(texts)}"


def _field_text(fields, field):
    text = field.name or "(deletion)"
    return text if field.follows is None else f"{text} follows {fields[field.follows].name}"


def _column_text(columns, column):
    kind = ("", "integer", "text", "dot")[column.kind]
    text = f"{column.name} {kind} {PREDICTIONS[column.prediction]}"
    if column.prediction == PREDICTIONS.index("attribute"):
        text += f" {column.attribute} of"
    text += "".join(f" {columns[other].name}" for other in column.named)
    return text + (f" given {columns[column.given].name}" if column.given is not None else "")
