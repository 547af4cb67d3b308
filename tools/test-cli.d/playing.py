"""Playbacks as they happen: by a keeper, by a player over HTTP, through a power cut."""
import concurrent.futures
import datetime
import http.client
import json
import os
import signal
import sqlite3
import stat
import time

from harness import HUB, found_tree
from network import Station, running, shows_token
from owner import owner_socket, token

CHINA = datetime.timezone(datetime.timedelta(hours=8))
DATA = ("--data", "s207")


def playing(t):
    found_tree(t)
    rows = [("P1", "饮水安全", "卫生健康", 300), ("P2", "水稻育苗", "农业技术", 600)]
    t.sheet("programmes.csv", ["programme", "title", "category", "seconds"], rows)
    t.good("programme", "import", "--data", "hub", "programmes.csv")
    t.good("bundle", "export", "--data", "hub", "--to", "stick")
    t.good("bundle", "import", *DATA, "--from", "stick")
    keeper(t)
    wrong(t)
    power(t)
    unlogged(t)
    at_once(t)
    meetings(t)
    over_http(t)
    secret(t)
    lent(t)
    killed(t)


def under_way(t):
    return t.json("status", *DATA)["playing"]


def play(t, dot):
    """Several may begin in one second, so none is the last."""
    return next(each for each in t.playbacks("s207") if each["dot"] == dot)


def stopped(t, *words):
    return play(t, t.json("playback", "stop", *DATA, *words)["dot"])


def length(play):
    return None if play["ended_at"] is None else (
        datetime.datetime.fromisoformat(play["ended_at"])
        - datetime.datetime.fromisoformat(play["started_at"])).total_seconds()


def keeper(t):
    before = len(t.playbacks("s207"))
    began = time.monotonic()
    started = t.json("playback", "start", *DATA, "--programme", "P1", "--occasion", "农技培训",
                     "--operator", "侯勇")
    t.check("a start tells what is under way, and ends nothing", started["ended"] is None
            and started["playing"]["title"] == "饮水安全"
            and started["playing"]["player"] == "keeper", started)
    t.equal("and is no playback yet", len(t.playbacks("s207")), before)
    out = t.good("status", *DATA).out + t.good("playback", "list", *DATA).out
    t.equal("status and the list say so", out.count("PLAYING since"), 2)
    time.sleep(1.2)
    done = stopped(t, "--audience", 12)
    # A busy machine takes its time for both commands.
    t.check("the stop logs it with its length", 1 <= length(done) <= time.monotonic() - began + 1
            and (done["outcome"], done["audience"], done["operator"], done["occasion"])
            == ("completed", 12, "侯勇", "农技培训"), done)
    t.check("with the start of the machine, monotonic time and what is known of the clock",
            done["boot"] == 1 and done["uptime"] > 0 and done["clock"] in ("trusted", "unknown"),
            done)
    t.json("playback", "start", *DATA, "--programme", "P2", "--player", "hall")
    t.json("playback", "start", *DATA, "--programme", "P1")
    second = t.json("playback", "start", *DATA, "--programme", "P2")
    t.check("another start at the player ends what was under way there",
            play(t, second["ended"])["outcome"] == "stopped"
            and sorted(each["player"] for each in under_way(t)) == ["hall", "keeper"],
            (second, under_way(t)))
    stopped(t)
    done = stopped(t, "--player", "hall", "--outcome", "no_signal", "--seconds", 40)
    t.check("a person may know better how long it was", length(done) == 40
            and done["outcome"] == "no_signal", done)


def wrong(t):
    t.refused("a stop without a start", "nothing_playing", "playback", "stop", *DATA, data="s207")
    done = t.run("playback", "beat", *DATA, "--player", "x")
    t.equal("a beat without a start", done.error_code, "nothing_playing")
    start = ("playback", "start", *DATA)
    t.refused("a start of an unknown item", "unknown_item", *start, "--item",
              "00000000000000aa:1", data="s207")
    t.refused("a start of nothing", "bad_value", *start, data="s207")
    t.refused("a start with an unknown prelude", "unknown_playback", *start, "--programme", "P1",
              "--prelude", "00000000000000aa:1", data="s207")
    add = ("playback", "add", *DATA, "--programme", "P1", "--start", "2026-09-01T09:00")
    t.refused("a playback of three days", "too_long", *add, "--end", "2026-09-04T09:00",
              data="s207")
    t.refused("one that ends before it starts", "ends_before_start", *add, "--end",
              "2026-09-01T08:59", data="s207")
    columns = ["programme", "started_at", "ended_at"]
    t.sheet("long.csv", columns, [("P1", "2026-09-01 09:00", "2026-09-04 09:00")])
    done = t.run("playback", "import", *DATA, "long.csv")
    t.check("and in a sheet", done.code == 1 and "too_long" in done.out + done.err, str(done))
    t.equal("nothing is under way then", under_way(t), [])


