"""A sealed bundle: Protocol/07-trust.md.

    python3 tools/reader/seal.py --self-test    ciphers by the vectors of their RFCs, and a bundle

Opens and closes bundles for tools/test-cli too, which keeps what it does to them behind the seal.
"""

import hashlib
import os
import sys
from dataclasses import dataclass
from typing import NamedTuple

if not __package__:  # It was started as a program.
    sys.dont_write_bytecode = True
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    __package__ = "reader"

from .canonical import Cursor, Malformed, Refusal, block, fixed, varint  # noqa: E402
from .ciphers import (  # noqa: E402
    TAG_SIZE,
    Unsealed,
    chacha20_poly1305_open,
    chacha20_poly1305_seal,
    ed25519_public,
    ed25519_sign,
    ed25519_verify,
    hkdf,
    x25519,
    x25519_public,
)
from .manifest import LARGEST_MANIFEST, LARGEST_NUMBER, LATEST_MADE, read_manifest  # noqa: E402

VERSION = 2
LARGEST_LABEL = 64
LARGEST_INTRODUCTION = 4_096
LARGEST_FOLLOWING = 2**40


# Keys


class PublicKeys(NamedTuple):
    signing: bytes
    reading: bytes

    @classmethod
    def of(cls, data):
        if len(data) != 64:
            raise ValueError(f"public keys of {len(data)} bytes")
        return cls(data[:32], data[32:])

    def bytes(self):
        return self.signing + self.reading


class SecretKeys(NamedTuple):
    """The 64 secret bytes of a replica."""

    seed: bytes
    reading: bytes

    @classmethod
    def of(cls, data):
        if len(data) != 64:
            raise ValueError(f"secret keys of {len(data)} bytes")
        return cls(data[:32], data[32:])

    @classmethod
    def in_folder(cls, folder):
        """Those of a data folder."""
        with open(os.path.join(folder, "keys"), "rb") as file:
            return cls.of(file.read())

    def public(self):
        return PublicKeys(ed25519_public(self.seed), x25519_public(self.reading))


def invited_keys(secret):
    """The secret keys for which a hub seals until it knows the place's own."""
    return SecretKeys.of(hkdf(secret, b"", b"yizhan invited 2", 64))


# The label


@dataclass(frozen=True)
class Label:
    sender: int
    reader: int
    number: int
    made: int
    following: int

    @classmethod
    def of_manifest(cls, manifest):
        return cls(
            manifest.sender,
            manifest.reader,
            manifest.number,
            manifest.made,
            sum(piece.length + TAG_SIZE for piece in following_pieces(manifest)),
        )

    def bytes(self):
        numbers = (self.number, self.made, self.following)
        return fixed(self.sender) + fixed(self.reader) + b"".join(map(varint, numbers))


def following_pieces(manifest):
    return [piece for delta in manifest.deltas for piece in delta.pieces if not piece.content]


def _read_label(data):
    """Check 7."""
    cursor = Cursor(data)
    try:
        label = Label(
            cursor.fixed(), cursor.fixed(), cursor.varint(), cursor.varint(), cursor.varint()
        )
    except Malformed as defect:
        raise Refusal("manifest_malformed", f"the label: {defect}") from None
    faults = {
        "something stands behind the label": cursor.remaining() > 0,
        "sender or reader is zero": 0 in (label.sender, label.reader),
        "sender and reader are the same": label.sender == label.reader,
        "the number is out of range": label.number > LARGEST_NUMBER,
        "the time of making is out of range": label.made > LATEST_MADE,
        "the pieces are too long": label.following > LARGEST_FOLLOWING,
    }
    for text, is_so in faults.items():
        if is_so:
            raise Refusal("manifest_malformed", f"the label: {text}")
    return label


# The envelope


@dataclass(frozen=True)
class Envelope:
    """What anybody can read of a sealed bundle; `pieces` are the sealed ones, as far as they go."""

    label: Label
    introduction: bytes
    ephemeral: bytes
    sealed_manifest: bytes
    signature: bytes
    bound: bytes
    signed: bytes
    pieces: bytes

    @property
    def head_size(self):
        return len(self.signed) + len(self.signature)

    def text_to_sign(self, reader):
        return _text_to_sign(self.signed, reader)


def _text_to_sign(signed, reader):
    return b"yizhan bundle 2" + hashlib.sha256(signed).digest() + reader.bytes()


class _Head(Cursor):
    """Reads the head; what is not there is `truncated`, check 5."""

    def take(self, size):
        if size > self.remaining():
            raise Refusal("truncated", f"the bundle has {len(self.data)} bytes")
        return super().take(size)

    def limited(self, what, limit, code):
        try:
            size = self.varint()
        except Malformed as defect:
            raise Refusal("manifest_malformed", f"the length of {what}: {defect}") from None
        if size > limit:
            raise Refusal(code, f"{what} of {size} bytes")
        return self.take(size)


def read_envelope(data):
    """Checks 1 to 8: all that can be said without keys. Pieces may be cut off."""
    if data[:2] != b"YZ"[: len(data)]:
        raise Refusal("not_a_bundle", "it does not begin with YZ")
    if len(data) < 3:
        raise Refusal("truncated", f"it has {len(data)} bytes")
    if data[2] != VERSION:
        raise Refusal("version_unsupported", f"its format version is {data[2]}")
    head = _Head(data, 3)
    label = head.limited("the label", LARGEST_LABEL, "manifest_malformed")
    introduction = head.limited("the introduction", LARGEST_INTRODUCTION, "manifest_malformed")
    bound = data[: head.at]
    ephemeral = head.take(32)
    manifest = head.limited(
        "the sealed manifest", LARGEST_MANIFEST + TAG_SIZE, "manifest_too_large"
    )
    end = head.at
    check, signature = head.take(8), head.take(64)
    if hashlib.sha256(data[:end]).digest()[:8] != check:
        raise Refusal("check_failed", "the check is not that of the head")
    label = _read_label(label)
    pieces = data[head.at :]
    if len(pieces) > label.following:
        beyond = len(pieces) - label.following
        raise Refusal("trailing_bytes", f"{beyond} bytes stand behind the last piece")
    signed = data[: end + 8]
    return Envelope(label, introduction, ephemeral, manifest, signature, bound, signed, pieces)


