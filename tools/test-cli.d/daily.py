"""A clerk's and a keeper's day: what changed, what hangs on the wall, what is missing, files."""
import csv
import io
import os
import re
import unicodedata

from harness import HUB, carry, found_tree

MONTH = ["--month", "2026-09"]


def daily(t):
    found_tree(t)
    t.write("programmes.csv", "programme,title,category,seconds\n"
            "P1,瓜蒌栽培管理,农业技术,1800\nP2,黄梅戏选段,文化生活,600\nP3,医保缴费须知,政策解读,900\n")
    t.good("programme", "import", "--data", "hub", "programmes.csv")
    t.write("plan.csv", "date,start,programme,required,note\n2026-09-01,09:00,P1,1,=1+1\n"
            "2026-09-02,10:00,P2,0,\n2026-09-03,,P3,0,请公示\n")
    t.good("plan", "import", "--data", "hub", "--for", HUB, "plan.csv")
    t.good("plan", "issue", "--data", "hub", *MONTH)
    carry(t, "hub", "s207")
    items = {i["programme"]: i["dot"] for i in t.items("s207")}
    seen(t)
    wall(t)
    changes(t, items)
    adjustments(t, items)
    coverage(t)
    closures(t)
    files(t)
    tables(t)


def diff(t, data="s207", *more):
    return t.json("plan", "diff", "--data", data, *MONTH, *more)[0]


def posted(t, data="s207", *more):
    return t.json("plan", "post", "--data", data, *MONTH, *more)[0]


def seen(t):
    told = diff(t)
    t.equal("what was never seen is new", (told["seen"], [c["change"] for c in told["changes"]]),
            (None, ["added"] * 3))
    before = t.dump("s207")
    diff(t, "s207", "--seen")
    told = diff(t)
    t.equal("what was seen is not told again", (told["seen"], told["changes"]), (1, []))
    t.equal("and nothing of it travels", t.dump("s207"), before)
    t.check("people are told so", "Nothing has changed." in t.good(
        "plan", "diff", "--data", "s207", *MONTH).out)


def wall(t):
    t.equal("nothing hangs on the wall yet", posted(t)["state"], "not_posted")
    t.good("plan", "post", "--data", "s207", *MONTH, "--out", "wall.html", "--confirm",
           "--operator", "侯勇")
    page = t.read("wall.html").decode()
    t.check("the sheet is in Chinese and has the plan", all(word in page for word in (
        "双枣社区", "2026年9月播放计划", "第 1 版", "瓜蒌栽培管理", "★", "请公示")), page[-900:])
    told = posted(t)
    t.equal("it is confirmed, by whom", (told["state"], told["by"]), ("posted", "侯勇"))
    carry(t, "s207", "hub")
    t.equal("the township knows", posted(t, "hub", "--for", "双枣社区")["state"], "posted")
    t.equal("and of another station that it does not", posted(t, "hub", "--for", "河湾村")["state"],
            "not_posted")
    t.refused("no plan, no sheet", "unknown_plan", "plan", "post", "--data", "s207", "--month",
              "2026-10", "--out", "none.html")
    t.check("and no file", not os.path.exists(t.path("none.html")))
    t.refused("a file of no known kind", "usage", "plan", "post", "--data", "s207", *MONTH,
              "--out", "wall.doc", exit_code=64)


def changes(t, items):
    t.good("plan", "edit", "--data", "hub", items["P2"], "programme=P3", "start=10:30")
    t.good("plan", "cancel", "--data", "hub", items["P3"], "--reason", "片源损坏")
    t.write("more.csv", "date,start,programme\n2026-09-09,09:00,P1\n")
    t.good("plan", "import", "--data", "hub", "--for", HUB, "more.csv")
    plan = t.json("plan", "list", "--data", "hub")[0]
    t.equal("the plan was edited since", (plan["version"], plan["edited"], plan["drafts"]),
            (1, True, 1))
    carry(t, "hub", "s207")
    t.equal("an edit alone makes what hangs there wrong", posted(t)["state"], "outdated")
    t.good("plan", "issue", "--data", "hub", *MONTH)
    carry(t, "hub", "s207")
    told = diff(t)
    t.equal("versions are told", (told["seen"], told["version"]), (1, 2))
    line = t.good("plan", "diff", "--data", "s207", *MONTH).out.splitlines()[0]
    t.equal("and whose plan it is", line,
            "丰乐镇 2026-09: version 1 was seen, now it is version 2")
    found = {c["item"]: c for c in told["changes"]}
    t.equal("an item is replaced, field by field",
            [(f["field"], f["before"], f["after"]) for f in found[items["P2"]]["fields"]],
            [("start", "10:00", "10:30"), ("programme", "P2", "P3"),
             ("title", "黄梅戏选段", "医保缴费须知"), ("category", "文化生活", "政策解读"),
             ("seconds", "600", "900")])
    t.equal("a cancelled item says why",
            (found[items["P3"]]["change"], found[items["P3"]]["reason"]), ("cancelled", "片源损坏"))
    t.equal("and what is new is new",
            [c["date"] for c in told["changes"] if c["change"] == "added"], ["2026-09-09"])
    t.equal("a new version opens the posting again", (
        posted(t)["state"], posted(t)["posted_version"], posted(t)["version"]), ("outdated", 1, 2))
    posted(t, "s207", "--confirm")
    t.equal("until it is confirmed, which is seeing it too",
            (posted(t)["state"], diff(t)["changes"]), ("posted", []))
    t.good("plan", "edit", "--data", "hub", items["P2"], "note=停电改期")
    t.good("plan", "issue", "--data", "hub", *MONTH)
    t.equal("edits alone can be issued", t.json("plan", "list", "--data", "hub")[0]["version"], 3)
    t.refused("once", "nothing_to_issue", "plan", "issue", "--data", "hub", *MONTH, data="hub")


