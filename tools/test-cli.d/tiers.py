"""Tiers of hubs: plans from the top reach the stations, playbacks from the stations the top."""
import os
import random
import shutil
import time

from link import BODY_MAX
from network import WAIT_SECONDS, Process, running, sync
from tree import PLACES, SECTIONS, Tree, notes, plan, play, titles


def tiers(t):
    tree = Tree(t)
    by_stick(t, tree)
    correction(t, tree)
    listed(t, tree)
    invitations(t, tree)
    disorder(t, tree)
    by_network(t, tree)


# ---------------------------------------------------------------- by stick

def by_stick(t, tree):
    plan(t, "province", ["省"])
    plan(t, "county", ["县"])
    plan(t, "east", ["东"])
    plan(t, "west", ["西"])
    plan(t, "east", ["村"], tree.code["s207"])
    play(t, "s207", "a")
    play(t, "s301", "b")
    # Down once and up once is enough: each hub passes on what it got.
    tree.carry("province", "county", "east", "s207", "east", "county", "province")
    tree.carry("county", "west", "s301", "west", "county", "province")
    tree.carry("east", "s208")
    t.equal("after one way down every station has the plans above it and no others",
            [titles(t, data) for data in ("s207", "s208", "s301")],
            [sorted("省县东村"), sorted("省县东"), sorted("省县西")])
    t.equal("after one way up the province has every playback", notes(t, "province"), ["a", "b"])
    t.equal("of each station", [notes(t, "province", "--for", tree.name[data])
                                for data in ("s207", "s208", "s301")], [["a"], [], ["b"]])
    tree.even("after the first rounds")
    t.equal("a hub holds its own subtree alone", notes(t, "east"), ["a"])
    held = [data for data in tree.replicas for other in ("s207", "s208", "s301")
            if other != data and not data.startswith(("province", "county"))
            and not (data, other) in (("east", "s207"), ("east", "s208"), ("west", "s301"))
            and any(t.dump(data, name) for name in sections(tree, other, data))]
    t.equal("and a station no other station", held, [])


def sections(tree, place, data):
    """The partitions of a place, by name, if its name is known at `data`."""
    known = tree.t.run("dump", "--data", data, "--partition", f"{tree.code[place]}/log")
    return [f"{tree.code[place]}/{section}" for section in SECTIONS] if known.code == 0 else []


def correction(t, tree):
    """A station's own plan is corrected two tiers above, while the station corrects it too."""
    dot = next(i["dot"] for i in t.items("county", "--for", tree.name["s207"]))
    t.good("plan", "edit", "--data", "county", dot, "start=15:15")
    t.good("plan", "edit", "--data", "s207", dot, "note=带话筒")
    tree.carry("county", "east", "s207", "east", "county", "province")
    shown = [[(i["start"], i["note"]) for i in t.items(data, "--for", tree.name["s207"])]
             for data in ("s207", "east", "county", "province")]
    t.equal("a correction from the county and one from the station meet everywhere", shown,
            [[("15:15", "带话筒")]] * 4)
    for data, owner in (("east", "county"), ("s207", "county"), ("s207", "east")):
        above = t.items(data, "--for", tree.name[owner])[0]["dot"]
        t.refused(f"{data} cannot correct what belongs to {owner}", "not_owner", "plan", "edit",
                  "--data", data, above, "start=10:00", data=data)


def listed(t, tree):
    told = {each["name"]: each for each in t.json("status", "--data", "county")}
    below = ("east", "west", "s207", "s208", "s301")
    t.equal("status at the county lists every place below it, once",
            sorted(told), sorted(tree.name[data] for data in below))
    t.equal("and by what way it hears of each",
            [told[tree.name[data]]["route"] for data in below],
            ["stick", "stick", f"through {tree.code['east']}", f"through {tree.code['east']}",
             f"through {tree.code['west']}"])
    text = t.good("status", "--data", "county").out
    t.check("people see them too", all(tree.name[data] in text for data in below), text)


# ---------------------------------------------------------------- invitations

