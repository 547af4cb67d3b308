"""Sheets of plans and of playbacks: what changes, what does not, what is refused."""
import sheets
from harness import HUB, carry, found_tree, planned_tree

PLAN = sheets.PLAN_COLUMNS
PLAY = sheets.PLAY_COLUMNS


def rows_of(report):
    return {key: report[key] for key in ("added", "changed", "unchanged")}


def counts(added=0, changed=0, unchanged=0):
    return {"added": added, "changed": changed, "unchanged": unchanged}


# ---------------------------------------------------------------- plans

def plans(t):
    planned_tree(t)
    changed_sheet(t)
    stations_of_sheets(t)
    weeks(t)
    elsewhere(t)
    edits(t)


def changed_sheet(t):
    plan = sheets.month_plan(sheets.catalogue())
    before = {i["id"]: i for i in t.items("hub", "--for", HUB)}
    report = t.json("plan", "import", "--data", "hub", "--for", HUB, "township.csv")
    t.equal("the same sheet again changes nothing", rows_of(report), counts(unchanged=186))
    t.sheet("corrected.csv", PLAN, sheets.corrected(plan))
    report = t.json("plan", "import", "--data", "hub", "--for", HUB, "corrected.csv")
    t.equal("of a changed sheet two rows are edits", rows_of(report),
            counts(changed=2, unchanged=184))
    after = {i["id"]: i for i in t.items("hub", "--for", HUB)}
    t.equal(
        "exactly what changed is edited",
        {(i, key, after[i][key]) for i in after for key in after[i] if after[i][key] != before[i][key]},
        {("FL-021", "start", "14:30"), ("FL-102", "note", "请村医到场")})
    reports = carry(t, "hub", "s208")
    # The month is over, so the plan notes that these were changed after their time; and the hub has
    # met the station meanwhile, whose keys stand in its record.
    t.equal("edits to issued items travel at once", sum(r["merged"] for r in reports), 2 + 1 + 1)
    # What a person edited since stands, unless the sheet itself changed there.
    dot = after["FL-021"]["dot"]
    t.good("plan", "edit", "--data", "hub", dot, "start=15:45")
    t.good("plan", "import", "--data", "hub", "--for", HUB, "corrected.csv")
    item = next(i for i in t.items("hub") if i["dot"] == dot)
    t.equal("an edit made here outlives a sheet that did not change", item["start"], "15:45")
    t.sheet("shorter.csv", PLAN, plan[:180])
    report = t.json("plan", "import", "--data", "hub", "--for", HUB, "shorter.csv")
    t.equal("rows that are missing are counted and stay", (
        report["missing"], len(t.items("hub", "--for", HUB))), (6, 186))
    t.write("title.csv", "id,date,start,programme,title\nT1,2026-04-01,08:00,F001,另一个名字\n")
    report = t.json("plan", "import", "--data", "hub", "--for", HUB, "title.csv")
    known = next(p for p in t.json("programme", "list", "--data", "hub") if p["programme"] == "F001")
    item = next(i for i in t.items("hub", "--month", "2026-04"))
    t.check(
        "another title for a known programme warns, renames nothing, and stays with the item",
        len(report["warnings"]) == 1 and known["title"] != "另一个名字"
        and item["title"] == "另一个名字", (report, known, item))
    t.write("unknown.csv", "id,date,start,programme,title,seconds\nU1,2026-04-02,08:00,ZZ9,地方戏,77\n")
    t.good("plan", "import", "--data", "hub", "--for", HUB, "unknown.csv")
    item = next(i for i in t.items("hub", "--month", "2026-04") if i["id"] == "U1")
    t.equal("a programme that nobody has described is accepted",
            (item["programme"], item["title"], item["seconds"]), ("ZZ9", "地方戏", 77))


