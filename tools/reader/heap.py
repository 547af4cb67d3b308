"""The heap of a piece, and the texts behind its names: Protocol/03-bundles.md, Heap."""

import functools
import hashlib
import pathlib
import zlib

from .canonical import Cursor, Malformed, Refusal
from .coder import demand

MOST_ITEMS = 16_384
LARGEST_HEAP = 1_048_576
DICTIONARY = pathlib.Path(__file__).parents[2] / "Protocol" / "dictionaries" / "1.bin"
DICTIONARY_HASH = "518d8e78d8ecf3ea294c2c65251c125dae035bf48fcb1bd70c71062195c8edc0"


@functools.cache
def dictionary():
    """The preset dictionary of format version 1 (00, Layers)."""
    data = DICTIONARY.read_bytes()
    if hashlib.sha256(data).hexdigest() != DICTIONARY_HASH:
        raise SystemExit(f"{DICTIONARY} is not the dictionary of format version 1")
    return data


def open_piece(data, kind, what):
    """Reads a piece as far as its stream: the number of events or records, heap and stream."""
    cursor = Cursor(data)
    demand(cursor.byte() == kind, f"the piece is not one of {what}")
    count = cursor.varint()
    demand(count > 0, f"a piece of no {what}")
    if count > MOST_ITEMS:
        raise Refusal("piece_too_large", f"a piece of {count} {what}")
    heap = _inflate(cursor)
    return count, Cursor(heap), cursor.take(cursor.remaining())


def _inflate(cursor):
    plain = cursor.varint()
    if plain == 0:
        return b""
    deflated = cursor.block()
    if plain > LARGEST_HEAP or plain > 1_032 * (len(deflated) + 8):
        raise Refusal("piece_too_large", f"a heap of {plain} bytes from {len(deflated)}")
    inflater = zlib.decompressobj(wbits=-15, zdict=dictionary())
    try:
        heap = inflater.decompress(deflated, plain + 1)
    except zlib.error as defect:
        raise Malformed(f"the heap does not inflate: {defect}") from None
    demand(len(heap) == plain, "the heap inflates to another length than it says")
    demand(inflater.eof, "the heap's stream does not end")
    demand(not inflater.unused_data, "something stands behind the heap's stream")
    return heap


def read_texts(cursor):
    """The texts from here to the end of the heap."""
    texts = []
    while cursor.remaining():
        texts.append(cursor.block())
    return texts
