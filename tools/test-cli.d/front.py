"""What a hub does about clients that are too slow, too many, or ask too often."""
import contextlib
import gzip
import os
import selectors
import socket
import time

from harness import found_tree
from link import Plays, settled
from network import Hub, ask, exchange_id, get, metrics, request, running, said, sync

# Of Sources/Hub/Front/Pace.swift, in seconds, with what a busy machine may need.
BODY_MIN, HEAD_MAX, PATIENCE_MAX = 10, 20, 30
BUSY = 6


def front(t):
    found_tree(t)
    plays = Plays(t)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        plays.add(per_day=3)
        t.good("bundle", "export", "--data", "s207", "--to", "stick")
        bundle = t.read("stick", os.listdir(t.path("stick"))[0])
        slow(t, hub, bundle)
        packed(t, hub)
        settled(t, "beside slow clients", "s207", hub.url, plays)
        t.equal("SIGTERM ends the hub", hub.end(), 0)
    many(t)
    often(t)
    room(t)


# ---------------------------------------------------------------- slow clients

class Slow:
    """A connection that sends `parts`, one each `pause` seconds, and hears what comes."""

    def __init__(self, port, parts, pause=1.0, reads=True):
        self.link = socket.socket()
        if not reads:
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.link.connect(("127.0.0.1", port))
        self.link.setblocking(False)
        self.parts = iter(parts)
        self.pause = pause
        self.reads = reads
        self.began = self.next = time.monotonic()
        self.heard = b""
        self.took = None

    def step(self, now):
        if now >= self.next and self.took is None:
            self.next += self.pause
            try:
                self.link.send(next(self.parts, b""))
            except OSError:
                self.end()

    def hear(self):
        try:
            data = self.link.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.heard += data
        if not data:
            self.end()

    def end(self):
        """When it was cut."""
        if self.took is None:
            self.took = time.monotonic() - self.began


def drive(clients, seconds):
    """All at once, until each has ended or so many seconds are over."""
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for client in clients:
            if client.reads:
                selector.register(client.link, selectors.EVENT_READ, client)
        while time.monotonic() < end and any(client.took is None for client in clients):
            for key, _ in selector.select(0.1):
                key.data.hear()
                if key.data.took is not None:
                    selector.unregister(key.fileobj)
            for client in clients:
                client.step(time.monotonic())


def drip(data, at, step):
    """All up to `at` at once, then so many bytes each time."""
    yield data[:at]
    for start in range(at, len(data), step):
        yield data[start:start + step]


