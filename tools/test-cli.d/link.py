"""The exchange over a network: good links, bad links, false hubs and false stations."""
import concurrent.futures
import datetime
import hashlib
import os
import re
import signal
import socket
import threading
import time

import sheets
from harness import HUB, VILLAGES, Stopped, found_tree, lease
from network import (
    FalseHub, Hub, Relay, ask, exchange_id, get, metrics, page, request, running, sync)

STATION = f"{HUB}.207"
# A transfer that takes more attempts than this does not get on.
ATTEMPTS_MAX = 60
# Sealed and signed, with nothing new.
BODY_MAX = 400


# ---------------------------------------------------------------- what is played, what is equal

class Plays:
    """Playbacks of one station, with ids of their own each time."""

    def __init__(self, t, data="s207"):
        self.t = t
        self.data = data
        self.batches = 0
        self.count = 0

    def add(self, per_day):
        self.batches += 1
        rows = sheets.playbacks(0, sheets.catalogue(), days=28, per_day=per_day)
        number = list(VILLAGES).index(self.data)
        later = datetime.timedelta(days=28 * self.batches)
        for row in rows:
            row[0] = f"{self.batches}-{row[0]}"
            row[3:5] = [(datetime.datetime.fromisoformat(at) + later).isoformat() for at in row[3:5]]
            row[1] = sheets.STATIONS[number]
        name = self.t.sheet(f"{self.data}-{self.batches}.csv", sheets.PLAY_COLUMNS, rows)
        self.t.good("playback", "import", "--data", self.data, name)
        self.count += len(rows)


def blocks(text):
    """The partitions of a dump."""
    found = re.split(r"^partition ", text, flags=re.MULTILINE)[1:]
    return {block.partition("\n")[0]: block for block in found}


def settled(t, what, data, url, plays=None):
    """Station and hub hold the same, every playback once, and a sync has next to nothing to say."""
    # What was told last is answered once more.
    for _ in range(2):
        sync(t, data, url)
    told = sync(t, data, url)
    faults = []
    if told.code != 0:
        t.check(f"{what}: a plain link works afterwards", False, told)
        return
    steady = told.json
    if steady["requests"] != 1 or max(steady["bytesUp"], steady["bytesDown"]) > BODY_MAX:
        faults.append(f"steady state: {steady}")
    here, there = blocks(t.dump(data)), blocks(t.dump("hub"))
    faults += [f"unequal: {name}" for name, block in here.items() if there.get(name) != block]
    own = {name.split("/")[0] for name in here}
    faults += [f"lacking at the station: {name}" for name in there
               if name.split("/")[0] in own - {public(there)} and name not in here]
    if plays:
        code = f"{HUB}.{data[1:]}"
        ends = [t.playbacks("hub", "--for", code), t.playbacks(data)]
        dots = [[play["dot"] for play in end] for end in ends]
        if [len(d) for d in dots] + [len(set(d)) for d in dots] != [plays.count] * 4:
            faults.append(f"{[len(d) for d in dots]} playbacks, not {plays.count} on each side")
    t.check(f"{what}: both ends equal, each playback once, and silence", not faults,
            "; ".join(faults))


def public(there):
    """The place of the hub itself, of which a station has one section only."""
    return next(name.split("/")[0] for name, block in there.items() if f'"{HUB}"' in block)


def until_done(t, data, url, seconds=20):
    """Syncs until one succeeds; all attempts."""
    tries = []
    while not tries or tries[-1].code != 0:
        tries.append(sync(t, data, url, seconds))
        if len(tries) > ATTEMPTS_MAX:
            raise Stopped(f"{data}: {ATTEMPTS_MAX} attempts do not get on: {tries[-1]}")
    return tries


def failures(tries, *allowed):
    """Attempts that failed otherwise than these codes say."""
    return [str(told) for told in tries if told.code != 0 and not (
        told.code == 1 and len(told.err.splitlines()) == 1
        and any(f'"code": "{code}"' in told.err for code in allowed))]


# ---------------------------------------------------------------- link

def link(t):
    found_tree(t)
    plays = Plays(t)
    with running(Hub(t)) as hub:
        t.check("hub run says where it listens", re.fullmatch(
            r"listening on http://127\.0\.0\.1:\d+", hub.said), hub.said)
        first_talk(t, hub)
        plays.add(per_day=2)
        told = sync(t, "s207", hub.url)
        t.equal("a sync takes what is new to the hub", (
            told.code, told.json["refused"], len(t.playbacks("hub"))), (0, [], plays.count))
        settled(t, "a plain link", "s207", hub.url, plays)
        cut_evenly(t, hub, plays)
        cut_anywhere(t, hub, plays)
        refused_links(t, hub, plays)
        flipped(t, hub, plays)
        slow(t, hub, plays)
        silent(t, hub, plays)
    killed(t, plays)
    mixed(t, plays)
    together(t)
    ended(t)


