"""What was acknowledged, what was counted, and what does not hold."""
import collections
import threading

# What a command may fail with in such a life, when nobody killed it. Anything else is a fault.
LINK = {"link_failed", "hub_busy"}
STICK = {"stick_missing", "stick_failed"}
MAY_FAIL = {
    "sync": LINK,
    "bundle export": STICK,
    # What was on the stick before the other had heard of it, and nothing for this machine.
    "bundle import": STICK | {"gap", "not_for_here"},
    "playback stop": {"nothing_playing"},
    # The item has not come yet, or has gone again.
    "plan adjust": {"unknown_item", "record_deleted"},
    "plan issue": {"nothing_to_issue"},
}


class Ledger:
    """Shared by all threads. A write is `sure` when its command returned 0, `gone` when the command
    said that nothing was changed, and `open` when it was killed."""

    def __init__(self):
        self.lock = threading.Lock()
        self.kills = collections.Counter()
        self.counts = collections.Counter()
        self.errors = collections.Counter()
        self.faults = []
        # Of playbacks, closures and items: (kind, key) to (machine, content, state).
        self.writes = {}
        # Of fields that one person at one machine changes again and again: all that may show now.
        self.fields = {}

    # ------------------------------------------------------------ counting

    def kill(self, kind):
        with self.lock:
            self.kills[kind] += 1

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] += number

    def fault(self, text):
        with self.lock:
            self.faults.append(" ".join(text.split()))

    def ended(self, name, kind, done):
        """Notes how a command ended that nobody killed."""
        if done.code == 0:
            return
        codes = done.codes()
        if done.code not in (1, 2) or not set(codes) <= MAY_FAIL.get(kind, set()) | {"data_in_use"}:
            self.fault(f"{name}: {done}")
        with self.lock:
            self.errors.update(f"{kind}: {code}" for code in codes)

    # ------------------------------------------------------------ writes

    def write(self, kind, key, machine, content, done):
        """One write that is made once; `done` is its command."""
        state = "sure" if done.code == 0 else "open" if done.killed else "gone"
        with self.lock:
            before = self.writes.get((kind, key))
            # A sheet that is taken in again is the same write.
            if before is None or before[2] != "sure":
                again = before is not None and before[2] == "open" and state == "gone"
                self.writes[kind, key] = (machine, content, "open" if again else state)
            self.counts[f"writes {state}"] += 1

    def set(self, kind, key, value, done):
        """A field gets a value. What was acknowledged replaces all before; what was killed may show
        or not."""
        with self.lock:
            if done.code == 0:
                self.fields[kind, key] = [value]
            elif done.killed:
                self.fields.setdefault((kind, key), [""]).append(value)
            state = "sure" if done.code == 0 else "open" if done.killed else "gone"
            self.counts[f"writes {state}"] += 1

    def cancel(self, key, done):
        """An item is taken off its plan, for ever."""
        with self.lock:
            machine, content, state = self.writes["item", key]
            state = "ended" if done.code == 0 else "open" if done.killed else state
            self.writes["item", key] = (machine, content, state)
            self.counts["writes sure" if done.code == 0 else "writes open"] += 1

    def sure(self, kind):
        """Fields that must show something: pairs of key and values."""
        with self.lock:
            return [(key[1], values) for key, values in self.fields.items()
                    if key[0] == kind and "" not in values]

    def of(self, kind):
        """Key to (machine, content, state)."""
        with self.lock:
            return {key[1]: value for key, value in self.writes.items() if key[0] == kind}

    # ------------------------------------------------------------ what must hold

    def compare(self, kind, where, found, machine=None):
        """`found`: pairs of key and content as they are shown at `where`, of all writes or of those
        that were made at one machine."""
        times = collections.Counter(key for key, _ in found)
        shown = dict(found)
        wanted = {key: write for key, write in self.of(kind).items()
                  if machine in (None, write[0])}
        for key, (_, content, state) in wanted.items():
            if state == "sure" and not times[key]:
                self.fault(f"lost: {kind} {key} was acknowledged and is not at {where}")
            elif state == "gone" and times[key]:
                self.fault(f"refused: {kind} {key} was said to have changed nothing, and is at {where}")
            elif state == "ended" and times[key]:
                self.fault(f"returned: {kind} {key} was cancelled, and is at {where}")
            elif times[key] > 1:
                self.fault(f"doubled: {kind} {key} is {times[key]} times at {where}")
            elif times[key] and shown[key] != content:
                self.fault(f"altered: {kind} {key} at {where} is {shown[key]}, not {content}")
        for key in times.keys() - wanted.keys():
            self.fault(f"foreign: {kind} {key} at {where} was never written")

    def compare_fields(self, kind, where, found):
        """`found`: key to the value that shows at `where`."""
        with self.lock:
            wanted = {key[1]: values for key, values in self.fields.items() if key[0] == kind}
        for key, values in wanted.items():
            if key in found and found[key] not in values:
                self.fault(f"lost: {kind} of {key} at {where} is {found[key]!r}, not "
                           f"{' or '.join(map(str, values))}")
