"""What `seal.py --self-test` does: the ciphers by published vectors, and one bundle."""

import hashlib
import json
import pathlib

from . import ciphers
from .canonical import Refusal, block, fixed, varint
from .seal import Label, SecretKeys, Writer, open_bundle, read_envelope

HEX = bytes.fromhex
COUNTING = bytes(range(256))
PRIMITIVES = pathlib.Path(__file__).resolve().parents[2] / "Protocol" / "primitives.json"


def run(out):
    """Prints a line for each check; returns whether all hold."""
    tests = [*_hkdf(), *_x25519(), *_ed25519(), *_chacha20_poly1305(), *_published(), *_bundle()]
    passed = 0
    for name, holds in tests:
        passed += bool(holds)
        print(("passed " if holds else "FAILED ") + name, file=out)
    print(f"{passed} passed, {len(tests) - passed} failed", file=out)
    return passed == len(tests)


def _hkdf():
    vectors = (
        (bytes([11] * 22), COUNTING[:13], COUNTING[0xF0:0xFA],
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
        (COUNTING[:0x50], COUNTING[0x60:0xB0], COUNTING[0xB0:],
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb"
         "41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"),
        (bytes([11] * 22), b"", b"",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
    )  # fmt: skip
    for number, (secret, salt, info, wanted) in enumerate(vectors, 1):
        found = ciphers.hkdf(secret, salt, info, len(wanted) // 2)
        yield f"RFC 5869, A.{number}", found == HEX(wanted)


def _x25519():
    vectors = (
        ("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
         "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
         "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
        ("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
         "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
         "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"),
    )  # fmt: skip
    for number, (secret, point, wanted) in enumerate(vectors, 1):
        found = ciphers.x25519(HEX(secret), HEX(point))
        yield f"RFC 7748, 5.2, {number}", found == HEX(wanted)
    times = {
        1: "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
        1000: "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
    }
    secret = point = (9).to_bytes(32, "little")
    for time in range(1, 1001):
        secret, point = ciphers.x25519(secret, point), secret
        if time in times:
            yield f"RFC 7748, 5.2, {time} times", secret == HEX(times[time])
    for point in (0, 1, ciphers.PRIME - 1, ciphers.PRIME):
        found = ciphers.x25519(secret, point.to_bytes(32, "little"))
        yield f"a point of small order gives zeros: {point:x}", found == bytes(32)


def _ed25519():
    vectors = (
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
         "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
         "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    )  # fmt: skip
    for number, (seed, public, message, signature) in enumerate(map(_all_hex, vectors), 1):
        name = f"RFC 8032, 7.1, {number}"
        yield f"{name}: key", ciphers.ed25519_public(seed) == public
        yield f"{name}: signature", ciphers.ed25519_sign(seed, message) == signature
        yield f"{name}: is verified", ciphers.ed25519_verify(public, message, signature)
        others = [
            (public, message + b"x", signature),
            (public, message, signature[:63] + bytes([signature[63] ^ 1])),
            (public, message, bytes([signature[0] ^ 1]) + signature[1:]),
            (public, message, signature[:32] + _beyond_order(signature[32:])),
            (bytes([public[0] ^ 1]) + public[1:], message, signature),
        ]
        yield f"{name}: no other is", not any(ciphers.ed25519_verify(*each) for each in others)


def _all_hex(texts):
    return [HEX(text) for text in texts]


def _beyond_order(number):
    """The same number but for a multiple of the order, which no signature may have."""
    return (int.from_bytes(number, "little") + ciphers.ORDER).to_bytes(32, "little")


def _chacha20_poly1305():
    stream = ciphers.chacha20_stream(COUNTING[:32], 1, HEX("000000090000004a00000000"), 1)
    yield "RFC 8439, 2.3.2", stream == HEX(
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )
    key = HEX("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    tag = ciphers.poly1305(key, b"Cryptographic Forum Research Group")
    yield "RFC 8439, 2.5.2", tag == HEX("a8061dc1305136c6c22b8baf0c0127a9")
    two = (2).to_bytes(16, "little")
    for number, key, text in ((7, two + bytes(16), b"\xff" * 16), (8, two + b"\xff" * 16, two)):
        yield f"RFC 8439, A.3, {number}", ciphers.poly1305(key, text) == (3).to_bytes(16, "little")
    sealed = HEX(
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
        "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
        "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
    )
    plain = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        b"future, sunscreen would be it."
    )
    key, nonce = COUNTING[0x80:0xA0], HEX("070000004041424344454647")
    further = HEX("50515253c0c1c2c3c4c5c6c7")
    found = ciphers.chacha20_poly1305_seal(key, nonce, plain, further)
    yield "RFC 8439, 2.8.2: sealed", found == sealed
    yield "RFC 8439, 2.8.2: opened", _opened(key, nonce, sealed, further) == plain
    flipped = (sealed[:at] + bytes([byte ^ 1]) + sealed[at + 1 :] for at, byte in enumerate(sealed))
    opened = {_opened(key, nonce, each, further) for each in flipped}
    opened |= {_opened(key, nonce, sealed, b""), _opened(key, nonce, b"short", further)}
    yield "RFC 8439, 2.8.2: no other is opened", opened == {None}


def _opened(key, nonce, sealed, further):
    try:
        return ciphers.chacha20_poly1305_open(key, nonce, sealed, further)
    except ciphers.Unsealed:
        return None


# Published cases


def _published():
    for case in json.loads(PRIMITIVES.read_text("utf-8"))["cases"]:
        yield f"{case['of']}, {case['source']}", _is_as_published(case)


def _is_as_published(case):
    def of(name):
        return HEX(case[name])

    if case["of"] == "x25519":
        return ciphers.x25519(of("secret"), of("point")) == of("shared")
    if case["of"] == "hkdf":
        out = of("out")
        return ciphers.hkdf(of("secret"), of("salt"), of("info"), len(out)) == out
    if case["of"] == "ed25519":
        is_taken = ciphers.ed25519_verify(of("key"), of("message"), of("signature"))
        return case["verdict"] == "weak_key" or is_taken == (case["verdict"] == "good")
    opened = _opened(of("key"), of("nonce"), of("sealed"), of("further"))
    return opened == (of("plain") if case["verdict"] == "good" else None)


# A bundle


def _manifest(pieces):
    """A manifest with one delta of a log that has these following pieces."""
    listed = b"".join(
        block_field(7, varint(2 << 3) + varint(len(piece)) + block_field(3, _hash16(piece)))
        for piece in pieces
    )
    delta = varint(1 << 3) + varint(3) + listed
    return (
        b"\x09" + fixed(5) + b"\x11" + fixed(6) + varint(3 << 3) + varint(7) + varint(4 << 3)
        + varint(1_700_000_000) + block_field(7, delta)
    )  # fmt: skip


def block_field(field, content):
    return varint(field << 3 | 2) + block(content)


def _hash16(data):
    return hashlib.sha256(data).digest()[:16]


def _bundle():
    """By the table of 07: what each check refuses, with all before it right."""
    own = SecretKeys.of(hashlib.sha512(b"sender").digest())
    reader = SecretKeys.of(hashlib.sha512(b"reader").digest())
    writer = Writer(own, reader.public())
    pieces = [b"first" * 300, b"second" * 50]
    manifest = _manifest(pieces)
    label = Label(5, 6, 7, 1_700_000_000, sum(map(len, pieces)) + 32)
    good = writer.close(label, manifest, pieces, b"hello", bytes(32))

    def code(data, keys=reader, sender=own.public(), place=6):
        try:
            refusal = open_bundle(data, keys, sender, place).refusal
            return refusal.code if refusal else None
        except Refusal as refusal:
            return refusal.code

    envelope = read_envelope(good)
    opened = open_bundle(good, reader, own.public())
    yield "a bundle: opened", (opened.manifest, opened.pieces) == (manifest, pieces)
    yield "a bundle: its introduction", envelope.introduction == b"hello"
    again = writer.close_again(opened, dice=bytes(32))
    yield "a bundle: the same dice, the same bundle", again == good
    others = writer.close_again(opened, dice=b"\1" * 32)
    yield "a bundle: other dice, another", others != good and code(others) is None
    size = envelope.head_size
    lengths = (*range(size), *range(size, len(good), 150), len(good) - 1)
    yield "a bundle: cut anywhere", {code(good[:length]) for length in lengths} == {"truncated"}
    head, at = good[: size - 72], len(envelope.bound)

    def flipped(at):
        return good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]

    def relabelled(**changes):
        return writer.close_again(opened, label=Label(**{**label.__dict__, **changes}))

    zero = writer.sign(envelope.bound + bytes(32) + head[at + 32 :])
    for name, found, wanted in (
        ("another kind of file", code(b"PK\2" + good[3:]), "not_a_bundle"),
        ("another version", code(good[:2] + b"\1" + good[3:]), "version_unsupported"),
        ("a long label", code(good[:3] + varint(65)), "manifest_malformed"),
        ("a long introduction",
         code(good[: at - 6] + varint(4097)), "manifest_malformed"),
        ("a length that is not the shortest", code(good[:3] + b"\x80\0"), "manifest_malformed"),
        ("a large manifest", code(good[: at + 32] + varint(8_388_625)), "manifest_too_large"),
        ("a flip in the ephemeral key", code(flipped(at)), "check_failed"),
        ("a flip in the sealed manifest", code(flipped(size - 90)), "check_failed"),
        ("a flip in the check", code(flipped(size - 65)), "check_failed"),
        ("a label without a reader", code(relabelled(reader=0)), "manifest_malformed"),
        ("a label to oneself", code(relabelled(reader=5)), "manifest_malformed"),
        ("a label of too much", code(relabelled(following=2**40 + 1)), "manifest_malformed"),
        ("a byte behind the end", code(good + b"\0"), "trailing_bytes"),
        ("another place", code(good, place=9), "not_for_here"),
        ("another sender", code(good, sender=reader.public()), "signature_wrong"),
        ("another reader's keys", code(good, keys=own), "signature_wrong"),
        ("a flip in the signature", code(flipped(size - 64)), "signature_wrong"),
        ("a flip in the seal, signed anew",
         code(writer.sign(head[:-1] + bytes([head[-1] ^ 1])) + good[size:]), "seal_wrong"),
        ("an ephemeral key of small order", code(zero + good[size:]), "seal_wrong"),
        ("a label of another number", code(relabelled(number=8)), "manifest_malformed"),
        ("a label of another time", code(relabelled(made=1)), "manifest_malformed"),
        ("a label of longer pieces",
         code(relabelled(following=label.following + 1) + b"\0"), "manifest_malformed"),
        ("a manifest that is none",
         code(writer.close_again(opened, manifest=b"\xff" * 40)), "manifest_malformed"),
        ("a flip in a piece", code(flipped(size)), "piece_damaged"),
        ("a flip in the last piece", code(flipped(len(good) - 1)), "piece_damaged"),
        ("a piece of another hash",
         code(writer.close_again(opened, pieces=[b"x" * 1500, pieces[1]])), "piece_damaged"),
    ):  # fmt: skip
        yield f"a bundle: {name}: {wanted}", found == wanted
