"""Two languages: what is said to people is Chinese where the locale says so, and English elsewhere.

What programs read is the same in both: codes, JSON, CSV and exit codes.
"""
import json
import os
import os
import re

from harness import HUB, VILLAGES, found_tree

CHINESE = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8"}
ENGLISH = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "C.UTF-8"}
# What may stay as it is in a Chinese sentence: commands, options, paths, addresses, settings, ids.
KEPT = re.compile(
    r"`[^`]*`|^ *yizhan .*$|--[a-z-]+|urgent, public, work, log, people|\S*/\S*|\w+=\S*|\S*\.(?:yz|csv|xlsx|html|pdf|ics|xml)\b"
    r"|yizhan: [a-z_]+:|ALARM|(?:https?|file)://\S+|\b[0-9a-f]{16}:\d+", re.MULTILINE)
WORDS = re.compile(r"[A-Za-z][A-Za-z']+[,;:.]? [A-Za-z']{2,}")
STATION = f"{HUB}.207"


def faults(text):
    """What is wrong with a text that ought to be Chinese."""
    found = []
    for line in text.splitlines():
        english = WORDS.search(KEPT.sub("", line))
        if english:
            found.append(f"English is left: {line}")
        if re.search(r"\{\d*\}", line):
            found.append(f"a place is left open: {line}")
    return found


def in_chinese(t, *arguments, code=0):
    """Runs a command once, in Chinese; what it printed."""
    told = t.run(*arguments, env=CHINESE)
    wrong = faults(told.out + told.err)
    if told.code != code:
        wrong.append(f"exit {told.code}, not {code}")
    t.check("in Chinese: " + " ".join(arguments)[:70], not wrong, "; ".join(wrong)[:600])
    return told


def in_both(t, *arguments, code=0, error=None, heads=False):
    """Runs a command that changes nothing in both languages, and as JSON."""
    chinese = in_chinese(t, *arguments, code=code)
    english = t.run(*arguments, env=ENGLISH)
    wrong = []
    said = chinese.out + chinese.err
    if not re.search(r"[一-鿿]", re.sub("|".join(VILLAGES.values()) + "|丰乐镇", "", said)):
        wrong.append(f"nothing is Chinese in {said[:200]!r}")
    if said == english.out + english.err:
        wrong.append("both are the same")
    if chinese.code != english.code or chinese.error_code != english.error_code:
        wrong.append(f"exit {chinese.code} {chinese.error_code}, {english.code} {english.error_code}")
    if error and chinese.error_code != error:
        wrong.append(f"the code is {chinese.error_code}, not {error}")
    if heads and re.search(r"[A-Za-z]{2}", said.splitlines()[0]):
        wrong.append(f"the headings are {said.splitlines()[0]}")
    as_json = [t.run(*arguments, "--json", env=env) for env in (CHINESE, ENGLISH)]
    # Between the two a second may have passed, which a station knows its own log by.
    told = [re.sub(r'"(as_of|data_until)": "[^"]*"', "", each.out + each.err) for each in as_json]
    if told[0] != told[1]:
        wrong.append(f"JSON differs: {told[0][:200]}")
    t.check("in both: " + " ".join(arguments)[:70], not wrong, "; ".join(wrong)[:600])


def wording(t):
    locales(t)
    helps(t)
    found_tree(t)
    plans(t)
    sticks(t)
    played(t)
    crossed(t)
    looks(t)
    refusals(t)


# ---------------------------------------------------------------- which language