def first_talk(t, hub):
    t.refused("a station that was invited before the hub ran has no address", "no_address", "sync",
              "--data", "s207", data="s207")
    for station in VILLAGES:
        told = sync(t, station, hub.url)
        t.equal(f"{station} syncs for the first time", (told.code, told.err), (0, ""))
    plain = sync(t, "s207", hub.url, as_json=False)
    t.check("what people read is one line", plain.code == 0 and plain.out.count("\n") == 1, plain)


def bundle_size(t, data):
    """Of the bundle that would go now."""
    t.good("bundle", "export", "--data", data, "--to", t.fresh("measure"))
    return sum(os.path.getsize(t.path("measure", name)) for name in os.listdir(t.path("measure")))


def cut_evenly(t, hub, plays):
    plays.add(per_day=30)
    size = bundle_size(t, "s207")
    with running(Relay(t, hub.port, "--cut-body", 600)) as relay:
        tries = until_done(t, "s207", relay.url)
        stats = relay.stats()
    bodies = stats["upBody"] + stats["downBody"]
    t.check(f"a month of {size} bytes, cut each 600: it comes whole, and no byte twice",
            stats["cuts"] >= size // 600 and bodies <= 1.10 * size + 2 * BODY_MAX,
            f"{bodies} bytes, {stats}")
    t.check("an attempt that is cut says link_failed in one line",
            not failures(tries, "link_failed"), failures(tries, "link_failed")[:2])
    settled(t, "cut each 600 bytes", "s207", hub.url, plays)


def cut_anywhere(t, hub, plays):
    for seed in (1, 2, 3):
        plays.add(per_day=20)
        with running(Relay(t, hub.port, "--cut-mean", 900, "--seed", seed)) as relay:
            tries = until_done(t, "s207", relay.url)
            stats = relay.stats()
        t.check(f"random cuts, seed {seed}: it comes whole",
                stats["cuts"] > 0 and not failures(tries, "link_failed"),
                (stats, failures(tries, "link_failed")[:2]))
    settled(t, "random cuts", "s207", hub.url, plays)


def refused_links(t, hub, plays):
    plays.add(per_day=2)
    with running(Relay(t, hub.port, "--refuse", 0.6, "--seed", 3)) as relay:
        tries = until_done(t, "s207", relay.url)
        stats = relay.stats()
    t.check("refused connections: link_failed, and then it works",
            stats["refused"] > 0 and len(tries) == 1 + stats["refused"]
            and not failures(tries, "link_failed"), (stats, failures(tries, "link_failed")[:2]))
    settled(t, "refused connections", "s207", hub.url, plays)


def flipped(t, hub, plays):
    """Bits flip in heads and bodies alike. Whoever is then left waiting is ended."""
    flips, odd, refused = 0, [], []
    for seed in range(6):
        plays.add(per_day=5)
        with running(Relay(t, hub.port, "--corrupt", 0.3, "--seed", seed, "--step", 200)) as relay:
            tries = [sync(t, "s207", relay.url, seconds=3) for _ in range(3)]
            flips += relay.stats()["flips"]
        ended = [told for told in tries if told.code != -9]
        odd += [str(told) for told in ended if told.code not in (0, 1, 2) or (
            told.code == 1 and not re.fullmatch(r'\{"code": "[a-z_]+",.*\}', told.err.strip()))]
        odd += [str(told) for told in ended if '"internal"' in told.err]
        refused += [str(told) for told in ended if told.code == 0 and told.json["refused"]]
    t.check("flipped bits: an attempt works or says a code", flips > 10 and not odd,
            (flips, odd[:2]))
    t.check("a sync of which something was refused does not end with 0", not refused, refused[:2])
    settled(t, "flipped bits", "s207", hub.url, plays)
    complaints = [t.json("check", "--data", data)["complaints"] for data in ("hub", "s207")]
    t.equal("flipped bits: check finds nothing", complaints, [[], []])


def slow(t, hub, plays):
    for what, harm in {
            "a link that stalls": ("--stall", 0.3, "--stall-seconds", 0.2, "--seed", 3),
            "a slow and far link": ("--rate", 8000, "--delay", 0.03),
            "bytes one by one": ("--step", 1)}.items():
        plays.add(per_day=2)
        with running(Relay(t, hub.port, *harm)) as relay:
            told = sync(t, "s207", relay.url)
        t.check(f"{what}: it comes whole in one attempt", told.code == 0, told)
    settled(t, "slow links", "s207", hub.url, plays)