def adjustments(t, items):
    before = t.dump("hub", f"{HUB}/public")
    base = ["plan", "adjust", "--data", "s207", items["P1"]]
    t.refused("an adjustment has a reason", "bad_value", *base, "--skip", data="s207")
    t.refused("and fits its kind", "bad_value", *base, "--move", "programme=P2", "--reason", "x",
              data="s207")
    t.refused("of an item that is there", "unknown_item", "plan", "adjust", "--data", "s207",
              "0000000000000001:1", "--skip", "--reason", "x", data="s207")
    t.refused("one thing at a time", "usage", *base, "--skip", "--undo", exit_code=64)
    t.good(*base, "--move", "start=15:00", "--reason", "停电", "--operator", "侯勇")
    shown = t.good("plan", "show", "--data", "s207", *MONTH).out
    t.check("the list shows it", "~" in shown and "停电" in shown and "15:00" in shown, shown)
    page = t.good("plan", "post", "--data", "s207", *MONTH, "--out", "wall.html")
    page = t.read("wall.html").decode()
    t.check("and the wall sheet", "15:00" in page and "本站改期：停电" in page, page[-900:])
    t.equal("what hangs there does not say so", posted(t)["state"], "outdated")
    carry(t, "s207", "hub")
    t.equal("as the township sees", posted(t, "hub", "--for", "双枣社区")["state"], "outdated")
    t.equal("the township's plan is what it was", t.dump("hub", f"{HUB}/public"), before)
    t.equal("and an edit of it is refused at the station",
            t.run("plan", "edit", "--data", "s207", items["P1"], "start=16:00").error_code,
            "not_owner")
    t.good(*base, "--undo")
    t.check("taken back, it is gone", "~" not in t.good(
        "plan", "show", "--data", "s207", *MONTH).out)


def coverage(t):
    told = t.json("plan", "coverage", "--data", "hub", "--from", "2026-09", "--to", "2026-10")
    states = {p["period"]: p["state"] for p in told[0]["periods"]}
    t.equal("months and weeks that lack a plan", (len(told), states["2026-09"], states["2026-10"],
                                                  states["2026-W36"]),
            (3, "issued", "missing", "missing"))
    here = t.json("plan", "coverage", "--data", "s207", "--from", "2026-09", "--to", "2026-10")
    t.equal("a station knows it too", {p["period"]: p["state"] for p in here[0]["periods"]}, states)
    autumn = ("plan", "coverage", "--data", "hub", "--from", "2026-09", "--to", "2026-12")
    for env in ({"LC_ALL": "C"}, {"LC_ALL": "zh_CN.UTF-8"}):
        lines = t.good(*autumn, env=env).out.splitlines()
        t.check("a line for each station tells months and weeks of how many",
                sum("双枣社区" in line for line in lines) == 1 and any(line.split()[1:] == [
                    "双枣社区", *"✓ 0/4 - 0/5 - 0/4 - 0/5".split()] for line in lines), lines)
        t.check("the sums too", all(number in lines[0] for number in ("3", "12", "0", "54")), lines)
        t.check("80 characters are enough", max(map(cells, lines)) <= 80, lines)
    missing = t.good(*autumn, "--missing", "--csv").out.splitlines()
    t.equal("what is missing is spelled out on demand",
            [line.split(",")[2] for line in missing if "双枣社区" in line][:3],
            ["2026-W36", "2026-W37", "2026-W38"])
    t.equal("programs see everything", (
        len(t.good(*autumn, "--csv").out.splitlines()), len(missing)), (1 + 3 * 22, 1 + 3 * 21))
    t.equal("one list or the other", t.run(*autumn, "--missing", "--all").code, 64)
    t.refused("months in order", "bad_period", "plan", "coverage", "--data", "hub", "--from",
              "2026-10", "--to", "2026-09")


