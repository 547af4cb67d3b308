"""X25519, Ed25519, ChaCha20-Poly1305 and HKDF, for Protocol/07-trust.md.

By RFC 7748, 8032, 8439 and 5869, with nothing but the standard library. Made to be read and to be
compared with: it takes another time for other secrets, so it is not for use with real ones.
"""

import hashlib
import hmac

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
TAG_SIZE = 16


class Unsealed(Exception):
    """The tag is not that of the text."""


# HKDF-SHA256 (RFC 5869)


def hkdf(secret, salt, info, size):
    """An empty salt is the same as none."""
    key = hmac.digest(salt or bytes(32), secret, "sha256")
    out, block, count = b"", b"", 0
    while len(out) < size:
        count += 1
        block = hmac.digest(key, block + info + bytes([count]), "sha256")
        out += block
    return out[:size]


# X25519 (RFC 7748)


def x25519(secret, point):
    """The u-coordinate of the multiple; all zeros if the point is of small order."""
    scalar = bytearray(secret)
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    scalar = int.from_bytes(scalar, "little")
    u = int.from_bytes(point, "little") % 2**255 % PRIME
    x2, z2, x3, z3 = 1, 0, u, 1
    for at in range(254, -1, -1):
        bit = scalar >> at & 1
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        x2, z2, x3, z3 = _step(x2, z2, x3, z3, u)
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little")


def _step(x2, z2, x3, z3, u):
    """One doubling and one addition on the Montgomery ladder."""
    plus, minus = x2 + z2, x2 - z2
    across, other = (x3 - z3) * plus, (x3 + z3) * minus
    aa, bb = plus * plus % PRIME, minus * minus % PRIME
    e = aa - bb
    return (
        aa * bb % PRIME,
        e * (aa + 121665 * e) % PRIME,
        (across + other) ** 2 % PRIME,
        u * (across - other) ** 2 % PRIME,
    )


def x25519_public(secret):
    return x25519(secret, (9).to_bytes(32, "little"))


# Ed25519 (RFC 8032)

_D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
_ROOT = pow(2, (PRIME - 1) // 4, PRIME)
_NEUTRAL = (0, 1, 1, 0)


def _add(p, q):
    """Points are (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % PRIME
    b = (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c = 2 * p[3] * q[3] * _D % PRIME
    d = 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def _multiple(scalar, point):
    result = _NEUTRAL
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _compressed(point):
    inverse = pow(point[2], PRIME - 2, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _point(data):
    """The point of these 32 bytes, or None."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * _ROOT % PRIME
    if (x * x - square) % PRIME or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = PRIME - x
    return x, y, 1, x * y % PRIME


_BASE = _point((4 * pow(5, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little"))


def _hash_number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def _expanded(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    return scalar & (2**254 - 8) | 2**254, digest[32:]


def ed25519_public(seed):
    return _compressed(_multiple(_expanded(seed)[0], _BASE))


def ed25519_sign(seed, message):
    scalar, prefix = _expanded(seed)
    public = _compressed(_multiple(scalar, _BASE))
    once = _hash_number(prefix, message) % ORDER
    shown = _compressed(_multiple(once, _BASE))
    rest = (once + _hash_number(shown, public, message) * scalar) % ORDER
    return shown + rest.to_bytes(32, "little")


def ed25519_verify(public, message, signature):
    """Whether the holder of the key has signed the message."""
    point, shown = _point(public), signature[:32]
    rest = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or rest >= ORDER:
        return False
    eighth = _multiple(8, point)
    if (eighth[0] % PRIME, (eighth[1] - eighth[2]) % PRIME) == (0, 0):
        return False  # of small order: anybody could sign with it
    negative = (PRIME - point[0], point[1], 1, PRIME - point[3])
    challenge = _hash_number(shown, public, message) % ORDER
    found = _add(_multiple(rest, _BASE), _multiple(challenge, negative))
    return _compressed(found) == shown


# ChaCha20-Poly1305 (RFC 8439)

_ROUNDS = (
    *((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)),
    *((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)),
)


def chacha20_stream(key, counter, nonce, blocks):
    """So many blocks of 64 bytes, all reckoned at once.

    Each word of the state is one large number with a lane of 64 bits for each block, of which the
    lower 32 are the word: a sum's carry and what a rotation pushes out fall into the upper 32.
    """
    lanes = int.from_bytes(b"\1\0\0\0\0\0\0\0" * blocks, "little")
    mask = lanes * 0xFFFFFFFF
    words = b"expand 32-byte k" + key + bytes(4) + nonce
    start = [int.from_bytes(words[at : at + 4], "little") * lanes for at in range(0, 64, 4)]
    start[12] = int.from_bytes(
        b"".join(((counter + at) % 2**32).to_bytes(8, "little") for at in range(blocks)), "little"
    )

    def mixed(one, other, bits):
        word = one ^ other
        return (word << bits | word >> (32 - bits)) & mask

    state = list(start)
    for _ in range(10):
        for a, b, c, d in _ROUNDS:
            for bits in ((16, 12), (8, 7)):
                state[a] = (state[a] + state[b]) & mask
                state[d] = mixed(state[d], state[a], bits[0])
                state[c] = (state[c] + state[d]) & mask
                state[b] = mixed(state[b], state[c], bits[1])
    out = bytearray(64 * blocks)
    for at in range(16):
        word = ((state[at] + start[at]) & mask).to_bytes(8 * blocks, "little")
        for byte in range(4):
            out[4 * at + byte :: 64] = word[byte::8]
    return bytes(out)


def poly1305(key, message):
    factor = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        block = message[at : at + 16] + b"\1"
        total = (total + int.from_bytes(block, "little")) * factor % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def _xor(data, stream):
    size = len(data)
    both = int.from_bytes(data, "little") ^ int.from_bytes(stream[:size], "little")
    return both.to_bytes(size, "little")


def _tag(key, ciphertext, further):
    padded = b"".join(part + bytes(-len(part) % 16) for part in (further, ciphertext))
    sizes = len(further).to_bytes(8, "little") + len(ciphertext).to_bytes(8, "little")
    return poly1305(key, padded + sizes)


def chacha20_poly1305_seal(key, nonce, plain, further=b""):
    """The ciphertext, then the tag."""
    stream = chacha20_stream(key, 0, nonce, 1 + (len(plain) + 63) // 64)
    ciphertext = _xor(plain, stream[64:])
    return ciphertext + _tag(stream[:32], ciphertext, further)


def chacha20_poly1305_open(key, nonce, sealed, further=b""):
    if len(sealed) < TAG_SIZE:
        raise Unsealed("it is shorter than a tag")
    ciphertext, tag = sealed[:-TAG_SIZE], sealed[-TAG_SIZE:]
    stream = chacha20_stream(key, 0, nonce, 1 + (len(ciphertext) + 63) // 64)
    if not hmac.compare_digest(_tag(stream[:32], ciphertext, further), tag):
        raise Unsealed("the tag is not that of the text")
    return _xor(ciphertext, stream[64:])
