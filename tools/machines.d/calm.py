"""After the trouble: all machines exchange until they are quiet, and then everything must hold."""
import concurrent.futures
import os
import re
import subprocess
import time

import harness
from life import COURIERS_FILE, MONTH

ROUNDS_MAX = 20
STICK_ROUNDS_MAX = 6
# What may lie in a data folder whose machine has ended (Sources/yizhan, Exchange, Mailbag).
FOLDER = {"keys", "lock", "yizhan.db", "yizhan.db-shm", "yizhan.db-wal", "local-token", "spent",
          "incoming", "aside", "answers", "outgoing"}
HALF = re.compile(r"\.(tmp|part)$|~$")


class Calm:
    def __init__(self, world):
        self.world, self.ledger = world, world.ledger
        self.rounds, self.seconds = 0, {}

    def come(self):
        self.timed("healing", self.heal)
        self.timed("exchanging until quiet", self.exchange)
        self.timed("emptying sticks", self.empty_sticks)
        self.timed("looking", self.look)

    def timed(self, what, do):
        began = time.monotonic()
        do()
        self.seconds[what] = round(time.monotonic() - began, 1)

    def look(self):
        for hub in self.world.hubs:
            hub.end_own()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for looked in [pool.submit(self.look_at, each) for each in self.world.machines]:
                looked.result()
        self.equal()

    def look_at(self, machine):
        self.sound(machine)
        self.left_over(machine)
        self.written(machine)

    # ------------------------------------------------------------ until quiet

    def heal(self):
        world = self.world
        for machine in world.machines:
            world.ground.clear(machine.number)
            machine.look()
            machine.start()
            if machine.relay:
                machine.relay.end()
                machine.relay.start()
        for machine in world.stations:
            machine.end_own()
            for player in ("keeper", "hall"):
                machine.command("playback", "stop", "--player", player)
        for hub in world.hubs:
            hub.command("plan", "issue", "--month", MONTH)

    def exchange(self):
        """Rounds over the network until one brings nothing new to anybody."""
        below = [machine for machine in self.world.machines if machine.above]
        for self.rounds in range(1, ROUNDS_MAX + 1):
            moved = 0
            for machine in below[::-1] + below:
                told = self.sync(machine)
                moved += told["sent"] + told["received"]
            if not moved:
                return
        self.ledger.fault(f"not quiet after {ROUNDS_MAX} rounds of exchanges")

    def sync(self, machine):
        done = machine.command("sync", "--url", machine.url_above(), "--json")
        if done.code != 0:
            self.ledger.fault(f"{machine.name}: in the calm: {done}")
            return {"sent": 0, "received": 0}
        if done.json["refused"]:
            self.ledger.fault(f"{machine.name}: in the calm refused: {done.json['refused']}")
        self.ledger.count("exchanges until quiet")
        return done.json

    def empty_sticks(self):
        """Rounds until nobody has anything to write. What has been merged goes from a stick with the next
        export of its reader; so nothing but the courier's own file may be left."""
        for stick in self.world.sticks:
            for _ in range(STICK_ROUNDS_MAX):
                # Hubs have written it for stations too to which it was not carried.
                if not sum(self.visit(machine, stick) for machine in self.world.machines):
                    break
            left = sorted(set(os.listdir(stick.folder)) - {COURIERS_FILE})
            if left:
                self.ledger.fault(f"stick {stick.name}: left on it: {left}")
            with open(os.path.join(stick.folder, COURIERS_FILE), "rb") as file:
                if file.read() != stick.name.encode() * 1000:
                    self.ledger.fault(f"stick {stick.name}: the courier's own file was changed")

    def visit(self, machine, stick):
        """How many files were written."""
        machine.command("bundle", "import", "--from", stick.folder, "--json")
        told = self.world.good(machine, "bundle", "export", "--to", stick.folder, "--json").json
        return sum(len(each["files"]) for each in told)

    # ------------------------------------------------------------ what must hold

    def sound(self, machine):
        done = machine.command("check", "--json")
        if done.code != 0 or not done.json["ok"]:
            self.ledger.fault(f"{machine.name}: {done}")
        told = machine.json("status", *(["--own"] if machine.is_hub else []))
        for what in ("alarms", "conflicts", "playing"):
            if told[what]:
                self.ledger.fault(f"{machine.name}: status tells of {what}: {told[what]}")
        for each in told["neighbours"]:
            if each["waiting"] or each["refused"]:
                self.ledger.fault(f"{machine.name}: for {each['name']} waits {each['waiting']}, "
                                  f"refused {each['refused']}")

    def left_over(self, machine):
        copy = os.path.join(machine.home, "backup", "copy.db")
        done = machine.command("backup", "--to", copy)
        names = sorted(os.listdir(os.path.dirname(copy)))
        if done.code != 0 or names != ["copy.db", "copy.db.keys"]:
            self.ledger.fault(f"{machine.name}: backup leaves {names}: {done}")
        other = sorted(set(os.listdir(machine.data)) - FOLDER)
        if other:
            self.ledger.fault(f"{machine.name}: left in the data folder: {other}")
        for parent, _, names in os.walk(machine.data):
            inside = os.path.relpath(parent, machine.data)
            # What has come of bundles over broken links is kept for long, and has bounds of its own.
            for name in names if inside != "incoming" else []:
                if HALF.search(name):
                    self.ledger.fault(f"{machine.name}: left half written: {name}")
            if inside != ".":
                self.ledger.count(f"files in {inside}/ at the end", len(names))

    def written(self, machine):
        """Every write that was acknowledged, exactly once, at its machine and at the hubs above."""
        plays = machine.json("playback", "list")
        own = None if machine.is_hub else machine.name
        where = machine.name
        self.ledger.compare("playback", where, [(p["note"], as_written(p)) for p in plays], own)
        closures = machine.json("closure", "list")
        self.ledger.compare("closure", where, [(c["cause"], c["from"]) for c in closures], own)
        # A station does not know the clerk's ids, so items are known by their titles.
        for hub in self.shown_at(machine):
            items = machine.json("plan", "show", "--for", self.world.code(hub))
            own = [item for item in items if item["title"].startswith(f"{hub.name}-")]
            self.ledger.compare("item", where, [(i["title"], i["programme"]) for i in own], hub.name)
            self.ledger.compare_fields("note", where, {i["title"]: i["note"] for i in own})

    def shown_at(self, machine):
        """The hubs whose plans a machine has."""
        return [hub for hub in self.world.hubs if hub is machine or not machine.is_hub
                or hub.number < machine.number]

    def equal(self):
        """What two replicas hold of one partition is the same text."""
        held = {}
        for machine in self.world.machines:
            text = self.world.good(machine, "dump").out
            for name, block in blocks(text):
                first, other = held.setdefault(name, (machine, block))
                if other != block:
                    self.ledger.fault(f"unequal: {name} at {first.name} and {machine.name}")
            self.reasons(machine, text)

    def reasons(self, machine, text):
        found = {}
        for record in re.findall(r"^record adjustment .*\n((?:  .*\n)*)", text, re.MULTILINE):
            item, reason = re.search(r"@(\S+)", record), re.search(r' "([^"]*-r\d+)"', record)
            if item and reason:
                found[f"{reason[1].partition('-')[0]} {item[1]}"] = reason[1]
        own = [key for key, _ in self.ledger.sure("reason") if machine.is_hub
               or key.startswith(f"{machine.name} ")]
        for key in own:
            if key not in found:
                self.ledger.fault(f"lost: what {key} was adjusted for is not at {machine.name}")
        self.ledger.compare_fields("reason", machine.name, found)


def as_written(play):
    """What a person gave: of those that were begun and stopped the time is the machine's."""
    begun = re.search(r"-b\d+$", play["note"] or "")
    return play["programme"] if begun else f"{play['programme']} {play['started_at'][:16]}"


def blocks(dump):
    """Pairs of a partition's name and its text."""
    return [(block.partition("\n")[0], block) for block in dump.split("partition ")[1:]]


def restore(world, machine):
    """The last backup is a whole replica."""
    data = os.path.join(machine.home, "restored")
    copy = os.path.join(machine.home, "backup", "copy.db")
    for words in (["restore", "--data", data, "--from", copy], ["check", "--data", data]):
        done = subprocess.run([world.program, *words], capture_output=True, text=True)
        if done.returncode != 0:
            world.ledger.fault(f"{machine.name}: {words[0]} of its backup: {done.stderr[-300:]}")
    harness.remove_leases(data)
