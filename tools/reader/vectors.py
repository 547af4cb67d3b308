"""Checks a directory of test vectors, `check DIR`, and files of sealed bundles, `sealed FILE`."""

import json
import pathlib

from .bundle import verify_bundle
from .canonical import (
    ROLES,
    SECTIONS,
    Birth,
    Catalogue,
    Chain,
    Malformed,
    Partition,
    Refusal,
    digest_of,
    dot_from_text,
    event_bytes,
    parse_event,
    parse_value,
)
from .consistency import check_bundle, first_refusal
from .decoded import bundle_json, catalogue_json, cell_json
from .seal import PublicKeys, SecretKeys, Writer, open_bundle


class Failure(Exception):
    """A vector that is not as it should be."""


def check_directory(folder, out):
    """Prints a line for each vector; returns whether all passed."""
    folder = pathlib.Path(folder)
    index = json.loads((folder / "index.json").read_text("utf-8"))
    passed = failed = 0
    for entry in index:
        try:
            note = _check(folder, entry)
            passed += 1
            print(f"passed {entry['name']}{note}", file=out)
        except Failure as failure:
            failed += 1
            print(f"FAILED {entry['name']}: {failure}", file=out)
        except (OSError, ValueError, KeyError, TypeError) as defect:
            failed += 1
            name = entry.get("name", "?")
            print(f"FAILED {name}: {type(defect).__name__}: {defect}", file=out)
    print(f"{passed} passed, {failed} failed", file=out)
    return failed == 0


def _check(folder, entry):
    """Raises a Failure, or returns what is to be noted."""
    kinds = {
        "bundle": _check_bundle,
        "catalogue": _check_catalogue,
        "canonical": _check_canonical,
        "chain": _check_chain,
        "digest": _check_digest,
        "sealed": _check_sealed,
    }
    if entry["kind"] not in kinds:
        raise Failure(f"unknown kind {entry['kind']}")
    try:
        note = kinds[entry["kind"]](folder, entry)
    except (Refusal, Malformed) as refusal:
        code = getattr(refusal, "code", None)
        if entry["valid"]:
            raise Failure(f"refused with {refusal}") from None
        if entry["error"] is not None and code != entry["error"]:
            raise Failure(f"refused with {refusal}, not {entry['error']}") from None
        return ""
    if not entry["valid"]:
        raise Failure(f"taken, and not refused with {entry['error']}")
    return note or ""


def _json(folder, name):
    return json.loads((folder / name).read_text("utf-8"))


def _demand_equal(what, found, expected):
    difference = _difference(found, expected)
    if difference:
        raise Failure(f"{what}{difference}")


def _difference(found, expected):
    """Where two JSON values differ first, or None. An absent list is an empty one."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in sorted(found.keys() | expected.keys()):
            ours, theirs = (each.get(name, []) for each in (found, expected))
            difference = _difference(ours, theirs)
            if difference:
                return f".{name}{difference}"
        return None
    if isinstance(found, list) and isinstance(expected, list):
        for at, (ours, theirs) in enumerate(zip(found, expected)):
            difference = _difference(ours, theirs)
            if difference:
                return f"[{at}]{difference}"
        if len(found) != len(expected):
            return f": {len(found)} of them, expected {len(expected)}"
        return None
    if type(found) is type(expected) and found == expected:
        return None
    ours, theirs = (json.dumps(each, ensure_ascii=False)[:200] for each in (found, expected))
    return f": {ours}, expected {theirs}"


def _catalogue(folder, entry):
    if entry.get("catalogue") is None:
        return None
    return Catalogue((folder / entry["catalogue"]).read_bytes())


def _check_bundle(folder, entry):
    bundle = verify_bundle((folder / entry["file"]).read_bytes(), _catalogue(folder, entry))
    refusal = first_refusal(check_bundle(bundle))
    if refusal:
        raise refusal
    if entry["valid"] and entry.get("expect"):
        expected = _json(folder, entry["expect"])
        _demand_equal("content", _sorted(bundle_json(bundle)), _sorted(expected))


def _sorted(bundle):
    """The order of a delta's records and events says nothing about what it holds."""
    for delta in bundle.get("deltas", []):
        for name, key in (("records", "id"), ("events", "dot")):
            things = delta.get(name, [])
            things.sort(key=lambda each: (each["collection"], dot_from_text(each[key])))
    return bundle


def _check_catalogue(folder, entry):
    catalogue = Catalogue((folder / entry["file"]).read_bytes())
    if entry["valid"] and entry.get("expect"):
        _demand_equal("catalogue", catalogue_json(catalogue), _json(folder, entry["expect"]))


def _cell(value):
    """A cell from its JSON; `bytes` are those of a text, with or without its tag."""
    if "null" in value:
        return None
    if "integer" in value:
        return value["integer"]
    if "dot" in value:
        return dot_from_text(value["dot"])
    if "text" in value:
        return value["text"].encode("utf-8")
    kind, content = parse_value(bytes.fromhex(value["bytes"]))
    return content if kind == "text" else bytes.fromhex(value["bytes"])


