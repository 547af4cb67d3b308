"""Canaries: strings that nobody else would write are put into a tree, and looked for in all that
leaves a replica: sticks, logs, metrics, answers of the hub, what people are told, crashes.

What is on a stick is sealed and packed, so a search of bytes alone would find nothing there even if
the seal were missing. It finds what lies beside the bundles; that every file was a sealed bundle, from
its first name on, is looked at too.
"""
import base64
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading

from harness import HUB, Stopped, lease, remove_leases
from link import wait_until
from network import Hub, Process, Station, ask, exchange_id, get, request, running, sync
from sealed import Road, read_envelope

STATION = f"{HUB}.207"
PEOPLE = ["欧阳听雨", "司徒望舒", "夏侯折桂", "Zhadyra Qyzylorda"]
PLACES = ["鹤鸣泽镇", "石榴沟社区", "白鹭湾村"]
PLANS = ["夜航鲸歌讲座", "稻田观星入门", "请带旧雨靴与蓝铅笔", "渡口会前播放", "放映机进了萤火虫", "溪水漫过戏台",
         "月下合唱讲习", "蘑菇棚夜话", "幻灯片掉进鱼塘", "霜降收柿课"]
FILES = ["黄昏排期总表", "谷仓回放清单", "柳絮片头样带"]


# ---------------------------------------------------------------- looking

