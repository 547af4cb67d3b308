"""What a station makes of the time that its hub tells."""
import ctypes
import email.utils
import socket
import time

from harness import found_tree
from link import Plays, settled
from network import FalseHub, Hub, running, sync

MONTHS = 100 * 86400
YEARS = 10 * 365.25 * 86400
MINUTE = 60_000
WRONG = {
    "garbage": "the day after tomorrow",
    "no time": "",
    "a year of five digits": "Fri, 01 Jan 99999 00:00:00 GMT",
    "a day before the first": "Fri, -1 Jan 2030 00:00:00 GMT",
    "the end of time": "Fri, 31 Dec 9999 23:59:59 GMT",
    "an hour that overflows": "Fri, 01 Jan 2030 2147483647:2147483647:2147483647 GMT",
    "a month of 99999999 days": "Fri, 99999999 Jan 2030 00:00:00 GMT",
}


class DateHub(FalseHub):
    """Passes everything on to a hub, but tells another time in its answers: `date`, none if it is
    empty, the hub's own if it is None."""

    def __init__(self, port):
        self.to = port
        self.date = None
        super().__init__(self.forward)

    def forward(self, link, data):
        head, _, body = data.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.to)) as hub:
            hub.sendall(b"\r\n".join(lines + [b"Connection: close"]) + b"\r\n\r\n" + body)
            answer = b"".join(iter(lambda: hub.recv(1 << 16), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        if self.date is not None:
            lines = [line for line in lines if not line.lower().startswith(b"date:")]
            lines += [b"Date: " + self.date.encode()] if self.date else []
        link.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def is_kept():
    """Whether the system keeps this machine's clock right: then no hub is believed."""
    return ctypes.CDLL(None).ntp_adjtime(ctypes.create_string_buffer(512)) != 5


def at(seconds):
    """The time so many seconds from now as HTTP writes it."""
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def sight(t):
    return t.json("status", "--data", "s207")["clock"]


def clock(t):
    found_tree(t)
    plays = Plays(t)
    with running(Hub(t)) as hub, DateHub(hub.port) as false:
        sync(t, "s207", false.url)
        t.equal("a hub that tells the time as it is here is nothing to speak of", sight(t), None)
        ahead(t, false, plays)
        mended(t, false, plays, "a hundred days ahead")
        far(t, false, plays)
        mended(t, false, plays, "ten years ahead")
        behind(t, false, plays)
        mended(t, false, plays, "ten years behind")
        tolerated(t, false, plays)
        for what, date in WRONG.items():
            wrong(t, false, plays, what, date)
        settled(t, "after all these times", "s207", false.url, plays)
        hub.end()


def told(t, false, plays, date):
    """One sync with something to carry, answered at this time. Whether it went well."""
    plays.add(per_day=1)
    false.date = date
    return sync(t, "s207", false.url)


def ahead(t, false, plays):
    done = told(t, false, plays, at(MONTHS))
    found = sight(t)
    t.check("a hub 100 days ahead: status says so, and corrects unless the system keeps the clock",
            done.code == 0 and abs(found["behindMilliseconds"] - MONTHS * 1000) < MINUTE
            and (found["told"], found["corrected"]) == ("hub", not is_kept()), (str(done), found))
    heard = t.json("status", "--data", "s207")["neighbours"][0]["lastHeard"]
    lead = 0 if is_kept() else MONTHS * 1000
    t.check("and what is dated then is dated by the time that is believed",
            abs(heard - time.time() * 1000 - lead) < MINUTE, heard)
    line = next(line for line in t.good("status", "--data", "s207").out.splitlines()
                if line.startswith("CLOCK"))
    t.check("people read it too", "behind the hub's" in line and "100 days" in line, line)


def far(t, false, plays):
    done = told(t, false, plays, at(YEARS))
    found = sight(t)
    t.check("a hub ten years ahead of a clock that may be right is not believed", done.code == 0
            and abs(found["behindMilliseconds"] - YEARS * 1000) < MINUTE
            and found["corrected"] is False, (str(done), found))


def behind(t, false, plays):
    done = told(t, false, plays, at(-YEARS))
    found = sight(t)
    t.check("a hub ten years behind is not believed: that is before this program was made",
            done.code == 0 and abs(found["behindMilliseconds"] + YEARS * 1000) < MINUTE
            and found["corrected"] is False, (str(done), found))


def mended(t, false, plays, what):
    done = told(t, false, plays, None)
    found = sight(t)
    t.check(f"{what}: the next right time mends it", done.code == 0
            and (found is None or found["corrected"] is False), (str(done), found))
    heard = t.json("status", "--data", "s207")["neighbours"][0]["lastHeard"]
    t.check(f"{what}: the station goes by its clock again",
            abs(heard - time.time() * 1000) < MINUTE, heard)
    out = t.good("status", "--data", "s207").out
    t.check(f"{what}: people read no more of it", "CLOCK" not in out,
            [line for line in out.splitlines() if "CLOCK" in line])
    told(t, false, plays, None)
    t.equal(f"{what}: and after one more nothing is left of it", sight(t), None)


def tolerated(t, false, plays):
    for seconds in (-240, 240):
        told(t, false, plays, at(seconds))
        t.equal(f"{seconds} seconds are no fault", sight(t), None)


def wrong(t, false, plays, what, date):
    """A time that nobody can mean: it does no harm, now or later."""
    done = told(t, false, plays, date)
    found = sight(t)
    t.check(f"{what}: the exchange goes well, and the time is not taken",
            (done.code, done.err) == (0, "") and not (found and found["corrected"]),
            (str(done), found))
    faults = [str(each) for each in (told(t, false, plays, None) for _ in range(2)) if each.code]
    t.check(f"{what}: nor does any later exchange fail", not faults, faults[:1])