def stations_of_sheets(t):
    row = ["A1", "双枣社区", "2026-05-01", "08:30", "F001", "", "", "", 0, ""]
    both = [row, ["A2", "河湾村"] + row[2:]]
    t.sheet("both.csv", PLAN, both)
    t.refused("rows of several stations under one --for", "several_stations", "plan", "import",
              "--data", "hub", "--for", HUB, "both.csv", data="hub", says=["line 3", "column 2"])
    t.equal("without --for each row goes to its station", rows_of(
        t.json("plan", "import", "--data", "hub", "both.csv")), counts(added=2))
    t.equal("and nowhere else", [len(t.items("hub", "--for", name, "--month", "2026-05"))
                                 for name in ("双枣社区", "河湾村", "松林村", HUB)], [1, 1, 0, 0])
    t.sheet("nowhere.csv", PLAN, [row, ["A3", "不知道村"] + row[2:]])
    t.refused("an unknown station lists the known", "unknown_station", "plan", "import", "--data",
              "hub", "nowhere.csv", data="hub", says=["不知道村", "双枣社区", "34.01.23.109.208"])
    told = t.run("plan", "import", "--data", "hub", "nowhere.csv")
    t.equal("in one line", told.err.count("\n"), 1)
    t.sheet("codes.csv", PLAN, [
        ["C1", "34.01.23.109.209", "2026-05-02", *row[3:]],
        ["C2", "340123109209", "2026-05-03", *row[3:]]])
    t.good("plan", "import", "--data", "hub", "codes.csv")
    t.equal("stations are found by code, with dots and without",
            [i["id"] for i in t.items("hub", "--for", "松林村", "--month", "2026-05")], ["C1", "C2"])
    t.sheet("override.csv", PLAN, [["O1", "没有这个站", "2026-06-01", *row[3:]]])
    t.good("plan", "import", "--data", "hub", "--for", "340123109208", "override.csv")
    t.equal("--for overrides the column",
            [i["station"] for i in t.items("hub", "--month", "2026-06")], [f"{HUB}.208"])
    t.write("noone.csv", "date,start,programme\n2026-05-01,08:30,F001\n")
    t.refused("a sheet that does not say whose it is", "place_missing", "plan", "import", "--data",
              "hub", "noone.csv", data="hub", says=["--for"])
    t.refused("a station cannot import for the township", "not_owner", "plan", "import", "--data",
              "s207", "--for", HUB, "township.csv", data="s207")
    t.refused("nor for another place", "unknown_place", "plan", "import", "--data", "s207", "--for",
              f"{HUB}.208", "township.csv", data="s207")
    t.refused("nor issue the township's plan", "not_owner", "plan", "issue", "--data", "s207",
              "--for", HUB, "--month", "2026-03", data="s207")


def weeks(t):
    t.write("week.csv", "programme,note,date\nF003,本周推荐,\nF004,,2026-03-04\n")
    report = t.json("plan", "import", "--data", "hub", "--for", HUB, "--week", "2026-W10", "week.csv")
    t.equal("a week recommendation takes undated items", rows_of(report), counts(added=2))
    t.equal("they are drafts", t.items("s208", "--week", "2026-W10"), [])
    t.good("plan", "issue", "--data", "hub", "--week", "2026-W10")
    carry(t, "hub", "s208")
    shown = t.items("s208", "--week", "2026-W10")
    t.equal("an undated item counts for the whole ISO week",
            sorted((str(i["date"]), i["period"], i["start"]) for i in shown),
            [("2026-03-04", "2026-W10", None), ("None", "2026-W10", None)])
    t.write("outside.csv", "programme,date\nF003,2026-03-09\n")
    t.refused("a date outside the week", "rows_refused", "plan", "import", "--data", "hub", "--for",
              HUB, "--week", "2026-W10", "outside.csv", data="hub", says=["line 2", "bad_date"])
    t.refused("a week that the year has not", "bad_period", "plan", "import", "--data", "hub", "--week",
              "2026-W60", "week.csv", data="hub")
    t.write("undated.csv", "programme,start,date\nF003,08:00,\n")
    t.refused("an undated item in a month plan", "rows_refused", "plan", "import", "--data", "hub",
              "--for", HUB, "undated.csv", data="hub", says=["bad_date"])


def elsewhere(t):
    """Where the sheet's ids are unknown, rows are matched by what they say."""
    t.write("own.csv", "date,start,programme\n2026-09-01,08:00,F001\n")
    t.good("plan", "import", "--data", "s207", "own.csv")
    t.equal("a station's own draft is hidden there too", t.items("s207", "--month", "2026-09"), [])
    t.equal("until it issues it", (t.json("plan", "issue", "--data", "s207")[0]["items"],
                                   len(t.items("s207", "--month", "2026-09"))), (1, 1))
    carry(t, "hub", "s207")
    report = t.json("plan", "import", "--data", "s207", "station.csv")
    t.equal("a plan's sheet imported at another machine adds nothing", rows_of(report),
            counts(unchanged=8))
    t.equal("from then on its ids are known there too",
            [i["id"] for i in t.items("s207", "--for", "双枣社区", "--month", "2026-03")],
            [f"SZ-0{n}" for n in range(1, 9)])


