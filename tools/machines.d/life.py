"""What people and misfortune do while a run lasts: a thread for each, with dice of its own."""
import csv
import http.client
import json
import os
import random
import signal
import threading
import time

from fleet import Done

MONTH = "2026-03"
PROGRAMMES = [f"P{number}" for number in range(1, 9)]
COURIERS_FILE = "photo.jpg"
HTTP_SECONDS = 10
# A person gives up after so many attempts at one thing.
ATTEMPTS_MAX = 50


def programme_of(key):
    """Each item of a plan has a programme of its own."""
    return f"P-{key}"


class Life:
    """All threads of one spell of trouble. What they do is drawn from the seed; when it happens is the
    machine's own."""

    def __init__(self, world, spell):
        self.world = world
        self.stop = threading.Event()
        self.threads = []
        for machine in world.machines:
            self.begin(Clerk if machine.is_hub else Keeper, spell, machine)
            self.begin(Fate, spell, machine)
        for number, stick in enumerate(world.sticks):
            self.begin(Courier, spell, stick, number)
        self.begin(Weather, spell)

    def begin(self, kind, spell, *arguments):
        who = kind(self, *arguments)
        who.dice = random.Random(f"{self.world.seed} {spell} {kind.__name__} {who.name}")
        thread = threading.Thread(target=self._live, args=(who,), name=f"{kind.__name__} {who.name}")
        self.threads.append(thread)
        thread.start()

    def _live(self, who):
        try:
            who.live()
        except Exception as error:  # Whoever it is, the run must not go on as if all were well.
            self.world.ledger.fault(f"{threading.current_thread().name}: {error!r}")

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Somebody:
    def __init__(self, life, name):
        self.life, self.name = life, name
        self.world, self.ledger = life.world, life.world.ledger
        self.dice = None

    def wait(self, seconds):
        """So long on average; whether life goes on."""
        return not self.life.stop.wait(min(self.dice.expovariate(1 / seconds), 5 * seconds))

    def live(self):
        doings = [each for each, share in self.doings().items() for _ in range(share)]
        while self.wait(self.world.pace):
            self.dice.choice(doings)()


class Writer(Somebody):
    """A person at a machine, who does one thing after another."""

    def __init__(self, life, machine):
        super().__init__(life, machine.name)
        self.machine = machine

    def run(self, *words):
        return self.machine.command(*words, dice=self.dice)

    def next(self, letter):
        return f"{self.name}-{letter}{self.world.next()}"

    def until_done(self, *words):
        """Again and again: what was taken in already is not taken in twice."""
        for _ in range(ATTEMPTS_MAX):
            done = self.run(*words)
            if done.code == 0 or not done.killed or self.life.stop.is_set():
                return done
        return done

    def when(self):
        return f"{MONTH}-{self.dice.randint(1, 28):02d}T{self.dice.randint(8, 20):02d}:" \
               f"{self.dice.randint(0, 59):02d}"

    def backup(self):
        done = self.run("backup", "--to", os.path.join(self.machine.home, "backup", "copy.db"))
        self.ledger.count("backups", done.code == 0)

    def sync(self):
        done = self.run("sync", "--patience", "5", "--json")
        self.ledger.count("exchanges by hand", done.code == 0)

    def look(self):
        self.run(*self.dice.choice([("status",), ("playback", "list", "--limit", "5"), ("check",)]))


