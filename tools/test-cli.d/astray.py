"""Moves that cross each other, hubs that do not know yet, replicas that were set back."""
import shutil

from harness import Stopped
from link import blocks
from moves import plans_of, settled_tree
from network import running, sync
from tiers import Serving
from tree import notes, plan, play, titles


def astray(t):
    tree = settled_tree(t)
    for case in (clerk, arrived_unheard, town_moves, new_disk, ring):
        case(*tree.again(case.__name__))
    _, old = backed_up(*tree.again("backed_up"))
    for case in (set_back, set_back_by_stick):
        case(*old.again(case.__name__))
    _, wide = with_far(*tree.again("with_far"))
    for case in (crossing, crossing_late):
        case(*wide.again(case.__name__))


def with_far(t, tree):
    """A second county with a township, on the other side of the province."""
    tree.add("county2", "province", "34.01.24", "长丰县")
    tree.add("far", "county2", "34.01.24.101", "水湖镇")
    plan(t, "far", ["远"])
    tree.rounds()
    return t, tree


# ---------------------------------------------------------------- what the old hub writes

def clerk(t, tree):
    """At the old hub a clerk enters a playback from paper and corrects the station's plan, before
    the hub has heard that the station is gone."""
    tree.order("county", "s207", "west")
    tree.carry("county", "east", "s207")
    tree.carry("county", "west")
    tree.moved("s207", "west")
    play(t, "east", "paper", 3, "--for", tree.name["s207"])
    dot = next(i["dot"] for i in t.items("east", "--for", tree.name["s207"]))
    t.good("plan", "edit", "--data", "east", dot, "note=从纸上")
    tree.carry("s207", "west", "county", "east")
    tree.settle("a clerk at the old hub")
    t.check("what was logged at the old hub before it heard of the arrival reaches the province",
            "paper" in notes(t, "province"), notes(t, "province"))
    told = [i["note"] for i in t.items("s207", "--for", tree.name["s207"])]
    t.equal("what was corrected there reaches the station", told, ["从纸上"])
    status = t.json("status", "--data", "east", "--own")
    waits = [n["waiting"] for n in status["neighbours"]]
    t.check("if not, the old hub's status says that something waits",
            "paper" in notes(t, "province") or any(waits), waits)


# ---------------------------------------------------------------- orders that cross

def arrived_unheard(t, tree):
    """The station is moved on before the county hears that it has arrived."""
    tree.add("outer", "county", "34.01.23.111", "花岗镇")
    plan(t, "outer", ["外"])
    tree.rounds()
    tree.order("county", "s207", "west")
    tree.carry("county", "east", "s207")
    tree.carry("county", "west")
    tree.moved("s207", "west")
    tree.carry("s207", "west", "s207")
    play(t, "s207", "at the west", 5)
    tree.order("county", "s207", "outer")
    tree.carry("county", "west")
    tree.carry("county", "outer")
    with running(Serving(t, "west")) as hub:
        codes = [sync(t, "s207", hub.url).code for _ in range(4)]
        hub.end()
    # With the first it has given that hub everything and may go on, to one that does not listen there.
    t.equal("a station that is moved on at once can sync with the hub it came to", codes[0], 0)
    tree.carry("west", "county", "west")
    tree.rounds()
    t.equal("and goes on to the last", tree.hub_of("s207"), ["outer"])
    t.check("what it played in between arrives", "at the west" in notes(t, "province"),
            {data: notes(t, data) for data in tree.replicas})


def crossing(t, tree):
    """Two hubs above order two moves; the station goes by the one that does not prevail."""
    tree.order("county", "s207", "west")
    tree.order("province", "s207", "far")
    cross(t, tree, "the later order was the province's")


def crossing_late(t, tree):
    tree.order("province", "s207", "far")
    tree.order("county", "s207", "west")
    cross(t, tree, "the later order was the county's")


def cross(t, tree, what):
    play(t, "s207", "unsent", 2)
    tree.carry("county", "east", "s207", "east", "s207")
    tree.carry("county", "west")
    tree.moved("s207", "west")
    tree.carry("s207", "west", "s207")
    play(t, "s207", "between", 3)
    last = tree.rounds()[-1]
    t.equal(f"{what}: the sticks fall silent, nothing is refused", last, (0, []))
    t.check(f"{what}: every playback reaches the province",
            {"old", "unsent", "between"} <= set(notes(t, "province")),
            {data: notes(t, data) for data in tree.replicas})
    record = tree.place("s207") + "/public"
    seen = {blocks(t.dump(data)).get(record) for data in ("s207", "province", "county", "west")}
    t.equal(f"{what}: all agree on its record", len(seen), 1)


