"""Machines of a run: hubs and stations as processes, their commands, and how they are killed."""
import contextlib
import json
import os
import re
import select
import signal
import subprocess
import threading
import time

import harness

ERROR = re.compile(r"yizhan: ([a-z_]+):")
STARTED_SECONDS = 30
ENDED_SECONDS = 30
COMMAND_SECONDS = 120
LOG_TAIL = 2000


class Done:
    """A command that has ended, by itself or not."""

    def __init__(self, words, code, out, err):
        self.words = [str(word) for word in words]
        self.code, self.out, self.err = code, out, err

    @property
    def killed(self):
        return self.code == -signal.SIGKILL

    def codes(self):
        """The stable codes of what failed: the error's, or those of what was refused."""
        found = ERROR.findall(self.err)
        if self.code == 2:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                found = [each["code"] for file in json.loads(self.out)
                         for each in [file, *file["partitions"]] if each["code"]]
        with contextlib.suppress(ValueError, AttributeError):
            found = [json.loads(self.err)["code"]]
        return found or [f"exit {self.code}"]

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        said = (self.err.strip() or self.out.strip())[-400:]
        return f"yizhan {' '.join(self.words)}: exit {self.code}: {said}"


class Machine:
    """One machine: a data folder, what runs by itself on it, and commands beside that."""

    def __init__(self, world, name, number, above=None):
        self.world, self.name, self.number, self.above = world, name, number, above
        self.is_hub = not name.startswith("s")
        self.home = os.path.join(world.folder, name)
        self.data = os.path.join(self.home, "data")
        self.log = os.path.join(self.home, "log")
        self.port = 0
        self.own = None
        self.local = None
        self.relay = None
        self.wanted = False
        self.lock = threading.RLock()
        self.commands = set()
        self.usual = {}
        os.makedirs(self.home)

    # ------------------------------------------------------------ what runs by itself

    @property
    def kind(self):
        return "hub" if self.is_hub else "agent"

    @property
    def stick_port(self):
        return os.path.join(self.home, "usb")

    def url(self):
        """Where those below find this hub, without a relay between."""
        return f"http://{self.world.ground.address(self.number)}:{self.port}"

    def url_above(self):
        return self.relay.url if self.relay else self.above.url()

    def own_words(self):
        words = [self.kind.replace("agent", "station"), "run", "--data", self.data]
        if self.is_hub:
            words += ["--listen", f"{self.world.ground.address(self.number)}:{self.port}"]
        else:
            words += ["--listen", "127.0.0.1:0", "--stick", self.stick_port]
        if self.above:
            words += ["--url", self.url_above(), "--interval", "1"]
        return words

    def start(self, kill_after=None):
        """Starts what runs by itself, and kills it while it starts if that takes longer than this. A
        command that was begun before it may have the folder."""
        end = time.monotonic() + STARTED_SECONDS
        while True:
            with self.lock:
                if self.own is not None:
                    return
                own = self._spawn(self.own_words(), open(self.log, "ab"))
                self.own, self.wanted = own, True
            said = first_line(own, end if kill_after is None else time.monotonic() + kill_after)
            if said is not None:
                self._listen(own, said, end)
                return
            if kill_after is not None and own.poll() is None:
                self.kill_own(f"{self.kind}, starting")
                return
            code = own.wait(max(1, end - time.monotonic()))
            own.stdout.close()
            with self.lock:
                self.own = None
            last = self.tail()
            if time.monotonic() > end or not re.search("data_in_use|cannot_listen", last):
                self.world.ledger.fault(f"{self.name}: does not start: exit {code}: {last[-300:]}")
                return
            self.world.ledger.count("starts that waited")
            time.sleep(0.1)

    def _listen(self, own, said, end):
        if self.is_hub:
            self.port = int(said.rpartition(":")[2])
            return
        # A station says where it tells how it stands in a second line.
        said = first_line(own, end) or ""
        found = re.search(r"http://[0-9.]+:([0-9]+)/", said)
        self.local = int(found[1]) if found else None

    def kill_own(self, kind=None):
        """SIGKILL to what runs by itself; whether it was still running."""
        with self.lock:
            own, self.own = self.own, None
            self.local = None
        return self._kill(own, kind or self.kind) if own else False

    def end_own(self):
        """SIGTERM; whatever it ends with but 0 is a fault."""
        with self.lock:
            own, self.own = self.own, None
            self.wanted, self.local = False, None
        if own is None:
            return
        own.send_signal(signal.SIGTERM)
        try:
            code = own.wait(ENDED_SECONDS)
        except subprocess.TimeoutExpired:
            code = "none for so long"
            own.kill()
            own.wait()
        own.stdout.close()
        if code != 0:
            self.world.ledger.fault(f"{self.name}: SIGTERM, exit {code}: {self.tail()[-300:]}")

    def look(self):
        """What runs by itself ends only when it is told to."""
        with self.lock:
            own = self.own
            if own is None or own.poll() is None:
                return
            self.own, self.local = None, None
        own.stdout.close()
        self.world.ledger.fault(
            f"{self.name}: ended by itself: exit {own.returncode}: {self.tail()[-300:]}")

    def tail(self):
        with open(self.log, "rb") as file:
            file.seek(max(0, os.path.getsize(self.log) - LOG_TAIL))
            return file.read().decode(errors="replace")

    # ------------------------------------------------------------ commands

    def command(self, *words, dice=None):
        """Runs a command; with dice it may be killed at any moment of what it usually takes."""
        kind = " ".join(word for word in words[:2] if not word.startswith("-"))
        limit = self.world.limit(self.usual.get(kind, 0.2), dice)
        began = time.monotonic()
        process = self._spawn([*words, "--data", self.data], subprocess.PIPE)
        with self.lock:
            self.commands.add(process)
        try:
            out, err = self._communicate(process, kind, limit)
        finally:
            with self.lock:
                self.commands.discard(process)
        done = Done(words, process.returncode, out.decode(errors="replace"),
                    err.decode(errors="replace"))
        if not done.killed:
            self.usual[kind] = (self.usual.get(kind, 0.2) + time.monotonic() - began) / 2
            self.world.ledger.ended(self.name, kind, done)
        return done

    def _communicate(self, process, kind, limit):
        try:
            return process.communicate(timeout=limit or COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            if limit is None:
                self.world.ledger.fault(f"{self.name}: {kind}: not done after {COMMAND_SECONDS} s")
            self._kill(process, kind)
            return process.communicate()

    def json(self, *words):
        """For looking, when nothing is killed."""
        done = self.command(*words, "--json")
        if done.code not in (0, 2):
            raise RuntimeError(f"{self.name}: {done}")
        return done.json

    def power_cut(self):
        """All that runs here at once; memory is gone too, with the note of the last clean end."""
        with self.lock:
            commands = list(self.commands)
        self.kill_own("whole machine")
        for process in commands:
            process.kill()
        harness.remove_leases(self.data)

    # ------------------------------------------------------------ processes

    def _spawn(self, words, to):
        """`to` is the file that takes the log of what runs by itself."""
        is_own = to is not subprocess.PIPE
        try:
            with self.world.ground.inside(self.number):
                return subprocess.Popen(
                    [self.world.program, *(str(word) for word in words)], cwd=self.home,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=to)
        finally:
            if is_own:
                to.close()

    def _kill(self, process, kind):
        process.kill()
        code = process.wait()
        # What a command said is read by whoever waits for it.
        if process not in self.commands:
            process.stdout.close()
        if code == -signal.SIGKILL:
            self.world.ledger.kill(kind)
        return code == -signal.SIGKILL


def first_line(process, end):
    """The next line of a process, or None if it ends or says nothing until then."""
    line = b""
    while not line.endswith(b"\n"):
        left = max(0, end - time.monotonic())
        ready, _, _ = select.select([process.stdout], [], [], left)
        # One byte: what follows belongs to the next call.
        byte = os.read(process.stdout.fileno(), 1) if ready else b""
        if not byte:
            return None
        line += byte
    return line.decode(errors="replace")


class Relay:
    """A process of tools/relay between a machine and the hub above it."""

    def __init__(self, world, machine):
        self.world, self.machine = world, machine
        self.port = 0
        self.process = None
        self.harm = []

    @property
    def url(self):
        return f"http://{self.world.ground.relay_address}:{self.port}"

    def start(self, *harm):
        to = self.machine.above
        words = [self.world.python, self.world.relay, "--to",
                 f"{self.world.ground.address(to.number)}:{to.port}", "--listen",
                 f"{self.world.ground.relay_address}:{self.port}", *(str(word) for word in harm)]
        with open(os.path.join(self.machine.home, "relay.log"), "ab") as log:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        said = first_line(self.process, time.monotonic() + STARTED_SECONDS)
        if said is None:
            raise RuntimeError(f"{self.machine.name}: the relay does not start")
        self.port = int(said.rpartition(" ")[2])

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