def silent(t, hub, plays):
    """One way says nothing more and nobody is told, until the station's program is ended."""
    for way, after in (("up", 0), ("up", 1200), ("down", 0)):
        plays.add(per_day=20)
        with running(Relay(t, hub.port, "--silence", way, "--silence-after", after)) as relay:
            hanging = t.start("sync", "--data", "s207", "--url", relay.url)
            relay.line()
            hanging.kill()
            hanging.communicate()
            # The relay and its connection to the hub are still there.
            told = sync(t, "s207", hub.url)
            t.check(f"silence {way} after {after} bytes: a new attempt on another link succeeds "
                    "beside the dead one", told.code == 0, told)
    settled(t, "silence", "s207", hub.url, plays)
    plays.add(per_day=4)
    with running(Relay(t, hub.port, "--silence", "down")) as relay:
        hanging = t.start("sync", "--data", "s207", "--url", relay.url, "--json")
        relay.line()
        relay.end()
        told = t.finish(hanging, ["sync"])
    t.equal("a silent link that then breaks is link_failed", failures([told], "link_failed"), [])
    settled(t, "a silent link that broke", "s207", hub.url, plays)
    plays.add(per_day=4)
    with running(Relay(t, hub.port, "--silence", "down")) as relay:
        told = t.run("sync", "--data", "s207", "--url", relay.url, "--json", "--patience", 1)
    t.equal("silence without an end is link_failed", failures([told], "link_failed"), [])
    settled(t, "silence without an end", "s207", hub.url, plays)


def held(port, name):
    """How much of a bundle the hub holds. To ask does not disturb who is sending it."""
    most = 16 << 20
    status, fields, _ = ask(port, request(name, Upload_Offset=most, Upload_Length=most))
    return int(fields["upload-offset"]) if status == 409 else None


def half_sent(t, hub, relay):
    """A station that is amid its upload, of which the hub holds some, on a link that is silent."""
    station = t.start("sync", "--data", "s207", "--url", relay.url, "--json")
    name = re.search(r"/([0-9a-f]{32}) ", relay.line()).group(1)
    wait_until(lambda: held(hub.port, name))
    return station


def wait_until(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Stopped("what was waited for did not come")
        time.sleep(0.01)


def killed(t, plays):
    """Either end is killed when half of a bundle has come."""
    half = ("--silence", "up", "--silence-after", 1700)
    plays.add(per_day=20)
    with running(Hub(t)) as hub, running(Relay(t, hub.port, *half)) as relay:
        station = half_sent(t, hub, relay)
        t.equal("a hub is killed while it takes a bundle", hub.end(signal.SIGKILL), -9)
        told = t.finish(station, ["sync"])
        t.equal("its station says link_failed", failures([told], "link_failed"), [])
    with running(Hub(t, port=hub.port)) as hub:
        told = sync(t, "s207", hub.url)
        t.equal("started again on the same port it takes it", (told.code, told.err), (0, ""))
        settled(t, "a killed hub", "s207", hub.url, plays)

        plays.add(per_day=20)
        size = bundle_size(t, "s207")
        with running(Relay(t, hub.port, *half)) as relay:
            station = half_sent(t, hub, relay)
            station.kill()
            station.communicate()
        told = sync(t, "s207", hub.url)
        t.check("a station that was killed goes on where it was", told.code == 0
                and told.json["bytesUp"] < size - 500, f"of {size} bytes: {told}")
        settled(t, "a killed station", "s207", hub.url, plays)
    broken_by_end(t, plays, half)


def broken_by_end(t, plays, half):
    """SIGTERM while half a bundle hangs in a dead link."""
    plays.add(per_day=20)
    size = bundle_size(t, "s207")
    with running(Hub(t)) as hub, running(Relay(t, hub.port, *half)) as relay:
        station = half_sent(t, hub, relay)
        t.equal("SIGTERM ends a hub at which an upload hangs, within 8 seconds",
                hub.end(seconds=8), 0)
        t.equal("its station is told to come again",
                failures([t.finish(station, ["sync"])], "hub_busy"), [])
    with running(Hub(t)) as hub:
        told = sync(t, "s207", hub.url)
        t.check("what had come is there after a restart", told.code == 0
                and told.json["bytesUp"] < size - 500, f"of {size} bytes: {told}")
        settled(t, "a hub that was ended", "s207", hub.url, plays)


def mixed(t, plays):
    """The same writes by stick and by network, in both orders."""
    plays.add(per_day=3)
    t.fresh("stick")
    t.good("bundle", "export", "--data", "s207", "--to", "stick")
    t.copy("stick", "late")
    first = t.json("bundle", "import", "--data", "hub", "--from", "stick")
    t.check("a stick comes first", first[0]["merged"] >= 84 and not first[0]["code"], first)
    with running(Hub(t)) as hub:
        t.equal("the same by network", sync(t, "s207", hub.url).code, 0)
        settled(t, "a stick and then the network", "s207", hub.url, plays)
        plays.add(per_day=3)
        t.good("bundle", "export", "--data", "s207", "--to", t.fresh("stick"))
        sync(t, "s207", hub.url)
        t.equal("SIGTERM ends the hub with 0", hub.end(), 0)
    before = t.dump("hub")
    for stick in ("stick", "late"):
        told = t.json("bundle", "import", "--data", "hub", "--from", stick)
        t.equal(f"the {stick} that comes later merges nothing", sum(r["merged"] for r in told), 0)
    t.equal("and changes nothing", t.dump("hub"), before)
    with running(Hub(t)) as hub:
        settled(t, "the network and then a stick", "s207", hub.url, plays)


def together(t):
    """Eight stations at one moment, which know the address from their invitations."""
    with running(Hub(t)) as hub:
        wait_until(lambda: get(hub.port, "/healthz")[0] == 200)
        hub.end()
    stations = [f"s{number}" for number in range(401, 409)]
    for station in stations:
        line = t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.{station[1:]}",
                      "--name", f"村{station}").out
        t.good("station", "join", "--data", station, "--invitation", line.strip())
        t.good("playback", "add", "--data", station, "--programme", "F001", "--start",
               "2026-03-01T08:00", "--seconds", 60)
    with running(Hub(t, port=hub.port)):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda station: sync(t, station), stations))
        t.equal("eight stations at once", [str(each) for each in told if each.code], [])
        held = [len(t.playbacks("hub", "--for", f"{HUB}.{station[1:]}")) for station in stations]
        t.equal("each has brought what it played", held, [1] * 8)
        for station in stations[:2]:
            settled(t, f"eight at once, {station}", station, hub.url)