def invitations(t, tree):
    for_hub, for_station = tree.invite("county", "west"), tree.invite("east", "s208")
    for what, code, words in (
            ("a station's invitation for a new hub", "bad_invitation",
             ("hub", "join", "--data", "new", "--invitation", for_station)),
            ("a hub's invitation for a new station", "bad_invitation",
             ("station", "join", "--data", "new", "--invitation", for_hub)),
            ("a station's invitation for a hub that is there", "bad_invitation",
             ("hub", "join", "--data", "west", "--invitation", for_station)),
            ("a hub's invitation for a station that is there", "bad_invitation",
             ("station", "join", "--data", "s208", "--invitation", for_hub)),
            ("another hub's invitation", "bad_invitation",
             ("hub", "join", "--data", "east", "--invitation", for_hub)),
            ("another station's invitation", "bad_invitation",
             ("station", "join", "--data", "s207", "--invitation", for_station)),
            ("a station's invitation at a hub's folder", "wrong_role",
             ("station", "join", "--data", "east", "--invitation", for_station)),
            ("a hub's invitation at a station's folder", "wrong_role",
             ("hub", "join", "--data", "s207", "--invitation", for_hub)),
            ("an invitation that was cut", "bad_invitation",
             ("hub", "join", "--data", "west", "--invitation", for_hub[:-6]))):
        t.refused(what, code, *words, data=[] if words[3] == "new" else words[3])
    t.equal("and no folder was made", os.path.exists(t.path("new")), False)
    told = t.run("hub", "invite", "--data", "county", "--place", tree.code["west"], "--name",
                 tree.name["west"], "--hub")
    t.equal("a hub is invited again with the same line", told.out.strip(), for_hub)
    t.check("a station is not invited as a hub in silence", t.run(
        "hub", "invite", "--data", "east", "--place", tree.code["s208"], "--name",
        tree.name["s208"], "--hub").code == 1, "it prints a station's invitation and says nothing")
    tree.settle("wrong invitations change nothing")


# ---------------------------------------------------------------- disorder

def disorder(t, tree):
    """Rounds in any order; sticks are lost, copied, and come again when they are old."""
    pick = random.Random("yizhan tiers 1")
    copies, played, refused = [], 0, set()
    ways = [way for pair in tree.links() for way in (pair, pair[::-1])]
    for number in range(30):
        source, target = pick.choice(ways)
        what = pick.random()
        if what < 0.2:
            data = pick.choice(("s207", "s208", "s301"))
            play(t, data, f"d{number}", 1 + number % 28)
            played += 1
        elif what < 0.3:
            hub = pick.choice(("province", "county", "east", "west"))
            plan(t, hub, [f"{hub}-{number}"])
        elif copies and what < 0.5:
            refused |= set(tree.empty(*pick.choice(copies)))
        elif tree.fill(source, target):
            stick, copy = tree.stick(source, target), f"copy-{number}"
            t.copy(stick, copy)
            copies.append((source, target, copy))
            if what < 0.65:
                shutil.rmtree(t.path(stick))
            else:
                refused |= set(tree.empty(source, target))
    t.check("sticks in any order, lost and copied: nothing is refused but what came too early",
            refused <= {"gap"}, refused)
    tree.settle("after disorder")
    for copy in copies:
        tree.empty(*copy)
    tree.even("all old sticks at once")
    t.equal("every playback is at the province once", len(notes(t, "province")), 2 + played)
    every = [titles(t, data, "--for", tree.name["county"]) for data in
             ("province", "county", "s207", "s208", "s301")]
    t.check("the county's plan is the same everywhere",
            all(found == every[0] for found in every), every)


# ---------------------------------------------------------------- by network

class Serving(Process):
    """A hub that serves those below, and exchanges with the hub above by itself."""

    def __init__(self, t, data, *more):
        super().__init__(t, [t.program, "hub", "run", "--data", data, "--listen", "127.0.0.1:0",
                             "--interval", "1", *more], f"{data}.log")
        self.url = self.line().removeprefix("listening on ")


