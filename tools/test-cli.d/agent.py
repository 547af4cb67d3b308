"""`station run` by itself: sticks that appear, what it tells on its machine, hubs that come late."""
import contextlib
import datetime
import json
import os
import random
import shutil
import socket
import subprocess
import time

from harness import HUB, Stopped, found_tree, mounted_read_only
from link import Plays, wait_until
from network import FalseHub, Hub, Relay, Station, get, running, shows_token, sync
from owner import owner_socket, token

DOWN, UP = "340123109207-340123109-1.yz", "340123109-340123109207-1.yz"
# The agent looks for sticks once a second, and tells nobody that one has gone.
LOOK_SECONDS = 1.3


def founded(t):
    """Stations that have heard their hub; the hub has ended."""
    found_tree(t)
    os.mkdir(t.path("media"))
    with running(Hub(t)) as hub:
        for station in ("s207", "s208"):
            sync(t, station, hub.url)
        hub.end()


def agent(t):
    founded(t)
    plays = Plays(t)
    ended(t, plays)
    out_of_hours(t)
    late(t, plays)
    second(t)


def programmes(t, count, seed=1):
    """More programmes at the hub, whose titles do not compress."""
    dice = random.Random(seed)
    rows = [(f"P{seed}-{number}", dice.randbytes(20).hex(), "党建", 600) for number in range(count)]
    t.sheet(f"programmes-{seed}.csv", ["programme", "title", "category", "seconds"], rows)
    t.good("programme", "import", "--data", "hub", f"programmes-{seed}.csv")


# ---------------------------------------------------------------- sticks

class Port:
    """A place where sticks appear, and what the agent tells of the last one."""

    def __init__(self, t, agent):
        self.t = t
        self.folder = t.path("media", "usb")
        self.agent = agent
        self.port = int(agent.line().split("/v1/")[0].rpartition(":")[2])
        self.last = None

    def status(self):
        return json.loads(self.get("/v1/status")[2])

    def get(self, path):
        return get(self.port, path, **shows_token(self.t, "s207"))

    def put(self, folder):
        os.rename(self.t.path(folder), self.folder)

    def served(self):
        """What became of the stick that has just been put there."""
        def ready():
            told = self.status()["stick"]
            return told and told["state"] != "working" and told["at"] != self.last
        wait_until(ready)
        told = self.status()["stick"]
        self.last = told["at"]
        return told

    def pull(self, folder):
        os.rename(self.folder, self.t.path(folder))
        time.sleep(LOOK_SECONDS)


def sticks(t):
    founded(t)
    plays = Plays(t)
    programmes(t, 5)
    plays.add(per_day=1)
    t.good("bundle", "export", "--data", "hub", "--to", "stick")
    options = ("--stick", t.path("media", "usb"), "--listen", "127.0.0.1:0")
    with running(Station(t, "s207", *options)) as station:
        port = Port(t, station)
        told_here(t, port)
        no_stick(t, port)
        good(t, port, plays)
        again(t, port, plays)
        damaged(t, port)
        locked(t, port)
        t.equal("SIGTERM ends an agent that serves sticks", station.end(seconds=5), 0)
        t.equal("what it says at its end is no error", [
            line for line in station.log().splitlines() if " error " in line
            and "was not served to its end" not in line], [])


def told_here(t, port):
    status, fields, body = port.get("/v1/status")
    t.check("status over HTTP is what `status --json` prints", status == 200
            and "json" in fields["content-type"]
            and json.loads(body) == t.json("status", "--data", "s207"), body[:300])
    t.equal("healthz", (get(port.port, "/healthz")[0], get(port.port, "/healthz")[2]),
            (200, b"ok\n"))
    t.equal("other paths are not there", get(port.port, "/v1/exchange/0")[0], 404)


def no_stick(t, port):
    t.write("media/usb", "no folder")
    time.sleep(LOOK_SECONDS)
    t.check("a file where sticks appear does nothing", port.status()["stick"] is None
            and "a stick is here" not in port.agent.log(), port.status()["stick"])
    os.remove(port.folder)


