"""Bundles that are cut, flipped, foreign, early, of the future, or made to harm.

What a courier can do to a bundle is done to its bytes. What only its author can do is done behind the
seal (sealed.py).
"""
import concurrent.futures
import hashlib
import os
import random
import shutil
import zlib

import sheets
from harness import HUB, carry, found_tree, planned_tree
from sealed import Label, Road, read_envelope

STATION = f"{HUB}.207"
NAME = "340123109-340123109207-1.yz"
# How much more memory a bundle may take that is made to harm than a good one.
MORE_MAX = 8 << 20


def one_bundle(t):
    """A station's bundle for its hub, with plan edits, playbacks and receipts."""
    planned_tree(t)
    rows = sheets.playbacks(0, sheets.catalogue(), days=2, per_day=10)
    t.sheet("plays.csv", sheets.PLAY_COLUMNS, rows)
    t.good("playback", "import", "--data", "s207", "plays.csv")
    dot = t.items("s207", "--for", STATION)[0]["dot"]
    t.good("plan", "edit", "--data", "s207", dot, "note=停电改期")
    t.fresh("stick")
    t.good("bundle", "export", "--data", "s207", "--to", "stick")
    return t.read("stick", NAME)


def codes(reports):
    return [report["code"] for report in reports]


# ---------------------------------------------------------------- damage

def damage(t):
    bundle = one_bundle(t)
    before = t.dump("hub")
    cut(t, bundle, before)
    flipped(t, bundle, before)
    others(t, bundle)
    resigned(t, bundle, before)
    looked_into(t, bundle)
    t.equal("to look into it changes nothing at the hub", t.dump("hub"), before)
    reports = t.json("bundle", "import", "--data", "hub", "--from", "stick")
    t.equal("after all that the whole bundle goes in", len(t.playbacks("hub")), 20)
    t.check("and is clean", codes(reports) == [None] and reports[0]["merged"] > 20, reports)