def edits(t):
    dot = t.items("hub", "--for", HUB)[0]["dot"]
    for what, code, words in (
            ("a field that is none", "unknown_field", ["colour=red"]),
            ("a date that is none", "bad_date", ["date=2026-02-30"]),
            ("a time that is none", "bad_time", ["start=25:00"]),
            ("seconds that are no number", "bad_value", ["seconds=ten"]),
            ("an item without a date", "bad_date", ["date="]),
            ("an item without a programme", "bad_value", ["programme="]),
            ("a field given twice", "bad_value", ["start=09:00", "start=10:00"])):
        t.refused(what, code, "plan", "edit", "--data", "hub", dot, *words, data="hub")
    t.refused("an edit without field=value", "usage", "plan", "edit", "--data", "hub", dot, "x",
              exit_code=64, data="hub")
    t.refused("an item that is none", "unknown_item", "plan", "edit", "--data", "hub",
              "0123456789abcdef:7", "start=09:00", data="hub")
    t.refused("a dot that is none", "unknown_item", "plan", "edit", "--data", "hub", "soon",
              "start=09:00", data="hub")
    t.refused("a plan with nothing to issue", "nothing_to_issue", "plan", "issue", "--data", "hub",
              "--month", "2026-03", data="hub")
    t.refused("a plan that is not there", "unknown_plan", "plan", "issue", "--data", "hub",
              "--month", "2031-03", data="hub")
    t.refused("a month that is none", "bad_period", "plan", "show", "--data", "hub", "--month",
              "2026-13")
    changed = t.json("plan", "edit", "--data", "hub", dot, "start=09:30", "note=改期", "seconds=")
    t.equal("an edit says what it changed, and an empty value clears",
            sorted(changed["changed"]), ["note", "seconds", "start"])


# ---------------------------------------------------------------- playbacks

def playbacks(t):
    found_tree(t)
    rows = sheets.playbacks(0, sheets.catalogue(), days=4, per_day=10)
    t.sheet("plays.csv", PLAY, rows)
    t.equal("a sheet of playbacks", rows_of(t.json("playback", "import", "--data", "s207", "plays.csv")),
            counts(added=40))
    before = t.dump("s207")
    t.equal("twice adds nothing", rows_of(t.json("playback", "import", "--data", "s207", "plays.csv")),
            counts(unchanged=40))
    t.equal("and writes nothing", t.dump("s207"), before)
    carry(t, "s207", "hub")
    report = t.json("playback", "import", "--data", "hub", "--for", "双枣社区", "plays.csv")
    t.equal("on another machine they are known by what they say", rows_of(report),
            counts(unchanged=40))
    t.equal("so there are as many as before", len(t.playbacks("hub")), 40)

    equal = "programme,started_at,ended_at\n" + "F001,2026-04-01T08:00,2026-04-01T08:10\n" * 2
    t.write("equal.csv", equal)
    t.equal("equal rows without ids are counted", rows_of(
        t.json("playback", "import", "--data", "s207", "equal.csv")), counts(added=2))
    t.write("equal.csv", equal + "F001,2026-04-01T08:00,2026-04-01T08:10\n")
    t.equal("a third one is new, the two are known", rows_of(
        t.json("playback", "import", "--data", "s207", "equal.csv")), counts(added=1, unchanged=2))

    changed = [list(row) for row in rows]
    changed[7][5] = 99
    t.sheet("changed.csv", PLAY, changed)
    t.equal("a changed row is a correction", rows_of(
        t.json("playback", "import", "--data", "s207", "changed.csv")),
        counts(changed=1, unchanged=39))
    shown = [p for p in t.playbacks("s207") if p["corrected"]]
    t.equal("shown instead of what was logged", [p["audience"] for p in shown], [99])
    t.equal("in the log both stand", t.dump("s207").count("event playback"), 44)
    t.good("playback", "correct", "--data", "s207", shown[0]["dot"], "--audience", 77)
    t.equal("and it can be corrected again",
            [p["audience"] for p in t.playbacks("s207") if p["corrected"]], [77])
    refusals(t)