def ended(t):
    # A write of its own, so that there is a note to leave.
    t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.500", "--name", "新村")
    codes = []
    for _ in range(6):
        with running(Hub(t)) as hub:
            codes.append(hub.end())
    t.equal("SIGTERM as soon as it listens ends a hub with 0", codes, [0] * 6)
    t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.501", "--name", "老村")
    with running(Hub(t)) as hub:
        wanted = hub.port
        for what, port in (("the same port", hub.port), ("another port", 0)):
            told = t.run("hub", "run", "--data", "hub", "--listen", f"127.0.0.1:{port}")
            t.equal(f"a second hub on the same data and {what} is one clear error",
                    (told.code, told.error_code, told.err.count("\n"), told.out),
                    (1, "data_in_use", 1, ""))
        t.good("hub", "init", "--data", "other", "--place", "34.01.23.110", "--name", "邻镇")
        told = t.run("hub", "run", "--data", "other", "--listen", f"127.0.0.1:{hub.port}")
        t.check("another hub on the same port is one clear error", told.code == 1
                and told.error_code not in (None, "internal") and told.err.count("\n") == 1, told)
        t.equal("reading goes on beside a hub", t.run("status", "--data", "hub").code, 0)
        with socket.create_connection(("127.0.0.1", hub.port)):
            t.equal("SIGTERM ends a hub with 0, also beside an idle connection",
                    hub.end(seconds=8), 0)
    t.check("and it is closed well", os.path.exists(lease(t.path("hub", "yizhan.db")))
            and not os.path.exists(t.path("hub", "yizhan.db-wal")), os.listdir(t.path("hub")))
    told = sync(t, "s208", f"http://127.0.0.1:{wanted}")
    t.equal("nobody listens: link_failed", failures([told], "link_failed"), [])
    t.check("a station is no hub", not serves(t, "s208"), "hub run serves at a station")


def serves(t, data):
    try:
        with running(Hub(t, data)):
            return True
    except Stopped:
        return False


# ---------------------------------------------------------------- badhub

BUNDLE_TYPE = "application/x-yizhan-bundle"


def answer_page(body, name=None, length=None, offset=0, **fields):
    return page("200 OK", body, Content_Type=BUNDLE_TYPE, Answer_Id=name or exchange_id(body),
                Answer_Length=len(body) if length is None else length, Answer_Offset=offset,
                **fields)


def sends(data):
    return lambda link, _: link.sendall(data)


def endless(head):
    def answer(link, _):
        link.sendall(head)
        while True:
            link.sendall(b"<p>please log in</p>" * 1000)
    return answer


def hangs_up(link, _):
    # Unread data and a linger of zero make it a reset.
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    link.close()