def reboot(t, data="s207"):
    """What was under way was so at another start of the machine."""
    base = sqlite3.connect(t.path(data, "yizhan.db"))
    rows = base.execute("SELECT kind, key, bytes FROM keepsake").fetchall()
    with open("/proc/sys/kernel/random/boot_id", "rb") as file:
        now = file.read().strip()
    other = b"00000000-0000-4000-8000-000000000000"
    for kind, key, held in rows:
        base.execute("UPDATE keepsake SET bytes = ? WHERE kind = ? AND key = ?",
                     (held.replace(now, other), kind, key))
    base.commit()
    base.close()
    return sum(now in row[2] for row in rows)


def power(t):
    before = {each["dot"] for each in t.playbacks("s207")}
    t.json("playback", "start", *DATA, "--programme", "P1", "--note", "晚上")
    t.json("playback", "start", *DATA, "--programme", "P2", "--player", "hall")
    t.good("playback", "beat", *DATA, "--player", "hall", "--seconds", 77)
    t.good("dump", *DATA)
    t.check("what is under way is kept with the start of the machine", reboot(t) >= 2)
    out = t.good("status", *DATA).out
    t.equal("after a power cut status says what has ended", out.count("power_lost"), 2)
    t.equal("reading writes nothing", {each["dot"] for each in t.playbacks("s207")}, before)
    # Whatever opens the folder for writing.
    t.good("bundle", "export", *DATA, "--to", "stick")
    plays = [each for each in t.playbacks("s207") if each["dot"] not in before]
    told = sorted((each["programme"], length(each), each["outcome"], each["note"], each["boot"])
                  for each in plays)
    t.equal("the next to write logs what is known", told, [
        ("P1", None, "power_lost", "晚上", 1), ("P2", 77, "power_lost", "", 1)])
    t.equal("and nothing is under way", under_way(t), [])
    held = t.dump("s207")
    t.good("bundle", "export", *DATA, "--to", "stick")
    t.equal("once", t.dump("s207"), held)
    t.json("playback", "start", *DATA, "--programme", "P1")
    t.equal("the next start of the machine has the next number", stopped(t)["boot"], 2)


def unlogged(t):
    """The disk refuses what a power cut left to be logged."""
    before = len(t.playbacks("s207"))
    t.json("playback", "start", *DATA, "--programme", "P1", "--note", "雷雨")
    reboot(t)
    refusal(t, "CREATE TRIGGER full BEFORE DELETE ON keepsake BEGIN SELECT RAISE(ABORT, 'full'); END")
    done = t.run("term", "list", *DATA)
    t.equal("whoever only reads is not told", (done.code, done.err), (0, ""))
    done = t.run("bundle", "export", *DATA, "--to", "stick")
    t.equal("a playback that cannot be logged is told, and the command goes on",
            (done.code, done.error_code), (0, "playback_not_logged"))
    done = t.run("bundle", "export", *DATA, "--to", "stick", "--json")
    t.equal("programs are told by its code", json.loads(done.err)["code"], "playback_not_logged")
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        Local(t, station)
        t.check("and the log of an agent", "yizhan: playback_not_logged: " in station.log(),
                station.log())
        station.end()
    t.check("status shows it meanwhile", "power_lost" in t.good("status", *DATA).out)
    refusal(t, "DROP TRIGGER full")
    t.good("bundle", "export", *DATA, "--to", "stick")
    plays = t.playbacks("s207")
    t.equal("nothing is lost", (len(plays), under_way(t)), (before + 1, []))
    t.check("of what was noted", any(each["note"] == "雷雨" for each in plays), plays[-3:])


def refusal(t, sql):
    base = sqlite3.connect(t.path("s207", "yizhan.db"))
    base.execute(sql)
    base.commit()
    base.close()


