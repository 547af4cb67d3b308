"""An agent tries at once when the link is back: in a network of the test's own."""
import os
import shutil
import signal
import subprocess
import sys

import network
from harness import HUB

ADDRESS = "10.9.0.1"
PORT = 18100
SECONDS = 30


def linkback(t):
    """The rest runs in a network namespace, where addresses may be taken away."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return t.skip("the link comes back", "there is no unshare or no ip here")
    can = subprocess.run(["unshare", "-rn", "ip", "link", "set", "lo", "up"], capture_output=True)
    if can.returncode != 0:
        return t.skip("the link comes back", "no network namespace may be made here")
    t.good("hub", "init", "--data", "hub", "--place", HUB, "--name", "丰乐镇")
    line = t.good("hub", "invite", "--data", "hub", "--place", f"{HUB}.207", "--name", "双枣社区",
                  "--url", f"http://{ADDRESS}:{PORT}").out
    t.good("station", "join", "--data", "s207", "--invitation", line.strip())
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, os.path.realpath(__file__), t.program], cwd=t.folder,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)), capture_output=True, text=True,
        timeout=120)
    told = done.stdout.splitlines()
    if not t.equal("the agent exchanges while there is a link", told[:1], ["first: True"]):
        t.check("what went wrong", False, done.stderr[-300:])
    t.equal("it has nothing to do for a quarter of an hour", told[1:2], ["idle: True"])
    return t.equal("an address that comes back is enough", told[2:], ["again: True"])


class Bare:
    """As much of a section as a process needs."""

    def path(self, *names):
        return os.path.join(os.getcwd(), *names)

    folder = property(lambda self: os.getcwd())


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def exchanges(path="s207.log"):
    with open(path, encoding="utf-8") as file:
        return sum("exchanged" in line for line in file)


def wait_until(holds, seconds):
    """Polls: the log is another process's."""
    end = network.time.monotonic() + seconds
    while network.time.monotonic() < end:
        if holds():
            return True
        network.time.sleep(0.05)
    return holds()


def inside(program):
    ip("link", "set", "lo", "up")
    ip("address", "add", f"{ADDRESS}/32", "dev", "lo")
    hub = network.Process(
        Bare(), [program, "hub", "run", "--data", "hub", "--listen", f"0.0.0.0:{PORT}"], "hub.log")
    with network.running(hub):
        hub.line()
        agent = network.Process(Bare(), [program, "station", "run", "--data", "s207"], "s207.log")
        with network.running(agent):
            agent.line()
            print("first:", wait_until(lambda: exchanges() == 1, network.WAIT_SECONDS))
            ip("address", "del", f"{ADDRESS}/32", "dev", "lo")
            # That the network changed is told too; the attempt that follows fails.
            print("idle:", wait_until(lambda: exchanges() > 1, 1) is False, flush=True)
            ip("address", "add", f"{ADDRESS}/32", "dev", "lo")
            print("again:", wait_until(lambda: exchanges() > 1, SECONDS), flush=True)
            agent.end(signal.SIGTERM)
        hub.end(signal.SIGTERM)


if __name__ == "__main__":
    inside(sys.argv[1])