def ring(t, tree):
    """Two hubs are put below each other, each by a hub above both."""
    t.good("hub", "move", "--data", "county", "--place", tree.name["east"], "--to",
           tree.name["west"], "--code", "34.01.23.110.109")
    t.good("hub", "move", "--data", "province", "--place", tree.name["west"], "--to",
           tree.name["east"], "--code", "34.01.23.109.110")
    play(t, "s207", "in the ring", 2)
    try:
        for _ in range(3):
            tree.round()
    except Stopped as error:
        t.check("in a ring sticks are written as ever", False, error)
    for data in tree.replicas:
        tree.above[data] = next(iter(tree.hub_of(data)), None)
    above, hub, seen = [], "s207", set()
    while hub and hub not in seen:
        above.append(hub)
        seen.add(hub)
        hub = tree.above[hub]
    t.check("two hubs under each other still hang below the county", "county" in above, above)
    t.check("and what is played there arrives", "in the ring" in notes(t, "province"),
            notes(t, "province"))


# ---------------------------------------------------------------- set back

def backed_up(t, tree):
    """A station that has moved and is set up again from a backup of before."""
    t.good("backup", "--data", "s207", "--to", "before.db")
    play(t, "s207", "unsent", 2)
    tree.order("county", "s207", "west")
    tree.carry("county", "east", "s207", "east", "s207")
    tree.carry("county", "west")
    tree.moved("s207", "west")
    play(t, "s207", "at the west", 3)
    tree.rounds()
    shutil.rmtree(t.path("s207"))
    t.good("restore", "--data", "s207", "--from", "before.db")
    return t, tree


def set_back(t, tree):
    with running(Serving(t, "east")) as hub:
        sync(t, "s207", hub.url)
        hub.end()
    t.equal("a station that was set back hears at its old hub where it belongs",
            tree.hub_of("s207"), ["west"])
    # Before that it would be right to say that it goes on from an old copy.
    tree.settle("a station that was set back")
    play(t, "s207", "new life", 4)
    tree.even("a station from a backup of before its move", {"s207": ["east"]})
    t.equal("it has all that it had written, and nothing is lost",
            [notes(t, data) for data in ("s207", "west", "province")],
            [["at the west", "new life", "old", "unsent"]] * 3)
    plans_of(t, "set back before the move", tree, "s207", "县西村")


def set_back_by_stick(t, tree):
    play(t, "s207", "new life", 4)
    tree.above["s207"] = "east"
    for _ in range(3):
        for source, target in (("s207", "east"), ("east", "s207")):
            tree.fill(source, target)
            tree.empty(source, target)
    t.equal("by stick too it hears at its old hub where it belongs", tree.hub_of("s207"), ["west"])
    tree.above["s207"] = "west"
    invitation = tree.invite("west", "s207")
    t.equal("or joins again by hand", t.run(
        "station", "join", "--data", "s207", "--invitation", invitation).code, 0)
    tree.settle("set back, and joined by hand")
    t.equal("all that was played is at the province", notes(t, "province"),
            ["at the west", "new life", "old", "unsent"])
    plans_of(t, "set back, and joined by hand", tree, "s207", "县西村")


def new_disk(t, tree):
    """The disk is dead and there is no backup: an invitation that replaces it and a stick must be
    enough; at a hub, whose stations know its keys, the keys and a stick."""
    shutil.rmtree(t.path("s207"))
    tree.join("s207", tree.invite("east", "s207", "--replace"))
    tree.settle("a new disk")
    t.equal("a new disk is filled by stick", (titles(t, "s207"), notes(t, "s207")),
            (sorted("县东村"), ["old"]))
    tree.keep_keys("east")
    tree.join("east", tree.invite("county", "east"))
    tree.settle("a new disk of a hub")
    t.equal("so is that of a hub", (titles(t, "east"), notes(t, "east")),
            (sorted("县东村"), ["old"]))


# ---------------------------------------------------------------- a hub with its stations

def town_moves(t, tree):
    tree.add("county2", "province", "34.01.24", "长丰县")
    plan(t, "county2", ["二"])
    tree.rounds()
    play(t, "s207", "unsent", 2)
    tree.order("province", "east", "county2")
    tree.carry("province", "county", "east", "county", "east")
    tree.carry("province", "county2")
    tree.moved("east", "county2")
    tree.even("a township that moved to another county", {"east": ["county"], "s207": ["county"]})
    t.equal("its station's playbacks are at the new county and at the province",
            [notes(t, data) for data in ("county2", "province")], [["old", "unsent"]] * 2)
    for data, wanted in (("s207", "东二村"), ("east", "东二村")):
        t.equal(f"{data} shows the new county's plan in place of the old one's", titles(t, data),
                sorted(wanted))
