"""An agent that may use only so many bytes a day."""
import base64
import contextlib
import os
import random
import time

import sheets
from agent import DOWN
from harness import HUB, VILLAGES, Stopped, found_tree
from link import BODY_MAX, Plays, wait_until
from network import Hub, Relay, Station, running, sync

DAY = 100_000
# Of either direction, and rather less than what is made below.
BACKLOG = 200_000
PLAYS, ITEMS = 1500, 1500


def budget(t):
    found_tree(t)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        hub.end()
    unreachable(t)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        whole = backlog(t)
        spent = day(t, hub)
        rest(t, hub, spent, whole)
        hub.end()


def bundle_size(t, data, name=None):
    """Of the bundle that would go now."""
    t.good("bundle", "export", "--data", data, "--to", t.fresh("measure"))
    name = name or os.listdir(t.path("measure"))[0]
    return os.path.getsize(t.path("measure", name))


def note(dice):
    """Words that do not compress."""
    return base64.b64encode(dice.randbytes(140)).decode()


def backlog(t):
    """Plays that wait for the hub, and a plan that waits for the station. Bytes of the two."""
    dice = random.Random(7)
    programmes = sheets.catalogue()
    plays = sheets.playbacks(0, programmes, days=25, per_day=PLAYS // 25)
    plan = (sheets.month_plan(programmes) * (ITEMS // 180 + 1))[:ITEMS]
    for row in plays:
        row[9] = note(dice)
    for number, row in enumerate(plan):
        plan[number] = [f"FL-{number}", *row[1:3], f"{number // 60 % 24:02d}:{number % 60:02d}",
                        *row[4:9], note(dice)]
    t.sheet("plays.csv", sheets.PLAY_COLUMNS, plays)
    t.sheet("plan.csv", sheets.PLAN_COLUMNS, plan)
    t.good("playback", "import", "--data", "s207", "plays.csv")
    t.good("plan", "import", "--data", "hub", "--for", VILLAGES["s207"], "plan.csv")
    t.good("plan", "issue", "--data", "hub", "--for", VILLAGES["s207"])
    return bundle_size(t, "s207"), bundle_size(t, "hub", DOWN)


def passed(stats):
    return stats["up"] + stats["down"]


def day(t, hub):
    """An agent on its first day, which is ended and started again: power cuts come daily."""
    counts = []
    for start in ("one day", "started again on the same day"):
        with running(Relay(t, hub.port)) as relay:
            with running(Station(t, "s207", "--url", relay.url, "--interval", 1, "--day-bytes",
                                 DAY)) as station:
                if start == "one day":
                    wait_until(lambda: "overBudget" in station.log(), 20)
                # Two intervals, in which nothing may pass any more.
                time.sleep(2)
                t.equal(f"SIGTERM ends the agent ({start})", station.end(seconds=5), 0)
            counts.append(relay.stats())
    t.check(f"of {DAY} bytes a day no more than a tenth more pass, and not far less",
            DAY / 2 < passed(counts[0]) <= 1.1 * DAY, counts[0])
    t.check("a start on the same day brings no new budget",
            passed(counts[0]) + passed(counts[1]) <= 1.1 * DAY, counts)
    t.check("what has come so far is kept", os.path.getsize(t.path("s207", "transfer")) > 0)
    return [sum(stats[way] for stats in counts) for way in ("upBody", "downBody")]


def rest(t, hub, spent, whole):
    """A sync without a budget brings the rest, and no byte twice."""
    with running(Relay(t, hub.port)) as relay:
        told = sync(t, "s207", relay.url)
        stats = relay.stats()
    t.equal("a sync by hand brings the rest", (
        told.code, len(t.playbacks("hub", "--for", f"{HUB}.207")), len(t.items("s207"))),
        (0, PLAYS, ITEMS))
    carried = [spent[0] + stats["upBody"], spent[1] + stats["downBody"]]
    t.check("there was much to carry both ways", min(whole) > BACKLOG, whole)
    t.check("no byte of it went twice", carried[0] <= 1.05 * whole[0]
            and carried[1] <= 1.05 * whole[1], f"{carried} bytes, of {whole}")
    sync(t, "s207", hub.url)
    steady = sync(t, "s207", hub.url).json
    t.check("and then there is silence",
            max(steady["bytesUp"], steady["bytesDown"]) <= BODY_MAX, steady)


def unreachable(t):
    """What was never sent is not spent: the hub could not even be reached."""
    plays = Plays(t, "s208")
    plays.add(per_day=60)
    with running(Hub(t)) as hub:
        port = hub.port
        hub.end()
    # The bundle that waits takes nearly the whole of it.
    day_bytes = bundle_size(t, "s208") + 4000
    with running(Station(t, "s208", "--url", f"http://127.0.0.1:{port}", "--interval", 1,
                         "--day-bytes", day_bytes)) as station:
        wait_until(lambda: "did not come to its end" in station.log())
        with running(Hub(t, port=port)) as hub:
            def held():
                return len(t.playbacks("hub", "--for", f"{HUB}.208"))
            with contextlib.suppress(Stopped):
                # Twice the first wait of an agent, which is five seconds at most.
                wait_until(lambda: held() == plays.count, 12)
            t.equal("an attempt that reached nobody has spent nothing", held(), plays.count)
            station.end()
            hub.end()