def locales(t):
    def said(**locale):
        clear = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "", "LANGUAGE": ""}
        return t.run("plan", "show", "--data", "nowhere", env=clear | locale).err
    for locale in ({"LANG": "zh_CN.UTF-8"}, {"LANG": "zh"}, {"LANG": "zh_TW.Big5"},
                   {"LANG": "C", "LC_MESSAGES": "zh_CN.UTF-8"},
                   {"LANG": "C", "LC_MESSAGES": "C", "LC_ALL": "zh_CN.GB18030"}):
        t.check(f"Chinese by {locale}", "没有副本" in said(**locale), said(**locale))
    for locale in ({}, {"LANG": "C.UTF-8"}, {"LANG": "en_US.UTF-8"}, {"LANG": "POSIX"},
                   {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"},
                   {"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}):
        t.check(f"English by {locale}", "there is no replica in" in said(**locale), said(**locale))


def helps(t):
    commands = [[]]
    while commands:
        command = commands.pop(0)
        told = t.good(*command, "--help", env=CHINESE).out
        names = re.findall(r"^  ([a-z][a-z-]*) ", told.partition("子命令：\n")[2], re.MULTILINE)
        commands += [command + [name] for name in names if name != "bench"]
        plain = re.sub(r"\((?:取值|默认)[^)]*\)", "", told)
        lines = [re.sub(r"<[^>]*>|^  \w+ ", "", line) for line in plain.splitlines()
                 if not line.startswith("用法：") and "yizhan " not in line]
        wrong = faults("\n".join(lines))
        t.check("help in Chinese: " + (" ".join(command) or "yizhan"),
                not wrong and told.startswith("概述："), "; ".join(wrong)[:600])


# ---------------------------------------------------------------- a day's commands

PLAN = ["id", "station", "date", "start", "programme", "title", "category", "seconds", "required",
        "note"]


def row(number, **fields):
    values = {"id": f"A{number}", "station": STATION, "date": f"2026-03-{number:02}",
              "start": "09:30", "programme": f"P{number}", "title": f"节目{number}",
              "category": "文化生活", "seconds": "1800", "required": "1", "note": ""}
    return [(values | fields)[name] for name in PLAN]


def plans(t):
    in_chinese(t, "hub", "init", "--data", "other", "--place", "34.01.24", "--name", "别县")
    in_chinese(t, "hub", "invite", "--data", "other", "--place", "34.01.24.1", "--name", "某镇",
               "--hub")
    programmes = [(f"P{n}", f"节目{n}", "文化生活", 1800) for n in range(1, 5)]
    t.sheet("programmes.csv", ["programme", "title", "category", "seconds"], programmes)
    in_chinese(t, "programme", "import", "--data", "hub", "programmes.csv")
    t.sheet("bad.csv", PLAN, [
        row(1, start="早上"), row(2, date="2026-02-30"), row(3, seconds="很长"),
        row(4, required="也许"), row(5, station="天边村"), row(6, programme="", title=""),
        row(7, date="")])
    in_chinese(t, "plan", "import", "--data", "hub", "bad.csv", code=1)
    in_chinese(t, "plan", "import", "--data", "hub", "bad.csv", "--partial", code=2)
    t.sheet("plan.csv", PLAN + ["颜色"], [row(n, title=f"节目{n + n // 4}") + ["红"]
                                       for n in range(1, 5)])
    in_chinese(t, "plan", "import", "--data", "hub", "plan.csv")
    in_both(t, "plan", "show", "--data", "hub", heads=True)
    in_both(t, "plan", "list", "--data", "hub", heads=True)
    in_chinese(t, "plan", "issue", "--data", "hub", "--for", STATION)
    in_chinese(t, "plan", "template", "--to", "form.xlsx", "--month", "2026-03")
    for name in ("out.csv", "out.xlsx"):
        in_chinese(t, "plan", "export", "--data", "hub", "--for", STATION, "--out", name)
        again = t.json("plan", "import", "--data", "hub", name)
        unused = [each for each in again["warnings"] if "not used" in each["text"]]
        t.equal(f"{name} in Chinese is read back", (again["unchanged"], unused), (4, []))


def sticks(t):
    in_both(t, "status", "--data", "s207")
    in_chinese(t, "bundle", "export", "--data", "hub", "--to", "stick")
    file = next(name for name in sorted(os.listdir(t.path("stick"))) if "207" in name)
    in_both(t, "bundle", "inspect", f"stick/{file}")
    in_both(t, "bundle", "verify", f"stick/{file}")
    bent = bytearray(t.read("stick", file))
    bent[-40] ^= 1
    t.fresh("bent")
    t.write(f"bent/{file}", bytes(bent))
    in_chinese(t, "bundle", "import", "--data", "s207", "--from", "bent", code=2)
    in_chinese(t, "status", "--data", "s207")
    in_chinese(t, "bundle", "import", "--data", "s207", "--from", "stick")
    in_chinese(t, "bundle", "import", "--data", "s207", "--from", "stick")
    in_chinese(t, "bundle", "export", "--data", "s207", "--to", "stick")
    in_chinese(t, "bundle", "export", "--data", "s207", "--to", "stick")
    in_chinese(t, "bundle", "import", "--data", "hub", "--from", "stick")


def played(t):
    in_chinese(t, "playback", "add", "--data", "s207", "--programme", "P1", "--start",
               "2026-03-01T09:31", "--seconds", "1800", "--audience", "12", "--operator", "周丽")
    in_chinese(t, "playback", "start", "--data", "s207", "--programme", "P2")
    in_both(t, "playback", "list", "--data", "s207")
    in_both(t, "playback", "list", "--data", "s207", "--month", "2026-03")
    in_both(t, "status", "--data", "s207")
    in_chinese(t, "playback", "start", "--data", "s207", "--programme", "P3")
    in_chinese(t, "playback", "stop", "--data", "s207", "--audience", "3")
    dot = t.playbacks("s207")[0]["dot"]
    in_chinese(t, "playback", "correct", dot, "--data", "s207", "--audience", "13")
    for name in ("plays.csv", "plays.xlsx"):
        in_chinese(t, "playback", "export", "--data", "s207", "--out", name)
        again = t.json("playback", "import", "--data", "s207", name)
        t.equal(f"{name} in Chinese is read back: all are known", again["added"], 0)
        t.check("and only what is known beside them is passed over", again["warnings"] == [
            {"line": 1, "text": "these columns are not used: " + columns}
            for columns in [("clock, dot" if name.endswith("csv") else "时钟, 事件号")]], again)
    rows = [["B1", "P1", "2026-03-02T09:30", "2026-03-02T09:00", "5"],
            ["B2", "P1", "昨天", "2026-03-02T10:00", "5"],
            ["B3", "P1", "2026-03-02T09:30", "2026-03-05T10:00", "许多"],
            ["B3", "P1", "2026-03-02T09:30", "2026-03-02T10:00", "5"]]
    t.sheet("bad-plays.csv", ["id", "programme", "started_at", "ended_at", "audience"], rows)
    in_chinese(t, "playback", "import", "--data", "s207", "bad-plays.csv", code=1)
    in_chinese(t, "playback", "import", "--data", "s207", "bad-plays.csv", "--partial", code=2)
    closure = in_chinese(t, "closure", "add", "--data", "s207", "--from", "2026-03-03", "--to",
                         "2026-03-04", "--cause", "停电")
    t.check("the dot of a closure is told", re.search(r"[0-9a-f]{16}:\d", closure.out), closure)
    in_both(t, "closure", "list", "--data", "s207", heads=True)
    for data in ("s207", "hub"):
        in_both(t, "report", "played", "--data", data, "--month", "2026-03")
        in_both(t, "report", "share", "--data", data, "--month", "2026-03", "--limit",
                "文化生活=30")
    in_both(t, "report", "played", "--data", "s207", "--month", "2026-03", "--list", "missed")
    in_both(t, "report", "rules", "--data", "hub")
    in_chinese(t, "report", "close", "--data", "hub", "--month", "2026-03")
    in_both(t, "report", "list", "--data", "hub", heads=True)
    in_both(t, "report", "show", "--data", "hub", "--month", "2026-03")
    in_both(t, "report", "played", "--data", "hub", "--month", "2026-03")


def crossed(t):
    items = t.items("s207")
    item, other = items[0]["dot"], items[1]["dot"]
    in_chinese(t, "plan", "edit", "--data", "hub", item, "start=10:00", "note=改期")
    in_chinese(t, "plan", "edit", "--data", "s207", item, "start=11:00")
    in_chinese(t, "plan", "edit", "--data", "s207", item, "start=11:00")
    in_chinese(t, "plan", "adjust", "--data", "s207", other, "--move", "start=15:00", "--reason",
               "停电")
    in_chinese(t, "bundle", "export", "--data", "s207", "--to", "stick")
    in_chinese(t, "bundle", "import", "--data", "hub", "--from", "stick")
    in_both(t, "plan", "show", "--data", "hub")
    in_both(t, "plan", "show", "--data", "s207")
    in_both(t, "conflict", "list", "--data", "hub")
    in_both(t, "status", "--data", "hub")
    conflict = t.json("conflict", "list", "--data", "hub")[0]["id"]
    in_both(t, "conflict", "show", conflict, "--data", "hub")
    in_chinese(t, "conflict", "settle", conflict, "--data", "hub", "--value", "10:00")
    in_both(t, "conflict", "list", "--data", "hub")


def looks(t):
    for words in (["term", "list"], ["programme", "list"], ["plan", "coverage", "--month", "2026-03"],
                  ["plan", "diff"]):
        in_both(t, *words, "--data", "hub")
    in_both(t, "plan", "post", "--data", "s207", "--month", "2026-03")
    in_both(t, "check", "--data", "hub")
    in_chinese(t, "backup", "--data", "hub", "--to", "backup.db")
    in_chinese(t, "restore", "--data", "again", "--from", "backup.db")
    csv = [t.good("plan", "show", "--data", "hub", "--csv", env=env).out
           for env in (CHINESE, ENGLISH)]
    t.check("CSV has the same rows in both",
            csv[0].splitlines()[1:] == csv[1].splitlines()[1:], csv[0][:300])


# ---------------------------------------------------------------- errors

def refusals(t):
    station, hub = ["--data", "s207"], ["--data", "hub"]
    item = t.items("hub")[0]["dot"]
    t.write("text.bin", b"\x00\x01\x02")
    t.write("quoted.csv", "date,start,programme\n2026-03-01,\"09:30,P1\n")
    t.sheet("narrow.csv", ["日子", "钟点"], [["2026-03-01", "09:30"]])
    for code, *words in (
        ("unknown_place", "plan", "show", *hub, "--for", "天边村"),
        ("bad_period", "plan", "show", *hub, "--month", "三月"),
        ("unknown_item", "plan", "edit", *hub, "nonsense", "start=09:00"),
        ("unknown_item", "plan", "cancel", *hub, "0123456789abcdef:9"),
        ("unknown_field", "plan", "edit", *hub, item, "colour=red"),
        ("bad_time", "plan", "edit", *hub, item, "start=早上"),
        ("bad_value", "plan", "edit", *hub, item, "seconds=很长"),
        ("bad_date", "plan", "edit", *hub, item, "date=明天"),
        ("nothing_to_issue", "plan", "issue", *hub),
        ("unknown_plan", "plan", "issue", *hub, "--month", "2031-01"),
        ("not_owner", "report", "close", *station, "--month", "2026-03"),
        ("not_owner", "term", "add", *station, "occasion", "某事"),
        ("already_reported", "report", "close", *hub, "--month", "2026-03"),
        ("not_owner", "hub", "invite", *station, "--place", f"{STATION}.1", "--name", "某"),
        ("not_below", "hub", "invite", *hub, "--place", "11.01", "--name", "某"),
        ("bad_place_code", "hub", "invite", *hub, "--place", "村", "--name", "某"),
        ("place_exists", "hub", "invite", *hub, "--place", STATION, "--name", "另名"),
        ("bad_invitation", "station", "join", "--data", "fresh", "--invitation", "yizhan1xx"),
        ("unknown_playback", "playback", "correct", "0123456789abcdef:9", *station, "--audience", "1"),
        ("nothing_playing", "playback", "stop", *station),
        ("bad_time", "playback", "add", *station, "--programme", "P1", "--start", "昨天"),
        ("bad_value", "playback", "add", *station, "--programme", "P1", "--start",
         "2026-03-01T09:00", "--audience", "许多"),
        ("ends_before_start", "playback", "add", *station, "--programme", "P1", "--start",
         "2026-03-01T09:00", "--end", "2026-03-01T08:00"),
        ("unknown_conflict", "conflict", "show", "nonsense", *hub),
        ("unknown_report", "report", "show", *hub, "--month", "2019-03"),
        ("unknown_closure", "closure", "remove", "0123456789abcdef:9", *station),
        ("csv_not_found", "plan", "import", *hub, "nothing.csv"),
        ("csv_unreadable", "plan", "import", *hub, "stick"),
        ("csv_nul", "plan", "import", *hub, "text.bin"),
        ("csv_quote", "plan", "import", *hub, "--for", HUB, "quoted.csv"),
        ("csv_header_missing", "plan", "import", *hub, "--for", HUB, "narrow.csv"),
        ("not_a_replica", "status", "--data", "nowhere"),
        ("already_exists", "hub", "init", *hub, "--place", HUB, "--name", "丰乐镇"),
        ("not_a_bundle", "bundle", "inspect", "plan.csv"),
        ("stick_missing", "bundle", "export", *hub, "--to", "no-stick"),
        ("stick_missing", "bundle", "import", *hub, "--from", "no-stick"),
        ("no_address", "sync", *station),
        ("backup_damaged", "restore", "--data", "fresh", "--from", "plan.csv"),
        ("file_missing", "restore", "--data", "fresh", "--from", "nothing.db"),
        ("bad_target", "backup", *hub, "--to", "hub/inside.db"),
    ):
        in_both(t, *words, code=1, error=code)
    for words in (
        ["plan", "show"], ["plan", "shwo"], ["plan", "show", *hub, "--colour"],
        ["plan", "show", *hub, "--month"],
        ["plan", "show", *hub, "--month", "2026-03", "--week", "2026-W10"],
        ["plan", "edit", *hub, item, "start"], ["playback", "list", *station, "--limit", "x"],
        ["conflict", "settle", "x", *hub], ["report", "played", *hub],
        ["plan", "export", *hub, "--out", "plan.doc"], ["dump", *hub, "--partition", "x"],
    ):
        in_both(t, *words, code=64, error="usage")
    told = t.run("plan", "import", "--data", "hub", "bad.csv", "--json", env=CHINESE)
    t.check("JSON tells reasons in English",
            json.loads(told.err)["reason"].startswith("the sheet names stations"), told.err)
