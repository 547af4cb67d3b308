"""Trees of hubs and stations, and sticks between them, for sections with more than one hub."""
import json
import os
import shutil

from harness import Section, Stopped
from link import blocks

# The usual tree: what is below what, with the code and the name of each.
PLACES = {
    "province": (None, "34", "安徽省"),
    "county": ("province", "34.01.23", "肥西县"),
    "east": ("county", "34.01.23.109", "丰乐镇"),
    "west": ("county", "34.01.23.110", "严店镇"),
    "s207": ("east", "34.01.23.109.207", "双枣社区"),
    "s208": ("east", "34.01.23.109.208", "河湾村"),
    "s301": ("west", "34.01.23.110.301", "松林村"),
}
SECTIONS = ("urgent", "public", "work", "log", "people")
ROUNDS_MAX = 5


def is_hub(data):
    return not data.startswith("s")


def own_code(t, data):
    """The code of a replica's place, as it knows it itself."""
    return t.json("status", "--data", data, *(["--own"] if is_hub(data) else []))["place"]


class Tree:
    """Replicas in folders of a section, and who is above whom. A pair has a stick of its own."""

    def __init__(self, t, places=None):
        self.t = t
        self.above = {}
        # What was refused on the way; `even` tells.
        self.refused = []
        self.code = {}
        self.name = {}
        for data, (above, code, name) in (PLACES if places is None else places).items():
            self.add(data, above if above in self.above else None, code, name)

    def add(self, data, above, code, name):
        self.code[data], self.name[data] = code, name
        if above is None:
            self.t.good("hub", "init", "--data", data, "--place", code, "--name", name)
        else:
            self.join(data, self.invite(above, data))
        self.above[data] = above

    def invite(self, hub, data, *more):
        words = ["--hub"] if is_hub(data) else []
        return self.t.good("hub", "invite", "--data", hub, "--place", self.code[data], "--name",
                           self.name[data], *words, *more).out.strip()

    def keep_keys(self, data):
        """All of a folder is lost but its keys, as they lie beside a backup."""
        with open(self.t.path(data, "keys"), "rb") as file:
            keys = file.read()
        shutil.rmtree(self.t.path(data))
        os.mkdir(self.t.path(data))
        with open(self.t.path(data, "keys"), "wb", opener=lambda path, flags: os.open(
                path, flags, 0o600)) as file:
            file.write(keys)

    def join(self, data, invitation):
        command = "hub" if is_hub(data) else "station"
        return self.t.good(command, "join", "--data", data, "--invitation", invitation)

    @property
    def replicas(self):
        return list(self.above)

    def links(self):
        """Pairs of neighbours that can meet, upper first."""
        return [(above, data) for data, above in self.above.items() if above]

    def again(self, name):
        """The same tree as it is now, in a folder of its own: what is done there stays there."""
        self.t.fresh(name)
        t = Section(self.t.name, self.t.program, self.t.path(name), self.t.reporter)
        for data in self.replicas:
            shutil.copytree(self.t.path(data), t.path(data))
        tree = Tree(t, {})
        tree.above, tree.code, tree.name = dict(self.above), dict(self.code), dict(self.name)
        return t, tree

    # ------------------------------------------------------------ moves

    def order(self, at, data, hub, *more):
        return self.t.good("hub", "move", "--data", at, "--place", self.name[data], "--to",
                           self.name[hub], *more)

    def moved(self, data, hub):
        """From here on this place is below that hub."""
        self.above[data] = hub
        self.code[data] = f"{self.code[hub]}.{self.code[data].rpartition('.')[2]}"

    def hub_of(self, data):
        """The hub that a replica exchanges with, by its own status."""
        own = ["--own"] if is_hub(data) else []
        told = self.t.json("status", "--data", data, *own)["neighbours"]
        return [self.known(each) or each["name"] for each in told if each["above"]]

    # ------------------------------------------------------------ sticks

    def stick(self, one, other):
        """The stick that goes between these two."""
        name = "stick-" + "-".join(sorted((one, other)))
        os.makedirs(self.t.path(name), exist_ok=True)
        return name

    def fill(self, source, target, stick=None):
        """Writes a stick; how many files it got for this reader: none if the two are strangers."""
        stick = stick or self.stick(source, target)
        # A station has one neighbour, which it need not know by name.
        only = ["--for", self.name[target]] if is_hub(source) else []
        told = self.t.run("bundle", "export", "--data", source, "--to", stick, *only, "--json")
        if told.code != 0 and '"unknown_place"' not in told.err:
            raise Stopped(str(told))
        return sum(len(each["files"]) for each in told.json) if told.code == 0 else 0

    def empty(self, source, target, stick=None):
        """Reads a stick; the codes of what was refused."""
        stick = stick or self.stick(source, target)
        told = self.t.run("bundle", "import", "--data", target, "--from", stick, "--json")
        if told.code == 1:
            return [json.loads(told.err)["code"]]
        return [code for file in told.json
                for code in [file["code"], *(p["code"] for p in file["partitions"])] if code]

    def carry(self, *path):
        """By stick along a path, such as county, east, s207."""
        for source, target in zip(path, path[1:]):
            if self.fill(source, target):
                self.refused += [f"{target} of {source}: {c}" for c in self.empty(source, target)]

    def round(self):
        """One stick goes from the top to the bottom and back; how many files were written, and what
        was refused. Who it is for is what the replicas say."""
        stick, waiting, files, refused = self.t.fresh("round"), set(), 0, []
        for way in (self.replicas, self.replicas[::-1]):
            for data in way:
                if data in waiting:
                    refused += [f"{data}: {code}" for code in self.empty(None, data, stick)]
                    waiting.remove(data)
                readers = self.write_all(data, stick)
                files += len(readers)
                waiting.update(readers)
            if not files:
                break
        for data in sorted(waiting):
            refused += [f"{data}: {code}" for code in self.empty(None, data, stick)]
        return files, refused

    def write_all(self, data, stick):
        """Writes for all neighbours; for which of the tree there is a file now."""
        told = self.t.json("bundle", "export", "--data", data, "--to", stick)
        # A station does not know the name of a hub that it was just put under.
        readers = [self.known(each) or self.above[data] for each in told if each["files"]]
        return [reader for reader in readers if reader]

    def known(self, told):
        """Which replica a report is about. A hub that was not heard yet has its code for a name."""
        names = {self.name[data]: data for data in self.replicas}
        names |= {self.code[data]: data for data in self.replicas}
        return names.get(told["name"])

    def rounds(self):
        """Rounds until nothing is written, or too many; what each did."""
        told = []
        while len(told) < ROUNDS_MAX and told[-1:] != [(0, [])]:
            told.append(self.round())
        return told

    def settle(self, what):
        """Silence, and nothing refused since the last time but for gaps, which heal themselves."""
        told = self.rounds()
        self.t.check(f"{what}: the sticks fall silent", told[-1] == (0, []), told)
        self.refused = [each for each in self.refused if not each.endswith(": gap")]
        if self.refused:
            self.t.check(f"{what}: nothing is refused on the way", False, self.refused)
            self.refused = []

    # ------------------------------------------------------------ what is held

    def place(self, data):
        """The id of a place, as dumps name it."""
        code = own_code(self.t, data)
        return self.t.dump(data, f"{code}/public").split()[1].partition("/")[0]

    def unequal(self, left=None):
        """Partitions that differ between two replicas that hold them. `left` names the hubs that a
        place has left: what they hold of it is old, but for its record."""
        held = {}
        faults = []
        old = {(hub, self.place(data)) for data, hubs in (left or {}).items() for hub in hubs}
        for data in self.replicas:
            for name, block in blocks(self.t.dump(data)).items():
                place, _, section = name.partition("/")
                if (data, place) in old and section != "public":
                    continue
                first, text = held.setdefault(name, (data, block))
                if text != block:
                    faults.append(f"{name} at {first} and {data}")
        return faults

    def sound(self, what):
        """`check` finds nothing and knows of no alarm, anywhere."""
        faults = []
        for data in self.replicas:
            told = self.t.run("check", "--data", data, "--json")
            if told.code != 0:
                faults.append((data, told.out[:300]))
        return self.t.check(f"{what}: check is fine everywhere, and there is no alarm", not faults,
                            faults)

    def even(self, what, left=None):
        """Silence, equal partitions, no complaints."""
        self.settle(what)
        faults = self.unequal(left)
        self.t.check(f"{what}: equal partitions are equal everywhere", not faults, faults)
        self.sound(what)


# ---------------------------------------------------------------- plans and playbacks

PLAN_HEAD = "id,date,start,programme,title\n"


def plan(t, data, items, place=None, month="2026-03"):
    """Plans and issues items of these ids. Their dots, by id."""
    code = place or own_code(t, data)
    rows = "".join(f"{item},{month}-{n % 28 + 1:02d},08:00,P-{item},{item}\n"
                   for n, item in enumerate(items))
    name = f"{data}-{'-'.join(items)}.csv"
    t.write(name, PLAN_HEAD + rows)
    t.good("plan", "import", "--data", data, "--for", code, name)
    t.good("plan", "issue", "--data", data, "--for", code, "--month", month)
    return {i["id"]: i["dot"] for i in t.items(data, "--for", code) if i["id"] in items}


def titles(t, data, *more):
    return sorted(i["title"] for i in t.items(data, *more))


def play(t, data, note, day=1, *more):
    """One playback with a note to know it by."""
    t.good("playback", "add", "--data", data, "--programme", "P1", "--start",
           f"2026-03-{day:02d}T09:00", "--end", f"2026-03-{day:02d}T09:30", "--note", note, *more)


def notes(t, data, *more):
    return sorted(p["note"] for p in t.playbacks(data, *more))