def good(t, port, plays):
    port.put("stick")
    told = port.served()
    t.check("a stick that appears is taken in and written", (
        told["state"], told["read"], told["written"], told["refused"], told["failure"])
        == ("done", 1, 1, [], None) and told["merged"] > 0, told)
    t.equal("its programmes are here", len(t.json("programme", "list", "--data", "s207")), 5)
    said = [line for line in port.agent.log().splitlines() if "stick=" in line]
    t.check("the log says not to pull it, and then that it is safe", len(said) == 2
            and "do not pull" in said[0] and "safe to remove" in said[1], said)
    t.check("and so does status", "safe to remove" in t.good("status", "--data", "s207").out, told)
    port.pull("stick")
    t.good("bundle", "import", "--data", "hub", "--from", "stick")
    t.equal("the hub gets what was played", len(t.playbacks("hub", "--for", f"{HUB}.207")),
            plays.count)


def again(t, port, plays):
    plays.add(per_day=1)
    programmes(t, 5, seed=2)
    t.good("bundle", "export", "--data", "hub", "--to", "stick")
    port.put("stick")
    told = port.served()
    t.check("removed and put in again it is served again", (told["state"], told["read"])
            == ("done", 1) and told["merged"] > 0 and told["written"] == 1, told)
    port.pull("stick")
    t.good("bundle", "import", "--data", "hub", "--from", "stick")
    t.equal("and the hub gets the rest", len(t.playbacks("hub", "--for", f"{HUB}.207")),
            plays.count)