class Keeper(Writer):
    """Plays, and says what the station makes of its plan."""

    def doings(self):
        return {self.add: 8, self.sheet: 1, self.begin: 1, self.player: 3, self.close: 1,
                self.adjust: 2, self.sync: 1, self.backup: 1, self.look: 1}

    def add(self):
        note, programme, when = self.next("a"), self.dice.choice(PROGRAMMES), self.when()
        done = self.run("playback", "add", "--programme", programme, "--start", when, "--note", note)
        self.ledger.write("playback", note, self.name, f"{programme} {when}", done)

    def sheet(self):
        rows = [(self.next("i"), self.dice.choice(PROGRAMMES), self.when())
                for _ in range(self.dice.randint(2, 12))]
        path = os.path.join(self.machine.home, "plays.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "programme", "started_at", "note"])
            writer.writerows((note, programme, when, note) for note, programme, when in rows)
        done = self.until_done("playback", "import", path)
        for note, programme, when in rows:
            self.ledger.write("playback", note, self.name, f"{programme} {when}", done)

    def begin(self):
        """What was begun is logged when it ends, whoever ends it."""
        note, programme = self.next("b"), self.dice.choice(PROGRAMMES)
        done = self.run("playback", "start", "--programme", programme, "--note", note)
        self.ledger.write("playback", note, self.name, programme, done)
        self.wait(self.world.pace)
        self.run("playback", "stop")

    def player(self):
        note, programme = self.next("b"), self.dice.choice(PROGRAMMES)
        done = self.post("start", player="hall", programme=programme, note=note)
        if done is None:
            return
        self.ledger.write("playback", note, self.name, programme, done)
        self.wait(self.world.pace)
        self.post("stop", player="hall", audience=self.dice.randint(1, 90))

    def post(self, what, **body):
        """A request of a player; None if there is nobody to ask. Without an answer it may be done."""
        port = self.machine.local
        if port is None:
            return None
        with open(os.path.join(self.machine.data, "local-token"), encoding="ascii") as file:
            fields = {"Authorization": f"Bearer {file.read().strip()}",
                      "Content-Type": "application/json"}
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=HTTP_SECONDS)
        try:
            with self.world.ground.inside(self.machine.number):
                link.connect()
            link.request("POST", f"/v1/playback/{what}", json.dumps(body), fields)
            answer = link.getresponse()
            text = answer.read().decode(errors="replace")
        except ConnectionRefusedError:
            return None
        except (OSError, http.client.HTTPException):
            return Done([f"POST {what}"], -signal.SIGKILL, "", "")
        finally:
            link.close()
        self.ledger.count(f"requests of players: {answer.status}")
        return Done([f"POST {what}"], 0 if answer.status == 200 else 1, text, "")

    def close(self):
        cause, day = self.next("c"), f"{MONTH}-{self.dice.randint(1, 28):02d}"
        done = self.run("closure", "add", "--from", day, "--to", day, "--cause", cause)
        self.ledger.write("closure", cause, self.name, day, done)

    def adjust(self):
        item = self.dice.choice(self.world.items)
        reason = self.next("r")
        done = self.run("plan", "adjust", item.dot, "--skip", "--reason", reason)
        if "unknown_item" not in done.codes():
            self.ledger.set("reason", f"{self.name} {item.dot}", reason, done)


class Item:
    def __init__(self, key, dot):
        self.key, self.dot = key, dot


class Clerk(Writer):
    """Plans at a hub."""

    def doings(self):
        more = {self.sync: 1} if self.machine.above else {}
        return more | {self.edit: 8, self.plan: 1, self.issue: 1, self.cancel: 1, self.log: 2,
                       self.backup: 2, self.look: 1}

    def own_items(self):
        return [item for item in self.world.items if item.key.startswith(f"{self.name}-")
                and self.ledger.of("item")[item.key][2] == "sure"]

    def edit(self):
        item, note = self.dice.choice(self.own_items()), self.next("n")
        done = self.run("plan", "edit", item.dot, f"note={note}")
        self.ledger.set("note", item.key, note, done)

    def plan(self):
        """A sheet with one new item."""
        key = self.next("p")
        done = self.until_done(*self.world.sheet(self.machine, [key]))
        self.ledger.write("item", key, self.name, programme_of(key), done)
        if done.code == 0:
            self.world.learn(self.machine, self.run("plan", "show", "--json"))

    def issue(self):
        self.run("plan", "issue", "--month", MONTH)

    def cancel(self):
        items = self.own_items()
        if len(items) > 5:
            item = self.dice.choice(items)
            self.ledger.cancel(item.key, self.run("plan", "cancel", item.dot))

    def log(self):
        """A clerk enters what a keeper has told."""
        below = [each for each in self.world.machines if each.above is self.machine
                 and not each.is_hub]
        if not below:
            return
        station = self.dice.choice(below)
        note, programme, when = self.next("a"), self.dice.choice(PROGRAMMES), self.when()
        done = self.run("playback", "add", "--for", self.world.code(station), "--programme",
                        programme, "--start", when, "--note", note)
        self.ledger.write("playback", note, station.name, f"{programme} {when}", done)


