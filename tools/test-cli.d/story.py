"""The story of the issue, with the shapes that scripts rely on."""
import os

import sheets
from harness import HUB, VILLAGES, carry

PLAN_KEYS = set(sheets.PLAN_COLUMNS) | {"dot"}
PLAY_KEYS = set(sheets.PLAY_COLUMNS) | {"dot"}


def tell(t):
    """Plans go out and playbacks come home, by stick."""
    programmes = sheets.catalogue()
    out(t, programmes)
    offline(t, programmes)
    slot, other = crossing(t)
    back(t)
    settled(t, slot, other)


# ---------------------------------------------------------------- out

def out(t, programmes):
    told = t.json("hub", "init", "--data", "hub", "--place", "340123109", "--name", "丰乐镇")
    t.equal("a hub is founded by a code without dots", told, {"place": HUB, "name": "丰乐镇"})
    for station, name in VILLAGES.items():
        code = f"{HUB}.{station[1:]}"
        line = t.good("hub", "invite", "--data", "hub", "--place", code, "--name", name).out
        plain = t.json(
            "hub", "invite", "--data", "hub", "--place", code.replace(".", ""), "--name", name)
        t.check(
            f"the invitation of {name} is one line, and the same when asked for again",
            line.count("\n") == 1 and line.strip() == plain["invitation"], (line, plain))
        joined = t.json("station", "join", "--data", station, "--invitation", line.strip())
        t.equal(f"{name} joins with it", joined, {"place": code, "name": name})
    t.fresh("stick")

    t.sheet("programmes.csv", ["programme", "title", "category", "seconds"], programmes)
    report = t.json("programme", "import", "--data", "hub", "programmes.csv")
    t.equal("all programmes are taken", report["added"], len(programmes))
    listed = t.json("programme", "list", "--data", "hub")
    t.equal("and listed", len(listed), len(programmes))

    plan = sheets.month_plan(programmes)
    t.sheet("township.csv", sheets.PLAN_COLUMNS, plan)
    report = t.json("plan", "import", "--data", "hub", "--for", "340123109", "township.csv")
    t.equal("the month plan is taken for all stations", report["added"], len(plan))
    t.sheet("station.csv", sheets.PLAN_COLUMNS, sheets.station_plan(programmes))
    report = t.json("plan", "import", "--data", "hub", "station.csv")
    t.equal("a further sheet is taken for the station that it names", report["added"], 8)

    carry(t, "hub", "s207")
    t.equal("drafts are hidden at stations", t.items("s207"), [])
    t.equal("and shown at the hub", {i["draft"] for i in t.items("hub")}, {True})
    issued = t.json("plan", "issue", "--data", "hub", "--month", "2026-03")
    t.equal("issuing marks version 1", issued, [{"period": "2026-03", "version": 1, "items": 186}])
    t.good("plan", "issue", "--data", "hub", "--for", "双枣社区")

    written = t.json("bundle", "export", "--data", "hub", "--to", "stick")
    t.equal("one stick serves all stations", [len(each["files"]) for each in written], [1, 1, 1])
    for station in VILLAGES:
        reports = t.json("bundle", "import", "--data", station, "--from", "stick")
        t.check(
            f"{station} takes its own bundle from it and no other",
            len(reports) == 1 and reports[0]["merged"] > 0 and not reports[0]["code"], reports)
    t.equal("the one station shows both plans", len(t.items("s207")), 194)
    t.equal("the others show the township's alone", len(t.items("s208")), 186)

    item = t.items("hub")[0]
    t.check("plan show --json has the sheet's columns and the dot", PLAN_KEYS <= set(item), item)
    t.check(
        "in it numbers are numbers, and the station is a code",
        item["required"] in (0, 1) and isinstance(item["seconds"], int)
        and not isinstance(item["required"], bool) and item["station"] == HUB, item)
    t.equal("the id of the sheet is known where it was imported", item["id"], "FL-001")
    t.equal("and null elsewhere", {i["id"] for i in t.items("s208")}, {None})