def verify_all(t, names, *more):
    """The codes that `bundle verify` gives, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda name: t.run("bundle", "verify", name, *more).error_code, names))


def looked_into(t, bundle):
    name = f"stick/{NAME}"
    for more in ((), ("--data", "hub")):
        t.good("bundle", "verify", name, *more)
    seen = t.json("bundle", "inspect", name)
    label = read_envelope(bundle).label
    t.equal("inspect tells nothing but the label without a data folder", seen, {
        "file": name, "bytes": len(bundle), "format": 2, "to": f"{label.reader:016x}",
        "from": f"{label.sender:016x}", "number": label.number, "made": label.made, "whole": True})
    within = t.json("bundle", "inspect", name, "--data", "hub")
    t.equal("with that of its reader it tells the sections", (
        [delta["partition"].split("/")[1] for delta in within["deltas"]],
        {name: within[name] for name in seen} == seen, len(within["receipts"]) > 0),
        (["work", "log", "people"], True, True))
    for command in ("verify", "inspect"):
        for data, code in (("s207", "not_for_here"), ("s208", "not_for_here")):
            t.refused(f"{command} with the data folder of {data}", code, "bundle", command, name,
                      "--data", data, data=data)
    held = [text for text in ("停电改期", HUB, "playback", "note") if text.encode() in bundle]
    t.equal("nothing of it can be read on the stick", held, [])


def cut(t, bundle, before):
    folder = t.fresh("cut")
    for length in range(len(bundle)):
        t.write(f"cut/{length:05}.yz", bundle[:length])
    told = t.run("bundle", "import", "--data", "hub", "--from", "cut", "--json")
    t.equal(f"each of {len(bundle)} truncations is refused as truncated, with exit code 2",
            (told.code, len(told.json), set(codes(told.json))), (2, len(bundle), {"truncated"}))
    t.equal("and changes nothing", t.dump("hub"), before)
    sample = sorted(random.Random(1).sample(range(len(bundle)), 40))
    t.equal("bundle verify gives the same code for 40 of them",
            set(verify_all(t, [f"cut/{length:05}.yz" for length in sample])), {"truncated"})
    t.check("what was refused is kept aside, within bounds",
            0 < len([name for name in os.listdir(t.path("hub", "aside"))
                     if name.endswith(".yz")]) <= 64, "hub/aside")
    shutil.rmtree(folder)


def flipped(t, bundle, before):
    folder = t.fresh("flipped")
    choose = random.Random(2)
    known = {"not_a_bundle", "version_unsupported", "truncated", "manifest_too_large",
             "manifest_malformed", "check_failed", "signature_wrong"}
    for number in range(500):
        changed = bytearray(bundle)
        changed[choose.randrange(len(bundle))] ^= choose.randrange(1, 256)
        t.write(f"flipped/{number:03}.yz", bytes(changed))
    told = t.run("bundle", "import", "--data", "hub", "--from", "flipped", "--json")
    t.check("each of 500 byte flips is refused with a code",
            told.code == 2 and len(told.json) == 500 and set(codes(told.json)) <= known,
            set(codes(told.json)) - known)
    t.equal("and changes nothing", t.dump("hub"), before)
    names = [f"flipped/{number:03}.yz" for number in range(40)]
    wanted = codes(told.json)[:40]
    t.equal("bundle verify gives the same codes for 40 of them",
            verify_all(t, names, "--data", "hub"), wanted)
    t.equal("and without keys all but those of the signature", verify_all(t, names),
            [None if code == "signature_wrong" else code for code in wanted])
    shutil.rmtree(folder)


def resigned(t, bundle, before):
    """Flips behind a right check, and behind a right signature."""
    folder, road = t.fresh("resigned"), Road(t, "s207", "hub")
    envelope = read_envelope(bundle)
    start, end = len(envelope.bound), envelope.head_size - 72
    choose = random.Random(5)
    # In the ephemeral key and the sealed manifest, but not in a length.
    places = [start + choose.randrange(32) for _ in range(8)]
    places += [end - 1 - choose.randrange(len(envelope.sealed_manifest)) for _ in range(32)]
    for number, at in enumerate(places):
        changed = bytearray(bundle)
        changed[at] ^= 1
        changed[end:end + 8] = hashlib.sha256(changed[:end]).digest()[:8]
        t.write(f"resigned/check{number:02}.yz", bytes(changed))
        t.write(f"resigned/sign{number:02}.yz", road.sign_again(bundle, at))
    told = t.run("bundle", "import", "--data", "hub", "--from", "resigned", "--json")
    found = {name: {each["code"] for each in told.json if each["file"].startswith(name)}
             for name in ("check", "sign")}
    t.equal("40 flips with a right check, and with a right signature too",
            (told.code, len(told.json), found),
            (2, 80, {"check": {"signature_wrong"}, "sign": {"seal_wrong"}}))
    t.equal("and these change nothing", t.dump("hub"), before)
    t.equal("bundle verify gives the same codes for one of each", verify_all(
        t, ["resigned/check00.yz", "resigned/sign00.yz"], "--data", "hub"),
        ["signature_wrong", "seal_wrong"])
    shutil.rmtree(folder)
    opened = road.open(bundle)
    label = opened.envelope.label
    for what, changes in (
            ("number", {"number": label.number + 1}), ("time", {"made": label.made + 1}),
            ("length", {"following": 17})):
        parts = dict(vars(label), **changes)
        alone(t, f"a label of another {what} than the manifest's", "manifest_malformed",
              road.close_again(opened, label=Label(**parts)) + bytes(parts["following"]), keys=True)
    start = b"YZ\x02" + varint(64) + label.bytes().ljust(64, b"\0") + varint(4096) + bytes(4096)
    manifest = envelope.sealed_manifest
    alone(t, "a label and an introduction as long as may be, of which the label is none",
          "manifest_malformed",
          road.writer.sign(start + envelope.ephemeral + varint(len(manifest)) + manifest))
    alone(t, "a bundle in another's name", "signature_wrong", Road(t, "s208", "hub").close_again(opened),
          keys=True)
    alone(t, "a bundle for another's keys", "signature_wrong", Road(t, "s207", "s208").close_again(opened),
          keys=True)


def alone(t, what, code, content, keys=False):
    """A single file on a stick: refused with this code by all three commands. With `keys` it takes
    those of the hub to see it."""
    t.fresh("one")
    t.write("one/x.yz", content)
    before = t.dump("hub")
    told = t.run("bundle", "import", "--data", "hub", "--from", "one")
    as_json = t.run("bundle", "import", "--data", "hub", "--from", "one", "--json")
    found = (told.code, told.error_code, "x.yz" in told.err, codes(as_json.json), as_json.code)
    faults = [] if found == (2, code, True, [code], 2) else [f"import: {found}: {told}"]
    for command in ("verify", "inspect"):
        for more in ((), ("--data", "hub")):
            told = t.run("bundle", command, "one/x.yz", *more)
            wanted = (0, None) if keys and not more else (1, code)
            if (told.code, told.error_code) != wanted:
                faults.append(f"{command}: {told}")
    if t.dump("hub") != before:
        faults.append("the data changed")
    t.check(what, not faults, "; ".join(faults))


def others(t, bundle):
    for what, version in (("a newer format version", b"\x03"), ("an older one", b"\x01")):
        alone(t, what, "version_unsupported", bundle[:2] + version + bundle[3:])
    alone(t, "a file that is no bundle", "not_a_bundle", "这不是数据包\n" * 100)
    alone(t, "an empty file", "truncated", b"")
    alone(t, "a bundle that goes on behind its end", "trailing_bytes", bundle + b"\0")
    t.refused("a bundle that is not there", "stick_missing", "bundle", "verify", "none.yz")
    t.fresh("one")
    os.mkdir(t.path("one", "folder.yz"))
    told = t.run("bundle", "import", "--data", "hub", "--from", "one")
    t.check("a folder that is named like a bundle is one clear error", told.code in (1, 2), told)
    shutil.rmtree(t.path("one"))


# ---------------------------------------------------------------- foreign, early, late

def order(t):
    found_tree(t)
    foreign(t)
    gap(t)
    parts(t)


def play(t, station, minute):
    t.good("playback", "add", "--data", station, "--programme", "F001", "--start",
           f"2026-03-01T08:{minute:02}", "--seconds", 30)


def foreign(t):
    t.good("bundle", "export", "--data", "hub", "--to", "stick")
    t.fresh("one")
    shutil.copy(t.path("stick", "340123109207-340123109-1.yz"), t.path("one"))
    for what, path in (("a stick with nothing but", "one"),
                       ("a file that is", "stick/340123109207-340123109-1.yz")):
        t.refused(f"{what} a bundle for another place", "not_for_here", "bundle", "import",
                  "--data", "s208", "--from", path, data="s208", says=[STATION, f"{HUB}.208"])
    t.equal("it is left on the stick for that place", os.listdir(t.path("one")),
            ["340123109207-340123109-1.yz"])
    play(t, "s208", 1)
    t.good("bundle", "export", "--data", "s208", "--to", "one")
    for what, path in (("with one's own bundle beside it the stick is on its way", "one"),
                       ("an empty stick is no error", t.fresh("empty"))):
        told = t.good("bundle", "import", "--data", "s208", "--from", path)
        t.check(f"{what}: nothing is for this replica", "No bundle" in told.out, told)
    reports = t.json("bundle", "import", "--data", "s208", "--from",
                     "stick/340123109208-340123109-1.yz")
    t.check("a file may be named instead of the folder",
            [report["file"] for report in reports] == ["340123109208-340123109-1.yz"], reports)
    # Another hub of the same place has invited a station that this one does not know.
    t.good("hub", "init", "--data", "twin", "--place", HUB, "--name", "丰乐镇")
    line = t.good("hub", "invite", "--data", "twin", "--place", f"{HUB}.300", "--name", "新村").out
    t.good("station", "join", "--data", "stranger", "--invitation", line.strip())
    play(t, "stranger", 1)
    t.fresh("one")
    t.good("bundle", "export", "--data", "stranger", "--to", "one")
    before = t.dump("hub")
    told = t.run("bundle", "import", "--data", "hub", "--from", "one", "--json")
    t.equal("a bundle from a stranger is refused", (
        told.code, codes(told.json), t.dump("hub") == before), (2, ["unknown_sender"], True))


def gap(t):
    for station in ("s207", "s208", "s209"):
        carry(t, "hub", station)
    t.copy("hub", "early")
    carry(t, "s207", "hub", t.fresh("shown"))
    t.copy("hub", "backup")
    play(t, "s207", 1)
    carry(t, "s207", "hub", t.fresh("first"))
    carry(t, "hub", "s207")
    play(t, "s207", 2)
    second = t.fresh("second")
    t.good("bundle", "export", "--data", "s207", "--to", second)
    before = t.dump("backup")
    told = t.run("bundle", "import", "--data", "backup", "--from", second, "--json")
    t.equal("a bundle with a gap before it is refused", (
        told.code, {p["code"] for r in told.json for p in r["partitions"]}, t.dump("backup") == before),
        (2, {"gap"}, True))
    for _ in range(2):
        carry(t, "backup", "s207", t.fresh("mend"))
        t.good("bundle", "export", "--data", "s207", "--to", "mend")
        t.run("bundle", "import", "--data", "backup", "--from", "mend")
    t.equal("a round later the gap is closed: a restored hub is refilled by its station",
            t.dump("backup", f"{STATION}/log"), t.dump("s207", f"{STATION}/log"))
    carry(t, "s207", "hub")
    forgotten(t)


def forgotten(t):
    """A hub that was set back behind the day when the station showed its keys: neither can read what
    the other writes, until the place is invited again into the folder that is there."""
    play(t, "s207", 3)
    t.good("bundle", "export", "--data", "s207", "--to", t.fresh("up"))
    t.good("bundle", "export", "--data", "early", "--to", t.fresh("down"), "--for", STATION)
    for what, data, stick, code in (
            ("the hub does not know the station", "early", "up", "key_unknown"),
            ("and writes for keys that the station has no more", "s207", "down", "signature_wrong")):
        before = t.dump(data)
        told = t.run("bundle", "import", "--data", data, "--from", stick, "--json")
        t.equal(f"after a restore from before the keys were shown {what}", (
            told.code, codes(told.json), t.dump(data) == before), (2, [code], True))
    line = t.good("hub", "invite", "--data", "early", "--place", STATION, "--name", "双枣社区").out
    t.good("station", "join", "--data", "s207", "--invitation", line.strip())
    for _ in range(2):
        carry(t, "early", "s207", t.fresh("down"))
        t.good("bundle", "export", "--data", "s207", "--to", t.fresh("up"))
        t.run("bundle", "import", "--data", "early", "--from", "up")
    t.equal("invited again the station refills it",
            t.dump("early", f"{STATION}/log"), t.dump("s207", f"{STATION}/log"))


def parts(t):
    """One large log: in parts, torn, with a damaged piece."""
    rows = sheets.playbacks(1, sheets.catalogue(), days=28, per_day=700)
    t.sheet("many.csv", sheets.PLAY_COLUMNS, rows)
    t.good("playback", "import", "--data", "s208", "many.csv")
    log = f"{HUB}.208/log"
    wanted = t.dump("s208", log)
    t.copy("hub", "torn")
    t.good("bundle", "export", "--data", "s208", "--to", t.fresh("whole"))
    name = os.listdir(t.path("whole"))[0]
    whole = t.read("whole", name)
    torn(t, whole, log, wanted)

    split = t.json("bundle", "export", "--data", "s208", "--to", t.fresh("split"),
                   "--file-bytes", len(whole) * 95 // 100)
    files = split[0]["files"]
    t.check("a bundle over the size is split", len(files) > 1, split)
    t.fresh("last")
    shutil.move(t.path("split", files[-1]), t.path("last"))
    told = t.run("bundle", "import", "--data", "hub", "--from", "last", "--json")
    t.equal("its last part alone waits for those before", (
        told.code, "gap" in {p["code"] for r in told.json for p in r["partitions"]}), (2, True))
    t.good("bundle", "import", "--data", "hub", "--from", "split")
    held = t.dump("hub", log)
    t.check("the others are useful without it",
            "event playback" in held and held != wanted, f"{len(held)} bytes")
    t.good("bundle", "import", "--data", "hub", "--from", "last")
    t.equal("with it all is there", t.dump("hub", log) == wanted, True)


def torn(t, whole, log, wanted):
    events = lambda text: [line for line in text.splitlines() if line.startswith("event")]
    held = []
    t.fresh("one")
    for length in (2_000, len(whole) * 6 // 10, len(whole) - 1):
        t.write("one/torn.yz", whole[:length])
        told = t.run("bundle", "import", "--data", "torn", "--from", "one", "--json")
        found = events(t.dump("torn", log))
        held.append(len(found))
        t.check(f"torn at byte {length}: exit code 2, and whole pieces alone are kept",
                told.code == 2 and found == events(wanted)[:len(found)], told)
        t.equal("and the replica is sound", t.run("check", "--data", "torn").code, 0)
    changed = bytearray(whole)
    changed[-100] ^= 1
    t.write("one/torn.yz", bytes(changed))
    told = t.run("bundle", "verify", "one/torn.yz", "--data", "torn")
    t.equal("a damaged piece is found", (told.code, told.error_code), (1, "piece_damaged"))
    t.good("bundle", "verify", "one/torn.yz")
    changed[read_envelope(whole).head_size] ^= 1
    t.write("one/both.yz", bytes(changed[:-1]))
    told = t.run("bundle", "verify", "one/both.yz", "--data", "torn")
    t.equal("before what is cut off behind it", (told.code, told.error_code), (1, "piece_damaged"))
    os.remove(t.path("one", "both.yz"))
    told = t.run("bundle", "import", "--data", "torn", "--from", "one")
    t.equal("and refused", (told.code, told.error_code), (2, "piece_damaged"))
    t.check("pieces were kept one after the other", held == sorted(held) and held[0] < held[-1], held)
    t.write("one/torn.yz", whole)
    t.good("bundle", "import", "--data", "torn", "--from", "one")
    t.equal("the whole bundle completes it", t.dump("torn", log) == wanted, True)


# ---------------------------------------------------------------- made to harm

def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def block(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def fixed(field, text):
    return varint(field << 3 | 1) + int(text, 16).to_bytes(8, "little")


def claiming(bundle, length):
    """The bundle with another length of its sealed manifest, and a right check."""
    envelope = read_envelope(bundle)
    start = envelope.bound + envelope.ephemeral + varint(length) + envelope.sealed_manifest
    return start + hashlib.sha256(start).digest()[:8] + envelope.signature


def manifest_of(sender, reader, *pieces):
    """A manifest with one delta of the sender's log (Protocol/03-bundles.md)."""
    delta = (
        varint(1 << 3) + varint(3) + block(3, varint(0) + varint(1)) + block(4, bytes(16))
        + block(6, bytes(3)) + b"".join(block(7, piece) for piece in pieces))
    return (fixed(1, sender) + fixed(2, reader) + varint(3 << 3) + varint(1)
            + block(6, (0xABCDEF).to_bytes(8, "little")) + block(7, delta))


