"""Commands beside a running hub or station: they borrow its database."""
import concurrent.futures
import os
import signal
import socket

from harness import HUB
from link import found_tree
from network import WAIT_SECONDS, Hub, Process, running, sync

PLAY = ("--programme", "P1", "--start", "2026-03-01T09:00", "--end", "2026-03-01T09:30")


class Agent(Process):
    def __init__(self, t, data, url):
        super().__init__(
            t, [t.program, "station", "run", "--data", data, "--url", url, "--interval", "1"],
            f"{data}.log")
        self.said = self.line()


def owner_socket(t, data):
    """A connection to the socket in a data folder."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(WAIT_SECONDS)
    folder = os.open(t.path(data), os.O_RDONLY)
    try:
        link.connect(f"/proc/self/fd/{folder}/owner.socket")
    finally:
        os.close(folder)
    return link


def token(t, data):
    with open(t.path(data, "owner.token"), "rb") as file:
        return file.read()


def beside_hub(t, hub):
    t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.250", "--name", "新村")
    t.equal("an invitation made beside the hub says where it runs", join_fresh(t), 0)
    t.equal("a second hub run is refused", t.run(
        "hub", "run", "--data", "hub", "--listen", "127.0.0.1:0").error_code, "data_in_use")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        added = [pool.submit(t.run, "playback", "add", "--data", "hub", "--for", f"{HUB}.207", *PLAY)
                 for _ in range(8)]
        codes = [future.result().code for future in added]
    t.equal("eight commands at once wait for each other", codes, [0] * 8)
    t.equal("and a station still syncs", sync(t, "s207", hub.url).code, 0)


def join_fresh(t):
    line = t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.251", "--name", "小村").out
    t.good("station", "join", "--data", "fresh", "--invitation", line.strip())
    return sync(t, "fresh").code


def strangers(t, hub):
    for name in ("owner.socket", "owner.token"):
        mode = os.stat(t.path("hub", name)).st_mode & 0o777
        t.equal(f"{name} is for its owner only", mode, 0o600)
    with owner_socket(t, "hub") as link:
        link.sendall(bytes(32))
        t.equal("without the token nothing is lent", link.recv(1), b"")
    # One that borrows and says no more; the hub waits for it, and no longer than it lives.
    with owner_socket(t, "hub") as link:
        link.sendall(token(t, "hub"))
        t.equal("with the token the database is lent", link.recv(1), b"k")
        waiting = t.start("sync", "--data", "s207", "--url", hub.url)
        t.equal("the folder is free then", t.run("plan", "show", "--data", "hub").code, 0)
    t.equal("and a station that asked meanwhile is answered",
            t.finish(waiting, ["sync"]).code, 0)


def beside_agent(t, hub):
    t.good("playback", "add", "--data", "s207", *PLAY)
    with running(Agent(t, "s207", hub.url)) as agent:
        t.check("station run says where its hub is", hub.url in agent.said, agent.said)
        before = len(t.playbacks("hub"))
        t.good("playback", "add", "--data", "s207", *PLAY)
        told = sync(t, "s207", hub.url)
        t.equal("sync works beside the agent", told.code, 0)
        t.check("what was logged beside it has arrived", len(t.playbacks("hub")) > before,
                t.playbacks("hub"))
        t.equal("a second station run is refused", t.run(
            "station", "run", "--data", "s207", "--url", hub.url).error_code, "data_in_use")
        t.equal("SIGTERM ends the agent", agent.end(), 0)
    t.equal("no socket is left", os.path.exists(t.path("s207", "owner.socket")), False)


def killed(t):
    with running(Hub(t)) as hub:
        hub.end(signal.SIGKILL)
    t.equal("after a kill of the owner its socket lends nothing, and is no hindrance",
            t.run("playback", "add", "--data", "hub", "--for", f"{HUB}.207", *PLAY).code, 0)


def lending(t):
    found_tree(t)
    with running(Hub(t)) as hub:
        sync(t, "s207", hub.url)
        beside_hub(t, hub)
        strangers(t, hub)
        beside_agent(t, hub)
        t.equal("SIGTERM ends the hub", hub.end(), 0)
    killed(t)
