"""What `show` prints."""

import datetime
import unicodedata

from .canonical import LOG, ROLES, Refusal, parse_value, value_of_cell
from .consistency import check_bundle
from .events import PREDICTIONS, EventPiece

FEW_ROWS = 10


def report(bundle, size, is_all, out):
    """Prints a bundle; the content is cut after FEW_ROWS records or events unless `is_all`."""
    _Report(bundle, size, None if is_all else FEW_ROWS, out).run()


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

    def run(self):
        self.head()
        findings = check_bundle(self.bundle)
        for content, found in zip(self.bundle.contents, findings):
            self.delta(content.delta, found)
            self.content(content)
        for receipt in self.manifest.receipts:
            self.say(1, "receipt", receipt.partition)
            self.say(2, "received", vector_text(receipt.received))
            self.say(2, "safe", vector_text(receipt.safe))
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
            if any(getattr(each, "code", "") == "catalogue_unknown" for each in self.bundle.defects):
                self.say(1, "", "give its canonical bytes with --catalogue to read them")
        if manifest.catalogue_lacking:
            self.say(1, "lacking", f"the sender lacks the catalogue {manifest.catalogue_lacking:016x}")
        if manifest.part or manifest.more:
            self.say(1, "part", f"{manifest.part}, {'more follow' if manifest.more else 'the last'}")
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
        shown = self.shown(events)
        at = 0
        while at < len(shown):
            end = at
            names = [column.name for column in shown[at][0].columns]
            heading = (shown[at][0].name, names)
            rows = []
            while end < len(shown) and (
                shown[end][0].name,
                [column.name for column in shown[end][0].columns],
            ) == heading:
                _, dot, cells = shown[end]
                texts = ["" if each is None else value_text(value_of_cell(each)) for each in cells]
                rows.append([str(dot), *texts])
                end += 1
            used = [i for i in range(len(names) + 1) if any(row[i] for row in rows)]
            rows.insert(0, [heading[0], *names])
            for line in table([[row[i] for i in used] for row in rows]):
                self.say(2, line)
            at = end
        self.more(events)

    def records(self, records):
        for record in self.shown(records):
            deleted = " deleted" if "" in record.fields else ""
            self.say(2, f"{record.collection} {record.id}{deleted}  vector {vector_text(record.vector)}")
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
    if not isinstance(piece, EventPiece):
        for layout in piece.layouts:
            names = [
                repr(field.name)
                if not field.name
                else field.name
                + ("" if field.follows is None else f" (follows {layout.fields[field.follows].name})")
                for field in layout.fields
            ]
            yield f"{layout.collection}: {', '.join(names)}"
        return
    for collection in piece.collections:
        names = [_column_text(collection.columns, column) for column in collection.columns]
        yield f"{collection.name}: {', '.join(names)}"


def _column_text(columns, column):
    kind = ("", "integer", "text", "dot")[column.kind]
    text = f"{column.name} {kind} {PREDICTIONS[column.prediction]}"
    if column.prediction == PREDICTIONS.index("attribute"):
        text += f" {column.attribute} of"
    text += "".join(f" {columns[other].name}" for other in column.named)
    return text + (f" given {columns[column.given].name}" if column.given is not None else "")
