"""Real processes killed at any moment: a short run of tools/machines, and what its ledger sees."""
import json
import os
import subprocess
import sys

TOOLS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
MACHINES = os.path.join(TOOLS, "machines")
SECONDS_MAX = 300
KILLS_MIN = 15


def killed(t):
    ledger(t)
    done = subprocess.run(
        [sys.executable, MACHINES, "--program", t.program, "--seed", "7", "--minutes", "0.2",
         "--sticks", "1", "--peace", "1.5", "--pace", "0.5", "--share", "0.2", "--json"],
        cwd=t.folder, env=dict(os.environ, TMPDIR=t.folder), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=SECONDS_MAX)
    if not t.check("a hub and three stations live through kills, cuts and pulled sticks",
                   done.returncode == 0, done.stderr[-800:] + done.stdout[-800:]):
        return
    told = json.loads(done.stdout)
    t.check(f"at least {KILLS_MIN} processes were killed, of more than three kinds",
            told["killed"] >= KILLS_MIN and len(told["kills"]) > 3, told["kills"])
    t.check("people went on writing", told["acknowledged"] >= 20, told["counts"])
    t.check("and it was quiet soon", told["spells"][-1]["rounds"] <= 5, told["spells"])
    if told["ground"] == "loopback":
        t.skip("each machine in a network of its own", "no network namespace may be made here")


class Ended:
    def __init__(self, code):
        self.code = code
        self.killed = code == -9


def ledger(t):
    """Whatever is not as it was acknowledged is seen."""
    # It imports this folder's modules, so it comes when they are there.
    sys.path.append(os.path.join(TOOLS, "machines.d"))
    from ledger import Ledger
    for what, code, found, fault in (
            ("an acknowledged write that is there", 0, [("n", "P1")], None),
            ("a killed one that is there", -9, [("n", "P1")], None),
            ("a killed one that is not", -9, [], None),
            ("a refused one that is not", 1, [], None),
            ("an acknowledged one that is not", 0, [], "lost"),
            ("a refused one that is there", 1, [("n", "P1")], "refused"),
            ("an acknowledged one twice", 0, [("n", "P1")] * 2, "doubled"),
            ("a killed one twice", -9, [("n", "P1")] * 2, "doubled"),
            ("another content", 0, [("n", "P2")], "altered"),
            ("what nobody wrote", 0, [("n", "P1"), ("m", "P1")], "foreign")):
        book = Ledger()
        book.write("playback", "n", "s1", "P1", Ended(code))
        book.compare("playback", "hub", found)
        t.equal(f"the ledger sees {what}", [each.partition(":")[0] for each in book.faults],
                [fault] if fault else [])
    fields(t, Ledger)


def fields(t, ledger_of):
    for what, codes, shown, is_fault in (
            ("the last acknowledged value", (0, 0), "2", False),
            ("an older one", (0, 0), "1", True),
            ("the value of a killed edit", (0, -9), "2", False),
            ("the one before a killed edit", (0, -9), "1", False),
            ("that of a refused edit", (0, 1), "2", True)):
        book = ledger_of()
        for value, code in zip("12", codes):
            book.set("note", "item", value, Ended(code))
        book.compare_fields("note", "hub", {"item": shown})
        t.equal(f"the ledger on {what}", bool(book.faults), is_fault)
    book = ledger_of()
    book.write("item", "i", "hub", "P1", Ended(0))
    book.cancel("i", Ended(0))
    book.compare("item", "s1", [("i", "P1")])
    t.equal("the ledger sees what was cancelled and has returned",
            [each.partition(":")[0] for each in book.faults], ["returned"])
