"""A small virtual machine with Debian's kernel, and a stick that can be pulled out of it.

The kernel and busybox come from Debian's packages, by apt; the program and its libraries from this
machine. All of it is one initramfs. Commands go over a serial line, the stick over QMP.
"""
import glob
import json
import os
import re
import select
import shutil
import socket
import subprocess
import time

# What a stick needs, in any order; what these need in turn is found in them.
MODULES = ("xhci_pci", "usb_storage", "sd_mod", "vfat", "nls_cp437", "nls_ascii", "nls_iso8859-1")
MEMORY = "1024"
BOOT_SECONDS = 300
ANSWER_SECONDS = 300
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
mkdir -p /dev/shm /tmp /stick; mount -t tmpfs none /dev/shm; mount -t tmpfs none /tmp
for module in $(cat /modules/list); do insmod /modules/$module.ko; done
export LC_ALL=C.UTF-8 HOME=/tmp
stty -F /dev/ttyS1 raw -echo
exec </dev/ttyS1 >/dev/ttyS1 2>&1
# Nobody may have listened yet.
while ! read -t 1 -r line; do echo READY; done
while read -r line; do eval "$line"; echo "=== $?"; done
"""


class Unable(Exception):
    """What is needed is not here."""


def needed():
    missing = [name for name in ("qemu-system-x86_64", "dpkg-deb", "apt-get", "ldd", "mkfs.vfat",
                                 "mcopy") if shutil.which(name) is None]
    if missing:
        raise Unable(f"there is no {', '.join(missing)} here "
                     "(apt-get install qemu-system-x86 dosfstools mtools)")


def fetch(folder):
    """Debian's kernel and busybox, unpacked; they stay for the next time."""
    tree = os.path.join(folder, "tree")
    if os.path.isdir(tree):
        return tree
    os.makedirs(folder, exist_ok=True)
    told = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True,
                          text=True).stdout
    kernel = re.search(r"Depends: (linux-image-\S+)", told)
    if not kernel:
        raise Unable("apt knows no linux-image-amd64")
    done = subprocess.run(["apt-get", "download", kernel[1], "busybox-static"], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Unable(f"apt-get download: {done.stderr.strip()[-300:]}")
    for package in glob.glob(os.path.join(folder, "*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, tree + ".new"], check=True)
    os.rename(tree + ".new", tree)
    return tree


def modules(tree):
    """Pairs of a name and a file, each after those that it needs."""
    files = {os.path.basename(path)[:-3].replace("-", "_"): path
             for path in glob.glob(os.path.join(tree, "lib/modules/*/kernel/**/*.ko"), recursive=True)}
    order = []

    def add(name):
        name = name.replace("-", "_")
        # What is no file is in the kernel itself.
        if name in files and name not in order:
            with open(files[name], "rb") as file:
                found = re.search(rb"\0depends=([^\0]*)\0", file.read())
            for other in found[1].decode().split(",") if found and found[1] else []:
                add(other)
            order.append(name)

    for name in MODULES:
        add(name)
    return [(name, files[name]) for name in order]


class Archive:
    """An initramfs: cpio in its newc form."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.count = 0
        self.folders = set()

    def add(self, name, data, mode=0o100755):
        name = name.lstrip("/")
        parent = os.path.dirname(name)
        if parent and parent not in self.folders:
            self.folders.add(parent)
            self.add(parent, b"", 0o40755)
        self.count += 1
        fields = (self.count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name.encode()) + 1, 0)
        head = ("070701" + "".join(f"{field:08X}" for field in fields)).encode()
        head += name.encode() + b"\0"
        self.file.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))

    def add_file(self, name, path, mode=0o100755):
        with open(path, "rb") as file:
            self.add(name, file.read(), mode)

    def end(self):
        self.add("TRAILER!!!", b"", 0)
        self.file.close()


def libraries(program):
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"(/\S+) \(0x", told)))


def initramfs(path, tree, program, data):
    """`data` is a data folder that the machine begins with, at /data."""
    archive = Archive(path)
    for folder in ("dev", "proc", "sys", "bin"):
        archive.folders.add(folder)
        archive.add(folder, b"", 0o40755)
    archive.add("init", INIT.encode())
    archive.add_file("bin/busybox", os.path.join(tree, "bin/busybox"))
    listed = modules(tree)
    for name, file in listed:
        archive.add_file(f"modules/{name}.ko", file)
    archive.add("modules/list", " ".join(name for name, _ in listed).encode())
    lean = path + ".program"
    if shutil.which("strip") is None or subprocess.run(
            ["strip", "-o", lean, program], capture_output=True).returncode != 0:
        shutil.copy2(program, lean)
    archive.add_file("bin/yizhan", lean)
    os.remove(lean)
    for library in libraries(program):
        archive.add_file(library, os.path.realpath(library))
    for name in os.listdir(data):
        archive.add_file(f"data/{name}", os.path.join(data, name), 0o100600)
    archive.end()


class Guest:
    """The running machine."""

    def __init__(self, folder, tree, image):
        kernel = glob.glob(os.path.join(tree, "boot/vmlinuz-*"))[0]
        line, control = os.path.join(folder, "line"), os.path.join(folder, "qmp")
        # Not KVM: one machine in another may offer it and not be able to.
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max", "-m", MEMORY,
             "-display", "none", "-nodefaults", "-no-reboot", "-kernel", kernel, "-initrd", image,
             "-append", "console=ttyS0 panic=-1 quiet", "-device", "qemu-xhci,id=usb",
             "-serial", f"file:{folder}/kernel.log", "-serial", f"unix:{line},server=on,wait=off",
             "-qmp", f"unix:{control},server=on,wait=off"],
            stdin=subprocess.DEVNULL)
        self.line = connected(line, self.process)
        self.control = connected(control, self.process)
        self.heard, self.events = b"", b""
        self.number = 0
        self.answer()
        self.ask("qmp_capabilities")
        self.until(rb"READY\r?\n", BOOT_SECONDS)
        # The first line only says that somebody listens.
        self.begin("")
        self.run("true")

    # ------------------------------------------------------------ the stick

    def answer(self):
        """The next message of QMP."""
        end = time.monotonic() + ANSWER_SECONDS
        while b"\n" not in self.events:
            self.events += received(self.control, end)
        line, _, self.events = self.events.partition(b"\n")
        return json.loads(line)

    def ask(self, command, **arguments):
        self.control.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            told = self.answer()
            if "error" in told:
                raise RuntimeError(f"qemu: {command}: {told['error']}")
            if "return" in told:
                return

    def plug(self, image):
        self.number += 1
        self.ask("blockdev-add", **{"driver": "raw", "node-name": f"node{self.number}",
                                    "file": {"driver": "file", "filename": image}})
        self.ask("device_add", driver="usb-storage", id=f"stick{self.number}", bus="usb.0",
                 drive=f"node{self.number}", removable=True)

    def pull(self):
        """USB asks nobody: at once it is gone. The image is let go of a little later."""
        self.ask("device_del", id=f"stick{self.number}")
        end = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                return self.ask("blockdev-del", **{"node-name": f"node{self.number}"})
            except RuntimeError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.05)

    # ------------------------------------------------------------ commands

    def begin(self, words):
        self.line.sendall(words.encode() + b"\n")

    def end(self):
        """The exit code and output of the command that was begun."""
        text = self.until(rb"=== (\d+)\r?\n", ANSWER_SECONDS)
        return int(text[1]), text.string[:text.start()].decode(errors="replace")

    def run(self, words):
        self.begin(words)
        return self.end()

    def until(self, pattern, seconds):
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.heard)
            if found:
                self.heard = self.heard[found.end():]
                return found
            self.heard += received(self.line, end)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.line.close()
        self.control.close()


def connected(path, process):
    end = time.monotonic() + BOOT_SECONDS
    while True:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(path)
            return link
        except OSError:
            link.close()
        if process.poll() is not None or time.monotonic() > end:
            raise Unable("qemu does not start")
        time.sleep(0.05)


def received(link, end):
    ready, _, _ = select.select([link], [], [], max(0, end - time.monotonic()))
    data = link.recv(1 << 16) if ready else b""
    if not data:
        raise RuntimeError("the virtual machine says no more")
    return data
