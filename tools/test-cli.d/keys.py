"""Keys that are replaced, lost or believed no more, and what was refused and kept aside."""
import os
import shutil

from harness import carry, found_tree, round_trip
from network import Hub, get, running, sync

STATION = "s207"
CODE = "34.01.23.109.207"


def names(t, data):
    return t.json("keys", "show", "--data", data)["keys"]


def hub_keys(t, data):
    return t.json("keys", "show", "--data", data)["hub"]


def play(t, data, number):
    t.good("playback", "add", "--data", data, "--programme", "F001",
           "--start", f"2026-03-{number:02d}T09:00:00+08:00", "--seconds", "600")


def count(t, data):
    return len(t.playbacks(data))


def keys(t):
    found_tree(t)
    round_trip(t, STATION)
    rotated(t)
    allowed(t)
    revoked(t)
    by_link(t)


def rotated(t):
    """New keys at both ends, and the other end follows."""
    before = names(t, STATION)
    play(t, STATION, 1)
    t.good("keys", "rotate", "--data", STATION)
    after = names(t, STATION)
    t.equal("new keys stand before the old ones", after[1:], before)
    t.equal("the file is its owner's alone", os.stat(t.path(STATION, "keys")).st_mode & 0o777, 0o600)
    round_trip(t, STATION)
    t.equal("what new keys sign is merged", count(t, "hub"), 1)
    round_trip(t, STATION)
    t.equal("they are certified", t.json("keys", "show", "--data", STATION)["serial"], 2)
    for _ in range(3):
        t.good("keys", "rotate", "--data", "hub")
    round_trip(t, STATION)
    t.equal("the hub's new keys are learnt", hub_keys(t, STATION), names(t, "hub")[0])
    t.refused("keys of a folder that is none", "keys_missing", "keys", "show", "--data", "nowhere")


def allowed(t):
    """A place that may do less: what it may not read is not sent, and what it writes is refused."""
    allow = ("hub", "allow", "--data", "hub", "--place", CODE)
    told = t.json(*allow, "--read", "work,log", "--write", "log")
    t.equal("the hub says what a place may do", (told["reads"], told["writes"]),
            ("public,work,log", "log"))
    serial = t.json("keys", "show", "--data", STATION)["serial"]
    round_trip(t, STATION)
    shown = t.json("keys", "show", "--data", STATION)
    t.equal("the place knows it by its next certificate",
            (shown["serial"], shown["reads"], shown["writes"]),
            (serial + 1, "public,work,log", "log"))
    t.write("plan.csv", "id,date,start,programme,title\nx1,2026-03-09,08:00,P1,no\n")
    t.refused("a plan where the place may not write", "not_owner", "plan", "import", "--data",
              STATION, "--for", CODE, "plan.csv", data=STATION)
    play(t, STATION, 20)
    round_trip(t, STATION)
    t.check("what it may write arrives", count(t, "hub") == count(t, STATION), count(t, "hub"))
    again = t.json("hub", "invite", "--data", "hub", "--place", CODE + "9", "--name", "新村")
    t.check("a place that has shown no keys yet has nothing to be limited", again["invitation"],
            again)
    t.refused("rights of who has shown no keys", "key_unknown", "hub", "allow", "--data", "hub",
              "--place", CODE + "9", data="hub")
    t.refused("who writes must read", "usage", *allow, "--read", "log", "--write", "people",
              exit_code=64)
    t.refused("what is no section", "usage", *allow, "--read", "logs", exit_code=64)
    t.good(*allow)
    round_trip(t, STATION)
    t.equal("and gets all back", t.json("keys", "show", "--data", STATION)["writes"],
            "urgent,public,work,log,people")
    t.good("plan", "import", "--data", STATION, "--for", CODE, "plan.csv")


def revoked(t):
    """What a revoked machine brings is kept aside until somebody has looked into it."""
    place = "34.01.23.109.208"
    round_trip(t, "s208")
    play(t, "s208", 2)
    held = count(t, "hub")
    t.equal("a list has a number", t.json("hub", "revoke", "--data", "hub", "--place", place)["list"], 1)
    refused_stick(t, "late")
    t.equal("nothing of it is merged", count(t, "hub"), held)
    aside = t.json("review", "list", "--data", "hub")["aside"]
    t.equal("it is kept aside with its reason", [item["code"] for item in aside], ["key_revoked"])
    t.good("bundle", "export", "--data", "hub", "--to", t.fresh("out"))
    t.check("nothing is written for it", not any("109208-" in name for name in os.listdir(t.path("out"))))
    t.equal("it is taken in when somebody says so", t.json(
        "review", "accept", "--data", "hub", aside[0]["name"])["merged"], 1)
    t.equal("and is there", count(t, "hub"), held + 1)
    t.equal("nothing is left", t.json("review", "list", "--data", "hub")["aside"], [])
    t.refused("what is not kept aside", "review_unknown", "review", "accept", "--data", "hub", "x.yz")
    play(t, "s208", 3)
    refused_stick(t, "later")
    name = t.json("review", "list", "--data", "hub")["aside"][0]["name"]
    t.good("review", "drop", "--data", "hub", name)
    t.equal("or is thrown away", t.json("review", "list", "--data", "hub")["aside"], [])
    t.refused("a place that is not below", "not_below",
              "hub", "revoke", "--data", "hub", "--place", "34.01.23.109")


def refused_stick(t, stick):
    t.fresh(stick)
    t.good("bundle", "export", "--data", "s208", "--to", stick)
    t.equal("an import says that something was refused", t.run(
        "bundle", "import", "--data", "hub", "--from", stick).code, 2)


def by_link(t):
    """A hub that forgot its stations, and one whose keys are new, over the link alone."""
    t.fresh("stick")
    round_trip(t, STATION)
    t.good("backup", "--data", "hub", "--to", "before.backup")
    line = t.good("hub", "invite", "--data", "hub", "--place", "34.01.23.109.333",
                  "--name", "新村").out.strip()
    t.good("station", "join", "--data", "new", "--invitation", line)
    round_trip(t, "new")
    play(t, "new", 4)
    round_trip(t, "new")
    held = count(t, "hub")
    shutil.rmtree(t.path("hub"))
    t.good("restore", "--data", "hub", "--from", "before.backup")
    t.check("a restored hub has forgotten", count(t, "hub") < held)
    t.good("keys", "rotate", "--data", "hub")
    with running(Hub(t)) as hub:
        status, shown = get(hub.port, "/v1/introduction")[:2]
        t.check("the hub shows its keys", status == 200 and shown)
        for data in ("new", STATION):
            for _ in range(3):
                sync(t, data, hub.url)
            t.equal(f"{data} knows the hub's new keys", hub_keys(t, data), names(t, "hub")[0])
    t.equal("and has given back what was lost", count(t, "hub"), held)
    t.check("and its place is known", any(
        each["place"] == "34.01.23.109.333" for each in t.json("status", "--data", "hub")))