def head(name, length):
    return (f"POST /v1/exchange/{name} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


def slow(t, hub, bundle):
    # Each its own bundle: a newer request takes over from an older one.
    body, second, third = (head(f"{number:032x}", 100_000) + bytes(3000) for number in range(3))
    at = body.index(b"\r\n\r\n") + 4
    whole = request(exchange_id(bundle), bundle)
    start = whole.index(b"\r\n\r\n") + 4
    noise = os.urandom(3500)
    other = request(exchange_id(noise), noise)
    clients = {
        "a body of a byte a second": Slow(hub.port, drip(body, at, 1)),
        "a body that never comes": Slow(hub.port, [second[:at]]),
        "a head of a byte a second": Slow(hub.port, drip(body, 1, 1)),
        "a connection that says nothing": Slow(hub.port, []),
        "a second request that drips": Slow(hub.port, drip(
            b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n" + third, 40, 1)),
        "one that has sent much and then hangs": Slow(hub.port, [
            head("1" * 32, 100_000) + bytes(50_000)]),
        "one that does not read its answers": Slow(hub.port, [
            b"GET /metrics HTTP/1.1\r\nHost: hub\r\n\r\n" * 3000] * 5, reads=False),
        # The slowest link that is to work, and one that is away now and then.
        "300 bytes a second": Slow(hub.port, drip(whole, start, 300)),
        "1 kB, then nothing for 9 seconds": Slow(hub.port, drip(other, start, 1000), pause=9),
    }
    limits = {
        "a body of a byte a second": BODY_MIN, "a body that never comes": BODY_MIN,
        "a head of a byte a second": HEAD_MAX, "a connection that says nothing": HEAD_MAX,
        "a second request that drips": HEAD_MAX,
        "one that has sent much and then hangs": PATIENCE_MAX,
    }
    drive(list(clients.values()), 60)
    for what, seconds in limits.items():
        took = clients[what].took
        t.check(f"{what} is cut after {seconds} seconds",
                took is not None and seconds - 0.5 < took < seconds + BUSY, took)
    for what, status in (
            ("300 bytes a second", 200), ("1 kB, then nothing for 9 seconds", 422)):
        t.equal(f"{what}: it is answered", said(clients[what].heard)[0], status)
    counts = cut(hub)
    for client in clients.values():
        client.link.close()
    t.check("the metrics tell whom it cut", counts["slow_body"] >= 3 and counts["slow_head"] >= 3
            and counts["slow_reader"] == 1, counts)


def cut(hub):
    samples = metrics(get(hub.port, "/metrics")[2].decode())
    prefix = 'yizhan_connections_cut_total{reason="'
    return {name.removeprefix(prefix).removesuffix('"}'): value for name, value in samples.items()
            if name.startswith(prefix)}


def packed(t, hub):
    """Nothing unpacks what comes."""
    noise = os.urandom(500)
    name, body = exchange_id(noise), gzip.compress(noise)
    status, _, said = ask(hub.port, request(name, body, Content_Encoding="gzip"))
    t.equal("a body that is packed once more is no bundle", (status, b"check_failed" in said),
            (422, True))
    for what, data in {
            "a path of 30,000 bytes": b"GET /" + b"x" * 30_000 + b" HTTP/1.1\r\n\r\n",
            "a path without an end": b"GET /" + b"x" * 300_000,
            "a header of 10,000 bytes": b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n",
            "100 headers": b"GET / HTTP/1.1\r\n" + b"X: x\r\n" * 100 + b"\r\n"}.items():
        began = time.monotonic()
        status, _, _ = ask(hub.port, data)
        t.check(f"{what} is refused at once",
                status in (0, 400, 431) and time.monotonic() - began < BUSY, status)


# ---------------------------------------------------------------- too many

def many(t):
    with running(Hub(t, options=("--address-connections", 5))) as hub, contextlib.ExitStack() as all_:
        links = [all_.enter_context(socket.create_connection(("127.0.0.1", hub.port)))
                 for _ in range(8)]
        kept = [link for link in links if is_open(link)]
        t.equal("of 8 connections of one address 5 are let in", len(kept), 5)
        told = sync(t, "s207", hub.url)
        t.check("a station for which there is no room is told that the link broke",
                (told.code, told.error_code) == (1, "hub_busy")
                or "link_failed" in told.err, told)
        kept[0].close()
        end = time.monotonic() + BUSY
        while (told := sync(t, "s207", hub.url)).code and time.monotonic() < end:
            pass
        t.equal("and has room when one has gone", told.code, 0)
        samples = metrics(get(hub.port, "/metrics")[2].decode())
        t.check("the metrics count those that it turned away",
                samples["yizhan_connections_turned_away_total"] >= 4, samples)
        t.equal("SIGTERM ends that hub", hub.end(), 0)


def is_open(link):
    """Whether the hub keeps a connection that says nothing."""
    link.settimeout(1)
    try:
        return link.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def often(t):
    with running(Hub(t, options=("--address-requests", 20))) as hub:
        answers = [get(hub.port, "/healthz") for _ in range(25)]
        t.equal("of 25 requests a minute 20 are answered", [answer[0] for answer in answers[:20]],
                [200] * 20)
        status, fields, body = answers[-1]
        t.check("the others are told when to come again", status == 429
                and 1 <= int(fields.get("retry-after", 0)) <= 60 and b'"busy"' in body,
                (status, fields, body))
        told = sync(t, "s207", hub.url)
        t.equal("a station is told too", (told.code, '"hub_busy"' in told.err), (1, True))
        t.equal("SIGTERM ends that hub", hub.end(), 0)


def room(t):
    """All uploads together stay within what the hub holds."""
    with running(Hub(t)) as hub, contextlib.ExitStack() as all_:
        links = []
        for number in range(6):
            link = all_.enter_context(socket.create_connection(("127.0.0.1", hub.port)))
            link.settimeout(20)
            link.sendall(head(f"{number:032x}", 16 << 20))
            links.append(link)
        heard = []
        for link in links:
            with contextlib.suppress(OSError):
                link.sendall(bytes((16 << 20) - 1))
        for link in links:
            link.settimeout(2)
            with contextlib.suppress(OSError):
                heard.append(said(link.recv(4096))[0])
        t.check("uploads that want more than there is room for are told to come again",
                429 in heard and set(heard) <= {429, 0}, heard)
        t.equal("SIGTERM ends that hub, too", hub.end(), 0)
