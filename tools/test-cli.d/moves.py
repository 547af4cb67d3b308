"""Places that move to another hub: nothing that was written is lost, nobody is stuck."""
import os

from network import running
from owner import Agent
from tiers import Serving, soon
from tree import PLACES, Tree, notes, plan, play, titles

HERE = ("province", "county", "east", "west", "s207")


def settled_tree(t):
    """A tree in which everybody has a plan and all is quiet."""
    tree = Tree(t, {data: PLACES[data] for data in HERE})
    plan(t, "county", ["县"])
    plan(t, "east", ["东"])
    plan(t, "west", ["西"])
    plan(t, "east", ["村"], tree.code["s207"])
    play(t, "s207", "old")
    tree.rounds()
    return tree


def moves(t):
    tree = settled_tree(t)
    for case in (by_stick, twice, dead_hub, old_stick, refusals, to_the_county, by_network):
        case(*tree.again(case.__name__))


def drive(tree, data, old, new, by="county"):
    """The whole way by stick: the order, what was not sent yet, the new hub."""
    tree.order(by, data, new)
    tree.carry(by, old, data, old, data)
    if new != by:
        tree.carry(by, new)
    tree.moved(data, new)
    tree.carry(data, new, data)


def plans_of(t, what, tree, data, wanted):
    """What is shown, listed and on the disk of plans, after a move."""
    t.equal(f"{what}: plan show", titles(t, data), sorted(wanted))
    above = [tree.above[data]]
    while tree.above[above[-1]]:
        above.append(tree.above[above[-1]])
    listed = {each["place"] for each in t.json("plan", "list", "--data", data)}
    known = {tree.code[hub] for hub in [data, *above]}
    t.check(f"{what}: plan list names no place that is not above", listed <= known,
            (listed, known))
    held = [hub for hub in ("county", "east", "west") if hub in tree.above and hub not in above
            and tree.t.run("dump", "--data", data, "--partition", f"{tree.code[hub]}/public").out]
    t.equal(f"{what}: nothing of the old hub is on its disk", held, [])


# ---------------------------------------------------------------- by stick

def by_stick(t, tree):
    play(t, "s207", "unsent 1", 2)
    play(t, "s207", "unsent 2", 3)
    tree.order("county", "s207", "west")
    tree.carry("county", "east", "s207")
    t.equal("a station that is to move stays until its hub has everything",
            (tree.hub_of("s207"), t.json("status", "--data", "s207")["moving"]), (["east"], True))
    t.check("status says so", "moves" in t.good("status", "--data", "s207").out, "it does not")
    t.equal("and shows its old plans", titles(t, "s207"), sorted("县东村"))
    tree.carry("s207", "east")
    t.equal("the old hub gets what was not sent", notes(t, "east"), ["old", "unsent 1", "unsent 2"])
    tree.carry("east", "s207")
    tree.moved("s207", "west")
    t.equal("then the station goes", (tree.hub_of("s207"), t.json(
        "status", "--data", "s207")["moving"]), (["west"], False))
    play(t, "s207", "after", 4)
    tree.fill("s207", "west")
    t.equal("a hub that has not heard of the move refuses the station",
            tree.empty("s207", "west"), ["unknown_sender"])
    tree.carry("county", "west")
    t.equal("the same stick is taken once it has", tree.empty("s207", "west"), [])
    tree.even("a station that moved by stick", {"s207": ["east"]})
    played = ["after", "old", "unsent 1", "unsent 2"]
    t.equal("the new hub, the county and the province have the whole log",
            [notes(t, hub) for hub in ("west", "county", "province")], [played] * 3)
    t.equal("the old hub has nothing from after the move", notes(t, "east"), played[1:])
    plans_of(t, "moved by stick", tree, "s207", "县西村")
    plan(t, "east", ["东晚"])
    plan(t, "west", ["西晚"])
    tree.rounds()
    t.equal("what the old hub plans from now on does not come, what the new one plans does",
            titles(t, "s207"), sorted(["县", "西", "村", "西晚"]))
    at_the_old_hub(t, tree)
    back_again(t, tree)