def at_once(t):
    """Two operators at one player at the same moment, again and again."""
    before = len(t.playbacks("s207"))
    words = [("playback", "start", *DATA, "--programme", f"P{number}", "--json")
             for number in range(8)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda each: t.run(*each), words))
    faults = [str(each) for each in done if each.code]
    t.check("starts at the same moment all go well", not faults, faults)
    ended = {each.json["ended"] for each in done} - {None}
    t.check("each ends the one before, and the last is under way", len(ended) == 7
            and len(t.playbacks("s207")) == before + 7 and len(under_way(t)) == 1,
            (ended, under_way(t)))
    stops = [t.start("playback", "stop", *DATA, "--json") for _ in range(3)]
    codes = sorted(t.finish(stop, ["stop"]).code for stop in stops)
    t.equal("of three stops one has something to stop", (codes, len(t.playbacks("s207"))),
            ([0, 1, 1], before + 8))


def meetings(t):
    def add(occasion, start, end, *more):
        return t.json("playback", "add", *DATA, "--programme", "P1", "--occasion", occasion,
                      "--start", f"2026-09-{start}", "--end", f"2026-09-{end}", *more)["dot"]
    short = add("会前播放", "05T08:50", "05T09:00")
    linked = add("党员大会", "05T09:30", "05T10:00")
    bare = add("支部会议", "06T09:30", "06T10:00")
    month = t.json("playback", "list", *DATA, "--month", "2026-09")
    t.equal("a meeting is linked with the short programme before it", {
        each["dot"]: each["prelude"] for each in month["playbacks"]},
        {short: None, linked: short, bare: None})
    station = f"{HUB}.207"
    t.equal("a month says what is missing in it", month["flags"], [
        {"station": station, "reason": "no_theme_day", "dot": None},
        {"station": station, "reason": "no_prelude", "dot": bare}])
    out = t.good("playback", "list", *DATA, "--month", "2026-09").out
    t.equal("people read it below the table", out.count("MISSING"), 2)
    today = datetime.datetime.now(CHINA)
    month = t.json("playback", "list", *DATA, "--month", f"{today:%Y-%m}")
    t.equal("a month that is not over may still get its theme day", month["flags"], [])
    add("主题党日", "30T23:59", "30T23:59:30")
    t.good("playback", "correct", bare, *DATA, "--prelude", short)
    month = t.json("playback", "list", *DATA, "--month", "2026-09")
    t.equal("what is mended is not missing any more", month["flags"], [])
    t.refused("a month that is none", "bad_period", "playback", "list", *DATA, "--month", "2026-13")
    t.json("playback", "start", *DATA, "--programme", "P1", "--occasion", "会前播放")
    shown = t.json("playback", "start", *DATA, "--programme", "P2", "--occasion", "支部会议")
    t.equal("as it happens too", stopped(t)["prelude"], shown["ended"])


# ---------------------------------------------------------------- HTTP

