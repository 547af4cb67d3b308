"""The command line itself: help, JSON, codes of places, ids that are none."""
import re
import unicodedata

from harness import HUB, VILLAGES, carry, found_tree, planned_tree


# ---------------------------------------------------------------- help

def teach(t):
    commands, seen = [[]], []
    while commands:
        command = commands.pop(0)
        told = t.run(*command, "--help")
        seen.append((command, told))
        commands += [command + [name] for name in subcommands(told.out)]
    t.check("there are commands", len(seen) > 25, [c for c, _ in seen])
    wanted = {
        "hub init", "hub invite", "station join", "bundle export", "bundle import", "bundle inspect",
        "bundle verify", "programme import", "programme list", "plan import", "plan list",
        "plan show", "plan edit", "plan issue", "playback add", "playback import", "playback list",
        "conflict list", "conflict show", "conflict settle", "status", "dump", "check", "bench"}
    t.equal("all that the issue names are there",
            wanted - {" ".join(command) for command, _ in seen}, set())
    for command, told in seen:
        faults = help_faults(told)
        t.check("help of " + (" ".join(command) or "yizhan"), not faults, "; ".join(faults))
    t.check("--version", re.fullmatch(r"\d+\.\d+\.\d+\n", t.good("--version").out), t.run("--version"))
    t.check("the exit codes are documented in the help",
            all(text in seen[0][1].out for text in ("Exit codes", "64")), seen[0][1].out)


def subcommands(text):
    part = text.partition("SUBCOMMANDS:\n")[2]
    return re.findall(r"^  ([a-z][a-z-]*) ", part, re.MULTILINE)


def help_faults(told):
    if told.code != 0 or told.err:
        return [str(told)]
    faults = []
    if not re.match(r"OVERVIEW: \S.{10}", told.out):
        faults.append("no overview")
    if "USAGE: yizhan" not in told.out:
        faults.append("no usage")
    # An entry's explanation begins in column 27, on the same line or on the next.
    for entry in re.finditer(r"^  (-.*|<.*)$\n?(.*)$", told.out, re.MULTILINE):
        if not re.search(r"\S  +\S", entry.group(1)) and not entry.group(2).startswith(" " * 26):
            faults.append(f"nothing said of {entry.group(1)}")
    wide = [line for line in told.out.splitlines()
            if len(line) > 80 and not line.startswith("USAGE")]
    if wide:
        faults.append(f"wider than 80: {wide[0]}")
    return faults


# ---------------------------------------------------------------- JSON

def as_json(t):
    planned_tree(t)
    t.good("playback", "add", "--data", "s207", "--programme", "F001", "--start", "2026-03-01T08:00",
           "--seconds", "60", "--note", '引号"和\\反斜杠\n换行')
    for kind, words in (
            (list, ["programme", "list", "--data", "hub"]), (list, ["plan", "list", "--data", "hub"]),
            (list, ["plan", "show", "--data", "hub"]), (list, ["playback", "list", "--data", "s207"]),
            (list, ["conflict", "list", "--data", "hub"]), (list, ["term", "list", "--data", "hub"]),
            (list, ["status", "--data", "hub"]), (list, ["dump", "--data", "hub"]),
            (dict, ["check", "--data", "hub"]), (list, ["bench", "--only", "nothing of the sort"]),
            (list, ["bundle", "export", "--data", "s207", "--to", "stick"]),
            (list, ["bundle", "import", "--data", "hub", "--from", "stick"])):
        found = t.json(*words)
        t.check(" ".join(words[:2]) + " prints JSON", isinstance(found, kind), type(found))
    t.equal("quotes, backslashes and line breaks survive it",
            t.playbacks("hub")[0]["note"], '引号"和\\反斜杠\n换行')


# ---------------------------------------------------------------- what people read