def bad_answers(good_url, foreign):
    """What is answered, and the codes that say it well."""
    login = "<html><form action=login>请登录</form></html>".encode() * 20
    html = {"Content_Type": "text/html"}
    bad, lost = ("bad_reply",), ("link_failed",)
    either = ("bad_reply", "link_failed")
    body = bytes(range(256)) * 8
    return {
        "garbage bytes": (sends(body), either),
        "nothing, and closes": (sends(b""), lost),
        "a reset": (hangs_up, lost),
        "a login page with 200": (sends(page("200 OK", login, **html)), bad),
        "a login page with 500": (sends(page("500 Oops", login, **html)), bad),
        "a login page with 400": (sends(page("400 Bad Request", login, **html)), bad),
        "not found": (sends(page("404 Not Found", login, **html)), bad),
        "a redirect to the good hub": (
            sends(page("302 Found", Location=good_url + "/v1/exchange/" + "0" * 32)), bad),
        "a lasting redirect": (sends(page("308 Permanent", Location=good_url)), bad),
        "an empty 200": (sends(page("200 OK", Content_Type=BUNDLE_TYPE)), bad),
        "an empty 204": (sends(page("204 No Content", Content_Length=None)), bad),
        "an empty bundle": (sends(answer_page(b"")), bad),
        "a bundle of noise": (sends(answer_page(body)), bad),
        "half a bundle, and closes": (
            sends(answer_page(body[:900], exchange_id(body), len(body), Content_Length=len(body))),
            either),
        "half a bundle again and again": (
            sends(answer_page(body[:900], exchange_id(body), len(body))), bad),
        "a page without an end": (
            endless(page("200 OK", Content_Length=None, **html)), bad),
        "an error without an end": (
            endless(page("400 Bad Request", Content_Length=None, **html)), bad),
        "a bundle without an end": (
            endless(answer_page(b"", exchange_id(body), len(body), Content_Length=None)), bad),
        "a bundle longer than announced": (
            sends(answer_page(body, exchange_id(body), len(body) - 100)), bad),
        "a bundle of a gigabyte": (
            sends(answer_page(body, exchange_id(body), 1 << 30, Content_Length=1 << 30)), bad),
        "a bundle of negative length": (sends(answer_page(body, length=-1)), bad),
        "an Answer-Id that is none": (sends(answer_page(body, "xyz")), bad),
        "a start amid the answer": (sends(answer_page(body, offset=100)), bad),
        "a bundle for another station": (sends(answer_page(foreign)), ("not_for_here",)),
        "429 with Retry-After": (sends(page("429 Slow", Retry_After=30)), ("hub_busy",)),
        "503 without it": (sends(page("503 Later")), ("hub_busy",)),
        "429 with a nonsense Retry-After": (
            sends(page("429 Slow", Retry_After=-(1 << 63))), ("hub_busy",)),
        "409 beyond the end": (sends(page("409 Conflict", Upload_Offset=1 << 40)), bad),
        "409 with no number": (sends(page("409 Conflict", Upload_Offset="many")), bad),
        "409 below zero": (sends(page("409 Conflict", Upload_Offset=-5)), bad),
        "409 with nothing": (sends(page("409 Conflict")), bad),
        "409 that holds nothing, again and again": (
            sends(page("409 Conflict", Upload_Offset=0)), bad),
        "409 that holds ten bytes, again and again": (
            sends(page("409 Conflict", Upload_Offset=10)), bad),
        "a header of a megabyte": (
            sends(page("200 OK", body, X_Long="x" * (1 << 20))), either),
        "a thousand headers": (
            sends(page("200 OK", body, **{f"X_{n}": "x" * 100 for n in range(1000)})), either),
        "a refusal with an unknown code": (
            sends(page("422 No", b'{"code":"zu_spaet","reason":"too late"}')), ("zu_spaet",)),
        "a refusal with a code that is none": (
            sends(page("422 No", b'{"code":"\x1b[2J","reason":"\x1b[31mred"}')), bad),
        "a refusal that paints the terminal": (
            sends(page("422 No", b'{"code":"busy","reason":"\x1b[31mred"}')), ("busy",)),
    }


def one_playback(t, data):
    t.good("playback", "add", "--data", data, "--programme", "F001", "--start", "2026-03-01T08:00",
           "--seconds", 30)


def captured(t, data, port):
    """The answer that a hub gives to a bundle of this station, as bytes."""
    t.good("bundle", "export", "--data", data, "--to", t.fresh("captured"))
    for name in os.listdir(t.path("captured")):
        content = t.read("captured", name)
        return ask(port, request(exchange_id(content), content))
    raise Stopped(f"{data} has nothing to say")


def badhub(t):
    found_tree(t)
    with running(Hub(t)) as hub:
        for station in ("s207", "s208"):
            sync(t, station, hub.url)
        status, _, foreign = captured(t, "s208", hub.port)
        t.equal("an answer is a bundle", (status, foreign[:2]), (200, b"YZ"))
        plays = Plays(t)
        plays.add(per_day=3)
        for what, (answer, codes) in bad_answers(hub.url, foreign).items():
            one_bad_answer(t, what, answer, codes)
        t.equal("then the good hub is synced with", sync(t, "s207", hub.url).code, 0)
        settled(t, "after all that", "s207", hub.url, plays)
        after_each(t, hub, plays, foreign)
        strangers(t, hub)
        replayed(t, hub, plays)


def one_bad_answer(t, what, answer, codes):
    before = t.dump("s207")
    faults = []
    with FalseHub(answer) as false:
        for as_json in (False, True):
            told = sync(t, "s207", false.url, seconds=4, as_json=as_json)
            if told.code == -9:
                faults.append(f"no end after 4 seconds and {false.requests} requests")
                break
            lines = told.err.splitlines()
            code = told.error_code
            if as_json:
                found = re.match(r'\{"code": "([a-z_]+)"', told.err)
                code = found.group(1) if found else None
            if told.code != 1 or len(lines) != 1 or code not in codes or told.out:
                faults.append(f"not exit 1 and {' or '.join(codes)}: {told.code}, {told.err!r:.300}")
            if any(ord(letter) < 32 for letter in told.err.rstrip("\n")):
                faults.append(f"control characters go to the terminal: {told.err!r:.200}")
        if not 1 <= false.requests <= 10 and not faults:
            faults.append(f"{false.requests} requests")
    if t.dump("s207") != before:
        faults.append("the data changed")
    t.check(f"a hub that answers {what}", not faults, "; ".join(faults))


