"""Where machines stand: each in a network namespace of its own, or all on loopback.

Namespaces are made inside one that `tools/machines` has entered, with processes that hold them, so
they are gone when it ends. A bridge joins them; each machine hangs on it by a pair of links.
"""
import contextlib
import ctypes
import os
import subprocess
import threading
import time

NET = 0x40000000
SECONDS = 10
# A machine's number is its address. The bridge has the relays.
BRIDGE = "10.77.0.254"


class Unable(Exception):
    """This machine does not allow it."""


def ways():
    """How to get a network of one's own, the best first: with process ids of its own too, all ends
    when the tool ends, even if it is killed."""
    own = ["unshare", "--map-root-user", "--net"]
    return [[*own, "--pid", "--fork", "--kill-child", "--mount-proc"], own]


# All that a network of one's own is made of here.
TRIAL = ("ip link add yizhan0 type veth peer name yizhan1 && ip link add yizhan2 type bridge "
         "&& unshare --net true")


def way_in():
    """The first way that works here, or None."""
    for words in ways():
        with contextlib.suppress(OSError):
            done = subprocess.run(
                [*words, "sh", "-c", TRIAL], stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode == 0:
                return words
    return None


def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unable(f"{' '.join(words)}: {done.stderr.strip()}")


class Loopback:
    """No namespaces: one address, and links that only relays make bad."""

    kind = "loopback"
    shaping = "nothing in the kernel"
    relay_address = "127.0.0.1"

    def add(self, number):
        pass

    def address(self, number):
        return "127.0.0.1"

    @contextlib.contextmanager
    def inside(self, number):
        yield

    def shape(self, number, rate, loss, delay):
        pass

    def plug(self, number, is_up):
        pass

    def clear(self, number):
        pass

    def end(self):
        pass


class Namespaces:
    kind = "network namespaces"
    relay_address = BRIDGE

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.holders, self.doors = {}, {}
        self.lock = threading.Lock()
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "bridge0", "type", "bridge")
        run("ip", "address", "add", f"{BRIDGE}/24", "dev", "bridge0")
        run("ip", "link", "set", "bridge0", "up")
        self.shaping = self._shaping()

    def _shaping(self):
        """What the kernel can do to packets."""
        run("ip", "link", "add", "try0", "type", "veth", "peer", "name", "try1")
        try:
            for name, words in (("netem", self._netem), ("htb", self._htb)):
                with contextlib.suppress(Unable):
                    words("try0", 1_000_000, 0.01, 0.01)
                    return name
        finally:
            run("ip", "link", "del", "try0")
        return "nothing in the kernel"

    def add(self, number):
        holder = subprocess.Popen(
            ["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        self.holders[number] = holder
        path = f"/proc/{holder.pid}/ns/net"
        end = time.monotonic() + SECONDS
        while os.readlink(path) == os.readlink("/proc/self/ns/net"):
            if time.monotonic() > end or holder.poll() is not None:
                raise Unable("unshare makes no namespace")
            time.sleep(0.005)
        self.doors[number] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        link = f"link{number}"
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns",
            str(holder.pid))
        run("ip", "link", "set", link, "master", "bridge0", "up")
        with self.inside(number):
            run("ip", "link", "set", "lo", "up")
            run("ip", "address", "add", f"{self.address(number)}/24", "dev", "eth0")
            run("ip", "link", "set", "eth0", "up")

    def address(self, number):
        return f"10.77.0.{number}"

    @contextlib.contextmanager
    def inside(self, number):
        """What this thread starts or connects to meanwhile is on that machine."""
        self._enter(self.doors[number])
        try:
            yield
        finally:
            self._enter(self.home)

    def _enter(self, door):
        if self.libc.setns(door, NET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    # ------------------------------------------------------------ weather

    def shape(self, number, rate, loss, delay):
        """Bits a second, share of packets that is lost, seconds of delay (with netem only)."""
        make = {"netem": self._netem, "htb": self._htb}.get(self.shaping)
        if make is None:
            return
        with self.lock:
            self._clear(number)
            make(f"link{number}", rate, loss, delay)
            with self.inside(number):
                make("eth0", rate, loss, delay)

    def _netem(self, link, rate, loss, delay):
        run("tc", "qdisc", "replace", "dev", link, "root", "netem", "delay", f"{delay * 1000:.0f}ms",
            "loss", f"{loss:.2%}", "rate", f"{rate}bit")

    def _htb(self, link, rate, loss, _):
        """The rate is htb's. Loss, for kernels without netem: a filter that throws a die for each
        packet and sends the losers to a class that is a black hole."""
        run("tc", "qdisc", "replace", "dev", link, "root", "handle", "1:", "htb", "default", "1")
        run("tc", "class", "replace", "dev", link, "parent", "1:", "classid", "1:1", "htb", "rate",
            f"{rate}bit", "burst", "4kb")
        run("tc", "class", "replace", "dev", link, "parent", "1:", "classid", "1:3", "htb", "rate",
            f"{rate}bit")
        run("tc", "qdisc", "replace", "dev", link, "parent", "1:1", "pfifo", "limit", "40")
        run("tc", "qdisc", "replace", "dev", link, "parent", "1:3", "blackhole")
        # Load the kernel's random word; below the bar it is class 1:3, else the default.
        bar = min(0xFFFFFFFF, int(loss * (1 << 32)))
        code = f"4,32 0 0 4294963256,53 1 0 {bar},6 0 0 4294967295,6 0 0 0"
        run("tc", "filter", "replace", "dev", link, "parent", "1:", "prio", "1", "protocol", "all",
            "bpf", "bytecode", code, "flowid", "1:3")

    def plug(self, number, is_up):
        """The cable of a machine."""
        run("ip", "link", "set", f"link{number}", "up" if is_up else "down")

    def clear(self, number):
        with self.lock:
            self._clear(number)

    def _clear(self, number):
        remove = ("tc", "qdisc", "del", "root", "dev")
        with contextlib.suppress(Unable):
            run(*remove, f"link{number}")
        with self.inside(number), contextlib.suppress(Unable):
            run(*remove, "eth0")
        self.plug(number, True)

    def end(self):
        for holder in self.holders.values():
            holder.kill()
            holder.wait()
        for door in [self.home, *self.doors.values()]:
            os.close(door)