def inline(claimed, plain):
    """An event piece whose heap claims `claimed` bytes and inflates to `plain`."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = deflater.compress(plain) + deflater.flush()
    return block(1, b"\x01" + varint(1) + varint(claimed) + varint(len(deflated)) + deflated)


def harm(t):
    """What only a place that was let in can do."""
    found_tree(t)
    for station in ("s207", "s208"):
        carry(t, "hub", station)
    play(t, "s207", 1)
    t.good("bundle", "export", "--data", "s207", "--to", t.fresh("real"))
    real = t.json("bundle", "inspect", f"real/{NAME}")
    ends, road = (real["from"], real["to"]), Road(t, "s207", "hub")
    before = t.dump("hub")
    for command in ("verify", "inspect"):
        t.good("bundle", command, f"real/{NAME}", "--data", "hub")
        t.equal(f"bundle {command} changes nothing, though the station shows its keys with it",
                t.dump("hub") == before, True)
    # As much as a good bundle takes: pages of the database and of the ciphers are in it.
    usual = t.memory("bundle", "import", "--data", "hub", "--from", "real").bytes_max
    t.equal("the good bundle goes in", len(t.playbacks("hub")), 1)
    for what, wanted, content in (
            ("a heap that claims a terabyte", "piece_too_large", inline(1 << 40, b"x")),
            ("a heap that claims a mebibyte in twenty bytes", "piece_too_large",
             inline(1 << 20, b"x" * 1000)),
            ("a heap that inflates to 800 KB and claims less", "piece_malformed",
             inline(1000, bytes(800_000))),
            ("a piece with no content but a kind", "piece_malformed", block(1, b"\x01\x01")),
            ("a piece of another kind", "piece_malformed", block(1, b"\x07\x01\x00"))):
        t.fresh("one")
        t.write("one/x.yz", road.close(ends, manifest_of(*ends, content)))
        before = t.dump("hub")
        told = t.memory("bundle", "import", "--data", "hub", "--from", "one", "--json")
        found = {p["code"] for r in told.json for p in r["partitions"]}
        t.check(f"{what}: {wanted}, nothing changed, little memory",
                told.code == 2 and found == {wanted} and t.dump("hub") == before
                and told.bytes_max < usual + MORE_MAX,
                f"exit {told.code}, {found}, {told.bytes_max >> 20} MiB, usually {usual >> 20}")
    promised = varint(2 << 3) + varint(1 << 30) + block(3, bytes(16))
    to_oneself = manifest_of(ends[0], ends[0])
    for what, wanted, content, keys in (
            ("a manifest that claims a gibibyte", "manifest_too_large",
             claiming(road.close(ends, b""), 1 << 30), False),
            ("a manifest with too many parts", "manifest_too_large",
             road.close(ends, fixed(1, ends[0]) + fixed(2, ends[1]) + block(8, b"") * 65_537), True),
            ("a piece over the limit", "manifest_malformed",
             road.close(ends, manifest_of(*ends, promised)), True),
            ("a manifest that is not protobuf", "manifest_malformed",
             road.close(ends, b"\xff" * 40), True),
            ("a manifest to oneself", "manifest_malformed", road.close(ends, to_oneself), True),
            ("a bundle to oneself", "manifest_malformed",
             road.close((ends[0], ends[0]), to_oneself), False)):
        alone(t, what, wanted, content, keys)
    promised = varint(2 << 3) + varint(262_144) + block(3, bytes(16))
    alone_cut(t, road.close(
        ends, manifest_of(*ends, *[promised] * 40_000), following=40_000 * (262_144 + 16)), usual)


def alone_cut(t, content, usual):
    """A manifest that promises ten gibibytes, of which nothing comes."""
    t.fresh("one")
    t.write("one/x.yz", content)
    before = t.dump("hub")
    told = t.memory("bundle", "import", "--data", "hub", "--from", "one", "--json")
    t.check("ten gibibytes of pieces that never come: refused, nothing changed, little memory",
            told.code == 2 and t.dump("hub") == before and told.bytes_max < 100 << 20,
            f"{told}, {told.bytes_max >> 20} MiB, usually {usual >> 20}")
    for more in ((), ("--data", "hub")):
        told = t.run("bundle", "verify", "one/x.yz", *more)
        t.equal("and verify says so", (told.code, told.error_code), (1, "truncated"))