def cells(line):
    """How wide a line is on a terminal: Chinese takes two cells."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)


def texts(t):
    found_tree(t)
    long = "停电改期，请各村提前通知党员到村部集中收看" * 3
    t.sheet("wide.csv", ["station", "date", "start", "programme", "title", "seconds", "required",
                         "note"],
            [["双枣社区", f"2026-03-0{day}", "08:30", "F001", "支部主题学习与党史教育专题片（上集）", 900, 1,
              long + "\x1b[31m\n红"] for day in range(1, 5)])
    told = t.good("plan", "import", "--data", "hub", "wide.csv")
    t.check("plan import says that new items are drafts, and how they go out",
            "drafts" in told.out and "yizhan plan issue --data hub --for CODE" in told.out, told)
    told = t.good("plan", "import", "--data", "hub", "wide.csv")
    t.check("and nothing of it where none is new", "drafts" not in told.out, told)
    t.good("plan", "issue", "--data", "hub", "--for", "双枣社区")
    carry(t, "hub", "s207")
    item = t.items("s207")[0]
    t.good("plan", "edit", "--data", "hub", item["dot"], "start=09:15")
    t.good("plan", "edit", "--data", "s207", item["dot"], "start=09:45")
    carry(t, "s207", "hub")
    narrow(t, item)
    about(t, item)
    at_station(t)


def narrow(t, item):
    for words in (["--data", "hub"], ["--data", "s207", "--for", "双枣社区"]):
        lines = t.good("plan", "show", *words).out.splitlines()
        t.check(f"plan show {' '.join(words)} fits 100 columns, in one line for each item",
                max(map(cells, lines)) <= 100 and len(lines) == 6, "\n".join(lines))
        t.check("with the dot of each, and nothing that a terminal obeys",
                item["dot"] in lines[1] and not any("\x1b" in line for line in lines), lines)
    t.check("and says which edits cross", "! edits cross" in t.good("plan", "show", "--data", "hub").out)


def about(t, item):
    conflict = t.json("conflict", "list", "--data", "hub")[0]
    for words in (["list"], ["show", conflict["id"]]):
        out = t.good("conflict", *words, "--data", "hub").out
        wanted = ["2026-03-01", "09:15", "09:45", item["title"], "双枣社区", f"{HUB}.207", conflict["id"]]
        wanted += [value["dot"] for value in conflict["values"]]
        t.equal(f"conflict {words[0]} says what it is about, and how to settle it",
                [text for text in wanted if text not in out], [])
        t.check("within 100 columns", max(map(cells, out.splitlines())) <= 100, out)


def at_station(t):
    t.write("own.csv", "date,start,programme\n2026-04-01,08:00,F001\n")
    told = t.good("plan", "import", "--data", "s208", "own.csv")
    t.check("plan import at a station says where its drafts are",
            "yizhan plan issue --data s208" in told.out, told)
    told = t.good("plan", "show", "--data", "s208")
    t.check("plan show there says that drafts are not shown", "not shown here: 1." in told.out, told)
    t.equal("JSON is what it was", t.items("s208"), [])
    t.good("plan", "issue", "--data", "s208")
    told = t.good("plan", "show", "--data", "s208")
    t.check("issued they are shown", "2026-04-01" in told.out and "drafts" not in told.out, told)
    play = t.json("playback", "add", "--data", "s208", "--programme", "F001", "--start",
                  "2026-04-01T08:00", "--seconds", 60)
    told = t.good("playback", "list", "--data", "s208")
    t.check("playback list shows the dot that playback correct wants", play["dot"] in told.out, told)
    carry(t, "s208", "hub")
    for replica, waits in (("hub", f"{HUB}/public"), ("s208", f"{HUB}.208/log")):
        told = t.good("status", "--data", replica)
        t.check(f"status at {replica} names what waits by place and section", waits in told.out, told)


# ---------------------------------------------------------------- codes and ids

def ids(t):
    found_tree(t)
    for station in VILLAGES:
        carry(t, "hub", station)
    places(t)
    t.refused("a conflict that is not there: show", "unknown_conflict", "conflict", "show", "--data",
              "hub", "0123456789abcdef:7/start")
    t.refused("and settle", "unknown_conflict", "conflict", "settle", "--data", "hub", "nonsense",
              "--value", "1", data="hub")
    t.refused("settle without a value", "usage", "conflict", "settle", "--data", "hub", "nonsense",
              exit_code=64, data="hub")
    invitations(t)
    for what, code, exit_code, partition in (
            ("an unknown place", "unknown_place", 1, "34.99/public"),
            ("an unknown section", "usage", 64, f"{HUB}/secret"),
            ("no section", "usage", 64, HUB)):
        t.refused(f"a partition with {what}", code, "dump", "--data", "hub", "--partition", partition,
                  exit_code=exit_code)
    t.equal("a partition by name is the same as by code",
            t.dump("hub", "双枣社区/public"), t.dump("hub", f"{HUB}.207/public"))
    t.refused("a hub without a name", "usage", "hub", "init", "--data", "none", "--place", "34",
              "--name=  ", exit_code=64)
    t.refused("a data folder in a folder that is not there", "read_only", "hub", "init", "--data",
              "none/of/these", "--place", "34", "--name", "x")
    t.refused("no runs of the benchmark", "usage", "bench", "--runs", "0", exit_code=64)
    t.refused("no folder at all", "not_a_replica", "status", "--data", "nowhere")
    t.refused("a folder that has a replica", "already_exists", "hub", "init", "--data", "hub",
              "--place", "34", "--name", "x", data="hub")
    for words in (["nonsense"], ["plan", "nonsense"], ["plan", "show"], ["status", "--data"],
                  ["status", "--data", "hub", "--colour", "red"],
                  ["plan", "show", "--data", "hub", "--month", "2026-03", "--week", "2026-W10"]):
        t.refused("usage: " + " ".join(words), "usage", *words, exit_code=64)


def places(t):
    for code in ("340123109207", f"{HUB}.207", "双枣社区"):
        told = t.json("bundle", "export", "--data", "hub", "--to", "stick", "--for", code)
        t.equal(f"--for {code} is one place", [each["place"] for each in told], [f"{HUB}.207"])
    told = t.json("bundle", "export", "--data", "hub", "--to", "stick", "--for", f"{HUB}.207",
                  "340123109208")
    t.equal("--for takes several", len(told), 2)
    t.refused("a code that does not match by segment", "unknown_place", "plan", "show", "--data",
              "hub", "--for", "34.01.23.10")
    t.refused("an export for the hub itself", "unknown_place", "bundle", "export", "--data", "hub",
              "--to", "stick", "--for", HUB, data="hub")
    t.good("hub", "init", "--data", "whole", "--place", "340123109000", "--name", "丰乐镇")
    t.equal("zeros at the end of a code are left open",
            t.json("status", "--own", "--data", "whole")["place"], HUB)
    for code in ("abc", "34.01.", "34..01", "3401231092071", "34-01", " "):
        t.refused(f"a place code that is none: '{code}'", "bad_place_code", "hub", "init", "--data",
                  "none", f"--place={code}", "--name", "x")
    for zone in ("8", "+8:00", "Asia/Shanghai", " "):
        t.refused(f"an offset that is none: '{zone}'", "bad_zone", "hub", "init", "--data", "none",
                  "--place", "34", "--name", "x", f"--zone={zone}")
    for code in ("34.01.23.110.1", HUB):
        t.refused("an invitation for a place that is not below", "not_below", "hub", "invite",
                  "--data", "hub", "--place", code, "--name", "x", data="hub")
    renamed(t)
    t.refused("a station invites nobody", "not_owner", "hub", "invite", "--data", "s207", "--place",
              f"{HUB}.207.1", "--name", "x", data="s207")


def renamed(t):
    invite = ["hub", "invite", "--data", "hub", "--place", f"{HUB}.209", "--name"]
    t.refused("an invitation of a place under another name", "place_exists", *invite, "双枣社区",
              data="hub", says=["松林村"])
    t.good(*invite, "双枣社区", "--rename")
    t.refused("a name that two places have", "ambiguous_place", "plan", "show", "--data", "hub",
              "--for", "双枣社区", says=[f"{HUB}.207", f"{HUB}.209"])
    t.good(*invite, "松林村", "--rename")


def invitations(t):
    line = t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.207", "--name",
                  "双枣社区").out.strip()
    middle = len(line) // 2
    for what, text in (
            ("cut", line[:-5]), ("altered", line[:middle] + "AB"[line[middle] == "A"] + line[middle + 1:]),
            ("of another kind", "https://example.org"), ("prefix only", "yizhan1"),
            ("not base64", "yizhan1" + "汉字" * 10)):
        t.refused(f"an invitation that is {what}", "bad_invitation", "station", "join", "--data",
                  "none", f"--invitation={text}")
    t.equal("no folder was made", t.run("status", "--data", "none").error_code, "not_a_replica")
    t.good("station", "join", "--data", "spaced", "--invitation", f"  {line[:20]}\n {line[20:]} ")
    t.equal("blanks in a copied invitation do no harm",
            t.json("status", "--data", "spaced")["place"], f"{HUB}.207")
