"""A hub that is flooded, and one whose disk is full."""
import contextlib
import os
import resource
import selectors
import socket
import threading
import time

from harness import HUB, found_tree
from link import Plays, settled, wait_until
from network import Hub, get, running, sync

CONNECTIONS = 1000
SECONDS = 8
MEMORY_MAX = 300 << 20
FILES_FEW = 120


def files_allowed(count):
    """Lets this process and those that it starts from now on have so many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    return True


class Flood:
    """Connections that each send a byte a second of a request that is never whole."""

    REQUEST = (b"POST /v1/exchange/" + b"0" * 32 + b" HTTP/1.1\r\nHost: hub\r\n"
               b"Content-Length: 100000\r\n\r\n" + b"x" * 1000)

    def __init__(self, port, count):
        self.port = port
        self.count = count
        self.open = {}
        self.sent = 0
        self.ended = 0
        self.stop = threading.Event()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        self.ready.wait(10)
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def _run(self):
        with selectors.DefaultSelector() as readable, contextlib.ExitStack() as stack:
            for number in range(self.count):
                link = stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
                link.setblocking(False)
                # Half of them come as far as the body, the others not even past the head.
                self.open[link] = 0 if number % 2 else len(self.REQUEST) - 1000
                if not number % 2:
                    link.send(self.REQUEST[:-1000])
                readable.register(link, selectors.EVENT_READ)
            self.ready.set()
            while not self.stop.is_set() and self.open:
                self._drip(readable)
                self._wait(readable, time.monotonic() + 1)

    def _drip(self, readable):
        for link, at in list(self.open.items()):
            try:
                self.sent += link.send(self.REQUEST[at:at + 1])
                self.open[link] = at + 1
            except OSError:
                self._forget(link, readable)

    def _wait(self, readable, until):
        while (left := until - time.monotonic()) > 0 and not self.stop.is_set() and self.open:
            for key, _ in readable.select(min(left, 0.1)):
                with contextlib.suppress(OSError):
                    if key.fileobj.recv(4096):
                        continue
                self._forget(key.fileobj, readable)

    def _forget(self, link, readable):
        readable.unregister(link)
        del self.open[link]
        self.ended += 1


def memory(process):
    """Bytes that a process holds."""
    with open(f"/proc/{process.popen.pid}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) << 10


def flood(t):
    what = f"{CONNECTIONS} connections"
    if not files_allowed(2 * CONNECTIONS + 200):
        t.skip(what, "so many files may not be open here")
        return
    found_tree(t)
    plays = Plays(t)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        with Flood(hub.port, CONNECTIONS) as drip:
            under(t, what, hub, drip, plays)
            t.equal(f"SIGTERM ends the hub amid {what}, within 8 seconds", hub.end(seconds=8), 0)
            wait_until(lambda: not drip.open)
            t.equal("and with it they end", drip.ended, CONNECTIONS)
    with running(Hub(t)) as hub:
        settled(t, "after the flood", "s207", hub.url, plays)
        hub.end()
    few_files(t, plays)


def under(t, what, hub, drip, plays):
    """A good station, again and again while they drip."""
    end = time.monotonic() + SECONDS
    most, codes, slowest = 0, [], 0
    while time.monotonic() < end:
        plays.add(per_day=1)
        began = time.monotonic()
        codes.append(sync(t, "s207", hub.url).code)
        slowest = max(slowest, time.monotonic() - began)
        most = max(most, memory(hub))
        time.sleep(0.5)  # It is not the good stations that are to be the flood.
    t.check(f"beside {what} that send a byte a second a station syncs each time, within 5 seconds",
            set(codes) == {0} and len(codes) > 2 and slowest < 5, (codes, slowest))
    t.check("and all of it arrives", len(t.playbacks("hub", "--for", f"{HUB}.207")) == plays.count)
    t.check(f"they hold no more than {MEMORY_MAX >> 20} MiB of the hub's memory",
            most <= MEMORY_MAX, f"{most >> 20} MiB")
    t.check("they are still there, or the hub has ended them", drip.sent > CONNECTIONS
            * SECONDS / 3 and len(drip.open) + drip.ended == CONNECTIONS,
            (drip.sent, len(drip.open), drip.ended))


def few_files(t, plays):
    """A hub that may have few files open is flooded: it serves again when they have gone."""
    plays.add(per_day=1)
    with running(Hub(t)) as hub:
        resource.prlimit(hub.popen.pid, resource.RLIMIT_NOFILE, (FILES_FEW, FILES_FEW))
        with Flood(hub.port, 2 * FILES_FEW):
            during = sync(t, "s207", hub.url, seconds=3)
            t.check("a station that finds no room is told nothing false",
                    during.code in (-9, 0) or "link_failed" in during.err, during)
        wait_until(lambda: get(hub.port, "/healthz")[0] == 200)
        settled(t, "after more connections than it may have", "s207", hub.url, plays)
        t.equal("SIGTERM ends that hub", hub.end(), 0)


# ---------------------------------------------------------------- a full disk

def full(t):
    what = "a hub whose disk is full"
    disk = t.fresh("disk")
    if not t.mount(what, "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk):
        return
    found_tree(t)
    os.rename(t.path("hub"), t.path("unused"))
    t.copy("unused", "disk/hub")
    os.symlink(t.path("disk", "hub"), t.path("hub"))
    plays = Plays(t)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        plays.add(per_day=1)
        sync(t, "s207", hub.url)
        before = t.dump("hub")
        plays.add(per_day=150)
        fill(t)
        crowded(t, what, hub, before)
        os.remove(t.path("disk", "filler"))
        done = sync(t, "s207", hub.url)
        t.check("with room again it goes on without a restart", done.code == 0, done)
        settled(t, "after a full disk", "s207", hub.url, plays)
        t.equal("SIGTERM ends that hub", hub.end(), 0)
    t.equal("check finds nothing", t.json("check", "--data", "hub")["complaints"], [])
    os.remove(t.path("hub"))
    t.unmount()


def fill(t):
    """All but a little, so that it is full amid a merge."""
    with open(t.path("disk", "filler"), "wb", buffering=0) as filler:
        with contextlib.suppress(OSError):
            while True:
                filler.write(bytes(4096))
        filler.truncate(os.path.getsize(filler.name) - (60 << 10))


def crowded(t, what, hub, before):
    tries = [sync(t, "s207", hub.url) for _ in range(3)]
    t.check(f"{what}: its station is told to come again", all(
        done.code == 1 and '"code": "hub_busy"' in done.err for done in tries),
        [str(done) for done in tries])
    t.check(f"{what}: it runs on, and has lost nothing", get(hub.port, "/healthz")[0] == 200
            and held(before) <= held(t.dump("hub")), "its dump lacks lines")
    t.check(f"{what}: what waits at the station waits there still",
            len(t.playbacks("s207")) == 151 * 28, len(t.playbacks("s207")))
    t.equal(f"{what}: other stations are answered, or told the same", set(
        sync(t, data, hub.url).code for data in ("s208", "s209")) - {0, 1}, set())


def held(dump):
    """The events and records of a dump."""
    return {line for line in dump.splitlines() if line.startswith(("event", "record"))}