def soon(what, seconds=WAIT_SECONDS):
    """Whether this comes to hold."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return what()


def by_network(t, tree):
    plan(t, "province", ["省网"])
    play(t, "s207", "net")
    play(t, "s301", "stick")
    tree.carry("s301", "west")
    with running(Serving(t, "province")) as province:
        with running(Serving(t, "county", "--url", province.url)) as county:
            with running(Serving(t, "east", "--url", county.url)) as east:
                mixed(t, tree, county, east)
                t.equal("SIGTERM ends a hub in the middle", east.end(), 0)
            t.equal("and the next", county.end(), 0)
        t.equal("and the uppermost", province.end(), 0)
    tree.even("after the network, by stick")


def mixed(t, tree, county, east):
    t.equal("a station syncs with its hub", sync(t, "s207", east.url).code, 0)
    t.check("its playback climbs to the province by itself",
            soon(lambda: "net" in notes(t, "province")), notes(t, "province"))
    t.check("the province's plan comes down to the township by itself",
            soon(lambda: "省网" in titles(t, "east")), titles(t, "east"))
    sync(t, "s207", east.url)
    t.check("and to the station", "省网" in titles(t, "s207"), titles(t, "s207"))
    # The west has no network at all: its stick goes to the county, beside the running hub.
    tree.carry("west", "county")
    t.check("what came to the county by stick climbs on by network",
            soon(lambda: "stick" in notes(t, "province")), notes(t, "province"))
    quiet(t, "s207", east.url)
    east.end()
    quiet(t, "east", county.url)


def quiet(t, data, url):
    for _ in range(3):
        sync(t, data, url)
    told = sync(t, data, url).json
    t.check(f"{data}: in the steady state a sync is one small request",
            told["requests"] == 1 and max(told["bytesUp"], told["bytesDown"]) <= BODY_MAX, told)


# ---------------------------------------------------------------- a hub with a history joins

def joining(t):
    tree = Tree(t, {data: PLACES[data] for data in ("province", "county")})
    tree.rounds()
    plan(t, "province", ["省"])
    plan(t, "county", ["县"])
    tree.add("east", None, *PLACES["east"][1:])
    for data in ("s207", "s208"):
        tree.add(data, *PLACES[data])
    plan(t, "east", ["东", "旧"])
    gone = next(i["dot"] for i in t.items("east") if i["title"] == "旧")
    t.good("plan", "cancel", "--data", "east", gone)
    plan(t, "east", ["村"], tree.code["s207"])
    for day in range(1, 6):
        play(t, "s207", f"old {day}", day)
    tree.settle("a hub alone with its stations")
    play(t, "s208", "not carried yet")
    before = t.dump("east")
    joined = tree.join("east", tree.invite("county", "east"))
    t.check("the join says under whom it is now", tree.name["county"] in joined.out, joined.out)
    # But for what it said of its own place, which is for the hub above to say now.
    lost = [line for line in before.splitlines() if line not in t.dump("east")
            and line.startswith(("event", "  title", "  programme", "  plan"))]
    t.equal("it takes nothing away", lost, [])
    tree.above["east"] = "county"
    tree.even("a hub with a history under a county")
    t.equal("all that was played before is at the province", notes(t, "province"),
            ["not carried yet"] + [f"old {day}" for day in range(1, 6)])
    t.equal("its stations have the plans above", [titles(t, d) for d in ("s207", "s208")],
            [sorted("省县东村"), sorted("省县东")])
    t.equal("what it had deleted is nowhere", [data for data in tree.replicas
                                               if "旧" in titles(t, data)], [])
    again = t.run("hub", "join", "--data", "east", "--invitation", tree.invite("county", "east"))
    t.equal("joining twice does no harm", again.code, 0)
    tree.settle("joined twice")
    said_early(t, tree)


def said_early(t, tree):
    """What the county says of a hub before that hub's own first bundle must stand afterwards. Two
    records of the place meet then; which of them counts must not be left to chance."""
    lost = []
    for number in range(4):
        data, code, name = f"hub{number}", f"34.01.23.12{number}", f"自建{number}"
        tree.add(data, None, code, name)
        tree.join(data, tree.invite("county", data))
        tree.above[data] = "county"
        t.good("hub", "retire", "--data", "county", "--place", name)
        # Nothing is written for a retired place; it comes by itself.
        t.good("bundle", "export", "--data", data, "--to", tree.stick("county", data))
        tree.empty(data, "county")
        told = {each["name"]: each for each in t.json("status", "--data", "county")}
        if not told[name]["retired"]:
            lost.append(data)
    t.equal("a hub that was retired before its first bundle came stays retired", lost, [])