class Local:
    def __init__(self, t, station):
        self.port = int(station.line().split("/v1/")[0].rpartition(":")[2])
        self.shown = shows_token(t, "s207")

    def ask(self, method, path, body=None, **fields):
        """The status and the answer's object."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        fields = {**self.shown, **fields}
        headers = {name.replace("_", "-"): value for name, value in fields.items() if value}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        link.request(method, path, body, headers)
        answer = link.getresponse()
        text = answer.read()
        link.close()
        return answer.status, json.loads(text) if text else None

    def post(self, change, body, **fields):
        return self.ask("POST", f"/v1/playback/{change}", body, **fields)


def over_http(t):
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        local = Local(t, station)
        status, told = local.post("start", {"player": "hall", "programme": "P2", "audience": 3,
                                            "note": None, "occasion": "日常播放"})
        t.check("a player starts over HTTP", status == 200
                and told["playing"]["title"] == "水稻育苗" and told["ended"] is None, told)
        t.equal("and gives signs of life", local.post("beat", {"player": "hall", "seconds": 2.5}),
                (200, {}))
        status, told = local.ask("GET", "/v1/playback")
        t.check("what is under way is told", status == 200
                and told == {"playing": under_way(t)} and told["playing"][0]["played_seconds"] == 2,
                told)
        t.refused("a command beside it finds the same", "too_long", "playback", "stop", *DATA,
                  "--player", "hall", "--seconds", 90000)
        status, told = local.post("stop", {"player": "hall", "outcome": "stopped", "audience": 9})
        done = play(t, told["dot"])
        t.check("and stops", status == 200 and done["audience"] == 9 and length(done) >= 2,
                (status, told, done))
        plan_http(t, local)
        refused_http(t, local)
        foreign(t, local)
        t.equal("nothing came of all that", under_way(t), [])
        t.equal("SIGTERM ends it", station.end(seconds=5), 0)


def plan_http(t, local):
    """What is to be played on a day, as this station takes it."""
    t.write("day.csv", "date,start,programme\n2026-09-01,19:00,P1\n2026-09-01,09:00,P2\n"
            "2026-09-02,09:00,P2\n")
    t.good("plan", "import", *DATA, "day.csv")
    t.good("plan", "issue", *DATA, "--month", "2026-09")
    status, told = local.ask("GET", "/v1/plan?date=2026-09-01")
    t.equal("a player is told what is planned for a day, by time",
            (status, [(slot["start"], slot["programme"]) for slot in told["slots"]]),
            (200, [("09:00", "P2"), ("19:00", "P1")]))
    item = told["slots"][0]["item"]
    t.good("plan", "adjust", *DATA, item, "--skip", "--reason", "停电")
    t.equal("without what the station skips", [
        slot["programme"] for slot in local.ask("GET", "/v1/plan?date=2026-09-01")[1]["slots"]],
        ["P1"])
    t.equal("without a date it is today's", local.ask("GET", "/v1/plan")[0], 200)
    status, told = local.ask("GET", "/v1/plan?date=tomorrow")
    t.equal("a day that is none", (status, told["code"]), (400, "bad_date"))


def refused_http(t, local):
    for what, change, body, wanted in [
        ("a stop without a start", "stop", {"player": "hall"}, (409, "nothing_playing")),
        ("a start of an unknown item", "start", {"item": "00000000000000aa:1"},
         (400, "unknown_item")),
        ("an unknown field", "start", {"programme": "P1", "titel": "x"}, (400, "unknown_field")),
        ("a field that is only said at the end", "start", {"programme": "P1", "outcome": "x"},
         (400, "unknown_field")),
        ("a list", "start", [], (400, "bad_request")),
        ("a member that is a list", "start", {"programme": ["P1"]}, (400, "bad_request")),
        ("a negative number of people", "start", {"programme": "P1", "audience": -1},
         (400, "bad_value")),
        ("a body that is too long", "start", {"note": "x" * 20000}, (400, "bad_request")),
    ]:
        status, told = local.post(change, body)
        t.equal(f"over HTTP {what} is refused as by the command", (status, told["code"]), wanted)
    status, told = local.post("start", b"{", Content_Type="application/json")
    t.equal("what is no JSON", (status, told["code"]), (400, "bad_request"))
    t.equal("other methods are not there", local.ask("GET", "/v1/playback/start")[0], 404)


def foreign(t, local):
    """A page of elsewhere in a browser on this machine."""
    body = json.dumps({"programme": "P1"}).encode()
    kind = {"Content_Type": "application/json"}
    for what, fields, code in [
        ("a form's content type", {"Content_Type": "text/plain"}, (400, "bad_request")),
        ("no content type", {}, (400, "bad_request")),
        ("another origin", {**kind, "Origin": "https://evil.example"}, (403, "not_local")),
        ("an origin that is hidden", {**kind, "Origin": "null"}, (403, "not_local")),
        ("another name for this address", {**kind, "Host": f"evil.example:{local.port}"},
         (403, "not_local")),
    ]:
        status, told = local.post("start", body, **fields)
        t.equal(f"{what}: refused", (status, told["code"]), code)
    for path in ("/v1/status", "/v1/playback", "/v1/plan"):
        for fields in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            status, told = local.ask("GET", path, **fields)
            t.equal(f"nor may it read {path} with another {''.join(fields)}",
                    (status, told.get("code")), (403, "not_local"))
    for path in ("/v1/status", "/v1/playback", "/v1/plan"):
        status, told = local.ask("GET", path, Authorization=None)
        t.equal(f"nor anybody without the token {path}", (status, told.get("code")),
                (401, "token_wrong"))
    token = local.shown["Authorization"].removeprefix("Bearer ")
    for what, shown in {"none": None, "another": "Bearer " + "0" * 32, "half of it": "Bearer "
                        + token[:16], "more": f"Bearer {token}0", "another scheme": f"Basic {token}",
                        "no scheme": token}.items():
        status, told = local.post("start", body, **kind, Authorization=shown)
        t.equal(f"a token that is {what}: refused", (status, told["code"]), (401, "token_wrong"))
    t.equal("a page of elsewhere that knows the token: refused", local.post(
        "start", body, **kind, Origin="https://evil.example")[0], 403)
    status, told = local.post("stop", b"{}", **kind, Origin=f"http://localhost:{local.port}")
    t.equal("a page of this machine may", (status, told["code"]), (409, "nothing_playing"))


def secret(t):
    """The token's file."""
    path = t.path("s207", "local-token")
    t.equal("only its owner can read the token", stat.S_IMODE(os.stat(path).st_mode), 0o600)
    first = t.read("s207", "local-token")
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        t.equal("another start keeps it", (Local(t, station).ask("GET", "/v1/status")[0], t.read(
            "s207", "local-token") == first), (200, True))
        station.end()
    os.remove(path)
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        told = Local(t, station).ask("GET", "/v1/status", Authorization=f"Bearer {first.decode()}"
                                     .strip())[0]
        t.equal("who deletes it has another", (told, t.read("s207", "local-token") == first),
                (401, False))
        station.end()
    t.write("s207/local-token", "short")
    told = t.run("station", "run", *DATA, "--listen", "127.0.0.1:0")
    t.equal("one that is too short is none", (told.code, told.error_code), (1, "token_unusable"))
    os.remove(path)
    told = t.run("station", "run", *DATA, "--listen", "0.0.0.0:0")
    t.equal("a station listens on its own machine only", (told.code, told.error_code),
            (1, "not_local"))