def refusals(t):
    add = ["playback", "add", "--data", "s207"]
    t.refused("a playback that ends before it starts", "ends_before_start", *add, "--programme", "F1",
              "--start", "2026-03-05T10:00", "--end", "2026-03-05T09:00", data="s207")
    t.refused("a start that is no time", "bad_time", *add, "--programme", "F1", "--start", "yesterday",
              data="s207")
    t.refused("no start", "bad_time", *add, "--programme", "F1", data="s207")
    t.refused("no programme", "bad_value", *add, "--start", "2026-03-05T10:00", data="s207")
    t.refused("an audience below zero", "bad_value", *add, "--programme", "F1", "--start",
              "2026-03-05T10:00", "--audience=-1", data="s207")
    t.refused("at a hub it must be said whose", "place_missing", "playback", "import", "--data", "hub",
              "plays.csv", data="hub", says=["--for"])
    t.refused("a playback that is not there", "unknown_playback", "playback", "correct", "--data",
              "s207", "0123456789abcdef:7", "--audience", "3", data="s207")
    two = [["X1", "双枣社区", "F1", "2026-03-05T10:00", "", 1, "", "", "", ""]]
    t.sheet("two.csv", PLAY, two + [["X2", "河湾村"] + two[0][2:]])
    t.refused("rows of several stations under one --for", "several_stations", "playback", "import",
              "--data", "hub", "--for", "双枣社区", "two.csv", data="hub")
    t.equal("at a station every row is its own", rows_of(
        t.json("playback", "import", "--data", "s208", "two.csv")), counts(added=2))


# ---------------------------------------------------------------- text and faults of sheets

def csv(t):
    found_tree(t)
    encodings(t)
    bad_rows(t)
    bad_files(t)
    endless_line(t)


HEAD = "id,date,start,programme,title,note\n"


def imported(t, hub, content):
    """The items of a new hub after importing this sheet."""
    t.write("plan.csv", content)
    t.good("hub", "init", "--data", hub, "--place", HUB, "--name", sheets.TOWNSHIP)
    t.good("plan", "import", "--data", hub, "--for", HUB, "plan.csv")
    return [(i["id"], i["start"], i["title"], i["note"]) for i in t.items(hub)]


def encodings(t):
    text = HEAD + "1,2026-03-01,08:30,F1,瓜蒌种植,请“公示”\n2,2026-03-02,09:30,F2,黄梅戏,\n"
    wanted = [("1", "08:30", "瓜蒌种植", "请“公示”"), ("2", "09:30", "黄梅戏", "")]
    for number, (what, content) in enumerate((
            ("UTF-8", text.encode()),
            ("UTF-8 with a byte order mark", b"\xef\xbb\xbf" + text.encode()),
            ("GB18030", text.encode("gb18030")),
            ("lines that end as in Windows", text.replace("\n", "\r\n").encode()),
            ("no line end at the end", text.rstrip("\n").encode()),
            ("columns in another order", "\n".join(
                ",".join(line.split(",")[::-1]) for line in text.splitlines()).encode()))):
        t.equal(what, imported(t, f"text{number}", content), wanted)
    t.equal(
        "quoted line breaks, commas and quotation marks",
        imported(t, "quotes", HEAD + '1,2026-03-01,08:30,F1,"一,""二""","上\n下"\n'),
        [("1", "08:30", '一,"二"', "上\n下")])
    t.equal("a character beyond the basic plane in GB18030",
            imported(t, "plane", (HEAD + "1,2026-03-01,08:30,F1,𠮷田,\n").encode("gb18030")),
            [("1", "08:30", "𠮷田", "")])


