#!/usr/bin/env python3
"""Reads Yizhan bundles by Protocol/ alone, independently of the Swift code.

    reader.py show [--all] [--catalogue FILE] [--keys FOLDER]... [--invited FILE] FILE...
                                                        what bundles hold; sealed ones with the data folders
                                                        of both ends, and a file of invitations
    reader.py check DIR                                 every vector of DIR/index.json
    reader.py sealed FILE...                            vectors of sealed bundles, as in DIR/sealed
    reader.py verify [--catalogue FILE] FILE            exit 0 if valid, else `CODE: text`, exit 1
"""

import argparse
import base64
import os
import pathlib
import sys

sys.dont_write_bytecode = True

from reader.bundle import read_bundle, verify_bundle  # noqa: E402
from reader.canonical import Catalogue, Malformed, Refusal  # noqa: E402
from reader.consistency import check_bundle, first_refusal  # noqa: E402
from reader.report import report  # noqa: E402
from reader.seal import SecretKeys, invited_keys, open_bundle  # noqa: E402
from reader.vectors import check_directory, check_sealed_file  # noqa: E402


def load_catalogue(path):
    if path is None:
        return None
    try:
        return Catalogue(path.read_bytes())
    except Malformed as defect:
        raise SystemExit(f"{path} is not a catalogue: {defect}") from None


def invitation_secret(line):
    """The 16 bytes before the check of 4."""
    text = line.strip().removeprefix("yizhan2")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[-20:-4]


def load_keys(options):
    """Public keys of those who may have written, secret ones of those who may read."""
    folders = [SecretKeys.in_folder(folder) for folder in options.keys]
    lines = options.invited.read_text().split() if options.invited else []
    invited = [invited_keys(invitation_secret(line)) for line in lines]
    return [keys.public() for keys in folders], folders + invited


def unsealed(data, senders, readers):
    """The plain form of a sealed bundle; of others themselves."""
    if data[:3] != b"YZ\2":
        return data
    refusal = Refusal("key_unknown", "none of the keys that were given opens it")
    for sender in senders:
        for reader in readers:
            try:
                opened = open_bundle(data, reader, sender)
            except Refusal as found:
                if found.code != "signature_wrong":
                    refusal = found
                continue
            if opened.refusal:
                raise opened.refusal
            return opened.plain()
    raise refusal


def show(options):
    catalogue, is_good = load_catalogue(options.catalogue), True
    senders, readers = load_keys(options)
    for path in options.files:
        print(path)
        try:
            data = unsealed(path.read_bytes(), senders, readers)
            bundle = read_bundle(data, catalogue)
        except Refusal as refusal:
            print(f"  {refusal}")
            is_good = False
            continue
        findings = check_bundle(bundle)
        report(bundle, findings, len(data), options.all, sys.stdout)
        is_good = is_good and not bundle.defects and not first_refusal(findings)
    return 0 if is_good else 1


def verify(options):
    catalogue = load_catalogue(options.catalogue)
    try:
        bundle = verify_bundle(options.file.read_bytes(), catalogue, not options.bytes_only)
        refusal = None if options.bytes_only else first_refusal(check_bundle(bundle))
    except Refusal as found:
        refusal = found
    if refusal:
        print(refusal)
    return 1 if refusal else 0


def check(options):
    return 0 if check_directory(options.folder, sys.stdout) else 1


def sealed(options):
    return 0 if all([check_sealed_file(path, sys.stdout) for path in options.files]) else 1


def parse(arguments):
    parser = argparse.ArgumentParser(description="Reads Yizhan bundles by Protocol/ alone.")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("show", help="print what bundles hold")
    command.add_argument("files", metavar="FILE", nargs="+", type=pathlib.Path)
    command.add_argument("--all", action="store_true", help="every record and event")
    command.add_argument(
        "--keys", metavar="FOLDER", action="append", default=[], help="a data folder of an end"
    )
    command.add_argument(
        "--invited", metavar="FILE", type=pathlib.Path, help="invitations, a line each"
    )
    command.add_argument("--catalogue", metavar="FILE", type=pathlib.Path, help="canonical bytes")
    command.set_defaults(run=show)
    command = commands.add_parser("check", help="check a directory of test vectors")
    command.add_argument("folder", metavar="DIR", type=pathlib.Path)
    command.set_defaults(run=check)
    command = commands.add_parser("sealed", help="check files of sealed bundles")
    command.add_argument("files", metavar="FILE", nargs="+", type=pathlib.Path)
    command.set_defaults(run=sealed)
    command = commands.add_parser("verify", help="exit 0 if a bundle is valid")
    command.add_argument("file", metavar="FILE", type=pathlib.Path)
    command.add_argument("--catalogue", metavar="FILE", type=pathlib.Path, help="canonical bytes")
    command.add_argument(
        "--bytes-only",
        action="store_true",
        help="check head and hashes of pieces, and do not decode (03, checks 1 to 15)",
    )
    command.set_defaults(run=verify)
    return parser.parse_args(arguments)


def main():
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    options = parse(sys.argv[1:])
    try:
        return options.run(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as defect:
        print(f"{defect.filename}: {defect.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
