"""Event pieces: Protocol/03-bundles.md, Event pieces."""

from dataclasses import dataclass, field

from .canonical import MOST_COLUMNS, TAG_DOT, TAG_INTEGER, TAG_TEXT, Dot, Refusal
from .coder import Decoder, NumberModel, Seen, TextModels, demand, model, models, s64
from .heap import open_piece, read_texts
from .manifest import LARGEST_SEQUENCE

NONE, PREVIOUS, KEY, AFTER, ATTRIBUTE = range(5)
PREDICTIONS = ("none", "previous", "key", "after", "attribute")
MOST_NAMED = 31
LARGEST_ATTRIBUTE = 15
MIXED, ALL_FULL, ALL_EMPTY = range(3)

LARGEST_TEXT = 65_536
MOST_NAMED_BYTES = 16_777_216


@dataclass
class Column:
    """A column as a piece describes it; other columns are positions, `given` may be None."""

    name: str
    kind: int
    prediction: int
    attribute: int = 0
    named: list = field(default_factory=list)
    given: int | None = None


@dataclass
class Collection:
    """A collection of a piece: `dots` and `rows` in the order of its runs."""

    name: str
    columns: list
    order: list
    dots: list = field(default_factory=list)
    rows: list = field(default_factory=list)


@dataclass
class EventPiece:
    collections: list
    runs: list

    def __len__(self):
        return sum(len(each.dots) for each in self.collections)

    def events(self):
        """Collection, dot and cells of each event, in the order of runs."""
        begun = [0] * len(self.collections)
        for at, count in self.runs:
            collection, first = self.collections[at], begun[at]
            begun[at] += count
            for row in range(first, first + count):
                yield collection, collection.dots[row], collection.rows[row]


def read_event_piece(data, epochs, catalogue):
    """Decodes a piece; `catalogue` is the one the manifest names, or None."""
    count, heap, stream = open_piece(data, 1, "events")
    collections = _read_collections(heap, count)
    texts = list(catalogue.texts) if catalogue else []
    catalogued = len(texts)
    texts += read_texts(heap)
    decoder = Decoder(stream, catalogued, len(texts))
    runs = _read_runs(decoder, collections, count, epochs)
    for collection in collections:
        _read_rows(decoder, collection, epochs, catalogue, texts)
    decoder.finish()
    _check_named_bytes(collections, texts)
    return EventPiece(collections, runs)


def _check_named_bytes(collections, texts):
    """The limits of texts, each counted as often as a cell names it (03, Limits)."""
    longest = max(map(len, texts), default=0)
    if longest > LARGEST_TEXT:
        raise Refusal("piece_too_large", f"a text of {longest} bytes")
    rows = (row for collection in collections for row in collection.rows)
    total = sum(len(cell) for row in rows for cell in row if isinstance(cell, bytes))
    if total > MOST_NAMED_BYTES:
        raise Refusal("piece_too_large", f"texts of {total} bytes in all cells")


# The heap


def _read_collections(heap, events):
    count = heap.varint()
    demand(1 <= count <= events, f"{count} collections for {events} events")
    collections = []
    for _ in range(count):
        name = heap.name()
        columns = _read_columns(heap)
        collections.append(Collection(name, columns, _coding_order(columns)))
    demand(len({each.name for each in collections}) == count, "a collection comes twice")
    return collections


def _read_columns(heap):
    """The columns of one collection, with their names made positions (03, Heap of events)."""
    count = heap.varint()
    demand(1 <= count <= MOST_COLUMNS, f"{count} columns")
    columns, named, givens = [], [], []
    for _ in range(count):
        column = Column(heap.name(), heap.byte(), heap.varint())
        demand(column.name, "a column without a name")
        demand(column.kind in (TAG_INTEGER, TAG_TEXT, TAG_DOT), f"a column of kind {column.kind}")
        demand(column.prediction < len(PREDICTIONS), f"prediction {column.prediction}")
        names = []
        if column.prediction == AFTER:
            number = heap.varint()
            demand(number <= MOST_NAMED, f"a column after {number} others")
            names = [heap.name() for _ in range(number)]
        elif column.prediction == ATTRIBUTE:
            column.attribute = heap.varint()
            demand(column.attribute <= LARGEST_ATTRIBUTE, f"attribute {column.attribute}")
            names = [heap.name()]
        columns.append(column)
        named.append(names)
        givens.append(heap.name(empty=True))
    positions = {column.name: at for at, column in enumerate(columns)}
    demand(len(positions) == count, "a column comes twice")
    for at, column in enumerate(columns):
        for name in named[at] + [givens[at]] * bool(givens[at]):
            demand(name in positions, f"{column.name} names {name}, which is no column")
        column.named = [positions[name] for name in named[at]]
        column.given = positions.get(givens[at])
        _check_column(columns, at)
    return columns


def _check_column(columns, at):
    """What a prediction demands of the columns that it is about."""
    column = columns[at]
    kinds = {columns[other].kind for other in column.named}
    demand(column.given != at, f"{column.name} is given itself")
    if column.prediction == KEY:
        demand(column.kind == TAG_TEXT, "a key that is no text")
    elif column.prediction == AFTER:
        demand(column.kind == TAG_INTEGER, "`after` on what is no integer")
        demand(kinds <= {TAG_INTEGER}, "`after` names what is no integer")
    elif column.prediction == ATTRIBUTE:
        demand(at not in column.named, "an attribute of itself")
        demand(kinds == {TAG_TEXT}, "an attribute of what is no text")


