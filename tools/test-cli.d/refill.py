"""A hub that is lost and restored: its stations fill it again, and nobody does anything there."""
import contextlib
import shutil
import signal

from harness import HUB, VILLAGES, Stopped, planned_tree
from link import Plays, blocks, settled, wait_until
from network import Hub, Relay, Station, running, sync

# Of one connection: more than half of what a hub gets from one station.
CUT_BYTES = 2000


def places(t):
    """The place id of each station."""
    return {data: next(name.split("/")[0] for name in blocks(t.dump(data))
                       if name.endswith("/log")) for data in VILLAGES}


def same(t, data, place):
    """Whether the hub has everything of a station's place, and its own plan of which the station
    has the newest."""
    here, there = blocks(t.dump(data)), blocks(t.dump("hub"))
    return all(there.get(name) == block for name, block in here.items()
               if name.startswith(place) or name.endswith("/public"))


def refill(t):
    planned_tree(t)
    plays = {data: Plays(t, data) for data in VILLAGES}
    ids = lost(t, plays)
    for each in plays.values():
        each.place = ids[each.data]
    t.good("restore", "--data", "hub", "--from", "hub.backup")
    early_write(t)
    by_themselves(t, plays)
    by_stick(t, plays["s209"])
    by_stick_in_silence(t, plays["s209"])


def lost(t, plays):
    """A backup, more plays and a new plan that reach the hub and the stations, and then a crash."""
    with running(Hub(t)) as hub:
        t.port = hub.port
        for each in plays.values():
            each.add(per_day=5)
            settle(t, each.data, hub)
        ids = places(t)
        t.good("backup", "--data", "hub", "--to", "hub.backup")
        # What the stations are told to be safe is no reason to talk to them later.
        for each in plays.values():
            settle(t, each.data, hub)
        programme(t, "NEW")
        for each in plays.values():
            each.add(per_day=20)
            settle(t, each.data, hub)
        hub.end(signal.SIGKILL)
    shutil.rmtree(t.path("hub"))
    return ids


def programme(t, code):
    """One more in the hub's catalogue."""
    t.sheet(f"{code}.csv", ["programme", "title", "category", "seconds"],
            [(code, "新节目", "党建", 600)])
    t.good("programme", "import", "--data", "hub", f"{code}.csv")


def settle(t, data, hub):
    for _ in range(3):
        sync(t, data, hub.url)


def early_write(t):
    """The hub's people go on before any station was heard."""
    programme(t, "EARLY")


def refilled(t, what, plays, seconds):
    """In the end the hub has what it had, and what the station has."""
    def done():
        return same(t, plays.data, plays.place)
    with contextlib.suppress(Stopped):
        wait_until(done, seconds)
    held = len(t.playbacks("hub", "--for", f"{HUB}.{plays.data[1:]}"))
    t.check(what, done() and held == plays.count, f"{held} of {plays.count} playbacks")


def by_themselves(t, plays):
    with contextlib.ExitStack() as stack:
        hub = stack.enter_context(running(Hub(t, port=t.port)))
        relay = stack.enter_context(running(Relay(t, hub.port, "--cut-body", CUT_BYTES)))
        agents = [stack.enter_context(running(Station(t, data, "--interval", 1, "--url", url)))
                  for data, url in (("s207", hub.url), ("s208", relay.url))]
        for data, seconds in (("s207", 10), ("s208", 40)):
            refilled(t, f"{data} fills its hub by itself", plays[data], seconds)
        t.equal("SIGTERM ends the agents", [agent.end() for agent in agents], [0, 0])
        stats = relay.stats()
        t.check("over a link that was cut", stats["cuts"] > 0, stats)
        for data in ("s207", "s208"):
            settled(t, f"{data} after the hub was filled", data, hub.url, plays[data])
        t.equal("the hub's own writes after the backup come back, and those before that too", {
            row["programme"] for row in t.json("programme", "list", "--data", "hub")
            if row["programme"] in ("NEW", "EARLY")}, {"NEW", "EARLY"})
        t.equal("nobody's place is said to be in two machines",
                t.json("status", "--own", "--data", "hub")["alarms"], [])
        hub.end()


def trip(t, data):
    """Once to the station and back with one stick."""
    for source, target in (("hub", data), (data, "hub")):
        t.good("bundle", "export", "--data", source, "--to", "stick")
        t.run("bundle", "import", "--data", target, "--from", "stick")


def by_stick(t, plays):
    for _ in range(2):
        trip(t, plays.data)
    refilled(t, "a stick that goes twice brings back what a station without a link had told",
             plays, 0)


def by_stick_in_silence(t, plays):
    """The same where the hub and the station had nothing to tell each other when the hub was backed
    up: not even that something is safe."""
    for _ in range(2):
        t.good("backup", "--data", "hub", "--to", "hub.backup")
        for _ in range(2):
            trip(t, plays.data)
    plays.add(per_day=2)
    for _ in range(3):
        trip(t, plays.data)
    refilled(t, "sticks settle", plays, 0)
    shutil.rmtree(t.path("hub"))
    t.good("restore", "--data", "hub", "--from", "hub.backup")
    for _ in range(2):
        trip(t, plays.data)
    refilled(t, "sticks after the restore of a backup like the one before it", plays, 0)