def damaged(t, port):
    programmes(t, 20, seed=3)
    t.good("bundle", "export", "--data", "hub", "--to", t.fresh("stick"))
    bundle = bytearray(t.read("stick", DOWN))
    bundle[len(bundle) * 3 // 4] ^= 0x40
    t.write(f"stick/{DOWN}", bytes(bundle))
    before = t.dump("s207")
    port.put("stick")
    told = port.served()
    t.check("a damaged bundle is refused, and the stick is done", told["state"] == "done"
            and len(told["refused"]) == 1 and told["merged"] == 0, told)
    t.equal("it changes nothing", t.dump("s207"), before)
    t.check("and stays on the stick", os.path.exists(os.path.join(port.folder, DOWN)),
            os.listdir(port.folder))
    port.pull("stick")


def locked(t, port):
    what = "a read-only stick"
    programmes(t, 5, seed=4)
    t.good("bundle", "export", "--data", "hub", "--to", t.fresh("locked"))
    if not mounted_read_only(t, what, t.path("locked")):
        return
    os.symlink(t.path("locked"), port.folder)
    told = port.served()
    t.check(f"{what}: what it has is taken in, and it says why it was not written",
            told["state"] == "failed" and told["merged"] > 0 and told["written"] == 0
            and "ead-only" in (told["failure"] or ""), told)
    last = [line for line in port.agent.log().splitlines() if "stick=" in line][-1]
    t.check(f"{what}: nobody is told that all is well", "safe to remove" not in last, last)
    os.remove(port.folder)
    time.sleep(LOOK_SECONDS)
    t.unmount()
    t.good("bundle", "export", "--data", "hub", "--to", t.fresh("stick"))
    port.put("stick")
    told = port.served()
    t.equal(f"{what}: the agent goes on with the next", told["state"], "done")
    port.pull("stick")


# ---------------------------------------------------------------- the end

def ended(t, plays):
    silent_hub(t)
    amid_stick(t, plays)
    while_lent(t)
    taken_address(t)
    pipe(t)


def pipe(t):
    """A stick with Linux's own file system may have a pipe under the name of a bundle."""
    stick = t.fresh(os.path.join("media", "usb"))
    os.mkfifo(os.path.join(stick, DOWN))
    with running(Station(t, "s207", "--stick", stick)) as station:
        wait_until(lambda: "a stick is here" in station.log())
        with contextlib.suppress(Stopped):
            wait_until(lambda: "safe to remove" in station.log()
                       or "was not served" in station.log(), 3)
        t.equal("a pipe on a stick holds nobody up", (
            station.log().count("stick="), station.end(seconds=3)), (2, 0))
    shutil.rmtree(stick)


def taken_address(t):
    """Whoever is to look there would wait for ever."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with running(Station(t, "s207", "--stick", t.path("media", "usb"), "--listen",
                             f"127.0.0.1:{port}")) as station:
            try:
                code = station.popen.wait(3)
            except subprocess.TimeoutExpired:
                code = "none, it goes on in silence"
            t.check("an address to tell at that is taken is one clear error", code == 1
                    and "cannot_listen" in station.log(), (code, station.log()[-200:]))


def silent_hub(t):
    with running(Hub(t)) as hub, running(Relay(t, hub.port, "--silence", "down")) as relay:
        with running(Station(t, "s207", "--url", relay.url)) as station:
            relay.line()
            t.equal("SIGTERM ends an agent whose hub is silent, within 5 seconds",
                    station.end(seconds=5), 0)
        hub.end()


def amid_stick(t, plays):
    """Much is to be written. What is then on the stick is whole, or said to be unfinished."""
    plays.add(per_day=200)
    stick = t.path("media", "usb")
    t.fresh("stick")
    with running(Station(t, "s207", "--stick", stick)) as station:
        os.rename(t.path("stick"), stick)
        wait_until(lambda: os.listdir(stick))
        t.equal("SIGTERM ends an agent amid a stick, within 5 seconds", station.end(seconds=5), 0)
    told = t.json("status", "--data", "s207")["stick"]
    whole = [name for name in os.listdir(stick) if name.endswith(".yz")
             and t.run("bundle", "verify", os.path.join(stick, name)).code != 0]
    t.check("and what it says of that stick is how it ended", told["state"] in ("done", "failed")
            and not whole and (told["state"] == "failed" or os.listdir(stick) == [UP]),
            (told, os.listdir(stick)))
    shutil.rmtree(stick)


def while_lent(t):
    """A command that hangs has borrowed the database."""
    with running(Station(t, "s207", "--stick", t.path("media", "usb"))) as station:
        with owner_socket(t, "s207") as link:
            link.sendall(token(t, "s207"))
            t.equal("an agent lends its database", link.recv(1), b"k")
            t.equal("SIGTERM ends an agent whose database is lent, within 5 seconds",
                    station.end(seconds=5), 0)


# ---------------------------------------------------------------- when and where

def hours(hours_from_now):
    """One hour of the day in the tree's time zone, as an option says it."""
    zone = datetime.timezone(datetime.timedelta(hours=8))
    first = datetime.datetime.now(zone) + datetime.timedelta(hours=hours_from_now)
    last = first + datetime.timedelta(hours=1)
    return f"{first:%H:%M}-{last:%H:%M}"


def out_of_hours(t):
    plays = Plays(t, "s208")
    plays.add(per_day=1)
    with FalseHub(lambda link, _: None) as false, running(Hub(t)) as hub:
        with running(Station(t, "s208", "--url", false.url, "--interval", 1, "--hours",
                             hours(2))) as station:
            t.equal("a sync by hand works out of hours", sync(t, "s208", hub.url).code, 0)
            t.equal("its plays arrive", len(t.playbacks("hub", "--for", f"{HUB}.208")), plays.count)
            t.equal("the agent itself makes no request", false.requests, 0)
            t.equal("SIGTERM ends it", station.end(seconds=5), 0)
        with running(Station(t, "s208", "--url", false.url, "--hours", hours(2), "--hours",
                             hours(-0.5))):
            wait_until(lambda: false.requests > 0)
            t.check("within one of its hours it does", True)
        hub.end()


def late(t, plays):
    """The hub comes up after its station, and later on another port."""
    with running(Hub(t)) as hub:
        port = hub.port
        hub.end()
    with running(Station(t, "s207", "--url", f"http://127.0.0.1:{port}", "--interval",
                         1)) as station:
        wait_until(lambda: "did not come to its end" in station.log())
        with running(Hub(t, port=port)) as hub:
            arrives(t, "an agent whose hub comes up later connects by itself", plays)
            hub.end()
        t.equal("SIGTERM ends it", station.end(seconds=5), 0)
    plays.add(per_day=1)
    with running(Hub(t)) as hub:
        with running(Station(t, "s207", "--url", hub.url, "--interval", 1)) as station:
            arrives(t, "a hub that has moved is found where --url says", plays)
            t.equal("SIGTERM ends it then", station.end(seconds=5), 0)
        hub.end()


def arrives(t, what, plays):
    def held():
        return len(t.playbacks("hub", "--for", f"{HUB}.207"))
    with contextlib.suppress(Stopped):
        wait_until(lambda: held() == plays.count, 20)
    t.equal(what, held(), plays.count)


def second(t):
    plays = Plays(t, "s209")
    with running(Hub(t)) as hub, running(
            Station(t, "s209", "--url", hub.url, "--interval", 1)) as station:
        done = t.run("station", "run", "--data", "s209", "--url", hub.url)
        t.equal("a second agent on the same folder is one clear error", (
            done.code, done.error_code, done.err.count("\n"), done.out), (1, "data_in_use", 1, ""))
        plays.add(per_day=1)
        wait_until(lambda: len(t.playbacks("hub", "--for", f"{HUB}.209")) == plays.count)
        t.equal("and the first goes on", station.end(seconds=5), 0)
        hub.end()
