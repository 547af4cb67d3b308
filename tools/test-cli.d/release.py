"""What was deleted leaves the disk when every neighbour knows of it, and returns from nowhere."""
import contextlib
import shutil
import sqlite3

from network import running, sync
from owner import Agent
from tiers import Serving, soon
from tree import PLACES, Tree, notes, plan, play, titles

HERE = ("county", "east", "s207", "s208")
SECRET = "全文要去掉"
# What a section is called in the database.
PUBLIC, WORK = 1, 2
KEPT, RELEASED = 1, 2


def release(t):
    tree = Tree(t, {data: PLACES[data] for data in HERE})
    plan(t, "east", [SECRET, "留"])
    plan(t, "east", ["村", "村留"], tree.code["s208"])
    play(t, "s207", "old")
    tree.rounds()
    for case in (confirmed, by_stick_alone, silent, work, again):
        case(*tree.again(case.__name__))


def deleted(t, data, section=PUBLIC):
    """What the rows of deleted plan items of a section say, and whether their text is there."""
    with contextlib.closing(sqlite3.connect(
            f"file:{t.path(data, 'yizhan.db')}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT deleted, state FROM plan_item JOIN partition ON partition.id = partition"
            " WHERE deleted > 0 AND section = ?", (section,)).fetchall()
    return [(state, SECRET.encode() in content) for state, content in rows]


def held(t, replicas, section=PUBLIC):
    return {data: [state for state, _ in deleted(t, data, section)] for data in replicas}


def cancel(t, data, title, *more):
    dot = next(i["dot"] for i in t.items(data, *more) if i["title"] == title)
    t.good("plan", "cancel", "--data", data, dot)
    return dot


def swept(t, data, holds, seconds=3):
    """Whether this comes to hold while the hub runs, which sweeps when it starts."""
    with running(Serving(t, data)) as hub:
        came = soon(holds, seconds)
        hub.end()
    return came


# ---------------------------------------------------------------- who must have confirmed

def confirmed(t, tree):
    cancel(t, "east", SECRET)
    t.equal("what is deleted is still on the disk", deleted(t, "east"), [(KEPT, True)])
    tree.carry("east", "s207", "east", "county", "east")
    # In the station's own plan, of which the other station has no part.
    t.good("plan", "cancel", "--data", "county", next(
        i["dot"] for i in t.items("county", "--for", tree.name["s208"]) if i["title"] == "村"))
    tree.carry("county", "east", "s208")
    tree.carry("east", "county", "east")
    t.check("the silent station's own plan waits for it too",
            not swept(t, "east", lambda: deleted(t, "east", WORK)[0][0] == RELEASED, 1),
            deleted(t, "east", WORK))
    t.equal("one station that has not confirmed holds it back at the hub",
            deleted(t, "east"), [(KEPT, True)])
    tree.carry("s208", "east", "county", "east")
    t.check("when all have confirmed the hub releases it, text and all",
            swept(t, "east", lambda: deleted(t, "east") == [(RELEASED, False)]),
            deleted(t, "east"))
    t.equal("what is in the station's own plan as well", held(t, ["east"], WORK),
            {"east": [RELEASED]})
    t.check("the others release it too, or wait for their own neighbours",
            all(found in ([KEPT], [RELEASED]) for found in held(t, HERE).values()), held(t, HERE))
    tree.even("released here and kept there")
    t.check("the county releases it too",
            swept(t, "county", lambda: deleted(t, "county") == [(RELEASED, False)]),
            deleted(t, "county"))
    at_a_station(t)
    tree.settle("released almost everywhere")
    t.equal("it is shown nowhere", [data for data in HERE if SECRET in titles(t, data)], [])


def at_a_station(t):
    with running(Serving(t, "east")) as hub:
        with running(Agent(t, "s207", hub.url)) as agent:
            t.check("a station that runs releases it after an exchange",
                    soon(lambda: deleted(t, "s207") == [(RELEASED, False)], 5), deleted(t, "s207"))
            agent.end()
        t.equal("a sync after that is fine", sync(t, "s208", hub.url).code, 0)
        hub.end()


def by_stick_alone(t, tree):
    """Where nothing runs all the time there are only imports and exports."""
    cancel(t, "east", SECRET)
    tree.settle("a deletion by stick")
    tree.rounds()
    t.equal("with sticks alone what was deleted leaves the disk of every replica", held(t, HERE),
            {data: [RELEASED] for data in HERE})


# ---------------------------------------------------------------- who is waited for no longer

def silent(t, tree):
    """A station says nothing for good. It comes back all the same."""
    tree.fill("east", "s208", t.fresh("ancient"))
    tree.fill("east", "s207", "ancient")
    tree.fill("s207", "east", "ancient")
    shutil.rmtree(t.path("stick-east-s208"), ignore_errors=True)
    t.copy("s208", "s208-then")
    cancel(t, "east", SECRET)
    tree.carry("east", "s207", "east", "county", "east")
    t.check("a silent station holds it back",
            not swept(t, "east", lambda: deleted(t, "east")[0][0] == RELEASED, 1),
            deleted(t, "east"))
    t.good("hub", "retire", "--data", "east", "--place", tree.name["s208"])
    tree.carry("east", "county", "east")
    t.check("retired, it is waited for no longer",
            swept(t, "east", lambda: deleted(t, "east") == [(RELEASED, False)]),
            deleted(t, "east"))
    told = next(n for n in t.json("status", "--data", "east") if n["name"] == tree.name["s208"])
    t.equal("status says that it is retired", told["retired"], True)
    t.equal("nothing is written for it", tree.fill("east", "s208"), 0)
    ancient(t, tree)
    comes_back(t, tree)
    waited_for(t, tree)


def ancient(t, tree):
    before = {data: (t.dump(data), deleted(t, data)) for data in ("east", "s207")}
    t.copy("ancient", "ancient-2")
    for data in ("east", "s207", "east"):
        t.run("bundle", "import", "--data", data, "--from", "ancient-2")
    t.equal("a stick from before the deletion changes nothing",
            [data for data in before if (t.dump(data), deleted(t, data)) != before[data]], [])


def comes_back(t, tree):
    play(t, "s208", "long silent")
    t.equal("until it hears of it the silent station shows what was deleted",
            SECRET in titles(t, "s208"), True)
    tree.fill("s208", "east")
    t.equal("what a retired station brings is taken", tree.empty("s208", "east"), [])
    t.check("its playbacks are there", "long silent" in notes(t, "east"), notes(t, "east"))
    line = t.good("hub", "invite", "--data", "east", "--place", tree.code["s208"], "--name",
                  tree.name["s208"]).out.strip()
    t.check("invited again it gets the same line", line.startswith("yizhan2"), line)
    tree.carry("east", "s208", "east")
    t.check("and hears of the deletion", deleted(t, "s208") in ([(KEPT, True)], [(RELEASED, False)]),
            deleted(t, "s208"))
    tree.even("a retired station is back")
    t.equal("it is shown nowhere", [data for data in HERE if SECRET in titles(t, data)], [])
    t.check("its playbacks are at the county", "long silent" in notes(t, "county"),
            notes(t, "county"))


def waited_for(t, tree):
    cancel(t, "east", "留")
    tree.carry("east", "s207", "east", "county", "east")
    t.check("a place that was invited again is waited for again",
            not swept(t, "east", lambda: held(t, ["east"])["east"].count(RELEASED) > 1, 1),
            held(t, ["east"]))
    tree.carry("east", "s208", "east", "county", "east")
    t.check("until it has confirmed",
            swept(t, "east", lambda: held(t, ["east"])["east"] == [RELEASED] * 2),
            held(t, ["east"]))
    # A copy of the disk from before it all takes the station's place.
    shutil.rmtree(t.path("s208"))
    t.copy("s208-then", "s208")
    tree.settle("a station set back to before the deletions")
    t.equal("it does not bring them back", [titles(t, data) for data in ("east", "s207", "s208")],
            [["村", "村留"], [], ["村", "村留"]])
    faults = tree.unequal()
    t.check("and all are equal again", not faults, faults)


# ---------------------------------------------------------------- edits of what is gone

def work(t, tree):
    """The retired station has edited what was deleted and released meanwhile."""
    dot = cancel(t, "county", "村", "--for", tree.name["s208"])
    t.good("hub", "retire", "--data", "east", "--place", tree.name["s208"])
    tree.carry("county", "east", "county", "east")
    for data in ("east", "county"):
        t.check(f"{data} releases what only the retired station has not confirmed",
                swept(t, data, lambda: held(t, [data], WORK)[data] == [RELEASED]),
                deleted(t, data, WORK))
    t.good("plan", "edit", "--data", "s208", dot, f"note={SECRET}", "start=21:00")
    plan(t, "s208", ["自己"])
    play(t, "s208", "came back")
    t.good("hub", "retire", "--data", "east", "--place", tree.name["s208"], "--undo")
    tree.carry("s208", "east", "county")
    t.equal("an edit by who did not know of it does not bring it back",
            [titles(t, data, "--for", tree.name["s208"]) for data in ("east", "county")],
            [["村留", "自己"]] * 2)
    tree.settle("edits of what was released")
    shown = [titles(t, data, "--for", tree.name["s208"]) for data in ("s208", "east", "county")]
    t.equal("nowhere", shown, [["村留", "自己"]] * 3)
    t.equal("what the station wrote besides arrives",
            ["came back" in notes(t, data) for data in ("east", "county")], [True] * 2)
    for data in ("east", "county"):
        t.check(f"{data} lets go of the text of the edit as well",
                swept(t, data, lambda: deleted(t, data, WORK) == [(RELEASED, False)]),
                deleted(t, data, WORK))
    t.refused("what is deleted is not edited any more", "unknown_item", "plan", "edit", "--data",
              "east", dot, "note=x", data="east")
    tree.even("released a second time")


def again(t, tree):
    """A new replica of the station gets stubs alone; its old disk turns up afterwards."""
    cancel(t, "east", SECRET)
    tree.rounds()
    swept(t, "east", lambda: deleted(t, "east") == [(RELEASED, False)])
    t.copy("s208", "s208-old")
    play(t, "s208-old", "from the old disk", 9)
    tree.keep_keys("s208")
    tree.join("s208", tree.invite("east", "s208"))
    tree.settle("a new disk for the station")
    t.check("a new disk gets the stub and never the text",
            deleted(t, "s208") in ([(KEPT, False)], [(RELEASED, False)]), deleted(t, "s208"))
    shutil.rmtree(t.path("s208"))
    t.copy("s208-old", "s208")
    tree.settle("and the old disk again")
    t.check("what was played on it arrives", "from the old disk" in notes(t, "county"),
            notes(t, "county"))
    faults = tree.unequal()
    t.check("all are equal", not faults, faults)
    t.equal("the deleted item is nowhere", [d for d in HERE if SECRET in titles(t, d)], [])
