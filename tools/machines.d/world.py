"""The machines of a run, how they are founded, and what all threads share."""
import itertools
import os
import random
import sys
import threading

import harness
from fleet import Machine, Relay
from ground import Loopback, Namespaces
from ledger import Ledger
from life import MONTH, Item, Stick, programme_of

TOOLS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
COUNTY, TOWNSHIP = "34.01.23", "34.01.23.109"
ITEMS = 8


class World:
    relay = os.path.join(TOOLS, "relay")
    python = sys.executable

    def __init__(self, options, folder):
        self.options, self.folder, self.seed = options, folder, options.seed
        self.program = options.program
        # Seconds between two things that a person does, and two that befall a machine, on average.
        self.pace, self.peace = options.pace, options.peace
        self.dice = random.Random(f"{options.seed} world")
        self.ledger = Ledger()
        self.ground = Loopback() if options.loopback else Namespaces()
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        self.items = []
        self.machines = self._machines()
        self.sticks = []

    def next(self):
        return next(self.numbers)

    def limit(self, usual, dice):
        """After how many seconds a command is killed: of some, by dice, at any moment of their life or
        a little later; else None."""
        if dice is None or dice.random() >= self.options.share:
            return None
        return dice.random() * 1.3 * usual

    # ------------------------------------------------------------ founding

    def _machines(self):
        names = (["county"] if self.options.tiers == 2 else []) + ["town"]
        names += [f"s{number}" for number in range(1, self.options.stations + 1)]
        machines = []
        for number, name in enumerate(names, 1):
            above = None
            if machines:
                above = machines[0] if name == "town" else machines[self.options.tiers - 1]
            self.ground.add(number)
            machines.append(Machine(self, name, number, above))
        return machines

    @property
    def stations(self):
        return [machine for machine in self.machines if not machine.is_hub]

    @property
    def hubs(self):
        return [machine for machine in self.machines if machine.is_hub]

    @property
    def root(self):
        return self.machines[0]

    def code(self, machine):
        if machine.is_hub:
            return {"county": COUNTY, "town": TOWNSHIP}[machine.name]
        return f"{TOWNSHIP}.{200 + machine.number}"

    def good(self, machine, *words):
        done = machine.command(*words)
        if done.code != 0:
            raise RuntimeError(f"{machine.name}: {done}")
        return done

    def found(self):
        """All join, plans are made, and what runs by itself runs."""
        for machine in self.machines:
            os.makedirs(os.path.join(machine.home, "backup"))
            self._join(machine)
            # The rest is with a relay between it and its hub, or straight.
            if machine.above and (self.options.loopback or self.dice.random() < 0.6):
                machine.relay = Relay(self, machine)
                machine.relay.start()
            machine.start()
        for hub in self.hubs:
            keys = [f"{hub.name}-p{self.next()}" for _ in range(ITEMS)]
            done = self.good(hub, *self.sheet(hub, keys))
            for key in keys:
                self.ledger.write("item", key, hub.name, programme_of(key), done)
            self.good(hub, "plan", "issue", "--month", MONTH)
            self.learn(hub, self.good(hub, "plan", "show", "--json"))
        below = [machine for machine in self.machines if machine.above]
        self.sticks.append(Stick(self, "round", self.machines))
        for number in range(1, self.options.sticks):
            one = self.dice.choice(below)
            self.sticks.append(Stick(self, f"pair{number}", [one.above, one]))

    def _join(self, machine):
        place = ("--place", self.code(machine), "--name", f"{machine.name} 驿站")
        if machine.above is None:
            self.good(machine, "hub", "init", *place)
            return
        more = ["--hub"] if machine.is_hub else []
        line = self.good(machine.above, "hub", "invite", *place, *more).out.strip()
        kind = "hub" if machine.is_hub else "station"
        self.good(machine, kind, "join", "--invitation", line)

    # ------------------------------------------------------------ plans

    def sheet(self, machine, keys):
        """The words that take in a sheet of these items. No two have two of date, start and programme
        in common: such a row would be taken for the other one, moved."""
        path = os.path.join(machine.home, "plan.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("id,date,start,programme,title\n")
            for key in keys:
                number = int(key.rpartition("-p")[2])
                start = f"{6 + number // 60 % 16:02d}:{number % 60:02d}"
                file.write(f"{key},{MONTH}-{number % 28 + 1:02d},{start},{programme_of(key)},{key}\n")
        return "plan", "import", "--for", self.code(machine), path

    def learn(self, machine, done):
        """The dots of items that this hub has made."""
        if done.code != 0:
            return
        with self.lock:
            known = {item.key for item in self.items}
            self.items += [Item(each["id"], each["dot"]) for each in done.json
                           if each["id"] and each["id"].startswith(f"{machine.name}-")
                           and each["id"] not in known]

    # ------------------------------------------------------------ the end

    def end(self):
        """Whatever is left; only what was started here."""
        for machine in self.machines:
            machine.kill_own("at the end")
            for process in list(machine.commands):
                process.kill()
            if machine.relay:
                machine.relay.end()
        self.ground.end()
        harness.remove_leases(self.folder)
