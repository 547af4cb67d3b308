"""Backups: what is written, what is then safe, and what is made of one."""
import os
import random
import shutil
import signal
import sqlite3

from harness import HUB, carry, found_tree, mounted_read_only
from link import Plays, blocks
from network import Hub, running, sync

PAGE = 4096
# What a backup that is not whole may be called.
DAMAGED = {"backup_damaged", "database_damaged", "not_a_replica"}


def receipts(t, data):
    """Of each section in which the station wrote: writes, received, safe."""
    return {row["section"]: (row["writes"], row["received"], row["safe"])
            for row in t.json("status", "--data", data)["receipts"]}


def faults_of(t, path):
    """What is wrong with a file as a database of SQLite, by SQLite alone."""
    with sqlite3.connect(f"file:{t.path(path)}?mode=ro&immutable=1", uri=True) as database:
        return [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]


def restored(t, path, data="restored"):
    """The dump of what a backup is made to."""
    shutil.rmtree(t.path(data), ignore_errors=True)
    t.good("restore", "--data", data, "--from", path)
    return t.dump(data)


# ---------------------------------------------------------------- backup

def backup(t):
    found_tree(t)
    plays = Plays(t)
    with running(Hub(t)) as hub:
        beside(t, hub, plays)
        told(t, hub)
        bad_targets(t, hub, plays)
        t.equal("SIGTERM ends the hub", hub.end(), 0)
    on_sticks(t)
    over_itself(t, plays)


def beside(t, hub, plays):
    """Backups while the hub runs."""
    for number in range(2):
        plays.add(per_day=2)
        sync(t, "s207", hub.url)
        before = set(os.listdir(t.folder))
        report = t.json("backup", "--data", "hub", "--to", "hub.backup")
        what = "a backup beside a running hub" if number == 0 else "a second one replaces it"
        t.equal(f"{what}: one file, its keys and nothing else", (
            set(os.listdir(t.folder)) - before - {"hub.backup", "hub.backup.keys"},
            faults_of(t, "hub.backup")), (set(), []))
        t.equal(f"{what}: nobody else reads the keys",
                os.stat(t.path("hub.backup.keys")).st_mode & 0o777, 0o600)
        t.equal(f"{what}: --json says what was written", report, {
            "file": "hub.backup", "bytes": os.path.getsize(t.path("hub.backup")),
            "partitions": len(blocks(t.dump("hub")))})
        t.equal(f"{what}: it holds what the hub holds", restored(t, "hub.backup"), t.dump("hub"))
    plain = t.run("backup", "--data", "hub", "--to", "hub.backup")
    t.check("what people read is one line", plain.code == 0 and plain.out.count("\n") == 1, plain)
    t.good("backup", "--data", "s207", "--to", "s207.backup")
    t.equal("a station can be backed up too", restored(t, "s207.backup"), t.dump("s207"))


def told(t, hub):
    """What a station is told to be received and safe, over a link."""
    plays = Plays(t, "s208")
    sync(t, "s208", hub.url)
    plays.add(per_day=2)
    t.equal("before a sync nothing is received or safe", receipts(t, "s208")["log"],
            (plays.count, 0, 0))
    sync(t, "s208", hub.url)
    found = receipts(t, "s208")
    t.check("after a sync all is received and nothing is safe", found["log"] == (
        plays.count, plays.count, 0) and found["people"][2] == 0, found)
    t.good("backup", "--data", "hub", "--to", "hub.backup")
    t.equal("a backup alone tells nobody", receipts(t, "s208"), found)
    for _ in range(2):
        sync(t, "s208", hub.url)
    found = receipts(t, "s208")
    t.check("after a backup and an exchange all is safe", found["log"][0] == plays.count
            and all(len(set(counts)) == 1 for counts in found.values()), found)
    safe = plays.count
    plays.add(per_day=1)
    t.equal("what is played then is neither", receipts(t, "s208")["log"], (
        plays.count, safe, safe))
    sync(t, "s208", hub.url)
    t.equal("and after a sync received, not safe", receipts(t, "s208")["log"], (
        plays.count, plays.count, safe))
    row = next(row for row in t.json("status", "--data", "s208")["receipts"]
               if row["section"] == "log")
    t.check("a receipt says when it was told, and by what vectors", isinstance(row["told"], int)
            and row["lacking"] == 0 and row["receivedVector"] != row["safeVector"], row)
    silent(t, "s208", hub, "after all this")


