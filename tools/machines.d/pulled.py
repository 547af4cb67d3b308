"""A real stick with FAT in a real kernel, pulled out while a station writes it, and what a hub makes of
what is left on it (`tools/machines --vm`)."""
import collections
import contextlib
import json
import os
import random
import shutil
import subprocess
import time

import guest
import harness

HUB, STATION = "34.01.23.109", "34.01.23.109.207"
MEGABYTES = 16
MOUNTS = ("", "flush", "sync")
FOREIGN = b"a courier's own picture" * 400


class Pulled:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.dice = random.Random(f"{options.seed} vm")
        self.counts = collections.Counter()
        self.faults = []
        self.hub, self.station = os.path.join(folder, "hub"), os.path.join(folder, "station")
        self.image = os.path.join(folder, "stick.img")
        self.bag = os.path.join(folder, "bag")
        self.machine = None
        self.usual = 0
        self.played = 0

    # ------------------------------------------------------------ here

    def yizhan(self, *words):
        done = subprocess.run([self.options.program, *words], cwd=self.folder, capture_output=True,
                              text=True)
        if done.returncode not in (0, 2):
            self.faults.append(f"yizhan {' '.join(words)}: {done.stderr.strip()}")
        return done

    def mtools(self, *words):
        return subprocess.run([words[0], "-i", self.image, *words[1:]], capture_output=True)

    def found(self):
        self.yizhan("hub", "init", "--data", self.hub, "--place", HUB, "--name", "丰乐镇")
        line = self.yizhan("hub", "invite", "--data", self.hub, "--place", STATION, "--name", "双枣")
        self.yizhan("station", "join", "--data", self.station, "--invitation", line.stdout.strip())
        subprocess.run(["mkfs.vfat", "-C", self.image, str(MEGABYTES << 10)], check=True,
                       capture_output=True)
        picture = os.path.join(self.folder, "photo.jpg")
        with open(picture, "wb") as file:
            file.write(FOREIGN)
        self.mtools("mcopy", picture, "::")
        self.picture = picture

    def carried(self):
        """What is on the stick comes to the hub; how many of its bundles were refused."""
        shutil.rmtree(self.bag, ignore_errors=True)
        os.mkdir(self.bag)
        names = []
        listed = self.mtools("mdir", "-b", "::").stdout.decode(errors="replace")
        for line in listed.splitlines():
            name = line.removeprefix("::/").strip()
            names.append(name)
            self.mtools("mcopy", "-n", f"::{name}", self.bag)
        self.counts["half files left on the stick"] += sum(name.endswith(".tmp") for name in names)
        self.own_file()
        done = self.yizhan("bundle", "import", "--data", self.hub, "--from", self.bag, "--json")
        files = json.loads(done.stdout) if done.stdout.startswith("[") else []
        return [file["code"] for file in files if file["code"]]

    def own_file(self):
        path = os.path.join(self.bag, "photo.jpg")
        if not os.path.exists(path) or open(path, "rb").read() != FOREIGN:
            self.faults.append("the courier's own file was changed")

    def answered(self):
        """The hub's receipts go on the stick, and what the hub has merged goes from it."""
        self.yizhan("bundle", "export", "--data", self.hub, "--to", self.bag, "--json")
        self.mtools("mdel", "::*.yz")
        for name in os.listdir(self.bag):
            if name.endswith(".yz"):
                self.mtools("mcopy", "-o", os.path.join(self.bag, name), "::")

    def at_hub(self):
        plays = json.loads(self.yizhan("playback", "list", "--data", self.hub, "--json").stdout)
        return collections.Counter(play["note"] for play in plays)

    # ------------------------------------------------------------ there

    def play(self):
        """A sheet of plays, written on the machine itself; notes that do not compress."""
        count = self.dice.randint(20, 400)
        first, self.played = self.played, self.played + count
        salt = self.dice.getrandbits(32)
        self.must("echo id,programme,started_at,note >/tmp/plays.csv; "
                  f"for n in $(seq {first + 1} {self.played}); do "
                  f"h=$(echo {salt} $n | md5sum); "
                  "echo $n,P1,2026-03-$((n % 28 + 1))T09:00,n$n-${h%% *}; done | "
                  "sed 's/-\\([1-9]\\)T/-0\\1T/' >>/tmp/plays.csv")
        self.must("yizhan playback import --data /data /tmp/plays.csv")

    def must(self, words):
        code, text = self.machine.run(words)
        if code != 0:
            raise RuntimeError(f"in the virtual machine: {words}: {code}: {text[-400:]}")
        return text

    def mount(self, ways=MOUNTS):
        how = self.dice.choice(ways)
        self.counts[f"mounted with {how or 'nothing'}"] += 1
        self.machine.plug(self.image)
        option = f"-o {how}" if how else ""
        # The device has another name if the last one is still held.
        self.must("for n in $(seq 300); do for d in /dev/sd?; do "
                  f"[ -b $d ] && mount -t vfat {option} $d /stick 2>/dev/null && break 2; done; "
                  "sleep 0.1; done; grep -q ' /stick ' /proc/mounts")

    def trial(self, number):
        self.play()
        self.mount()
        self.machine.run("yizhan bundle import --data /data --from /stick")
        began = time.monotonic()
        self.machine.begin("yizhan bundle export --data /data --to /stick")
        at = began + self.dice.random() * 2 * self.usual
        while time.monotonic() < at:
            time.sleep(0.005)
        self.machine.pull()
        code, said = self.machine.end()
        self.machine.run("umount -l /stick")
        self.judge(number, code, said)

    def judge(self, number, code, said):
        self.counts["pulls"] += 1
        self.counts["exports that had returned" if code == 0 else "exports that failed"] += 1
        if code not in (0, 1) or (code == 1 and "yizhan: stick_" not in said):
            self.faults.append(f"pull {number}: export ended with {code}: {said[-300:]}")
        refused = self.carried()
        self.counts.update(f"refused at the hub: {code}" for code in refused)
        held = self.at_hub()
        self.counts["pulls after which something new came to the hub"] += len(held) > self.before
        self.before = len(held)
        if max(held.values(), default=1) > 1:
            self.faults.append(f"pull {number}: doubled at the hub")
        # What an earlier pull has left half written is refused, and stays.
        if code == 0 and len(held) != self.played:
            self.faults.append(f"pull {number}: said to be written and read back, and the hub has "
                               f"{len(held)} of {self.played}, refused {refused}")

    def whole(self, number):
        """The same stick again: now nobody pulls it early."""
        self.mount()
        began = time.monotonic()
        self.must("yizhan bundle export --data /data --to /stick")
        self.usual = time.monotonic() - began
        self.must("umount /stick")
        self.machine.pull()
        refused = self.carried()
        held = self.at_hub()
        self.counts.update(f"refused at the hub: {code}" for code in refused)
        if len(held) != self.played:
            self.faults.append(f"stick {number}, not pulled early: the hub has {len(held)} of "
                               f"{self.played}, refused {refused}")
        self.before = len(held)
        self.answered()

    def backed_up(self, number):
        """A backup to the stick, which is pulled as soon as it is said to be done."""
        self.mount(("", "flush"))
        self.must("rm -f /stick/copy*; yizhan backup --data /data --to /stick/copy.db")
        self.machine.pull()
        self.machine.run("umount -l /stick")
        for name in ("copy.db", "copy.db.keys"):
            self.mtools("mcopy", "-n", f"::{name}", self.folder)
            with contextlib.suppress(FileNotFoundError):
                os.chmod(os.path.join(self.folder, name), 0o600)
        data, copy = os.path.join(self.folder, "restored"), os.path.join(self.folder, "copy.db")
        done = subprocess.run([self.options.program, "restore", "--data", data, "--from", copy],
                              capture_output=True, text=True)
        self.counts["backups pulled as soon as they were done"] += 1
        if done.returncode != 0:
            self.faults.append(f"backup {number} was said to be done: {done.stderr.strip()}")
        shutil.rmtree(data, ignore_errors=True)
        for name in ("copy.db", "copy.db.keys"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(self.folder, name))

    def run(self, tree):
        self.found()
        self.before = 0
        initramfs = os.path.join(self.folder, "initramfs")
        guest.initramfs(initramfs, tree, self.options.program, self.station)
        self.machine = guest.Guest(self.folder, tree, initramfs)
        try:
            # How long it takes.
            self.play()
            self.whole(0)
            for number in range(1, self.options.pulls + 1):
                self.trial(number)
                if number % 3 == 0 or number == self.options.pulls:
                    self.whole(number)
                    self.backed_up(number)
            self.must("yizhan check --data /data")
        finally:
            self.machine.kill()
        if self.yizhan("check", "--data", self.hub).returncode != 0:
            self.faults.append("check at the hub finds something")


def run(options, folder, cache):
    trials = Pulled(options, folder)
    try:
        guest.needed()
        trials.run(guest.fetch(cache))
    except (RuntimeError, guest.Unable) as error:
        trials.faults.append(str(error))
    harness.remove_leases(folder)
    for what, number in sorted(trials.counts.items()):
        print(f"{number:8}  {what}")
    return trials.faults
