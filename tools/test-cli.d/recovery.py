"""Recovery for people: check in words, repair, rescue, with the real program."""
import os
import shutil
import sqlite3
import subprocess

from harness import carry, found_tree, mounted_read_only
from link import Plays

PAGE = 4096
PLACE = "34.01.23.109.207"


def recovery(t):
    plays = broken_station(t)
    told(t)
    repaired(t, plays)
    rescued(t, plays)
    healthy(t, plays)
    cut_short(t)
    hopeless(t)
    unkeyed(t)
    locked(t)


def files(t, data):
    """Every file with its bytes, its rights and its time."""
    found = {}
    for parent, _, names in os.walk(t.path(data)):
        for name in names:
            path = os.path.join(parent, name)
            status = os.stat(path)
            found[path] = (t.read(path), status.st_mode, status.st_mtime_ns, status.st_ino)
    return found


def broken_station(t):
    """A station whose hub has confirmed some of its playbacks and not the others."""
    found_tree(t)
    plays = Plays(t)
    carry(t, "hub", "s207")
    plays.add(per_day=3)
    carry(t, "s207", "hub")
    carry(t, "hub", "s207")
    plays.add(per_day=2)
    with sqlite3.connect(t.path("s207", "yizhan.db")) as database:
        t.roots = dict(database.execute("SELECT name, rootpage FROM sqlite_master"))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return plays


def damage(t, name, tables=("epoch",), content=None):
    """A copy of the station with these tables' first pages gone, or with this as its database."""
    t.copy("s207", name)
    for suffix in ("-wal", "-shm"):
        if os.path.exists(t.path(name, "yizhan.db" + suffix)):
            os.remove(t.path(name, "yizhan.db" + suffix))
    whole = bytearray(t.read("s207", "yizhan.db"))
    for table in tables:
        at = (t.roots[table] - 1) * PAGE
        whole[at:at + PAGE] = bytes(PAGE)
    t.write(f"{name}/yizhan.db", bytes(whole) if content is None else content)
    return name


def dots(t, data, *more):
    return sorted(play["started_at"] for play in t.playbacks(data, *more))


def told(t):
    """What check says of a damaged database, and of one that is well."""
    well = t.json("check", "--data", "s207")
    t.check("a sound station: all is well, and it says how much waits for the hub", well["ok"]
            and "waiting" in [found["code"] for found in well["findings"]], well)
    data = damage(t, "broken", ("epoch",))
    before = files(t, data)
    plain = t.run("check", "--data", data)
    t.check("check of a damaged database: exit 2, in words, with the command to run",
            plain.code == 2 and "database_damaged" in plain.out and "yizhan repair --data broken"
            in plain.out and "playbacks" in plain.out, plain)
    chinese = t.run("check", "--data", data, env={"LC_ALL": "zh_CN.UTF-8"})
    t.check("and in Chinese", chinese.code == 2 and "安全情况" in chinese.out
            and "Safe" not in chinese.out, chinese)
    as_json = t.run("check", "--data", data, "--json")
    found = as_json.json
    t.check("with --json: a list with codes", as_json.code == 2 and not found["ok"]
            and found["complaints"] and found["findings"][0]["code"] == "database_damaged"
            and set(found["findings"][0]) == {"code", "wrong", "what", "safe", "next"}, found)
    t.check("check changes no byte of the database",
            all(before[path][0] == t.read(path) for path in before))
    if mounted_read_only(t, "check where nothing can be written", t.path(data)):
        told = t.run("check", "--data", data)
        t.check("check works where nothing can be written", told.code == 2
                and "database_damaged" in told.out, told)
        t.unmount()


def exchange(t, data, hub):
    for source, target in [(data, hub), (hub, data)] * 2 + [(data, hub)]:
        stick = t.fresh("way")
        t.good("bundle", "export", "--data", source, "--to", stick)
        # A stick may have nothing on it for this place.
        t.run("bundle", "import", "--data", target, "--from", stick)


def back(t, what, data, hub, wanted):
    """Hub and station hold the same, each playback once, and nobody complains."""
    exchange(t, data, hub)
    t.equal(f"{what}: every playback is at the station, once", dots(t, data), wanted)
    t.equal(f"{what}: and at the hub", dots(t, hub, "--for", PLACE), wanted)
    shared = [line.split("/")[0] for line in t.dump(data).splitlines()
              if line.startswith("partition ") and line.endswith("/log")]
    place = shared[0].split()[1]
    t.equal(f"{what}: both are equal", t.dump(data, f"{place}/log"), t.dump(hub, f"{place}/log"))
    t.check(f"{what}: check finds nothing wrong at the station", t.run(
        "check", "--data", data).code == 0, t.run("check", "--data", data))
    alarms = {alarm["code"] for alarm in t.json("status", "--own", "--data", hub)["alarms"]}
    t.check(f"{what}: the hub notes no more than that the place went on from less",
            alarms <= {"place_diverged"}, alarms)


def repaired(t, plays):
    wanted = dots(t, "s207")
    for name, tables in {
            "no-epochs": ("epoch",), "no-schema": ("sqlite_master",), "no-names": ("field",),
            "no-marks": ("peer",), "no-people": ("operator", "place"), "no-meta": ("meta",)}.items():
        t.roots["sqlite_master"] = 1
        data = damage(t, name, tables)
        hub = f"hub-{name}"
        t.copy("hub", hub)
        original = t.read(name, "yizhan.db")
        done = t.run("repair", "--data", data)
        t.check(f"{name}: repair", done.code == 0 and "damaged-1" in done.out, done)
        t.equal(f"{name}: the damaged file is kept as it was",
                t.read(name, "damaged-1", "yizhan.db"), original)
        back(t, name, data, hub, wanted)
        again = t.json("repair", "--data", data)
        t.equal(f"{name}: a second repair finds nothing", (again["state"], again["aside"]),
                ("well", None))
        t.good("playback", "add", "--data", data, "--programme", "F1", "--start",
               "2026-11-01T08:00")
        back(t, f"{name}, played on", data, hub, sorted(dots(t, data)))
    t.equal("repair of a sound folder changes nothing", t.json("repair", "--data", "s207")["state"],
            "well")