def silent(t, data, hub, what):
    """What was told last is answered once more; then there is nothing to say."""
    for _ in range(2):
        sync(t, data, hub.url)
    steady = sync(t, data, hub.url).json
    t.check(f"{what} a sync costs one request and next to no bytes", steady["requests"] == 1
            and max(steady["bytesUp"], steady["bytesDown"]) <= 400, steady)


def on_sticks(t):
    """The same by sticks only."""
    plays = Plays(t, "s209")
    carry(t, "hub", "s209")
    plays.add(per_day=2)
    carry(t, "s209", "hub")
    t.equal("by stick: what left is not received before an answer", receipts(t, "s209")["log"],
            (plays.count, 0, 0))
    carry(t, "hub", "s209")
    t.equal("by stick: with the answer it is", receipts(t, "s209")["log"],
            (plays.count, plays.count, 0))
    t.good("backup", "--data", "hub", "--to", "hub.backup")
    carry(t, "hub", "s209")
    found = receipts(t, "s209")
    t.check("by stick: the next one tells that all is safe", found["log"][0] == plays.count
            and all(len(set(counts)) == 1 for counts in found.values()), found)
    for _ in range(2):
        t.good("bundle", "export", "--data", "s209", "--to", "stick")
        t.good("bundle", "import", "--data", "hub", "--from", "stick")
        t.good("bundle", "export", "--data", "hub", "--to", "stick")
        t.run("bundle", "import", "--data", "s209", "--from", "stick")
    report = t.run("bundle", "export", "--data", "s209", "--to", t.fresh("stick"))
    t.equal("by stick: then there is nothing to carry", (
        report.code, os.listdir(t.path("stick"))), (0, []))
    with running(Hub(t)) as hub:
        silent(t, "s209", hub, "after sticks")
        hub.end()


# ---------------------------------------------------------------- where none can be written

def bad_targets(t, hub, plays):
    """One clear error about the target; no rest of a file; and nobody is told to be safe."""
    plays.add(per_day=1)
    sync(t, "s207", hub.url)
    os.mkdir(t.path("folder"))
    refused_target(t, "a folder that does not exist", "nowhere/hub.backup")
    refused_target(t, "a folder in the place of the file", "folder")
    full(t)
    locked(t)
    for _ in range(2):
        sync(t, "s207", hub.url)
    writes, received, safe = receipts(t, "s207")["log"]
    t.check("backups that failed make nothing safe", received == writes == plays.count > safe > 0,
            (writes, received, safe))


def listing(folder):
    return sorted(os.path.join(parent, name) for parent, _, names in os.walk(folder)
                  for name in names if not name.startswith("owner."))


def refused_target(t, what, target, code=None):
    folder = os.path.dirname(t.path(target))
    before = listing(folder) if os.path.isdir(folder) else []
    done = t.run("backup", "--data", "hub", "--to", target)
    after = listing(folder) if os.path.isdir(folder) else []
    t.check(f"a backup to {what}: one error line", done.code == 1 and done.err.count("\n") == 1
            and done.error_code not in (None, "internal") and code in (None, done.error_code), done)
    t.check(f"a backup to {what}: it blames the target, not the data folder",
            target in done.err and "data folder" not in done.err, done)
    t.equal(f"a backup to {what}: nothing is left behind", after, before)


def full(t):
    what = "a full disk"
    disk = t.fresh("disk")
    size = os.path.getsize(t.path("hub.backup")) * 3 // 2
    if not t.mount(what, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk):
        return
    shutil.copy(t.path("hub.backup"), t.path("disk", "hub.backup"))
    refused_target(t, what, "disk/hub.backup", "disk_full")
    t.equal("the backup before it is still there", t.read("disk", "hub.backup"),
            t.read("hub.backup"))
    t.unmount()