def cells(line):
    """How wide a terminal shows it."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def closures(t):
    base = ["closure", "add", "--data", "s207", "--cause", "维修"]
    t.refused("a closure ends after it begins", "bad_date", *base, "--from", "2026-09-05", "--to",
              "2026-09-04", data="s207")
    dot = t.json(*base, "--from", "2026-09-05")["dot"]
    t.good("closure", "end", "--data", "s207", dot, "--to", "2026-09-06")
    carry(t, "s207", "hub")
    row = t.json("closure", "list", "--data", "hub", "--for", "双枣社区")[0]
    t.equal("the township sees it", (row["from"], row["to"], row["cause"]),
            ("2026-09-05", "2026-09-06", "维修"))
    t.good("closure", "remove", "--data", "s207", dot)
    t.refused("what is not there", "unknown_closure", "closure", "remove", "--data", "s207", dot)


def files(t):
    t.good("plan", "export", "--data", "hub", *MONTH, "--out", "out.csv")
    text = t.read("out.csv").decode("utf-8-sig")
    t.check("no spreadsheet runs what somebody wrote", "'=1+1" in text, text)
    t.good("hub", "init", "--data", "other", "--place", "34.01.23.110", "--name", "山南镇")
    rows = list(csv.DictReader(io.StringIO(text)))
    t.good("plan", "import", "--data", "other", "--for", "34.01.23.110", "out.csv")
    keys = ("date", "start", "programme", "title", "seconds", "note")
    mine, theirs = ([[i[key] for key in keys] for i in t.items(data, "--month", "2026-09")]
                    for data in ("hub", "other"))
    t.equal("what was exported is imported as it was", theirs, mine)
    t.equal("with all items", len(rows), 3)
    t.good("plan", "issue", "--data", "other", *MONTH)
    t.good("plan", "export", "--data", "other", *MONTH, "--out", "again.csv")
    t.equal("and exported again it is the same but for its place", [
        {key: row[key] for key in keys} for row in csv.DictReader(
            io.StringIO(t.read("again.csv").decode("utf-8-sig")))],
        [{key: row[key] for key in keys} for row in rows])
    t.good("plan", "export", "--data", "s207", *MONTH, "--out", "plan.ics")
    lines = t.read("plan.ics").decode()
    t.check("a calendar has an event for each item, in UTC",
            lines.count("BEGIN:VEVENT") == 3 and "DTSTART:20260901T010000Z" in lines
            and all(len(line.encode()) <= 75 for line in lines.split("\r\n")), lines[:600])
    t.good("plan", "export", "--data", "hub", *MONTH, "--out", "guide.xml")
    t.good("hub", "init", "--data", "third", "--place", "34.01.23.111", "--name", "高刘镇")
    report = t.json("plan", "import", "--data", "third", "--for", "34.01.23.111", "guide.xml")
    t.equal("a guide that was exported is imported", report["added"], 3)
    t.equal("at the same times", [(i["date"], i["start"]) for i in t.items("third")],
            [(row[0], row[1]) for row in mine if row[1]])
    t.good("playback", "add", "--data", "s207", "--programme", "P1", "--start", "2026-09-01T09:05",
           "--seconds", "1800", "--operator", "侯勇", "--note", "@好")
    t.good("playback", "export", "--data", "s207", "--out", "plays.csv")
    text = t.read("plays.csv").decode("utf-8-sig")
    t.check("playbacks are exported, guarded too", "'@好" in text and "侯勇" in text, text)
    t.equal("and known again", t.json("playback", "import", "--data", "s207", "plays.csv")["unchanged"],
            1)
    t.good("playback", "export", "--data", "s207", "--month", "2026-10", "--out", "none.csv")
    t.equal("of another month there are none",
            len(t.read("none.csv").decode("utf-8-sig").splitlines()), 1)
    t.check("no part of a file is left behind", not [
        name for name in os.listdir(t.folder) if name.endswith(".part")])


def tables(t):
    """Every table comes as CSV with the names that JSON has, whatever the language."""
    for words in (["plan", "list"], ["plan", "show", *MONTH], ["playback", "list"],
                  ["programme", "list"], ["term", "list"], ["report", "played", *MONTH],
                  ["report", "share", *MONTH], ["report", "rules"], ["closure", "list"],
                  ["plan", "diff", *MONTH], ["plan", "coverage", *MONTH],
                  ["plan", "post", *MONTH]):
        # A station's own data reaches to this second, which may be over meanwhile.
        command = [*words, "--data", "hub" if words[0] == "report" else "s207"]
        shown = t.good(*command, "--csv").out
        header = shown.splitlines()[0].split(",")
        t.check(f"{' '.join(words[:2])} --csv has names for programs",
                all(re.fullmatch("[a-z_]+", name) for name in header), header)
        t.equal(f"{' '.join(words[:2])} --csv is the same in Chinese",
                t.good(*command, "--csv", env={"LC_ALL": "zh_CN.UTF-8"}).out, shown)
        if words[:2] != ["report", "played"]:
            t.equal(f"{' '.join(words[:2])} --json too", t.good(
                *command, "--json", env={"LC_ALL": "zh_CN.UTF-8"}).out,
                t.good(*command, "--json").out)
    t.equal("not both at once", t.run("plan", "list", "--data", "s207", "--csv", "--json").code, 64)
