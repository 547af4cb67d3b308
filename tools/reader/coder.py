"""Range coder, numbers and the naming of texts: Protocol/03-bundles.md, Pieces.

A model is a list [p, n]: the probability of a zero bit in 65,536ths, and the bits seen.
"""

from .canonical import Malformed

WEIGHTS = [131_072 // (2 * n + 3) for n in range(128)]
MASK32 = 2**32 - 1


def demand(holds, text):
    """What must hold of a piece is `piece_malformed` if it does not."""
    if not holds:
        raise Malformed(text)


def s64(number):
    """A number modulo 2^64, read as a signed 64-bit number (03, Numbers)."""
    number &= 2**64 - 1
    return number - 2**64 if number >> 63 else number


def model():
    return [32_768, 0]


def models(count):
    return [[32_768, 0] for _ in range(count)]


class NumberModel:
    """Codes any unsigned 64-bit number (03, Numbers)."""

    __slots__ = ("length", "long", "mantissa", "sign")

    def __init__(self):
        self.length = models(16)
        self.long = models(64)
        self.mantissa = [models(8) for _ in range(16)]
        self.sign = models(16)


class TextModels:
    """A set of text models (03, Naming texts)."""

    __slots__ = ("is_seen", "is_fresh", "position", "any")

    def __init__(self):
        self.is_seen = model()
        self.is_fresh = model()
        self.position = NumberModel()
        self.any = NumberModel()


class Seen:
    """The texts that one column or field has named, in order."""

    __slots__ = ("order", "members")

    def __init__(self):
        self.order = []
        self.members = set()


class Decoder:
    """Reads the stream of one piece (03, Range coder)."""

    __slots__ = ("data", "at", "range", "code", "fresh", "count")

    def __init__(self, data, catalogued, count):
        """`count` texts can be named, the first `catalogued` of them are the catalogue's."""
        self.data = data
        self.at = 4
        self.range = MASK32
        self.code = int.from_bytes(data[:4].ljust(4, b"\0"), "big")
        self.fresh = catalogued
        self.count = count

    def _normalise(self, width):
        """Sets the range, and takes bytes until it has 24 bits; beyond the end all are 0."""
        while width < 1 << 24:
            byte = self.data[self.at] if self.at < len(self.data) else 0
            self.code = (self.code << 8 | byte) & MASK32
            self.at += 1
            width = width << 8 & MASK32
        self.range = width

    def bit(self, model):
        p, n = model
        width = self.range
        bound = (width >> 12) * (p >> 4)
        if self.code >= bound:
            self.code -= bound
            width -= bound
            model[0] = p - (p * WEIGHTS[n] >> 16)
            result = 1
        else:
            width = bound
            model[0] = p + ((65_535 - p) * WEIGHTS[n] >> 16)
            result = 0
        if n < 127:
            model[1] = n + 1
        if width < 1 << 24:
            self._normalise(width)
        else:
            self.range = width
        return result

    def raw(self, count):
        """Bits of equal likelihood, most significant first."""
        result = 0
        for _ in range(count):
            width = self.range >> 1
            result <<= 1
            if self.code >= width:
                self.code -= width
                result |= 1
            self._normalise(width)
        return result

    def _tree(self, models, count):
        node, bit = 1, self.bit
        for _ in range(count):
            node = node << 1 | bit(models[node])
        return node - (1 << count)

    def number(self, m):
        size = self._tree(m.length, 4)
        if size == 15:
            size = self._tree(m.long, 6) + 1
        if size <= 1:
            return size
        adaptive = min(size - 1, 3)
        result = (1 << adaptive) + self._tree(m.mantissa[min(size, 15)], adaptive)
        rest = size - 1 - adaptive
        return result << rest | self.raw(rest)

    def signed(self, m):
        magnitude = self.number(m)
        if magnitude == 0:
            return 0
        negative = self.bit(m.sign[min(magnitude.bit_length(), 15)])
        return s64(-magnitude if negative else magnitude)

    def text(self, m, seen):
        """The number of a text (03, Naming texts)."""
        if self.bit(m.is_seen):
            at = self.number(m.position)
            demand(at < len(seen.order), "a text at a position where none is")
            return seen.order[at]
        if self.bit(m.is_fresh):
            demand(self.fresh < self.count, "a fresh text where none is left")
            text = self.fresh
            self.fresh += 1
        else:
            text = self.number(m.any)
            demand(text < self.fresh, "a text that was not named yet")
        demand(text not in seen.members, "a seen text is named as if it were not")
        seen.order.append(text)
        seen.members.add(text)
        return text

    def finish(self):
        demand(self.fresh == self.count, "a text that nothing names")
