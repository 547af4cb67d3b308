"""Disks, sticks and processes that fail."""
import fcntl
import os
import random
import shutil
import signal
import sqlite3

import sheets
from harness import HUB, carry, found_tree, lease

NAME = "340123109-340123109207-1.yz"


def logged(t, per_day):
    """A tree whose first station has logged a month."""
    found_tree(t)
    for station in ("s207", "s208"):
        carry(t, "hub", station)
    rows = sheets.playbacks(0, sheets.catalogue(), days=28, per_day=per_day)
    t.sheet("plays.csv", sheets.PLAY_COLUMNS, rows)
    t.good("playback", "import", "--data", "s207", "plays.csv")
    return len(rows)


# ---------------------------------------------------------------- the data folder

def disks(t):
    count = logged(t, per_day=150)
    t.good("bundle", "export", "--data", "s207", "--to", "stick")
    full(t, count)
    read_only(t)


def full(t, count):
    what = "a full disk"
    disk = t.fresh("disk")
    if not t.mount(what, "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk):
        return
    t.copy("hub", "disk/hub")
    with open(t.path("disk", "filler"), "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    os.truncate(t.path("disk", "filler"), os.path.getsize(t.path("disk", "filler")) - (200 << 10))
    t.refused(f"{what}: bundle import", "disk_full", "bundle", "import", "--data", "disk/hub",
              "--from", "stick", data="disk/hub")
    t.refused(f"{what}: playback import", "disk_full", "playback", "import", "--data", "disk/hub",
              "--for", f"{HUB}.207", "plays.csv", data="disk/hub")
    t.equal(f"{what}: the replica is sound", t.run("check", "--data", "disk/hub").code, 0)
    os.remove(t.path("disk", "filler"))
    t.good("bundle", "import", "--data", "disk/hub", "--from", "stick")
    t.equal(f"{what}: with room the same command succeeds",
            len(t.playbacks("disk/hub")), count)
    t.unmount()


def read_only(t):
    what = "a read-only data folder"
    folder = t.path("hub")
    wanted = t.dump("hub")
    remove_logs(folder)
    if not mount_read_only(t, what, folder):
        return
    for name, arguments in {
            "bundle import": ["bundle", "import", "--data", "hub", "--from", "stick"],
            "bundle export": ["bundle", "export", "--data", "hub", "--to", "stick"],
            "playback add": ["playback", "add", "--data", "hub", "--for", f"{HUB}.207",
                             "--programme", "F1", "--start", "2026-03-01T08:00"],
            "hub invite": ["hub", "invite", "--data", "hub", "--place", f"{HUB}.401", "--name", "x"],
    }.items():
        t.refused(f"{what}: {name}", "read_only", *arguments)
    t.refused(f"{what}: a new replica", "read_only", "hub", "init", "--data", "hub/new", "--place",
              "34", "--name", "x")
    for words in (["status"], ["check"], ["plan", "show"], ["conflict", "list"]):
        told = t.run(*words, "--data", "hub")
        t.equal(f"{what}: {' '.join(words)}", (told.code, told.err), (0, ""))
    t.equal(f"{what}: it is read as it is", t.dump("hub"), wanted)
    t.unmount()
    t.good("bundle", "import", "--data", "hub", "--from", "stick")
    logged_read_only(t)


def mount_read_only(t, what, folder):
    if not t.mount(what, "--bind", folder, folder):
        return False
    if not t.mount(what, "-o", "remount,bind,ro", folder):
        t.unmount()
        return False
    t.mounts.pop()
    return True


def remove_logs(folder):
    for name in os.listdir(folder):
        if name.endswith(("-wal", "-shm")):
            os.remove(os.path.join(folder, name))


def logged_read_only(t):
    """What was done last is in the log, as after a power cut, and cannot be taken in."""
    what = "a read-only data folder with a log"
    writer = sqlite3.connect(t.path("hub", "yizhan.db"), isolation_level=None)
    writer.execute("INSERT INTO meta VALUES ('logged', 1)")
    folder = t.copy("hub", "logged")
    writer.close()
    os.remove(os.path.join(folder, "yizhan.db-shm"))
    if mount_read_only(t, what, folder):
        t.refused(f"{what}: says what to do", "read_only", "status", "--data", "logged",
                  says=["copy the folder"])
        t.unmount()
    t.equal(f"{what}: read-write again it is read", t.dump("logged"), t.dump("hub"))


def lock(t):
    found_tree(t)
    with open(t.path("hub", "lock"), "r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        t.refused("a second process on the same data folder", "data_in_use", "hub", "invite",
                  "--data", "hub", "--place", f"{HUB}.401", "--name", "x", data="hub")
        t.equal("reading goes on beside it", t.run("status", "--data", "hub").code, 0)
    t.equal("when the other has ended it works", t.run(
        "hub", "invite", "--data", "hub", "--place", f"{HUB}.401", "--name", "x").code, 0)
    # Two commands of one keeper at the same moment: the second waits for the first.
    words = ["playback", "add", "--data", "s207", "--programme", "F1", "--start"]
    both = [t.start(*words, f"2026-03-01T08:0{n}") for n in range(2)]
    done = [t.finish(process, words) for process in both]
    t.equal("two at the same moment both succeed", (
        [result.code for result in done], len(t.playbacks("s207"))), ([0, 0], 2))


def leases(t):
    """What a closed replica leaves in the machine's memory (Sources/Replica/Lease.swift)."""
    if not os.path.isdir("/dev/shm"):
        t.skip("leases", "this machine has no /dev/shm")
        return
    found_tree(t)
    add = ["playback", "add", "--data", "s207", "--programme", "F1", "--start"]
    for number in range(3):
        t.good(*add, f"2026-03-01T08:0{number}")
        t.good("term", "add", "occasion", f"{number}", "--data", "../hub", cwd=t.fresh("elsewhere"))
    vector = [line for line in t.dump("s207", f"{HUB}.207/log").splitlines()
              if line.startswith("vector")]
    t.check("commands go on with one epoch, wherever others are run from",
            len(vector) == 1 and vector[0].endswith(":3") and "," not in vector[0], vector)
    note = lease(t.path("s208", "yizhan.db"))
    t.good("playback", "add", "--data", "s208", "--programme", "F1", "--start", "2026-03-01T08:00")
    t.check("a closed replica leaves a note", os.path.exists(note), note)
    shutil.rmtree(t.path("s208"))
    t.good(*add, "2026-03-01T08:10")
    t.check("the note of a folder that was deleted is swept", not os.path.exists(note), note)


def damaged(t):
    """Whatever is in the database's file: one clear error, never a crash."""
    logged(t, per_day=20)
    database = t.read("s207", "yizhan.db")
    half = len(database) // 2

    def altered(name, content):
        t.copy("s207", name)
        for suffix in ("-wal", "-shm"):
            if os.path.exists(t.path(name, "yizhan.db" + suffix)):
                os.remove(t.path(name, "yizhan.db" + suffix))
        t.write(f"{name}/yizhan.db", content)
        return name

    for name, content in {
            "the-first-page": b"\xA5" * 4096 + database[4096:],
            "the-second-half": database[:half] + b"\xA5" * (len(database) - half),
            "half-a-file": database[:half],
            "text": b"hello " * 2000}.items():
        data = altered(name, content)
        told = t.run("check", "--data", data)
        t.check(f"{name}: check finds it", told.code in (1, 2), told)
        told = t.run("playback", "list", "--data", data)
        t.check(f"{name}: reading gives one clear error, or what is left",
                told.code == 0 or told.error_code in ("database_damaged", "not_a_replica"), told)
        told = t.run("bundle", "export", "--data", data, "--to", "stick")
        t.check(f"{name}: so does writing",
                told.code == 0 or told.error_code in ("database_damaged", "not_a_replica"), told)
    altered("empty", b"")
    t.refused("an empty file", "not_a_replica", "status", "--data", "empty")
    os.makedirs(t.path("nothing"))
    t.refused("a folder without a database", "not_a_replica", "status", "--data", "nothing")

    choose = random.Random(3)
    outcomes = set()
    for number in range(12):
        changed = bytearray(database)
        for _ in range(20):
            changed[choose.randrange(100, len(changed))] = choose.randrange(256)
        data = altered(f"noise{number}", bytes(changed))
        for words in (["check"], ["dump"], ["plan", "show"], ["playback", "list"]):
            told = t.run(*words, "--data", data)
            outcomes.add("fine" if told.code in (0, 2) else told.error_code)
        shutil.rmtree(t.path(data))
    t.check("noise in 12 databases, four commands each: a clear error or an answer",
            outcomes <= {"fine", "database_damaged", "not_a_replica", "newer_schema", "disk_error"},
            outcomes)


# ---------------------------------------------------------------- the stick

def stick(t):
    count = logged(t, per_day=700)
    missing(t)
    locked(t)
    left_over(t)
    small(t)
    pulled(t)
    killed(t, count)


def missing(t):
    for command, option in (("export", "--to"), ("import", "--from")):
        t.refused(f"a stick that is not there: bundle {command}", "stick_missing", "bundle", command,
                  "--data", "hub", option, "nowhere", data="hub")
    t.refused("a stick that is a file: bundle export", "stick_missing", "bundle", "export",
              "--data", "hub", "--to", "plays.csv", data="hub")
    told = t.run("bundle", "import", "--data", "hub", "--from", "plays.csv")
    t.equal("a file that is no bundle is refused, and not kept", (
        told.code, told.error_code, os.path.exists(t.path("hub", "aside", "plays.csv"))),
        (2, "not_a_bundle", False))


def locked(t):
    what = "a read-only stick"
    folder = t.fresh("locked")
    t.good("bundle", "export", "--data", "s208", "--to", "locked")
    if not t.mount(what, "--bind", folder, folder):
        return
    if t.mount(what, "-o", "remount,bind,ro", folder):
        t.mounts.pop()
        t.refused(f"{what}: bundle export", "stick_read_only", "bundle", "export", "--data", "s207",
                  "--to", "locked", data="s207")
        t.equal(f"{what}: bundle import needs no writing", t.run(
            "bundle", "import", "--data", "hub", "--from", "locked").code, 0)
    t.unmount()


def left_over(t):
    t.fresh("stick")
    t.write(f"stick/{NAME}.tmp", b"half a bundle")
    t.write("stick/.hidden.yz", b"not ours")
    t.write("stick/photo.jpg", b"not ours")
    t.equal("what a pulled stick left half-written is passed over", t.run(
        "bundle", "import", "--data", "hub", "--from", "stick").code, 0)
    t.good("bundle", "export", "--data", "s207", "--to", "stick")
    t.equal("and removed by the next export, which touches nothing else",
            sorted(os.listdir(t.path("stick"))), [".hidden.yz", NAME, "photo.jpg"])


def small(t):
    what = "a full stick"
    folder = t.fresh("small")
    if not t.mount(what, "-t", "tmpfs", "-o", "size=40k", "tmpfs", folder):
        return
    before = t.dump("s207")
    told = t.run("bundle", "export", "--data", "s207", "--to", "small")
    t.check(f"{what}: stick_full, or what finds room and a word that it is not all",
            told.error_code == "stick_full" or (told.code == 0 and "too small" in told.out), told)
    whole = [t.run("bundle", "verify", f"small/{name}").code for name in os.listdir(folder)]
    t.equal(f"{what}: what is on it is whole", set(whole) - {0}, set())
    t.equal(f"{what}: nothing changed at the station", t.dump("s207"), before)
    t.unmount()
    t.equal(f"{what}: taken out, it is an empty folder", t.run(
        "bundle", "import", "--data", "hub", "--from", "small").code, 0)
    t.good("bundle", "export", "--data", "s207", "--to", t.fresh("small"))


def pulled(t):
    """The stick goes away while it is written: the folder is renamed when the first temporary file
    appears in it."""
    folder, away = t.fresh("stick"), t.path("away")
    before = t.dump("s207")
    process = t.start("bundle", "export", "--data", "s207", "--to", "stick")
    while process.poll() is None:
        if os.listdir(folder):
            os.rename(folder, away)
            break
    told = t.finish(process, ["bundle", "export"])
    t.check("a stick removed while writing: an error of the stick, or it was done before",
            told.code == 0 or (told.error_code or "").startswith("stick_"), told)
    t.equal("the station is as before", t.dump("s207"), before)
    if os.path.exists(away):
        os.rename(away, folder)
    told = t.run("bundle", "import", "--data", "hub", "--from", "stick")
    t.check("what is on it does no harm", told.code in (0, 2), told)
    t.good("bundle", "export", "--data", "s207", "--to", "stick")


def size_of(path):
    """0 for a file that is not there, or not any more: a clean close removes the log."""
    try:
        return os.path.getsize(path)
    except FileNotFoundError:
        return 0


def killed(t, count):
    """kill -9 as soon as the write-ahead log grows beyond so many bytes."""
    for number, size in enumerate((1, 200_000, 600_000)):
        data = t.copy("hub" if number == 0 else "before", f"killed{number}")
        if number == 0:
            t.copy("hub", "before")
        log = os.path.join(data, "yizhan.db-wal")
        words = ["bundle", "import", "--data", data, "--from", "stick"]
        process = t.start(*words)
        while process.poll() is None:
            if size_of(log) >= size:
                process.send_signal(signal.SIGKILL)
                break
        t.finish(process, words, may_be_killed=True)
        t.equal(f"an import killed with {size} bytes written: check finds nothing",
                t.run("check", "--data", data).code, 0)
        t.good(*words)
        t.equal("and the same again completes it", len(t.playbacks(data)), count)