# The seal


class _Seal:
    """The key of one bundle."""

    def __init__(self, shared, ephemeral, reader, sender, bound):
        if shared == bytes(32):
            raise Unsealed("the ephemeral key is of small order")
        info = b"yizhan seal 2" + bound + sender.signing
        self.key = hkdf(shared, ephemeral + reader.reading, info, 32)

    @staticmethod
    def nonce(number):
        return fixed(number) + bytes(4)

    def seal(self, number, plain):
        return chacha20_poly1305_seal(self.key, self.nonce(number), plain)

    def open(self, number, sealed):
        return chacha20_poly1305_open(self.key, self.nonce(number), sealed)


# Opening


@dataclass
class Opened:
    """A bundle without its seal. A Refusal stands where a following piece could not be read."""

    envelope: Envelope
    manifest: bytes
    pieces: list

    @property
    def refusal(self):
        """The first of check 14."""
        return next((each for each in self.pieces if isinstance(each, Refusal)), None)

    def plain(self):
        """The same as a bundle of version 1, which is what 03 reads; up to the first bad piece."""
        good = self.pieces[: self.pieces.index(self.refusal)] if self.refusal else self.pieces
        return plain_head(self.manifest) + b"".join(good)


def plain_head(manifest):
    start = b"YZ\1" + block(manifest)
    return start + hashlib.sha256(start).digest()[:8] + b"\0"


def open_bundle(data, secret, sender, place=None):
    """Checks 1 to 14, but for 10, with the reader's secret and the sender's public keys.

    Raises the Refusal of the checks up to 13; those of pieces stand where the pieces would.
    """
    envelope = read_envelope(data)
    if place is not None and envelope.label.reader != place:
        raise Refusal("not_for_here", f"it is for {envelope.label.reader:016x}")
    reader = secret.public()
    if not ed25519_verify(sender.signing, envelope.text_to_sign(reader), envelope.signature):
        raise Refusal("signature_wrong", "it is not signed by the sender's key")
    try:
        shared = x25519(secret.reading, envelope.ephemeral)
        seal = _Seal(shared, envelope.ephemeral, reader, sender, envelope.bound)
        manifest = seal.open(0, envelope.sealed_manifest)
    except Unsealed as defect:
        raise Refusal("seal_wrong", f"the manifest: {defect}") from None
    read = read_manifest(manifest)
    if Label.of_manifest(read) != envelope.label:
        raise Refusal("manifest_malformed", "the label says other than the manifest")
    return Opened(envelope, manifest, _open_pieces(envelope.pieces, seal, read))


def _open_pieces(data, seal, manifest):
    """Check 14."""
    pieces, at = [], 0
    for number, listed in enumerate(following_pieces(manifest), 1):
        sealed = data[at : at + listed.length + TAG_SIZE]
        at += len(sealed)
        try:
            if len(sealed) < listed.length + TAG_SIZE:
                raise Refusal("truncated", f"it ends within piece {number}")
            piece = seal.open(number, sealed)
            if hashlib.sha256(piece).digest()[:16] != listed.hash:
                raise Refusal("piece_damaged", f"piece {number} has another hash than was said")
            pieces.append(piece)
        except Unsealed as defect:
            pieces.append(Refusal("piece_damaged", f"piece {number}: {defect}"))
        except Refusal as refusal:
            pieces.append(refusal)
    return pieces


# Closing


@dataclass(frozen=True)
class Writer:
    """Who writes bundles for whom; `dice` are 32 random bytes, others for each bundle."""

    secret: SecretKeys
    reader: PublicKeys

    def close(self, label, manifest, pieces=(), introduction=b"", dice=None):
        """A sealed bundle of these parts, which need not fit each other."""
        bound = b"YZ" + bytes([VERSION]) + block(label.bytes()) + block(introduction)
        secret = hkdf(
            self.secret.seed + (dice or os.urandom(32)),
            hashlib.sha256(bound + manifest).digest(),
            b"yizhan ephemeral 2" + self.reader.bytes(),
            32,
        )
        ephemeral, sender = x25519_public(secret), self.secret.public()
        shared = x25519(secret, self.reader.reading)
        seal = _Seal(shared, ephemeral, self.reader, sender, bound)
        sealed = b"".join(seal.seal(number, piece) for number, piece in enumerate(pieces, 1))
        return self.sign(bound + ephemeral + block(seal.seal(0, manifest))) + sealed

    def sign(self, head):
        """A head of whatever bytes, with a right check and a right signature."""
        signed = head + hashlib.sha256(head).digest()[:8]
        return signed + ed25519_sign(self.secret.seed, _text_to_sign(signed, self.reader))

    def close_again(self, opened, **changes):
        """The same bundle sealed anew; `changes` are of `close`."""
        envelope = opened.envelope
        parts = {
            "label": envelope.label,
            "manifest": opened.manifest,
            "pieces": opened.pieces,
            "introduction": envelope.introduction,
        }
        return self.close(**(parts | changes))


if __name__ == "__main__":
    from reader.selftest import run

    if sys.argv[1:] != ["--self-test"]:
        sys.exit(__doc__.strip())
    sys.exit(0 if run(sys.stdout) else 1)