def forms(text):
    """The bytes that a piece of text may be, by what they are called."""
    utf8 = text.encode()
    yield "UTF-8", utf8
    yield "GB18030", text.encode("gb18030")
    yield "UTF-16LE", text.encode("utf-16-le")
    yield "UTF-16BE", text.encode("utf-16-be")
    for skip in range(3):
        # Letters that hold bits of what stands before and behind are left out.
        code = base64.b64encode(bytes(skip) + utf8)
        inner = code[-(-8 * skip // 6):(skip + len(utf8)) * 8 // 6]
        yield f"base64, {skip} bytes in", inner
        yield f"base64url, {skip} bytes in", base64.urlsafe_b64encode(
            bytes(skip) + utf8)[-(-8 * skip // 6):(skip + len(utf8)) * 8 // 6]
    yield "hex", utf8.hex().encode()
    yield "hex", utf8.hex().upper().encode()
    yield "hex with spaces", utf8.hex(" ").encode()
    yield "percent", "".join(f"%{byte:02X}" for byte in utf8).encode()
    yield "percent", "".join(f"%{byte:02x}" for byte in utf8).encode()
    if not text.isascii():
        yield "escapes", "".join(f"\\u{ord(c):04x}" for c in text).encode()
        yield "escapes", "".join(f"\\u{ord(c):04X}" for c in text).encode()


def fragments(text):
    """Three Chinese characters, or eight letters: a crash shows a few bytes only."""
    length = 8 if text.isascii() else 3
    return {text[at:at + length] for at in range(len(text) - length + 1)}


def needles(texts):
    found = {}
    for text in texts:
        for fragment in fragments(text):
            for name, data in forms(fragment):
                found.setdefault(data, f"{text} as {name}")
    return found


class Search:
    def __init__(self, *texts):
        self.needles = needles([text for each in texts for text in each])

    def find(self, data):
        """What of the texts is in these bytes, and where."""
        return sorted({f"{what} at byte {data.find(needle)}"
                       for needle, what in self.needles.items() if needle in data})

    def find_in_folder(self, folder):
        found = []
        for parent, folders, names in os.walk(folder):
            for name in folders + names:
                found += [f"{what} of the name {name}" for what in self.find(os.fsencode(name))]
            for name in names:
                with open(os.path.join(parent, name), "rb") as file:
                    found += [f"{what} of {name}" for what in self.find(file.read())]
        return found


EVERYTHING = Search(PEOPLE, PLACES, PLANS, FILES)
NAMES = Search(PEOPLE)


def canary(t):
    search_finds(t)
    tree(t)
    private(t)
    stick(t)
    served(t)
    crashes(t)


def search_finds(t):
    """A search that finds nothing proves nothing unless it can find."""
    text = PEOPLE[0]
    ways = {
        "UTF-8": text.encode(), "GB18030": text.encode("gb18030"),
        "UTF-16LE": text.encode("utf-16-le"), "UTF-16BE": text.encode("utf-16-be"),
        "hex": text.encode().hex().encode(), "JSON": json.dumps(text).encode(),
        "a part": text[1:].encode(),
    }
    for skip in range(3):
        ways[f"base64 {skip}"] = base64.b64encode(b"x" * skip + text.encode() + b"yz")
        ways[f"base64url {skip}"] = base64.urlsafe_b64encode(b"x" * skip + text.encode() + b"yz")
    missed = [name for name, data in ways.items()
              if not NAMES.find(os.urandom(1000) + data + os.urandom(1000))]
    t.equal("the search finds a name in every encoding", missed, [])
    t.equal("and nothing in noise", EVERYTHING.find(os.urandom(1 << 20)), [])


# ---------------------------------------------------------------- what is written

def tree(t):
    """A township and two stations, with the strings in all that people can write."""
    t.good("hub", "init", "--data", "hub", "--place", HUB, "--name", PLACES[0])
    t.invited = {}
    for data, name in zip(("s207", "s208"), PLACES[1:]):
        line = t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.{data[1:]}", "--name",
                      name).out.strip()
        t.invited[data] = line
        t.good("station", "join", "--data", data, "--invitation", line)
    t.sheet("programmes.csv", ["programme", "title", "category", "seconds"], [
        ("P1", PLANS[0], PLANS[6], 600), ("P2", PLANS[1], "党建", 600)])
    t.good("programme", "import", "--data", "hub", "programmes.csv")
    plan = t.sheet(f"{FILES[0]}.csv", ["id", "station", "date", "start", "programme", "note"], [
        ("1", PLACES[0], "2026-03-02", "08:30", "P1", PLANS[2]),
        ("2", PLACES[0], "2026-03-03", "08:30", "P2", ""),
        ("3", PLACES[1], "2026-03-04", "08:30", "P2", PLANS[7])])
    t.good("plan", "import", "--data", "hub", "--partial", plan)
    for place in (PLACES[0], PLACES[1]):
        t.good("plan", "issue", "--data", "hub", "--for", place)
    t.good("term", "add", "--data", "hub", "occasion", PLANS[3])
    pass_on(t)
    played(t, 0)
    dot = t.items("s207")[0]["dot"]
    t.good("plan", "adjust", "--data", "s207", dot, "--skip", "--reason", PLANS[4], "--operator",
           PEOPLE[1])
    t.good("closure", "add", "--data", "s207", "--from", "2026-03-20", "--to", "2026-03-21",
           "--cause", PLANS[5], "--operator", PEOPLE[1])
    t.good("plan", "post", "--data", "s207", "--month", "2026-03", "--confirm", "--operator",
           PEOPLE[2])
    pass_on(t)
    held = t.good("playback", "list", "--data", "hub", "--json").out + t.dump("hub")
    lost = [text for text in PEOPLE + PLANS[:8] + [PLANS[9]] if text not in held]
    t.equal("the strings have come to the hub", lost, [])


def played(t, batch):
    """Playbacks of four keepers, which name them; enough that a bundle has more than its head."""
    rows = [(f"{batch}-{number}", PLACES[1], "P1",
             f"2026-03-{batch + 2:02d}T{8 + number // 60:02d}:{number % 60:02d}+08:00", 600, number,
             PEOPLE[number % len(PEOPLE)], PLANS[3], "completed", PLANS[9] + os.urandom(9).hex())
            for number in range(200)]
    name = t.sheet(f"{FILES[1]}.csv", [
        "id", "station", "programme", "started_at", "seconds", "audience", "operator", "occasion",
        "outcome", "note"], rows)
    t.good("playback", "import", "--data", "s207", name)


def pass_on(t):
    t.fresh("way")
    for data in ("hub", "s207", "s208", "hub", "s207", "s208"):
        turn(t, data, "way")


def turn(t, data, stick):
    """What a stick has for a replica goes in, and what that has to say goes out."""
    told = t.run("bundle", "import", "--data", data, "--from", stick)
    if told.code != 0 and told.error_code != "not_for_here":
        raise Stopped(str(told))
    t.good("bundle", "export", "--data", data, "--to", stick)


def private(t):
    """The database holds all of it in the clear, so no other user of the machine may read it."""
    t.good("backup", "--data", "hub", "--to", "backup.db")
    open_ = [name for name in ("hub", "s207", "backup.db", "backup.db.keys")
             if os.stat(t.path(name)).st_mode & 0o077]
    t.equal("data folders and backups are for their owner alone", open_, [])


# ---------------------------------------------------------------- the stick

class Watch:
    """Tells what happened to names in a folder (inotify(7)), so that no name is missed."""

    CREATED, DELETED, MOVED_FROM, MOVED_TO = 0x100, 0x200, 0x40, 0x80

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        mask = self.CREATED | self.DELETED | self.MOVED_FROM | self.MOVED_TO
        if self.descriptor < 0 or libc.inotify_add_watch(
                self.descriptor, os.fsencode(folder), mask) < 0:
            raise Stopped(f"cannot watch {folder}")

    def events(self):
        """(what, name) of all since the last call."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                data += os.read(self.descriptor, 1 << 16)
        found = []
        while data:
            _, mask, _, length = struct.unpack_from("iIII", data)
            found.append((mask & 0xFFF, os.fsdecode(data[16:16 + length].rstrip(b"\0"))))
            data = data[16 + length:]
        return found

    def close(self):
        os.close(self.descriptor)


class Fat:
    """A real FAT file system in a file, to which everything is done that was done to a folder: so
    freed clusters and the entries of deleted names stay as they would on a stick."""

    TOOLS = ("mkfs.vfat", "mcopy", "mren", "mdel")
    SIZE_KIB = 2048

    def __init__(self, t, name):
        self.path = t.path(name)
        self.run("mkfs.vfat", "-C", self.path, str(self.SIZE_KIB))

    @classmethod
    def lacking(cls):
        return [tool for tool in cls.TOOLS if shutil.which(tool) is None]

    @staticmethod
    def run(*words):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True,
                              env=dict(os.environ, MTOOLS_SKIP_CHECK="1"))
        if done.returncode:
            raise Stopped(f"{words}: {done.stderr.decode(errors='replace')[-200:]}")

    def put(self, source, name):
        self.run("mcopy", "-o", "-i", self.path, source, f"::{name}")

    def rename(self, old, new):
        self.run("mren", "-i", self.path, f"::{old}", f"::{new}")

    def delete(self, name):
        self.run("mdel", "-i", self.path, f"::{name}")

    def bytes(self):
        with open(self.path, "rb") as file:
            return file.read()


class Mirror:
    """Follows a folder onto a FAT file system, if there are the tools for one."""

    def __init__(self, t, folder):
        self.t = t
        self.folder = t.path(folder)
        self.watch = Watch(self.folder)
        self.names = set()
        self.bundles = []
        self.fat = None if Fat.lacking() else Fat(t, "stick.img")

    def follow(self):
        """Repeats what has happened. A file is written under one name and then moved to another."""
        old, there = None, set(os.listdir(self.folder))
        for what, name in self.watch.events():
            self.names.add(name)
            if what & Watch.MOVED_FROM:
                old = name
            elif what & Watch.MOVED_TO:
                self.moved(old, name, there)
            elif what & Watch.DELETED and self.fat:
                with contextlib.suppress(Stopped):
                    self.fat.delete(name)
            elif what & Watch.CREATED and self.fat and name in there:
                self.fat.put(os.path.join(self.folder, name), name)

    def moved(self, old, name, there):
        if name not in there:
            if not name.endswith(".tmp"):
                raise Stopped(f"{name} was gone before it was looked at")
            # An old bundle goes under a temporary name first.
            if self.fat:
                self.fat.rename(old, name)
            return
        self.bundles.append(self.t.read(self.folder, name))
        if self.fat:
            self.fat.put(os.path.join(self.folder, name), old)
            with contextlib.suppress(Stopped):
                self.fat.delete(name)
            self.fat.rename(old, name)


def stick(t):
    t.fresh("stick")
    mirror = Mirror(t, "stick")
    for batch in range(1, 5):
        played(t, batch)
        for data in ("s207", "hub", "s208"):
            turn(t, data, "stick")
            mirror.follow()
    mirror.watch.close()
    t.check("bundles came, and went again", len(mirror.bundles) > 8, len(mirror.bundles))
    t.equal("nothing else was ever written: bundles, under a temporary name first",
            sorted(name for name in mirror.names
                   if not re.fullmatch(r"\d+-\d+-\d+\.yz(\.tmp)?", name)), [])
    sealed(t, mirror)
    image(t, mirror)
    label = "".join(t.run("bundle", "inspect", t.path("stick", name)).out
                    for name in os.listdir(t.path("stick")))
    t.equal("what a courier is shown of a bundle names nothing", EVERYTHING.find(label.encode()), [])


def sealed(t, mirror):
    """Each file that was on the stick is opened by the keys of its two ends, and no others."""
    roads = [Road(t, *ends) for ends in (("s207", "hub"), ("hub", "s207"), ("hub", "s208"),
                                         ("s208", "hub"))]
    unsealed = 0
    for bundle in mirror.bundles:
        opened = 0
        for road in roads:
            with contextlib.suppress(Exception):
                road.open(bundle)
                opened += 1
        unsealed += opened != 1
    t.equal("each was sealed to its reader", unsealed, 0)
    t.check("some have sealed pieces behind their head", any(
        bundle[:2] == b"YZ" and read_envelope(bundle).pieces for bundle in mirror.bundles))


def image(t, mirror):
    what = "no string on a FAT stick, in deleted files and freed clusters neither"
    t.equal("no string among the files of the stick, nor in their names",
            EVERYTHING.find_in_folder(t.path("stick")), [])
    if not mirror.fat:
        t.skip(what, f"not installed: {', '.join(Fat.lacking())}; only the folder was searched")
        return
    t.equal(what, EVERYTHING.find(mirror.fat.bytes()), [])
    raw = mirror.fat.bytes()
    there = b"".join(t.read("stick", name) for name in os.listdir(t.path("stick")))
    t.check("some of what was deleted is still in the image, and was searched",
            any(bundle[-64:] in raw and bundle[-64:] not in there for bundle in mirror.bundles))
    planted = t.write("planted.txt", "放映员：" + PEOPLE[0])
    mirror.fat.put(planted, "plain.txt")
    mirror.fat.delete("plain.txt")
    t.check("a plain file that was written and deleted again is found",
            NAMES.find(mirror.fat.bytes()))


# ---------------------------------------------------------------- logs, metrics, answers

def served(t):
    """A hub and stations at work over loopback, with good bundles and bad ones."""
    spies(t)
    answers = []
    with running(Hub(t)) as hub:
        outside(t)
        for data in ("s207", "s208"):
            told = sync(t, data, hub.url)
            t.check(f"{data} syncs, though it takes the place of another machine"
                    if data == "s207" else f"{data} syncs", told.code == 0, told)
            answers.append(told.out + told.err)
        at_work(t, hub, answers)
        refused(t, hub, answers)
        asked(hub, answers)
        answers.append(get(hub.port, "/metrics")[2].decode())
        t.equal("SIGTERM ends the hub", hub.end(), 0)
    logs = [name for name in os.listdir(t.path()) if name.endswith(".log")]
    t.check("the hub has logged exchanges, and a station too", b"exchange" in t.read("hub.log")
            and b"exchanged" in t.read("s207.log") and len(logs) >= 4, logs)
    t.equal("metrics, answers and what commands say name nobody, no place and no plan",
            EVERYTHING.find("\n".join(answers).encode()), [])
    for name in sorted(logs):
        t.equal(f"nor does {name}", EVERYTHING.find(t.read(name)), [])
    t.equal("nor what is left in the machine's memory",
            [each for path in leases(t) for each in EVERYTHING.find(read(path))], [])
    t.write("planted.log", f"info: {PEOPLE[3]}\n")
    t.check("a planted line is found", NAMES.find(t.read("planted.log")))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def leases(t):
    paths = [lease(t.path(data, "yizhan.db")) for data in ("s207", "s208")]
    return [path for path in paths if os.path.exists(path)]


def spies(t):
    """Machines that the hub is to refuse: replaced, a second one, and one with an invitation that
    is none any more."""
    t.good("station", "join", "--data", "second", "--invitation", t.invited["s208"])
    t.copy("s207", "replaced")
    remove_leases(t.path("replaced"))
    line = t.good("hub", "invite", "--data", "hub", "--place", STATION, "--name", PLACES[1],
                  "--replace").out.strip()
    shutil.move(t.path("s207"), t.path("lost"))
    t.good("station", "join", "--data", "s207", "--invitation", line)
    t.good("station", "join", "--data", "unknown", "--invitation", t.invited["s207"])


def outside(t):
    """A tree of its own, which has nothing to say here."""
    t.good("hub", "init", "--data", "far", "--place", "34.01.24.110", "--name", PLANS[8])
    line = t.good("hub", "invite", "--data", "far", "--place", "34.01.24.110.1", "--name",
                  PLANS[8]).out.strip()
    t.good("station", "join", "--data", "far1", "--invitation", line)


REFUSALS = {"replaced": "key_revoked", "second": "invitation_used", "unknown": "invitation_unknown",
            "far1": "not_for_here"}


def refused(t, hub, answers):
    """Bundles that the hub refuses, as it answers and as the station tells."""
    codes = {}
    for data in REFUSALS:
        told = sync(t, data, hub.url)
        answers.append(told.out + told.err)
        bundle = exported(t, data)
        status, _, body = ask(hub.port, request(exchange_id(bundle), bundle))
        answers.append(body.decode(errors="replace"))
        codes[data] = json.loads(body)["code"] if status == 422 else status
        with running(Station(t, data, "--url", hub.url, "--interval", 1)) as station:
            wait_until(lambda: "did not come to its end" in station.log())
            station.end()
        t.check(f"{data}: the reason is an object with a code",
                set(json.loads(body)) == {"code", "reason"}, body)
    t.equal("the hub refuses each for its own reason", codes, REFUSALS)
    bundle = exported(t, "s208")
    for data in (bundle[:-9], bundle[:40] + bytes([bundle[40] ^ 1]) + bundle[41:],
                 exported(t, "far"), b"not a bundle " + PEOPLE[0].encode()):
        status, _, body = ask(hub.port, request(exchange_id(data), data))
        answers.append(body.decode(errors="replace"))
        t.equal("a damaged one is refused", status, 422)
    t.write("bad/340123109-340123109208-1.yz", bundle[:40] + bytes([bundle[40] ^ 1]) + bundle[41:])
    told = t.run("bundle", "import", "--data", "hub", "--from", "bad")
    answers.append(told.err)


def exported(t, data):
    """The first bundle that would go from there."""
    t.good("bundle", "export", "--data", data, "--to", t.fresh("out"))
    names = os.listdir(t.path("out"))
    if not names:
        # Nothing is new: something is.
        t.good("playback", "add", "--data", data, "--programme", "P1", "--start", "2026-03-09T08:00",
               "--operator", PEOPLE[0])
        t.good("bundle", "export", "--data", data, "--to", t.fresh("out"))
        names = os.listdir(t.path("out"))
    return t.read("out", names[0])


def asked(hub, answers):
    """What is asked of a hub by whoever has no business there."""
    name = "".join(f"%{byte:02X}" for byte in PEOPLE[0].encode())
    for path in ("/", "/healthz", "/v1/exchange/0", f"/{name}", f"/v1/exchange/{name}"):
        answers.append(get(hub.port, path)[2].decode(errors="replace"))
    for data in (b"GET /\xff HTTP/1.1\r\n\r\n", request(name, b"x"), request("0" * 32, b"x", 5),
                 request("1" * 32, b"x", Upload_Length="-1")):
        answers.append(ask(hub.port, data, ends=True)[2].decode(errors="replace"))


def at_work(t, hub, answers):
    """A station with a stick, a player and a page that asks."""
    os.mkdir(t.path("media"))
    t.good("bundle", "export", "--data", "hub", "--to", t.fresh("media/usb"))
    t.good("playback", "start", "--data", "s207", "--programme", "P1", "--operator", PEOPLE[0],
           "--note", PLANS[9])
    with player(t) as mpv, running(Station(
            t, "s207", "--url", hub.url, "--interval", 1, "--stick", t.path("media", "usb"),
            "--listen", "127.0.0.1:0", "--mpv", t.path("mpv.socket"))) as station:
        port = int(station.line().split("/v1/")[0].rpartition(":")[2])
        wait_until(lambda: "exchanged" in station.log() and "safe to remove" in station.log())
        for path in ("/v1/status", "/v1/playback", "/v1/plan", "/v1/none", "/healthz"):
            answers.append(get(port, path)[2].decode())
        mpv.wait()
        wait_until(lambda: "played" in station.log())
        station.end()


class FakePlayer:
    """An mpv's socket: one file, of which the name and the title tell too much."""

    def __init__(self, path):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.done = threading.Event()
        self.thread.start()

    def serve(self):
        link, _ = self.server.accept()
        answers = {"path": f"/media/{FILES[2]}.mp4", "media-title": PLANS[1] + PEOPLE[2]}
        with link, link.makefile("r") as lines, contextlib.suppress(OSError, ValueError):
            for line in lines:
                asked = json.loads(line)
                name = asked["command"][-1]
                if asked["command"][0] != "get_property":
                    continue
                self.say(link, request_id=asked["request_id"], error="success", data=answers[name])
                if name == "media-title":
                    self.say(link, event="property-change", name="core-idle", data=False)
                    self.done.wait(2)
                    self.say(link, event="end-file", reason="error", file_error=PEOPLE[2])
                    self.done.set()
            self.done.set()

    @staticmethod
    def say(link, **message):
        link.sendall(json.dumps(message).encode() + b"\n")

    def wait(self):
        self.done.wait(20)


@contextlib.contextmanager
def player(t):
    fake = FakePlayer(t.path("mpv.socket"))
    try:
        yield fake
    finally:
        fake.done.set()
        fake.server.close()


# ---------------------------------------------------------------- crashes

def crashes(t):
    """What a program that dies leaves on standard error, and beside its data."""
    for data in ("s207", "s208"):
        t.run("bundle", "export", "--data", data, "--to", t.fresh("last"))
    hub = Process(t, ["env", "-u", "SWIFT_BACKTRACE", t.program, "hub", "run", "--data", "hub",
                      "--listen", "127.0.0.1:0"], "crash.txt")
    with running(hub):
        url = hub.line().removeprefix("listening on ")
        sync(t, "s207", url)
        hub.popen.send_signal(signal.SIGABRT)
        hub.popen.wait(60)
    die_at_work(t)
    said = t.read("crash.txt")
    t.equal("a crash names nobody and nothing", EVERYTHING.find(said), [])
    t.check("since it shows nothing of the memory", b"Registers" not in said, said[-300:])
    cores = [name for name in os.listdir(t.path()) if name.startswith("core")]
    t.equal("and leaves no memory in a file", cores, [])


def die_at_work(t):
    """An import that is ended while it reads names."""
    rows = [(f"x{number}", "P1", f"2026-04-{1 + number % 28:02d}T08:00:{number % 60:02d}", 60,
             PEOPLE[number % 4]) for number in range(30_000)]
    t.sheet("many.csv", ["id", "programme", "started_at", "seconds", "operator"], rows)
    with open(t.path("crash.txt"), "ab") as file:
        process = subprocess.Popen(
            ["env", "-u", "SWIFT_BACKTRACE", t.program, "playback", "import", "--data", "s208",
             "many.csv"], cwd=t.folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        with contextlib.suppress(Stopped):
            wait_until(lambda: process.poll() is not None or is_reading(process.pid, "many.csv"))
        process.send_signal(signal.SIGABRT)
        t.equal("an import is ended amid its work", process.wait(60), -signal.SIGABRT)


def is_reading(pid, name):
    folder = f"/proc/{pid}/fd"
    with contextlib.suppress(FileNotFoundError):
        return any(os.readlink(os.path.join(folder, each)).endswith(name)
                   for each in os.listdir(folder))
    return False