# ---------------------------------------------------------------- offline

def offline(t, programmes):
    # The zone of the machine must not matter.
    for zone, start in (("America/New_York", "2026-03-07T15:02"), ("Asia/Tokyo", "2026-03-08T15:02")):
        t.good(
            "playback", "add", "--data", "s207", "--programme", "F017", "--start", start, "--end",
            start.replace("15:02", "15:17"), "--audience", 31, "--operator", "周丽", "--occasion",
            "农技培训", "--outcome", "completed", "--note", "满座", env={"TZ": zone})
    logged = t.playbacks("s207")
    t.equal(
        "times without an offset are the tree's, never the machine's",
        [(play["started_at"], play["ended_at"]) for play in logged],
        [(f"2026-03-0{day}T15:02:00+08:00", f"2026-03-0{day}T15:17:00+08:00") for day in (7, 8)])
    play = logged[0]
    t.check("playback list --json has the sheet's columns and the dot", PLAY_KEYS <= set(play), play)
    t.equal(
        "what was typed is what is listed",
        [play[key] for key in ("id", "station", "programme", "audience", "operator", "occasion",
                               "outcome", "note")],
        [None, f"{HUB}.207", "F017", 31, "周丽", "农技培训", "completed", "满座"])
    for number, (station, days) in enumerate({"s207": 3, "s208": 4, "s209": 5}.items()):
        rows = sheets.playbacks(number, programmes, days=days, per_day=10)
        name = t.sheet(f"{station}.csv", sheets.PLAY_COLUMNS, rows)
        report = t.json("playback", "import", "--data", station, name)
        t.equal(f"{station} imports what it played", report["added"], 10 * days)
        report = t.json("playback", "import", "--data", station, name)
        t.equal("importing it twice adds nothing", (report["added"], report["unchanged"]),
                (0, 10 * days))


# ---------------------------------------------------------------- crossing edits

def crossing(t):
    own = t.items("hub", "--for", f"{HUB}.207")
    slot, other = own[2]["dot"], own[4]["dot"]
    t.good("plan", "edit", "--data", "hub", slot, "start=16:30")
    t.good("plan", "edit", "--data", "s207", slot, "start=09:00")
    t.good("plan", "edit", "--data", "s207", other, "note=停电改期")
    shared = t.items("s207", "--for", HUB)[0]["dot"]
    t.refused(
        "a station cannot edit a township's item", "not_owner", "plan", "edit", "--data", "s207",
        shared, "start=09:00", data="s207")
    return slot, other


# ---------------------------------------------------------------- back

def back(t):
    for station in ("s209", "s207", "s208"):
        t.good("bundle", "export", "--data", station, "--to", "stick")
    t.copy("stick", "old-stick")
    first = t.json("bundle", "import", "--data", "hub", "--from", "old-stick")
    t.check("the hub takes what all stations sent", sum(r["merged"] for r in first) > 120, first)
    before = t.dump("hub")
    again = t.good("bundle", "import", "--data", "hub", "--from", "stick", "--json").json
    t.equal("the same again merges nothing", sum(r["merged"] for r in again), 0)
    t.equal("and changes nothing", t.dump("hub"), before)
    t.good("bundle", "export", "--data", "hub", "--to", "stick")
    left = os.listdir(t.path("stick"))
    t.equal("what is merged and acknowledged is cleaned from the stick", len(left), 3)
    for station in ("s208", "s207", "s207", "s209"):
        t.good("bundle", "import", "--data", station, "--from", "stick")
    t.good("bundle", "import", "--data", "hub", "--from", "old-stick")
    same_everywhere(t, "hub and stations are equal, partition by partition")
    plays = t.playbacks("hub")
    t.equal("every playback is there once", (len(plays), len({p["dot"] for p in plays})), (122, 122))
    t.equal("and those of one station", len(t.playbacks("hub", "--for", "双枣社区")), 32)