# ---------------------------------------------------------------- sticks

class Stick:
    """A folder that is in one place at a time."""

    def __init__(self, world, name, machines):
        self.name, self.machines = name, machines
        self.folder = os.path.join(world.folder, "sticks", name)
        self.away = self.folder + " pulled"
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, COURIERS_FILE), "wb") as file:
            file.write(name.encode() * 1000)


class Courier(Somebody):
    """Carries one stick from machine to machine."""

    def __init__(self, life, stick, number):
        super().__init__(life, str(number))
        self.stick = stick

    def live(self):
        while self.wait(self.world.pace):
            machine = self.dice.choice(self.stick.machines)
            if not machine.is_hub and self.dice.random() < 0.3:
                self.plug(machine)
            else:
                self.command(machine, "import", "--from")
                self.command(machine, "export", "--to")
            self.ledger.count("visits with a stick")

    def command(self, machine, what, option):
        """Now and then the stick is pulled out meanwhile, and put in again."""
        pull = None
        if self.dice.random() < 0.1:
            pull = threading.Timer(self.dice.random() * machine.usual.get(f"bundle {what}", 0.2),
                                   os.rename, (self.stick.folder, self.stick.away))
            pull.start()
        machine.command("bundle", what, option, self.stick.folder, "--json", dice=self.dice)
        if pull:
            pull.join()
            os.rename(self.stick.away, self.stick.folder)
            self.ledger.count("sticks pulled")

    def plug(self, machine):
        """Into a machine whose agent serves sticks, for any time."""
        if os.path.exists(machine.stick_port):
            return
        os.rename(self.stick.folder, machine.stick_port)
        self.life.stop.wait(self.dice.uniform(0.2, 4))
        os.rename(machine.stick_port, self.stick.folder)
        self.ledger.count("sticks plugged into agents")


# ---------------------------------------------------------------- misfortune

class Fate(Somebody):
    """Kills and starts what runs by itself on one machine."""

    def __init__(self, life, machine):
        super().__init__(life, machine.name)
        self.machine = machine

    def live(self):
        while self.wait(self.world.peace):
            self.machine.look()
            chance = self.dice.random()
            if chance < 0.2:
                self.machine.power_cut()
            elif chance < 0.3:
                self.freeze()
            else:
                self.machine.kill_own()
            # Down for a while, or up at once.
            self.wait(self.dice.choice([0.01, 0.3, 1]))
            hurried = self.dice.random() < 0.3
            self.machine.start(self.dice.uniform(0.01, 0.3) if hurried else None)
            self.machine.start()

    def freeze(self):
        """It hangs, and goes on."""
        own = self.machine.own
        if own is None:
            return
        own.send_signal(signal.SIGSTOP)
        self.wait(0.5)
        own.send_signal(signal.SIGCONT)
        self.ledger.count("processes that hung for a while")


class Weather(Somebody):
    """Makes links slow, lossy and broken."""

    def __init__(self, life):
        super().__init__(life, "all")

    def live(self):
        while self.wait(self.world.pace * 3):
            machine = self.dice.choice(self.world.machines)
            chance = self.dice.random()
            if machine.relay and chance < 0.5:
                machine.relay.end()
                machine.relay.start(*self.harm())
                self.ledger.count("relays with other harm")
            elif chance < 0.7:
                self.world.ground.plug(machine.number, False)
                self.wait(0.5)
                self.world.ground.plug(machine.number, True)
                self.ledger.count("cables pulled")
            else:
                self.world.ground.shape(
                    machine.number, self.dice.choice([64_000, 256_000, 2_000_000]),
                    self.dice.choice([0, 0.02, 0.1]), self.dice.choice([0.005, 0.1, 0.5]))
                self.ledger.count("links shaped")

    def harm(self):
        words = ["--seed", self.dice.randrange(1 << 30), "--delay", self.dice.choice([0, 0.05, 0.3])]
        words += self.dice.choice([
            [], ["--rate", 8000], ["--cut-mean", 600], ["--refuse", 0.3],
            ["--stall", 0.02, "--stall-seconds", 1], ["--corrupt", 0.02]])
        return words