def lent(t):
    """A command keeps the database for longer than a player may be silent."""
    before = len(t.playbacks("s207"))
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        local = Local(t, station)
        local.post("start", {"player": "hall", "programme": "P1"})
        local.post("beat", {"player": "hall", "seconds": 5})
        with owner_socket(t, "s207") as borrowed:
            borrowed.sendall(token(t, "s207"))
            t.equal("the database is lent", borrowed.recv(1), b"k")
            silence(t, "hall", 20 * 60)
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                beat = pool.submit(local.post, "beat", {"player": "hall", "seconds": 1200})
                time.sleep(0.5)
                borrowed.close()
                t.equal("a sign of life that waited is taken", beat.result(), (200, {}))
        status, told = local.post("stop", {"player": "hall", "seconds": 1260})
        t.equal("and the playback is one, to its end", (
            status, len(t.playbacks("s207")), length(play(t, told.get("dot")))),
            (200, before + 1, 1260))
        local.post("start", {"player": "hall", "programme": "P1"})
        local.post("beat", {"player": "hall", "seconds": 7})
        with owner_socket(t, "s207") as borrowed:
            borrowed.sendall(token(t, "s207"))
            borrowed.recv(1)
            silence(t, "hall", 20 * 60)
        t.good("bundle", "export", *DATA, "--to", "stick")
        t.equal("a player that really is silent ends with the next command",
                (len(t.playbacks("s207")), under_way(t)), (before + 2, []))
        t.equal("SIGTERM ends it", station.end(seconds=5), 0)


def silence(t, player, seconds):
    """The last sign of life was so long ago."""
    base = sqlite3.connect(t.path("s207", "yizhan.db"))
    (held,), = base.execute("SELECT bytes FROM keepsake WHERE kind = 'playing' AND key = ?",
                            (player,)).fetchall()
    at = held.index(b"\x04seen") + 5
    text = held[at + 1:at + 1 + held[at]].decode()
    wall, vouched, uptime = text.split(" ")
    past = f"{int(wall) - seconds * 1000} {vouched} {int(uptime) - seconds * 1000}".encode()
    base.execute("UPDATE keepsake SET bytes = ? WHERE kind = 'playing' AND key = ?",
                 (held[:at] + bytes([len(past)]) + past + held[at + 1 + held[at]:], player))
    base.commit()
    base.close()


def killed(t):
    before = len(t.playbacks("s207"))
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        local = Local(t, station)
        local.post("start", {"player": "hall", "programme": "P1"})
        local.post("beat", {"player": "hall", "seconds": 33})
        station.end(signal.SIGKILL)
    t.equal("a kill in the middle loses nothing of what is under way",
            [(each["player"], each["played_seconds"]) for each in under_way(t)], [("hall", 33)])
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        local = Local(t, station)
        t.equal("it goes on where the player does", local.post("beat", {
            "player": "hall", "seconds": 40})[0], 200)
        station.end(signal.SIGKILL)
    reboot(t)
    with running(Station(t, "s207", "--listen", "127.0.0.1:0")) as station:
        Local(t, station)
        plays = t.playbacks("s207")
        t.check("an agent that starts after a power cut logs it", len(plays) == before + 1
                and any(each["outcome"] == "power_lost" and length(each) == 40 for each in plays),
                plays[-1:])
        station.end()
