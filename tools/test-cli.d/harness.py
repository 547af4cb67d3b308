"""How tools/test-cli runs yizhan and counts what holds."""
import json
import os
import re
import shutil
import subprocess
import sys
import threading

import sheets

ERROR_LINE = re.compile(r"yizhan: ([a-z][a-z_]*): \S.*")
SECONDS_MAX = 600

HUB = "34.01.23.109"
VILLAGES = {"s207": "双枣社区", "s208": "河湾村", "s209": "松林村"}


class Stopped(Exception):
    """A section cannot go on: what it needs did not work."""


class Result:
    def __init__(self, arguments, code, out, err, bytes_max=0):
        self.arguments = [str(argument) for argument in arguments]
        self.code = code
        self.out = out
        self.err = err
        self.bytes_max = bytes_max

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise Stopped(f"{self.line}: printed no JSON: {self.out[:200]!r} {self.err[:200]!r}")

    @property
    def error_code(self):
        """The code of the error, if standard error has the form that scripts rely on."""
        lines = self.err.splitlines()
        found = [ERROR_LINE.fullmatch(line) for line in lines]
        return found[-1].group(1) if lines and all(found) else None

    @property
    def line(self):
        return "yizhan " + " ".join(self.arguments)

    def __str__(self):
        return f"{self.line}: exit {self.code}: {self.err.strip()[:300] or self.out.strip()[:300]}"