def rescued(t, plays):
    wanted = dots(t, "s207")
    data = damage(t, "card", ("epoch",))
    before = files(t, data)
    temporary = t.fresh("temporary")
    t.fresh("rescue-stick")
    report = t.run("rescue", "--from", data, "--to", "rescue-stick", "--json",
                   env={"TMPDIR": temporary})
    t.check("rescue from a broken folder says what it saved", report.code == 0
            and report.json["damaged"] and report.json["playbacks"] > 0
            and report.json["from"] < report.json["to"], report)
    t.equal("the station's folder is as it was, byte for byte", files(t, data), before)
    t.equal("nothing is left of the private copy", os.listdir(temporary), [])
    t.copy("hub", "hub-rescue")
    told = t.good("bundle", "import", "--data", "hub-rescue", "--from", "rescue-stick")
    t.equal("the hub takes it in, and all playbacks are there", dots(
        t, "hub-rescue", "--for", PLACE), wanted)
    found = t.run("check", "--data", "hub-rescue", "--json").json["findings"]
    t.check("the hub has nothing to complain of but that the place went on from less",
            {each["code"] for each in found if each["wrong"]} <= {"place_diverged"}, (told, found))
    t.good("repair", "--data", data)
    back(t, "rescued and repaired", data, "hub-rescue", wanted)


def healthy(t, plays):
    """A sound folder: the same as an export, and the station goes on living."""
    t.fresh("sound-stick")
    before = files(t, "s207")
    report = t.json("rescue", "--from", "s207", "--to", "sound-stick")
    t.check("rescue of a sound folder", not report["damaged"] and report["playbacks"] > 0, report)
    t.equal("it is as it was, byte for byte", files(t, "s207"), before)
    t.copy("hub", "hub-sound")
    t.good("bundle", "import", "--data", "hub-sound", "--from", "sound-stick")
    t.copy("s207", "s207-sound")
    t.good("playback", "add", "--data", "s207-sound", "--programme", "F1", "--start",
           "2026-11-02T08:00")
    back(t, "the station goes on after its rescue", "s207-sound", "hub-sound", dots(
        t, "s207-sound"))
    t.equal("nobody is alarmed", t.json("status", "--own", "--data", "hub-sound")["alarms"], [])


def cut_short(t):
    """The power went when the new database was ready and not in its place."""
    data = damage(t, "cut", ("epoch",))
    t.copy(data, "cut-done")
    t.good("repair", "--data", "cut-done")
    shutil.copy(t.path("cut-done", "yizhan.db"), t.path(data, "yizhan.db.repaired"))
    t.refused("reading waits for the repair to go on", "repair_unfinished", "status", "--data", data)
    told = t.run("check", "--data", data)
    t.check("check says so", told.code == 2 and "repair_unfinished" in told.out, told)
    t.equal("repair goes on", t.json("repair", "--data", data)["state"], "finished")
    t.equal("and all is well", t.run("check", "--data", data).code, 0)


def hopeless(t):
    for name, content in {"text": b"hello " * 4000, "zeros": bytes(40 * PAGE), "empty": b""}.items():
        data = damage(t, f"hopeless-{name}", (), content)
        told = t.run("check", "--data", data)
        t.check(f"{name}: check says that nothing can be read, and what to do", told.code == 2
                and "hub invite --replace" in told.out, told)
        done = t.run("repair", "--data", data)
        t.check(f"{name}: repair says what to do and changes nothing", done.code == 1
                and done.error_code == "database_damaged" and "invite --replace" in done.err
                and t.read(data, "yizhan.db") == content, done)
        t.fresh("no-stick")
        done = t.run("rescue", "--from", data, "--to", "no-stick")
        t.check(f"{name}: so does rescue", done.code == 1
                and done.error_code == "database_damaged", done)


def unkeyed(t):
    data = damage(t, "unkeyed", ("epoch",))
    os.remove(t.path(data, "keys"))
    told = t.run("check", "--data", data)
    t.check("check tells of missing keys too", told.code == 2 and "keys_missing" in told.out, told)
    t.fresh("no-stick")
    done = t.run("rescue", "--from", data, "--to", "no-stick")
    t.check("rescue without keys: one error with what to do", done.code == 1
            and done.error_code == "keys_missing" and "keys" in done.err
            and not os.listdir(t.path("no-stick")), done)
    done = t.run("rescue", "--from", "nowhere", "--to", "no-stick")
    t.equal("rescue from nowhere", done.error_code, "not_a_replica")


def locked(t):
    """Not while somebody else works on the folder."""
    data = damage(t, "locked", ("epoch",))
    holder = subprocess.Popen(["flock", t.path(data, "lock"), "sleep", "60"])
    try:
        while subprocess.run(["flock", "-n", t.path(data, "lock"), "true"]).returncode == 0:
            pass
        done = t.run("repair", "--data", data)
        t.check("repair waits for no agent: the folder is in use", done.code == 1
                and done.error_code == "data_in_use", done)
    finally:
        holder.kill()
        holder.wait()