def _coding_order(columns):
    """The order in which each column comes after those that it needs."""
    needs = [set(column.named) - {at} for at, column in enumerate(columns)]
    for at, column in enumerate(columns):
        if column.given is not None:
            needs[at].add(column.given)
    order = []
    while len(order) < len(columns):
        ready = (
            at for at in range(len(columns)) if at not in order and needs[at] <= set(order)
        )
        following = next(ready, None)
        demand(following is not None, "columns need each other in a circle")
        order.append(following)
    return order


# The stream


def _read_runs(decoder, collections, events, epochs):
    """Gives the collections their dots (03, Runs)."""
    collection_model, epoch_model, first_model, count_model = (NumberModel() for _ in range(4))
    following, runs, total = {}, [], 0
    while total < events:
        at = decoder.number(collection_model)
        epoch = decoder.number(epoch_model)
        first = s64(following.get(epoch, 1) + decoder.signed(first_model))
        count = decoder.number(count_model)
        demand(at < len(collections), f"a run of collection {at}")
        demand(epoch < len(epochs), f"a run of epoch {epoch}")
        demand(1 <= count <= events - total, f"a run of {count} events")
        demand(first >= 1 and first + count - 1 <= LARGEST_SEQUENCE, f"a run from {first}")
        following[epoch] = first + count
        total += count
        runs.append((at, count))
        dots = collections[at].dots
        dots.extend(Dot(epochs[epoch], first + step) for step in range(count))
    demand(all(each.dots for each in collections), "a collection without a run")
    return runs


def _read_rows(decoder, collection, epochs, catalogue, texts):
    """Decodes the columns in their order and gives the collection its rows."""
    rows, size = len(collection.dots), len(collection.columns)
    cells, hits = [None] * size, [None] * size
    for at in collection.order:
        coder = _ColumnCoder(decoder, collection.columns[at], rows, epochs, catalogue)
        cells[at], hits[at] = coder.cells, coder.hits
        coder.read(cells, hits)
    for at, column in enumerate(collection.columns):
        if column.kind == TAG_TEXT:
            cells[at] = [None if cell is None else texts[cell] for cell in cells[at]]
    collection.rows = list(zip(*cells))


class _ColumnCoder:
    """All rows of one column (03, Columns). Texts are their numbers here."""

    def __init__(self, decoder, column, rows, epochs, catalogue):
        self.decoder = decoder
        self.column = column
        self.epochs = epochs
        self.cells = [None] * rows
        self.hits = [0] * rows
        self.null, self.hit = models(2), models(2)
        self.in_catalogue = model()
        self.position = NumberModel()
        contexts = 1 if column.given is None else 2
        self.literal = [NumberModel() for _ in range(contexts)]
        self.texts = [TextModels() for _ in range(contexts)]
        self.seen = Seen()
        self.last_sequence = 0
        self.keys = len(catalogue.entries) if catalogue and column.prediction == KEY else 0
        self.known = _known(column, catalogue) if column.prediction == ATTRIBUTE else {}

    def read(self, all_cells, all_hits):
        """Decodes this column after those that it needs."""
        decoder, prediction = self.decoder, self.column.prediction
        shape = decoder.raw(2)
        demand(shape <= ALL_EMPTY, "a column of shape 3")
        if shape == ALL_EMPTY:
            return
        named = [all_cells[other] for other in self.column.named]
        given = None if self.column.given is None else all_hits[self.column.given]
        last, was_null, was_hit = None, 0, 1
        for row in range(len(self.cells)):
            if shape == MIXED:
                was_null = decoder.bit(self.null[was_null])
                if was_null:
                    continue
            context = given[row] if given else 0
            subject = None
            if prediction == AFTER:
                base = sum(cells[row - 1] or 0 for cells in named) if row else 0
                cell = s64(s64(base) + decoder.signed(self.literal[context]))
            else:
                guess = None
                if prediction == PREVIOUS:
                    guess = last
                elif prediction == ATTRIBUTE:
                    subject = named[0][row]
                    guess = self.known.get(subject)
                if guess is not None:
                    self.hits[row] = was_hit = decoder.bit(self.hit[was_hit])
                    cell = guess if was_hit else self.plain(context)
                else:
                    cell = self.plain(context)
            demand(self.column.kind != TAG_INTEGER or cell != -(2**63), "an integer of -2^63")
            self.cells[row] = last = cell
            if subject is not None:
                self.known.setdefault(subject, cell)

    def plain(self, context):
        """A cell without a guess, or of which the guess is wrong."""
        decoder = self.decoder
        if self.column.kind == TAG_INTEGER:
            return decoder.signed(self.literal[context])
        if self.column.kind == TAG_TEXT:
            if self.keys and decoder.bit(self.in_catalogue):
                entry = decoder.number(self.position)
                demand(entry < self.keys, f"entry {entry} of the catalogue")
                return entry
            return decoder.text(self.texts[context], self.seen)
        epoch = decoder.number(self.position)
        step = decoder.signed(self.literal[context])
        sequence = s64(self.last_sequence + 1 + step)
        demand(epoch < len(self.epochs), f"a dot of epoch {epoch}")
        demand(1 <= sequence <= LARGEST_SEQUENCE, f"a dot of sequence {sequence}")
        self.last_sequence = sequence
        return Dot(self.epochs[epoch], sequence)


def _known(column, catalogue):
    """What the catalogue foretells of a column, by the number of the key."""
    if not catalogue or column.attribute >= len(catalogue.attributes):
        return {}
    if catalogue.kinds[column.attribute] != column.kind:
        return {}
    attribute = catalogue.attributes[column.attribute]
    return {key: value for key, value in enumerate(attribute) if value is not None}