class Section:
    """One part of the test, with a folder of its own. Its lines are printed when it is done."""

    def __init__(self, name, program, folder, reporter):
        self.name = name
        self.program = program
        self.folder = folder
        self.reporter = reporter
        self.mounts = []
        self.prefix = []

    # ------------------------------------------------------------ what holds

    def check(self, what, holds, detail=""):
        self.reporter.add(self.name, what, "ok" if holds else "FAIL", "" if holds else str(detail))
        return holds

    def equal(self, what, found, wanted):
        return self.check(what, found == wanted, f"found {found!r}, wanted {wanted!r}"[:800])

    def skip(self, what, reason):
        self.reporter.add(self.name, what, "skip", reason)

    # ------------------------------------------------------------ running the program

    def run(self, *arguments, cwd=None, env=None):
        """Runs yizhan, whatever comes of it, but never a crash."""
        words = self.prefix + [self.program] + [str(argument) for argument in arguments]
        process = subprocess.Popen(
            words, cwd=cwd or self.folder, env=dict(os.environ, **(env or {})),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return self.finish(process, arguments)

    def start(self, *arguments):
        """Starts yizhan without waiting for it."""
        words = [self.program] + [str(argument) for argument in arguments]
        return subprocess.Popen(
            words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def finish(self, process, arguments, may_be_killed=False):
        timer = threading.Timer(SECONDS_MAX, process.kill)
        timer.start()
        try:
            out, err = process.communicate()
        finally:
            timer.cancel()
        result = Result(
            arguments, process.returncode, out.decode(errors="replace"),
            err.decode(errors="replace"))
        if result.code not in (0, 1, 2, 64) and not may_be_killed:
            self.check(f"it does not crash: {result.line[:120]}", False,
                       f"exit {result.code}: {result.err[:300]}")
        return result

    def good(self, *arguments, **options):
        """Runs yizhan where it must succeed."""
        result = self.run(*arguments, **options)
        if result.code != 0:
            raise Stopped(str(result))
        return result

    def json(self, *arguments):
        return self.good(*arguments, "--json").json

    def memory(self, *arguments):
        """Runs yizhan and measures the most memory that it held, in bytes."""
        words = [self.program] + [str(argument) for argument in arguments]
        measuring = (
            "import resource, subprocess, sys; "
            "done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); "
            "sys.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)")
        process = subprocess.Popen(
            [sys.executable, "-c", measuring] + words, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        result = self.finish(process, arguments)
        lines = result.err.splitlines()
        return Result(
            arguments, result.code, result.out, "\n".join(lines[:-1]), int(lines[-1]) * 1024)

    def at(self, time):
        """From now on the program's clock stands at this time in UTC, and goes on from there."""
        self.prefix = ["env", "TZ=UTC", "faketime", "--exclude-monotonic", "-f", f"@{time}"]

    # ------------------------------------------------------------ replicas

    def dump(self, data, partition=None):
        only = ["--partition", partition] if partition else []
        return self.good("dump", "--data", data, *only).out

    def refused(self, what, code, *arguments, exit_code=1, data=(), says=()):
        """The command fails with this code, in both forms, and changes nothing in `data`."""
        data = [data] if isinstance(data, str) else data
        before = [self.dump(folder) for folder in data]
        plain = self.run(*arguments)
        as_json = self.run(*arguments, "--json")
        faults = []
        if plain.code != exit_code or as_json.code != exit_code:
            faults.append(f"exit {plain.code} and {as_json.code} with --json, not {exit_code}")
        if plain.error_code != code:
            faults.append(f"not `yizhan: {code}: ...`: {plain.err.strip()[:300]!r}")
        try:
            told = json.loads(as_json.err)
            if told.get("code") != code:
                faults.append(f"--json tells the code {told.get('code')}")
        except ValueError:
            faults.append(f"--json gives no object: {as_json.err.strip()[:200]!r}")
        for text in says:
            if str(text) not in plain.err:
                faults.append(f"does not say {text!r}: {plain.err.strip()[:300]!r}")
        if before != [self.dump(folder) for folder in data]:
            faults.append("the data changed")
        return self.check(what, not faults, "; ".join(faults))

    def playbacks(self, data, *more):
        return self.json("playback", "list", "--data", data, *more)

    def items(self, data, *more):
        return self.json("plan", "show", "--data", data, *more)

    # ------------------------------------------------------------ files and folders

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        """A file with these bytes, or this text in UTF-8."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def read(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def sheet(self, name, columns, rows, **options):
        sheets.write(self.path(name), columns, rows, **options)
        return self.path(name)

    def copy(self, source, target):
        shutil.copytree(self.path(source), self.path(target))
        return self.path(target)

    def fresh(self, name):
        """An empty folder of this name."""
        shutil.rmtree(self.path(name), ignore_errors=True)
        os.makedirs(self.path(name))
        return self.path(name)

    def mount(self, what, *arguments):
        """Mounts on the last argument; tells why not, and that the check is skipped for it."""
        done = subprocess.run(
            ["mount", *arguments], stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode == 0:
            self.mounts.append(arguments[-1])
            return True
        self.skip(what, "cannot mount here: " + done.stderr.decode(errors="replace").strip())
        return False

    def unmount(self):
        done = subprocess.run(["umount", self.mounts.pop()], capture_output=True)
        if done.returncode != 0:
            raise Stopped("umount: " + done.stderr.decode(errors="replace"))

    def clean(self):
        while self.mounts:
            subprocess.run(["umount", "-l", self.mounts.pop()], capture_output=True)
        remove_leases(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def lease(database):
    """Where a replica leaves its note when it is closed."""
    status = os.stat(database)
    return f"/dev/shm/yizhan-{os.getuid()}-{status.st_dev}-{status.st_ino}"


def remove_leases(folder):
    """What closed replicas leave in the machine's memory (Sources/Replica/Lease.swift)."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if name == "yizhan.db":
                note = lease(os.path.join(parent, name))
                if os.path.exists(note):
                    os.remove(note)


class Reporter:
    """The lines of all sections, printed in the order of sections."""

    def __init__(self):
        self.counts = {"ok": 0, "FAIL": 0, "skip": 0}
        self.lines = {}

    def add(self, section, what, outcome, detail):
        self.counts[outcome] += 1
        text = f"{outcome:4}  {section}: {what}" + (f": {detail}" if detail else "")
        self.lines.setdefault(section, []).append(text.replace("\n", " "))

    def show(self, section):
        for line in self.lines.pop(section, []):
            print(line, flush=True)


def found_tree(section):
    """A hub and three stations that have joined it, nothing planned yet."""
    section.good("hub", "init", "--data", "hub", "--place", HUB, "--name", sheets.TOWNSHIP)
    for station, name in VILLAGES.items():
        invitation = section.good(
            "hub", "invite", "--data", "hub", "--place", f"{HUB}.{station[1:]}", "--name", name)
        section.good(
            "station", "join", "--data", station, "--invitation", invitation.out.strip())
    section.fresh("stick")


def mounted_read_only(section, what, folder):
    """Mounts a folder on itself, read-only; tells why not, and that the check is skipped for it."""
    if not section.mount(what, "--bind", folder, folder):
        return False
    if section.mount(what, "-o", "remount,bind,ro", folder):
        section.mounts.pop()
        return True
    section.unmount()
    return False


def carry(section, source, target, stick="stick"):
    """One way over a stick; what the target says of it."""
    section.good("bundle", "export", "--data", source, "--to", stick)
    return section.json("bundle", "import", "--data", target, "--from", stick)


def round_trip(section, *stations):
    """Hub to stations and back."""
    for station in stations:
        carry(section, "hub", station)
        carry(section, station, "hub")


def planned_tree(section):
    """The same with programmes, a month plan for all and one for the first station, issued and
    carried to the stations."""
    found_tree(section)
    programmes = sheets.catalogue()
    section.sheet("programmes.csv", ["programme", "title", "category", "seconds"], programmes)
    section.sheet("township.csv", sheets.PLAN_COLUMNS, sheets.month_plan(programmes))
    section.sheet("station.csv", sheets.PLAN_COLUMNS, sheets.station_plan(programmes))
    section.good("programme", "import", "--data", "hub", "programmes.csv")
    section.good("plan", "import", "--data", "hub", "--for", HUB, "township.csv")
    section.good("plan", "import", "--data", "hub", "station.csv")
    section.good("plan", "issue", "--data", "hub")
    section.good("plan", "issue", "--data", "hub", "--for", VILLAGES["s207"])
    round_trip(section, *VILLAGES)