def at_the_old_hub(t, tree):
    """What cannot arrive any more must not be taken with a friendly word."""
    late = ("playback", "add", "--data", "east", "--for", tree.name["s207"], "--programme", "P1",
            "--start", "2026-03-09T09:00", "--end", "2026-03-09T09:30", "--note", "late")
    added = t.run(*late)
    dots = [i["dot"] for i in t.items("east", "--for", tree.name["s207"])]
    edited = [t.run("plan", "edit", "--data", "east", dot, "note=late").code for dot in dots]
    tree.rounds()
    t.check("a playback logged at the old hub for a station that has left is refused, or arrives",
            added.code != 0 or "late" in notes(t, "county"), added)
    told = [i["note"] for i in t.items("county", "--for", tree.name["s207"])]
    t.check("and so is an edit of its plan", 0 not in edited or "late" in told, (edited, told))
    listed = t.run("plan", "list", "--data", "east").out
    t.check("the old hub does not list the plan of a station that has left, which is old",
            tree.code["s207"] not in listed, listed)


def back_again(t, tree):
    play(t, "s207", "west", 5)
    drive(tree, "s207", "west", "east")
    t.equal("moved back again", tree.hub_of("s207"), ["east"])
    play(t, "s207", "home", 6)
    tree.settle("moved back")
    plans_of(t, "moved back", tree, "s207", ["县", "东", "东晚", "村"])
    t.check("the first hub gets what was played at the second", {"west", "home"} <= set(
        notes(t, "east")), notes(t, "east"))
    t.equal("the second has nothing from after it", "home" in notes(t, "west"), False)
    drive(tree, "s207", "east", "west")
    tree.settle("moved a third time")
    plans_of(t, "moved a third time", tree, "s207", ["县", "西", "西晚", "村"])
    tree.sound("moved three times")


# ---------------------------------------------------------------- orders upon orders

def twice(t, tree):
    tree.add("outer", "county", "34.01.23.111", "花岗镇")
    plan(t, "outer", ["外"])
    tree.rounds()
    play(t, "s207", "unsent", 2)
    tree.order("county", "s207", "west")
    tree.carry("county", "west")
    drive(tree, "s207", "east", "outer")
    t.equal("moved twice before it hears of it, a station goes to the last", tree.hub_of("s207"),
            ["outer"])
    tree.settle("moved twice at once")
    plans_of(t, "moved twice at once", tree, "s207", "县外村")
    t.equal("the old hub and the last one have the playbacks, the one between has not",
            ["unsent" in notes(t, hub) for hub in ("east", "outer", "west", "province")],
            [True, True, False, True])
    called_back(t, tree)


def called_back(t, tree):
    """The order is taken back while the station is on its way."""
    play(t, "s207", "late", 3)
    tree.order("county", "s207", "east")
    tree.carry("county", "outer", "s207")
    tree.order("county", "s207", "outer")
    tree.carry("county", "outer", "s207", "outer", "s207")
    t.equal("an order that was taken back in time is not followed", tree.hub_of("s207"), ["outer"])
    tree.even("an order taken back", {"s207": ["east", "west"]})
    t.check("nothing is lost by it", "late" in notes(t, "province"), notes(t, "province"))


def dead_hub(t, tree):
    """The old hub burns with what it held. The order is given, and the keeper joins by hand."""
    play(t, "s207", "unsent", 2)
    tree.order("county", "s207", "west")
    tree.carry("county", "west")
    tree.moved("s207", "west")
    invitation = tree.invite("west", "s207")
    joined = t.run("station", "join", "--data", "s207", "--invitation", invitation)
    t.equal("a station joins the new hub when the old one is dead", joined.code, 0)
    t.good("hub", "retire", "--data", "county", "--place", tree.name["east"])
    del tree.above["east"]
    tree.even("a station whose old hub is dead")
    t.equal("what was not sent yet arrives", [notes(t, hub) for hub in ("west", "province")],
            [["old", "unsent"]] * 2)
    plans_of(t, "the old hub is dead", tree, "s207", "县西村")


def old_stick(t, tree):
    """Sticks from before the move turn up at the station, at the old hub, and at the new."""
    plan(t, "east", ["东二"])
    play(t, "s207", "early", 2)
    tree.fill("east", "s207", t.fresh("down"))
    tree.fill("s207", "east", t.fresh("up"))
    drive(tree, "s207", "east", "west")
    tree.settle("moved, with old sticks about")
    before = {data: t.dump(data) for data in tree.replicas}
    for data, stick in (("s207", "down"), ("east", "up"), ("west", "up"), ("s207", "up")):
        told = t.run("bundle", "import", "--data", data, "--from", stick)
        t.check(f"the old stick {stick} ends at {data} without harm", told.code in (0, 1, 2), told)
    changed = [data for data in tree.replicas if t.dump(data) != before[data]]
    t.equal("old sticks change nothing", changed, [])
    tree.even("after the old sticks", {"s207": ["east"]})
    plans_of(t, "after the old sticks", tree, "s207", "县西村")