def locked(t):
    what = "a read-only disk"
    folder = t.fresh("locked")
    if mounted_read_only(t, what, folder):
        refused_target(t, what, "locked/hub.backup")
        t.unmount()


def over_itself(t, plays):
    """A target that is the database or beside it under a name of its own: a slip of the hand. The
    hub was killed, so that what was done last is in the log beside the database."""
    with running(Hub(t)) as hub:
        plays.add(per_day=5)
        sync(t, "s207", hub.url)
        hub.end(signal.SIGKILL)
    for name in ("owner.socket", "owner.token"):
        os.remove(t.path("hub", name))
    for name in ("yizhan.db", "yizhan.db-wal", "lock"):
        data = f"slip-{name}"
        t.copy("hub", data)
        before = t.dump(data)
        done = t.run("backup", "--data", data, "--to", f"{data}/{name}")
        t.check(f"a backup over the folder's own {name} is refused", done.code == 1
                and done.error_code not in (None, "internal"), done)
        after = t.run("dump", "--data", data)
        t.check(f"and does no harm ({name})", after.out == before
                and t.run("check", "--data", data).code == 0, after)


# ---------------------------------------------------------------- restore

def restore(t):
    found_tree(t)
    plays = Plays(t)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        plays.add(per_day=8)
        sync(t, "s207", hub.url)
    t.good("backup", "--data", "hub", "--to", "hub.backup")
    damaged(t)
    taken(t)
    twice(t)
    station_again(t, plays)


