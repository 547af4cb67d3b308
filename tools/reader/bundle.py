"""A whole bundle: Protocol/03-bundles.md, Reading, and the order of checks."""

import hashlib
from dataclasses import dataclass

from .canonical import LOG, Malformed, Refusal
from .events import EventPiece, read_event_piece
from .manifest import Head, read_head
from .records import read_record_piece


@dataclass
class Content:
    """The decoded pieces of one delta, in order; a Refusal stands where one could not be read."""

    delta: object
    pieces: list

    @property
    def is_whole(self):
        return not any(isinstance(piece, Refusal) for piece in self.pieces)

    def events(self):
        for piece in self.pieces:
            if isinstance(piece, EventPiece):
                yield from piece.events()

    def records(self):
        for piece in self.pieces:
            if not isinstance(piece, (EventPiece, Refusal)):
                yield from piece.records


@dataclass
class Bundle:
    """`defects` has a Refusal for each defect behind the head, in the order of checks."""

    head: Head
    contents: list
    defects: list


def read_bundle(data, catalogue=None):
    """Reads all there is, and raises a Refusal if the head is bad."""
    return _read(data, catalogue, is_decoded=True)


def verify_bundle(data, catalogue=None, is_decoded=True):
    """Raises the first Refusal of checks 1 to 16, or of 1 to 15 as a mere verifier does."""
    bundle = _read(data, catalogue, is_decoded)
    if bundle.defects:
        raise bundle.defects[0]
    return bundle


def _read(data, catalogue, is_decoded):
    head = read_head(data)
    defects = []
    deltas = head.manifest.deltas
    whole = head.size + sum(piece.length for delta in deltas for piece in delta.pieces)
    if len(data) > whole:
        defects.append(
            Refusal("trailing_bytes", f"{len(data) - whole} bytes stand behind the last piece")
        )
    contents = _cut(data, head, defects)
    if is_decoded:
        for content in contents:
            _decode(content, head.manifest, catalogue, defects)
    return Bundle(head, contents, defects)


def _cut(data, head, defects):
    """The bytes of all pieces: checks 14 and 15."""
    at, contents = head.size, []
    for delta in head.manifest.deltas:
        pieces = []
        for piece in delta.pieces:
            if piece.content:
                pieces.append(piece.content)
                continue
            content = data[at : at + piece.length]
            at += piece.length
            if len(content) < piece.length:
                content = Refusal("truncated", f"{len(content)} of {piece.length} bytes of a piece")
            elif hashlib.sha256(content).digest()[:16] != piece.hash:
                content = Refusal("piece_damaged", "a piece has another hash than was said")
            if isinstance(content, Refusal):
                defects.append(content)
            pieces.append(content)
        contents.append(Content(delta, pieces))
    return contents


def _decode(content, manifest, catalogue, defects):
    """Replaces the bytes of pieces by what they say: check 16."""
    for at, piece in enumerate(content.pieces):
        if isinstance(piece, Refusal):
            continue
        try:
            content.pieces[at] = _read_piece(piece, content.delta, manifest, catalogue)
        except Refusal as refusal:
            content.pieces[at] = refusal
            defects.append(refusal)


def _read_piece(data, delta, manifest, catalogue):
    try:
        if delta.partition.section != LOG:
            return read_record_piece(data, manifest.epochs, manifest.made)
        if manifest.catalogue == 0:
            return read_event_piece(data, manifest.epochs, None)
        if catalogue is None or catalogue.identity != manifest.catalogue:
            raise Refusal(
                "catalogue_unknown", f"the events need the catalogue {manifest.catalogue:016x}"
            )
        return read_event_piece(data, manifest.epochs, catalogue)
    except Malformed as defect:
        raise Refusal("piece_malformed", str(defect)) from None