def to_the_county(t, tree):
    """A hub has stations of its own beside the hubs below it."""
    play(t, "s207", "unsent", 2)
    drive(tree, "s207", "east", "county")
    tree.settle("a station directly under the county")
    plans_of(t, "directly under the county", tree, "s207", "县村")
    drive(tree, "s207", "county", "west")
    play(t, "s207", "down again", 3)
    tree.even("and under a township again", {"s207": ["east"]})
    plans_of(t, "under a township again", tree, "s207", "县西村")
    t.equal("nothing is lost on the way", [notes(t, hub) for hub in ("west", "province")],
            [["down again", "old", "unsent"]] * 2)


# ---------------------------------------------------------------- refusals

def refusals(t, tree):
    code = tree.code
    tree.order("county", "s207", "east")
    tree.settle("a move to where the place is already")
    t.equal("it stays there", (tree.hub_of("s207"), titles(t, "s207")),
            (["east"], sorted("县东村")))
    for what, error, at, place, to, *more in (
            ("a hub to itself", "not_below", "county", code["east"], code["east"]),
            ("a hub below itself", "not_below", "province", code["county"], code["east"]),
            ("the hub of this folder", "not_below", "county", code["county"], code["east"]),
            ("what is above", "not_below", "county", code["province"], code["east"]),
            ("a hub to a station", "not_below", "county", code["west"], code["s207"]),
            ("an unknown place", "unknown_place", "county", code["east"] + ".999", code["west"]),
            ("to an unknown place", "unknown_place", "county", code["s207"], "34.01.23.999"),
            ("to a code that is taken", "place_exists", "county", code["s207"], code["west"],
             "--code", code["east"]),
            ("to a code that is no code", "bad_place_code", "county", code["s207"], code["west"],
             "--code", "x"),
            ("at a hub that is above the old hub only", "unknown_place", "east", code["s207"],
             code["west"]),
            ("up, at the old hub", "not_below", "east", code["s207"], code["county"]),
            ("at a hub that is above the new hub only", "unknown_place", "west", code["s207"],
             code["west"]),
            ("at a station", "not_owner", "s207", code["s207"], code["county"]),
            ("to a code that is not below the new hub", "not_below", "county", code["s207"],
             code["west"], "--code", "99.1")):
        t.refused(f"no move: {what}", error, "hub", "move", "--data", at, "--place", place, "--to",
                  to, *more, data=at)
    for what, error, at, place in (
            ("of a place that is unknown", "unknown_place", "west", code["s207"]),
            ("of the hub above", "not_below", "west", code["county"]),
            ("of itself", "not_below", "west", code["west"]),
            ("by a station", "not_below", "s207", code["s207"])):
        t.refused(f"no retirement {what}", error, "hub", "retire", "--data", at, "--place", place,
                  data=at)


# ---------------------------------------------------------------- by network

def by_network(t, tree):
    play(t, "s207", "unsent", 2)
    with running(Serving(t, "county")) as county:
        with running(Serving(t, "east", "--url", county.url)) as east, \
                running(Serving(t, "west", "--url", county.url)) as west:
            goes_over(t, tree, east, west)
            restarted(t, tree, east)
            for hub in (east, west, county):
                t.equal("SIGTERM ends the hub", hub.end(), 0)
    tree.even("a station that moved by network", {"s207": ["east"]})
    plans_of(t, "moved by network", tree, "s207", "县西村")
    left = [name for name in os.listdir(t.path("s207")) if name.endswith(".tmp")]
    t.equal("no scraps are left", left, [])


def goes_over(t, tree, east, west):
    tree.order("county", "s207", "west", "--url", west.url)
    with running(Agent(t, "s207", east.url)) as agent:
        tree.moved("s207", "west")
        t.check("station run goes to the new hub by itself",
                soon(lambda: tree.hub_of("s207") == ["west"]), tree.hub_of("s207"))
        t.check("and has its plans", soon(lambda: "西" in titles(t, "s207")), titles(t, "s207"))
        play(t, "s207", "after", 3)
        t.check("what is played then climbs to the county",
                soon(lambda: "after" in notes(t, "county")), notes(t, "county"))
        t.equal("the old hub got what was not sent, and no more", notes(t, "east"),
                ["old", "unsent"])
        t.equal("SIGTERM ends the station", agent.end(), 0)


def restarted(t, tree, east):
    """The power fails; the machine starts with the command line that it always had."""
    play(t, "s207", "restarted", 4)
    with running(Agent(t, "s207", east.url)) as agent:
        t.check("started again with the old --url, the station still finds its hub",
                soon(lambda: "restarted" in notes(t, "west"), 3), agent.said)
        agent.end()