def after_each(t, hub, plays, foreign):
    """The next sync with the good hub works after each of them; one new playback each."""
    stuck = []
    for what, (answer, _) in bad_answers(hub.url, foreign).items():
        t.good("playback", "add", "--data", "s207", "--programme", "F001", "--start",
               f"2026-04-{plays.count % 28 + 1:02}T08:00", "--seconds", 30)
        plays.count += 1
        with FalseHub(answer) as false:
            sync(t, "s207", false.url, seconds=1)
        told = sync(t, "s207", hub.url)
        if told.code != 0 or told.json["refused"]:
            stuck.append(f"{what}: {told}")
    t.equal("the sync after each bad answer works", stuck, [])
    settled(t, "after each bad answer", "s207", hub.url, plays)


def strangers(t, hub):
    """Real hubs that are not this station's."""
    t.good("hub", "init", "--data", "other", "--place", "34.01.23.110", "--name", "邻镇")
    t.good("hub", "init", "--data", "twin", "--place", HUB, "--name", "丰乐镇")
    for data, code in (("other", "not_for_here"), ("twin", "unknown_sender")):
        with running(Hub(t, data)) as stranger:
            t.refused(f"the hub of another tree ({data}) is {code}", code, "sync", "--data", "s207",
                      "--url", stranger.url, data=["s207", data])
    told = sync(t, "s207", hub.url)
    t.equal("the right hub is as before", (told.code, told.err), (0, ""))
    t.refused("a hub with no hub above it has nobody to sync with", "no_address", "sync", "--data",
              "twin", "--url", hub.url, data="twin")


def replayed(t, hub, plays):
    """An old answer of the right hub does no harm, whatever it is called."""
    plays.add(per_day=1)
    status, _, old = captured(t, "s207", hub.port)
    t.equal("an answer is kept", status, 200)
    sync(t, "s207", hub.url)
    before = t.dump("s207")
    for what, name in (("its own name", None), ("another name", "ab" * 16)):
        with FalseHub(sends(answer_page(old, name))) as false:
            told = sync(t, "s207", false.url, seconds=5)
        t.check(f"an old answer under {what} changes nothing", told.code in (0, 1)
                and t.dump("s207") == before, told)
    settled(t, "old answers", "s207", hub.url, plays)
    torn_answers(t, hub)


def torn_answers(t, hub):
    """Answers of the right hub that cannot be taken as they are."""
    programmes = sheets.catalogue()
    t.copy("s208", "restored")
    hub.end()
    t.sheet("programmes.csv", ["programme", "title", "category", "seconds"], programmes)
    t.good("programme", "import", "--data", "hub", "programmes.csv")
    one_playback(t, "s208")
    with running(Hub(t)) as hub:
        status, _, large = captured(t, "s208", hub.port)
        t.equal("an answer with all programmes is kept", status, 200)
        damaged = large[:-100] + bytes([large[-100] ^ 1]) + large[-99:]
        before = t.dump("s208")
        with FalseHub(sends(answer_page(damaged))) as false:
            told = sync(t, "s208", false.url, seconds=5)
        t.check("an answer with a damaged piece: refused, not 0, and nothing changed",
                told.code in (1, 2) and t.dump("s208") == before, told)
        t.equal("the right hub's is taken", sync(t, "s208", hub.url).code, 0)
        settled(t, "a damaged piece", "s208", hub.url)
        hub.end()
        t.write("renamed.csv", "programme,title,category,seconds\nF017,新名称,农业技术,900\n")
        t.good("programme", "import", "--data", "hub", "renamed.csv")
    one_playback(t, "s208")
    with running(Hub(t)) as hub:
        _, _, later = captured(t, "s208", hub.port)
        with FalseHub(sends(answer_page(later))) as false:
            told = sync(t, "restored", false.url, seconds=10)
        t.check("a gap that is never closed: a few requests, and not 0",
                told.code in (1, 2) and false.requests < 10, f"{false.requests} requests: {told}")


# ---------------------------------------------------------------- badstation

def badstation(t):
    found_tree(t)
    plays = Plays(t)
    with running(Hub(t)) as hub:
        for station in VILLAGES:
            sync(t, station, hub.url)
        watched(t, hub, 0)
        plays.add(per_day=3)
        t.good("bundle", "export", "--data", "s207", "--to", "stick")
        bundle = t.read("stick", os.listdir(t.path("stick"))[0])
        bad_requests(t, hub, bundle)
        harmless(t, hub, bundle, plays)
        dripping(t, hub, plays)
        watched(t, hub, plays.count)
        t.equal("SIGTERM ends it with 0 after all that", hub.end(seconds=8), 0)
    left = [name for name in os.listdir(t.path("hub", "incoming")) if not name.endswith(".part")]
    t.equal("nothing else is left in its folder", left, [])
    with open(t.path("hub.log"), encoding="utf-8") as file:
        crashes = [line for line in file if "Fatal error" in line or "Backtrace" in line]
    t.equal("and it has not crashed", crashes, [])