def _check_canonical(folder, entry):
    vector = _json(folder, entry["file"])
    data = bytes.fromhex(vector["hex"])
    collection, cells = parse_event(data)
    expected = list(vector["cells"])
    while expected and "null" in expected[-1]:
        expected.pop()
    _demand_equal("collection", collection, vector["collection"])
    _demand_equal("cells", [cell_json(each) for each in cells], expected)
    ours = event_bytes(vector["collection"], [_cell(each) for each in vector["cells"]])
    _demand_equal("hex", ours.hex(), vector["hex"])


def _check_chain(folder, entry):
    vector = _json(folder, entry["file"])
    place, _, section = vector["partition"].partition("/")
    partition = Partition(int(place, 16), SECTIONS.index(section))
    parents = tuple(dot_from_text(each["dot"]) for each in vector["parents"])
    birth = Birth(
        int(vector["epoch"], 16), int(vector["place"], 16), ROLES.index(vector["role"]), parents
    )
    values = [bytes.fromhex(each["value"]) for each in vector["parents"]]
    chain = Chain(partition, birth, values)
    found = [chain.value().hex()]
    for write in vector["writes"]:
        chain.add(bytes.fromhex(write))
        found.append(chain.value().hex())
    _demand_equal("values", found, vector["values"])


def _check_digest(folder, entry):
    """`high` is no part of Protocol/02-canonical.md, so only `low` can be checked."""
    vector = _json(folder, entry["file"])
    digest = digest_of(map(bytes.fromhex, vector["items"]))
    _demand_equal("low", f"{digest:016x}", vector["low"])
    if vector.get("high"):
        return " (`high` is not specified and was not checked)"


# Sealed bundles


def check_sealed_file(path, out):
    """Prints a line for each bundle of the file; returns whether all came out as they should."""
    vectors = _sealed_vectors(path)
    failures = 0
    for vector in vectors:
        fault = _sealed_fault(vector)
        failures += fault is not None
        print(f"FAILED {fault}" if fault else f"passed {vector['name']}", file=out)
    print(f"{len(vectors) - failures} passed, {failures} failed", file=out)
    return failures == 0


def _check_sealed(folder, entry):
    vectors = _sealed_vectors(folder / entry["file"])
    for vector in vectors:
        fault = _sealed_fault(vector)
        if fault:
            raise Failure(fault)
    if vectors[0]["outcome"]:
        raise Refusal(vectors[0]["outcome"], "as it says itself")


def _sealed_vectors(path):
    """One vector, or a list of them: `name`, and in hexadecimal `reader_secret` (64 bytes),
    `sender_public` (64 bytes) and `bundle`; `outcome` is a code, or null if all of it is good.
    Then `introduction`, `manifest` and `pieces` may say what it holds, and `dice`, with
    `sender_secret`, by which random bytes it was made."""
    found = json.loads(pathlib.Path(path).read_text("utf-8"))
    return found if isinstance(found, list) else [found]


def _sealed_fault(vector):
    """Checks 1 to 14 of 07, but for those that take a replica (9 and 10)."""
    secret = SecretKeys.of(bytes.fromhex(vector["reader_secret"]))
    sender = PublicKeys.of(bytes.fromhex(vector["sender_public"]))
    bundle = bytes.fromhex(vector["bundle"])
    try:
        opened = open_bundle(bundle, secret, sender)
        refusal = opened.refusal
    except Refusal as found:
        refusal = found
    if (refusal.code if refusal else None) != vector["outcome"]:
        return f"{vector['name']}: {refusal or 'taken'}, and not {vector['outcome'] or 'taken'}"
    fault = _key_fault(vector, secret, sender) or (not refusal and _content_fault(vector, opened))
    return f"{vector['name']}: {fault}" if fault else None


def _key_fault(vector, reader, sender):
    """Public keys are those of the secret ones, where both are told."""
    for name, secret, public in (
        ("reader", reader.seed + reader.reading, vector.get("reader_public")),
        ("sender", bytes.fromhex(vector.get("sender_secret", "")), sender.bytes().hex()),
    ):
        if secret and public and SecretKeys.of(secret).public().bytes().hex() != public:
            return f"the {name}'s public keys are not those of its secret ones"
    return None


def _content_fault(vector, opened):
    """What was opened is what was said; whoever has the same dice writes the same bundle."""
    envelope = opened.envelope
    found = {
        "introduction": envelope.introduction.hex(),
        "manifest": opened.manifest.hex(),
        "pieces": [piece.hex() for piece in opened.pieces],
    }
    for name, content in found.items():
        if vector.get(name, content) != content:
            return f"another {name}"
    if "dice" in vector:
        reader = SecretKeys.of(bytes.fromhex(vector["reader_secret"])).public()
        writer = Writer(SecretKeys.of(bytes.fromhex(vector["sender_secret"])), reader)
        again = writer.close_again(opened, dice=bytes.fromhex(vector["dice"]))
        if again.hex() != vector["bundle"]:
            return "the same dice make another bundle"
    return None