def same_everywhere(t, what):
    shared = [(f"{HUB}/public", list(VILLAGES))] + [
        (f"{HUB}.{station[1:]}/{section}", [station])
        for station in VILLAGES for section in ("urgent", "public", "work", "log", "people")]
    unequal, empty = [], 0
    for partition, replicas in shared:
        wanted = t.dump("hub", partition)
        empty += not wanted
        unequal += [f"{r} {partition}" for r in replicas if t.dump(r, partition) != wanted]
    # Urgent is empty everywhere, work where nothing was planned for the station alone.
    t.equal(what, (unequal, empty), ([], 5))


# ---------------------------------------------------------------- settled

def settled(t, slot, other):
    conflicts = t.json("conflict", "list", "--data", "hub")
    t.equal("one conflict is visible", len(conflicts), 1)
    conflict = conflicts[0]
    t.equal("its shape", (set(conflict), {frozenset(value) for value in conflict["values"]}), (
        {"id", "collection", "record", "field", "values"},
        {frozenset({"value", "by", "at", "dot", "winner"})}))
    t.equal("it is about the slot", (conflict["collection"], conflict["record"], conflict["field"]),
            ("plan_item", slot, "start"))
    values = {value["value"]: value for value in conflict["values"]}
    t.equal("both values are there, and one of them is shown", (
        set(values), sorted(value["winner"] for value in values.values())),
        ({"16:30", "09:00"}, [False, True]))
    t.check("with who and when", all(v["by"] and v["at"] for v in values.values()), values)
    t.equal("the same conflict at the station",
            t.json("conflict", "list", "--data", "s207"), conflicts)
    t.equal("conflict show shows it",
            t.json("conflict", "show", "--data", "hub", conflict["id"]), conflict)
    item = next(i for i in t.items("hub") if i["dot"] == other)
    t.equal("the note has merged silently", (item["note"], item["conflict"]), ("停电改期", False))
    shown = [next(i for i in t.items(r) if i["dot"] == slot)["start"] for r in ("hub", "s207")]
    t.check("the same value is shown on both sides until then", len(set(shown)) == 1, shown)

    settle = ["conflict", "settle", "--data", "hub", conflict["id"]]
    t.refused("a conflict cannot be settled with what is no time", "bad_time", *settle, "--value",
              "25:99", data="hub")
    t.refused("nor with a dot that is none of its writes", "unknown_dot", *settle, "--dot",
              "0123456789abcdef:7", data="hub")
    t.good(*settle, "--dot", values["09:00"]["dot"])
    t.equal("settled at the hub", t.json("conflict", "list", "--data", "hub"), [])
    for station in VILLAGES:
        carry(t, "hub", station)
        carry(t, station, "hub")
    t.equal("after one more round settled everywhere",
            [t.json("conflict", "list", "--data", r) for r in ("hub", *VILLAGES)], [[]] * 4)
    shown = [next(i for i in t.items(r) if i["dot"] == slot)["start"] for r in ("hub", "s207")]
    t.equal("with the value that was chosen", shown, ["09:00", "09:00"])
    same_everywhere(t, "and all are equal again")
    for replica in ("hub", *VILLAGES):
        t.equal(f"check finds nothing at {replica}",
                t.json("check", "--data", replica)["complaints"], [])
    neighbours = t.json("status", "--data", "hub")
    t.equal("status: nothing waits", [n["waiting"] for n in neighbours], [[], [], []])
    renamed(t)


def renamed(t):
    """Playbacks are readable for ever, whatever becomes of their programme."""
    before = t.playbacks("s207")
    t.write("renamed.csv", "programme,title,category,seconds\nF017,新名称,农业技术,900\n")
    t.good("programme", "import", "--data", "hub", "renamed.csv")
    carry(t, "hub", "s207")
    t.equal("a renamed programme leaves playbacks as they were", t.playbacks("s207"), before)