def requests_that_are_refused(bundle, stranger):
    name = exchange_id(bundle)
    half, flipped = bundle[:len(bundle) // 2], bundle[:40] + bytes([bundle[40] ^ 1]) + bundle[41:]
    noise = hashlib.sha256(b"noise").digest() * 20
    bad = (400, "bad_request")
    return {
        "an id of 31 digits": (request(name[1:], bundle), bad),
        "an id of 33 digits": (request(name + "0", bundle), bad),
        "an id in upper case": (request("A" * 32, bundle), bad),
        "an id that climbs": (request("..%2f..%2f" + "a" * 22, bundle), bad),
        "an id with zero bytes": (request("%00" * 32, bundle), bad),
        "a negative length": (request(name, bundle, Upload_Length=-1), bad),
        "a negative offset": (request(name, bundle, Upload_Offset=-1), bad),
        "a negative offset of the answer": (request(name, bundle, Answer_Offset=-7), bad),
        "a length that is no number": (request(name, bundle, Upload_Length="all"), bad),
        "a length beyond all numbers": (request(name, bundle, Upload_Length="9" * 40), bad),
        "an offset behind the end": (request(name, bundle, Upload_Offset=len(bundle) + 1,
                                             Upload_Length=len(bundle)), bad),
        "a length of a terabyte": (request(name, bundle, Upload_Length=1 << 40),
                                   (413, "bundle_too_large")),
        "the largest number there is": (request(name, bundle, Upload_Length=(1 << 63) - 1),
                                        (413, "bundle_too_large")),
        "a body longer than the bundle": (request(name, bundle, Upload_Length=100), bad),
        "an id of another content": (request("0" * 32, bundle), (422, "check_failed")),
        "a bundle with a flipped bit": (request(name, flipped), (422, "check_failed")),
        "a flipped bit under its own name": (
            request(exchange_id(flipped), flipped), (422, "check_failed")),
        "noise under its own name": (request(exchange_id(noise), noise), (422, "not_a_bundle")),
        "an empty bundle": (request(exchange_id(b"")), (422, "truncated")),
        "a bundle without its end": (request(exchange_id(half), half), (422, "truncated")),
        "a bundle that goes on": (
            request(exchange_id(bundle + b"x"), bundle + b"x"), (422, "trailing_bytes")),
        "a bundle of a stranger": (
            request(exchange_id(stranger), stranger), (422, "unknown_sender")),
    }


def strange_bundle(t):
    """Another hub of the same place has invited a station that this one does not know."""
    t.good("hub", "init", "--data", "twin", "--place", HUB, "--name", "丰乐镇")
    line = t.good("hub", "invite", "--data", "twin", "--place", f"{HUB}.300", "--name", "新村").out
    t.good("station", "join", "--data", "stranger", "--invitation", line.strip())
    t.good("playback", "add", "--data", "stranger", "--programme", "F1", "--start",
           "2026-03-01T08:00", "--seconds", 60)
    t.good("bundle", "export", "--data", "stranger", "--to", t.fresh("strange"))
    return t.read("strange", os.listdir(t.path("strange"))[0])


def bad_requests(t, hub, bundle):
    before = t.dump("hub")
    stranger = strange_bundle(t)
    for what, (data, wanted) in requests_that_are_refused(bundle, stranger).items():
        status, _, body = ask(hub.port, data, seconds=8)
        found = re.fullmatch(r'\{"code":"([a-z_]+)","reason":"[^"]+"\}\n?', body.decode("latin-1"))
        t.equal(f"the hub refuses {what}", (status, found and found.group(1)), wanted)
    t.equal("and none of them changes anything", t.dump("hub"), before)
    for what, data, wanted in (
            ("an unknown path", b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n"
                                b"Connection: close\r\n\r\n", {404, 400}),
            ("another method", request("a" * 32).replace(b"POST", b"PUT"), {404, 405}),
            ("what is no HTTP", b"\x16\x03\x01 hello\r\n\r\n" * 10, {0, 400}),
            ("a header of a megabyte", request("a" * 32, X_Long="x" * (1 << 20)), {0, 400, 431}),
            ("a thousand headers", request("a" * 32, **{f"X_{n}": n for n in range(1000)}),
             {0, 400, 431}),
            ("two lengths", request("a" * 32, b"xx", Content_length=7), {0, 400})):
        status, _, _ = ask(hub.port, data, seconds=8)
        t.check(f"the hub answers {what} without harm", status in wanted, status)
    t.equal("it still runs", get(hub.port, "/healthz")[0], 200)
    t.equal("nothing has changed", t.dump("hub"), before)


def harmless(t, hub, bundle, plays):
    """What may happen on a bad link: halves, repeated requests, requests from long ago."""
    name, half = exchange_id(bundle), len(bundle) // 2
    whole = {"Upload_Length": len(bundle)}
    # All of the body was sent but it is not all of the bundle.
    status, fields, _ = ask(hub.port, request(name, bundle[:half], **whole))
    t.equal("half a bundle: the hub says how much it holds",
            (status, fields.get("upload-offset")), (409, str(half)))
    status, fields, _ = ask(hub.port, request(name, Upload_Offset=len(bundle), **whole))
    t.equal("asked about it, it says so again",
            (status, fields.get("upload-offset")), (409, str(half)))
    # A length that lies must not cost what is held, nor a body under a false offset.
    ask(hub.port, request(name, b"", Upload_Length=10, Upload_Offset=5))
    status, fields, _ = ask(hub.port, request(name, Upload_Offset=len(bundle), **whole))
    t.equal("a request that lies about the length does not cost what is held",
            (status, fields.get("upload-offset")), (409, str(half)))
    start = int(fields.get("upload-offset", 0))
    rest = request(name, bundle[start:], Upload_Offset=start, **whole)
    status, fields, answer = ask(hub.port, rest)
    t.equal("the rest completes it", (
        status, fields.get("answer-id"), fields.get("answer-length"), fields.get("answer-offset")),
        (200, exchange_id(answer), str(len(answer)), "0"))
    t.equal("all playbacks have come", len(t.playbacks("hub")), plays.count)
    before = t.dump("hub")
    for what, data in (("the same rest", rest), ("the whole bundle", request(name, bundle)),
                       ("an empty one", request(name, Upload_Offset=len(bundle), **whole))):
        status, _, again = ask(hub.port, data)
        t.equal(f"{what} once more is answered alike", (status, again == answer), (200, True))
    status, fields, tail = ask(hub.port, request(
        name, Upload_Offset=len(bundle), Answer_Id=exchange_id(answer), Answer_Offset=7, **whole))
    t.equal("an answer is gone on with", (status, fields.get("answer-offset"), tail),
            (200, "7", answer[7:]))
    status, fields, tail = ask(hub.port, request(
        name, Upload_Offset=len(bundle), Answer_Id="0" * 32, Answer_Offset=7, **whole))
    t.equal("another answer is not", (status, fields.get("answer-offset"), tail),
            (200, "0", answer))
    t.equal("and nothing has changed", t.dump("hub"), before)
    t.equal("the station goes on", sync(t, "s207", hub.url).code, 0)
    settled(t, "halves and repeats", "s207", hub.url, plays)
    port = hub.port
    hub.end()
    hub.__init__(t, port=port)
    before = t.dump("hub")
    status, _, _ = ask(hub.port, request(name, bundle))
    t.equal("an old request after a restart is answered", status, 200)
    t.equal("and merges nothing", t.dump("hub"), before)
    settled(t, "a request from long ago", "s207", hub.url, plays)


def dripping(t, hub, plays):
    """Fifty who send a byte now and then."""
    plays.add(per_day=2)
    stop, dripped = threading.Event(), []
    links = [socket.create_connection(("127.0.0.1", hub.port)) for _ in range(50)]
    first = threading.Event()

    def drip():
        data = request("%032x", b"x" * 100, length=16 << 20)
        at = 0
        while not stop.is_set():
            for number, link in enumerate(links):
                # Some never come to the end of their head.
                text = data.replace(b"%032x", f"{number:032x}".encode()) if number % 2 else data
                link.sendall(text[at:at + 1] if at else text[:200 if number % 2 else 40])
            dripped.append(at)
            at = at + 1 if at else 200
            if len(dripped) > 2:
                first.set()
            stop.wait(0.2)

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        first.wait(10)
        began = time.monotonic()
        told = sync(t, "s207", hub.url)
        took = time.monotonic() - began
        t.check("fifty who drip do not keep an honest station out", told.code == 0 and took < 5
                and len(dripped) > 2, (took, str(told)))
        settled(t, "beside fifty who drip", "s207", hub.url, plays)
    finally:
        stop.set()
        thread.join()
        for link in links:
            link.close()


def watched(t, hub, merged):
    status, _, body = get(hub.port, "/healthz")
    t.equal("healthz", (status, body), (200, b"ok\n"))
    status, fields, body = get(hub.port, "/metrics")
    t.equal("metrics are of the right type", (status, fields.get("content-type")), (
        200, "application/openmetrics-text; version=1.0.0; charset=utf-8"))
    try:
        samples = metrics(body.decode())
    except ValueError as error:
        t.check("metrics are OpenMetrics", False, error)
        return
    done = samples.get('yizhan_exchanges_total{outcome="merged"}', 0)
    t.check("metrics count what was done", done >= 1 and samples["yizhan_waiting"] == 0
            and samples["yizhan_bytes_in_total"] > 0
            and samples["yizhan_merged_total"] <= merged + 100, samples)
    try:
        from prometheus_client.openmetrics import parser
    except ImportError:
        return
    families = {family.name for family in parser.text_string_to_metric_families(body.decode())}
    t.check("a parser that others use reads them too", "yizhan_exchanges" in families, families)