def damaged(t):
    whole = t.read("hub.backup")
    wanted = restored(t, "hub.backup")
    choose = random.Random(5)
    # SQLite fills a page from its end; a table without rows has an empty one.
    flips = [page + PAGE - 1 - choose.randrange(40) for page in range(0, len(whole), 2 * PAGE)
             if any(whole[page + PAGE - 40:page + PAGE])]
    everything = bytearray(whole)
    for at in flips:
        everything[at] ^= 1 << choose.randrange(8)
    misleading = []
    shutil.copy(t.path("hub.backup.keys"), t.path("bad.backup.keys"))
    for what, content in {
            "a byte flipped in each third page": bytes(everything),
            "half a backup": whole[:len(whole) // 2], "no last page": whole[:-PAGE],
            "no last byte": whole[:-1],
            "an empty file": b"", "text": b"hello " * 3000}.items():
        t.write("bad.backup", content)
        shutil.rmtree(t.path("bad"), ignore_errors=True)
        done = t.run("restore", "--data", "bad", "--from", "bad.backup")
        t.check(f"{what}: refused", done.code == 1 and done.error_code in DAMAGED, done)
        t.equal(f"{what}: no folder is made", t.run("status", "--data", "bad").error_code,
                "not_a_replica")
        if "bad.backup" not in done.err or "keep the folder" in done.err:
            misleading.append(done.err.strip())
    t.check("the errors are about the backup, not about the data folder", not misleading,
            misleading)
    one_flip_each(t, whole, flips, wanted)
    for name in ("nothing.backup", "stick"):
        done = t.run("restore", "--data", "bad", "--from", name)
        t.check(f"{name} is no backup", done.code == 1 and done.error_code not in (
            None, "internal") and not os.path.exists(t.path("bad")), done)


def one_flip_each(t, whole, flips, wanted):
    """One flipped byte is refused, or hits what nobody reads."""
    refused, odd = 0, []
    for at in flips:
        content = bytearray(whole)
        content[at] ^= 0x10
        t.write("bad.backup", bytes(content))
        shutil.rmtree(t.path("bad"), ignore_errors=True)
        done = t.run("restore", "--data", "bad", "--from", "bad.backup")
        if done.code == 0:
            odd += [f"byte {at} was let through"] * (t.dump("bad") != wanted)
            continue
        refused += 1
        if done.error_code not in DAMAGED or os.path.exists(t.path("bad", "yizhan.db")):
            odd.append(str(done))
    shutil.rmtree(t.path("bad"), ignore_errors=True)
    t.check(f"{len(flips)} backups with one flipped byte: refused, or the same", not odd
            and refused > len(flips) // 4, (refused, odd[:2]))


def taken(t):
    t.refused("into a folder with a database", "already_exists", "restore", "--data", "hub",
              "--from", "hub.backup", data="hub")
    done = t.run("restore", "--data", "nowhere/new", "--from", "hub.backup")
    t.check("where there is no folder to put it in", done.code == 1 and done.error_code not in (
        None, "internal"), done)
    report = t.json("restore", "--data", "again", "--from", "hub.backup")
    t.equal("--json says whose it is", report["place"], HUB)
    small(t)


def small(t):
    what = "onto a full disk"
    disk = t.fresh("disk")
    size = os.path.getsize(t.path("hub.backup")) // 2
    if not t.mount(what, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk):
        return
    t.refused(what, "disk_full", "restore", "--data", "disk/hub", "--from", "hub.backup")
    t.equal(f"{what}: no folder that could be used", (
        t.run("status", "--data", "disk/hub").error_code,
        [name for name in os.listdir(t.path("disk", "hub")) if name != "lock"]),
        ("not_a_replica", []))
    t.unmount()


def epochs(t, data, code):
    """The epochs in the vector of a station's log."""
    block = next(block for name, block in blocks(t.dump(data)).items()
                 if name.endswith("/log") and code in name)
    vector = block.splitlines()[1].removeprefix("vector ")
    return {part.split(":")[0] for part in vector.replace(",", " ").split()}


PLAY = ("--programme", "F1", "--start")


def place_of(t, data):
    return next(name.split("/")[0] for name in blocks(t.dump(data)) if name.endswith("/log"))


def twice(t):
    """Of one backup two machines are made by mistake: what they write is never named alike."""
    place = place_of(t, "s207")
    t.good("backup", "--data", "s207", "--to", "s207.backup")
    before = epochs(t, "s207", place)
    found = []
    for number in range(3):
        data = f"clone{number}"
        # An old one that is given up may leave its place on the disk to the next.
        t.good("restore", "--data", data, "--from", "s207.backup")
        t.good("playback", "add", "--data", data, *PLAY, f"2026-05-01T08:0{number}")
        found.append(epochs(t, data, place) - before)
        shutil.rmtree(t.path(data))
    t.check("each restored folder writes in an epoch of its own",
            [len(each) for each in found] == [1, 1, 1] and len(set.union(*found)) == 3, found)


def station_again(t, plays):
    """A station's disk dies. What it had told the hub after its backup comes back from there."""
    place = place_of(t, "s207")
    t.good("backup", "--data", "s207", "--to", "s207.backup")
    plays.add(per_day=1)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        wanted = {play["dot"] for play in t.playbacks("s207")}
        before = epochs(t, "s207", place)
        shutil.rmtree(t.path("s207"))
        t.good("restore", "--data", "s207", "--from", "s207.backup")
        for minute in range(3):
            t.good("playback", "add", "--data", "s207", *PLAY, f"2026-06-01T08:0{minute}")
        t.check("a restored station writes in new epochs", len(
            epochs(t, "s207", place) - before) == 1, (epochs(t, "s207", place), before))
        for _ in range(3):
            sync(t, "s207", hub.url)
        ends = [[play["dot"] for play in t.playbacks("s207")],
                [play["dot"] for play in t.playbacks("hub", "--for", f"{HUB}.207")]]
        t.check("nothing of before the fault or after is lost", set(ends[0]) == set(ends[1])
                and [len(end) for end in ends] == [len(wanted) + 3] * 2 and wanted < set(ends[0]),
                [len(end) for end in ends])
        t.equal("both ends are equal", blocks(t.dump("hub")).get(f"{place}/log"),
                blocks(t.dump("s207"))[f"{place}/log"])
        alarms = t.json("status", "--data", "s207")["alarms"] + t.json(
            "status", "--own", "--data", "hub")["alarms"]
        t.check("the hub says that the station went on from an old copy, and no more",
                [alarm["code"] for alarm in alarms] == ["place_diverged"], alarms)
        silent(t, "s207", hub, "after a restore")
