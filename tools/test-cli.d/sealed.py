"""Sealed bundles taken apart and closed again, with the keys of the data folders at both ends."""
import os
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from reader.seal import Label, SecretKeys, Writer, open_bundle, read_envelope  # noqa: E402

__all__ = ["Label", "Road", "read_envelope"]


class Road:
    """From one data folder to another, of which each has heard the other's keys."""

    def __init__(self, section, sender, reader):
        self.sender, self.reader = (
            SecretKeys.in_folder(section.path(folder)) for folder in (sender, reader))
        self.writer = Writer(self.sender, self.reader.public())

    def open(self, bundle):
        """Its label, manifest and following pieces; raises what is wrong with it."""
        opened = open_bundle(bundle, self.reader, self.sender.public())
        if opened.refusal:
            raise opened.refusal
        return opened

    def close(self, ends, manifest, pieces=(), following=None):
        """A manifest of whatever bytes, as number 1 of the sender (`ends` are sender and reader)."""
        if following is None:
            following = sum(len(piece) + 16 for piece in pieces)
        label = Label(int(ends[0], 16), int(ends[1], 16), 1, 0, following)
        return self.writer.close(label, manifest, pieces)

    def close_again(self, opened, **changes):
        """The same but for some of `label`, `introduction`, `manifest` and `pieces`."""
        return self.writer.close_again(opened, **changes)

    def sign_again(self, bundle, at):
        """With the byte flipped, and check and signature made right again."""
        end = read_envelope(bundle).head_size
        head = bytearray(bundle[:end - 72])
        head[at] ^= 1
        return self.writer.sign(bytes(head)) + bundle[end:]