def bad_rows(t):
    good = "".join(f"G{n},2026-03-{n:02d},08:30,F1,,\n" for n in range(1, 4))
    t.write("bad.csv", HEAD + good + "B1,2026-03-32,08:30,F1,,\nB2,2026-03-05,8 o'clock,F1,,\n")
    args = ["plan", "import", "--data", "hub", "--for", HUB]
    t.refused("bad rows: nothing goes in", "rows_refused", *args, "bad.csv", data="hub",
              says=["line 5, column 2", "line 6, column 3", "bad_date", "bad_time", "--partial"])
    told = t.run(*args, "bad.csv", "--partial", "--json")
    t.equal("--partial takes the good ones and says so with exit code 2", (
        told.code, told.json["added"], [(r["line"], r["column"], r["code"]) for r in told.json["refused"]]),
        (2, 3, [(5, 2, "bad_date"), (6, 3, "bad_time")]))
    t.write("twice.csv", HEAD + "D1,2026-04-01,08:30,F1,,\nD1,2026-04-02,08:30,F1,,\n")
    t.refused("an id that stands there twice", "rows_refused", *args, "twice.csv", data="hub",
              says=["duplicate_row", "line 3"])
    t.write("columns.csv", HEAD + "E1,2026-04-01,08:30,F1\n")
    t.refused("a row with too few fields", "rows_refused", *args, "columns.csv", data="hub",
              says=["csv_columns", "line 2"])
    t.write("times.csv", "programme,started_at,ended_at\nF1,2026-03-01T09:00,2026-03-01T08:00\n")
    t.refused("a playback's row that ends before it starts", "rows_refused", "playback", "import",
              "--data", "s207", "times.csv", data="s207", says=["ends_before_start", "line 2, column 3"])


def bad_files(t):
    args = ["plan", "import", "--data", "hub", "--for", HUB]
    for what, code, content in (
            ("a wrong header", "csv_header_missing", "a,b,c\n1,2,3\n"),
            ("a header with semicolons", "csv_header_missing", HEAD.replace(",", ";") + "1;2;3;4;5;6\n"),
            ("a column twice", "csv_header_duplicate", "date,start,programme,date\n"),
            ("an empty file", "csv_empty", ""),
            ("a NUL", "csv_nul", HEAD + "1,2026-03-01,08:30,F\0,,\n"),
            ("a NUL in the header", "csv_nul", "da\0te" + HEAD),
            ("UTF-16", "csv_encoding", (HEAD + "1,2026-03-01,08:30,F1,,\n").encode("utf-16")),
            ("bytes that are no text", "csv_encoding", HEAD.encode() + b"1,\xff\xff\x81,\n"),
            ("a ZIP file that is none", "xlsx_damaged", b"PK\x03\x04" + bytes(range(256)) * 4)):
        t.write("bad.csv", content)
        t.refused(what, code, *args, "bad.csv", data="hub")
    for what, content in (
            ("a lone quote", HEAD + '1,2026-03-01,08:30,F1,"never closed,\n'),
            ("a quote inside a field", HEAD + '1,2026-03-01,08:30,F"1,,\n')):
        t.write("bad.csv", content)
        told = t.run(*args, "bad.csv")
        t.check(what + " is told with line and column",
                told.code == 1 and "csv_quote" in told.err and "line 2, column" in told.err, told)
    t.equal("nothing of it all went in", t.items("hub", "--month", "2026-04"), [])
    t.refused("a file that is not there", "csv_not_found", *args, "none.csv", data="hub")
    t.refused("a folder", "csv_unreadable", *args, ".", data="hub")
    t.write("head.csv", HEAD)
    t.refused("a sheet without rows", "no_rows", *args, "head.csv", data="hub")


def endless_line(t):
    """1 GiB on one line: the beginning is real, the rest a hole."""
    before = t.dump("hub")
    for what, head in (("in the header", "id,date,start,programme,"), ("in a row", HEAD + "1,"),
                       ("in quotation marks", HEAD + '1,2026-03-01,08:30,F1,"')):
        path = t.write("long.csv", head + "a" * (3 << 20))
        with open(path, "r+b") as file:
            file.truncate(1 << 30)
        told = t.memory("plan", "import", "--data", "hub", "--for", HUB, "long.csv")
        t.check(f"1 GiB on one line {what}: one clear error, little memory",
                told.code == 1 and told.bytes_max < 100 << 20
                and any(code in told.err for code in ("csv_row_too_long", "csv_field_too_long")),
                f"{told}, {told.bytes_max >> 20} MiB")
    t.equal("and nothing changed", t.dump("hub"), before)
