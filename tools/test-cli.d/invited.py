"""Invitations on their way to a machine: as a file on a stick, and as a QR code in a terminal."""
import fcntl
import os
import pty
import shutil
import struct
import subprocess
import termios

from harness import HUB, Stopped

CODE, NAME = f"{HUB}.207", "双枣社区"
INVITE = ["hub", "invite", "--data", "hub", "--place", CODE, "--name", NAME]
QUIET = 4


def invited(t):
    t.good("hub", "init", "--data", "hub", "--place", HUB, "--name", "丰乐镇")
    line = t.good(*INVITE).out.strip()
    on_stick(t, line)
    refused(t)
    plain(t, line)
    terminal(t, line)


# ---------------------------------------------------------------- a file

def on_stick(t, line):
    stick = t.fresh("stick")
    told = t.good(*INVITE, "--to", "stick")
    name = "invitation-340123109207.txt"
    t.equal("an invitation goes into a folder", os.listdir(stick), [name])
    t.equal("which is the line", t.read("stick", name).decode(), line + "\n")
    t.equal("nobody else may read it", os.stat(os.path.join(stick, name)).st_mode & 0o777, 0o600)
    t.check("it is said where it is, and the line is not shown",
            f"stick/{name}" in told.out and "yizhan2" not in told.out, told.out)
    t.write("named.txt", "what was there before")
    os.chmod(t.path("named.txt"), 0o644)
    told = t.json(*INVITE, "--to", "named.txt")
    t.equal("or into a file that is named", (told["file"], "invitation" in told,
                                            t.read("named.txt").decode()),
            ("named.txt", False, line + "\n"))
    t.equal("which is its owner's alone then", os.stat(t.path("named.txt")).st_mode & 0o777, 0o600)
    t.good("station", "join", "--data", "s207", "--invitation", f"stick/{name}")
    t.equal("a station joins with the file", t.good("status", "--data", "s207").code, 0)
    t.good("station", "join", "--data", "again", "--invitation", line)
    t.write("folded.txt", f"\n  {line[:60]}\n{line[60:]}\r\n\n")
    t.good("station", "join", "--data", "folded", "--invitation", "folded.txt")


def refused(t):
    t.write("other.txt", "dear keeper, here is nothing")
    join = ["station", "join", "--data", "none", "--invitation"]
    for what, given in {"another file": "other.txt", "a folder": "stick", "no file": "none.txt",
                        "half a line": "yizhan2abc"}.items():
        told = t.run(*join, given)
        t.equal(f"{what} is no invitation", (told.code, told.error_code), (1, "bad_invitation"))
    told = t.run(*INVITE, "--to", "none/line.txt")
    t.equal("a folder that is not there", (told.code, told.error_code), (1, "disk_error"))
    t.equal("--qr is for people", t.run(*INVITE, "--qr", "--json").code, 64)


# ---------------------------------------------------------------- a code

def modules(lines):
    """Rows of booleans, without the quiet zone; raises if that is not quiet."""
    rows = []
    for line in lines:
        rows += [[letter in "█▀" for letter in line], [letter in "█▄" for letter in line]]
    width = len(lines[0]) - 2 * QUIET
    inner = [row[QUIET:-QUIET] for row in rows[QUIET:QUIET + width]]
    if sum(map(sum, rows)) != sum(map(sum, inner)):
        raise Stopped("the quiet zone is not quiet")
    return inner


def plain(t, line):
    told = t.good(*INVITE, "--qr")
    lines = told.out.splitlines()
    t.equal("the line stands below the code", lines[-1], line)
    t.check("without a terminal there are no colours", "\x1b" not in told.out)
    drawn = modules(lines[:-1])
    t.check("it is a square with a quiet zone of 4",
            all(len(row) == len(drawn) for row in drawn) and len(drawn) % 4 == 1
            and len(lines) - 1 == (len(drawn) + 2 * QUIET + 1) // 2, len(drawn))
    compared(t, drawn, line)
    decoded(t, drawn, line)


def compared(t, drawn, line):
    what = "the code is that of the tool qrencode"
    if shutil.which("qrencode") is None:
        return t.skip(what, "not installed: qrencode")
    done = subprocess.run(["qrencode", "-8", "-l", "M", "-m", "0", "-t", "ASCII", "-o", "-", line],
                          stdin=subprocess.DEVNULL, capture_output=True)
    theirs = [[row[at] == "#" for at in range(0, len(row), 2)]
              for row in done.stdout.decode().splitlines()]
    t.check(what, drawn == theirs, (len(drawn), len(theirs), done.stderr))


def decoded(t, drawn, line):
    what = "a camera reads the line from it"
    if shutil.which("zbarimg") is None:
        return t.skip(what, "not installed: zbarimg")
    size = len(drawn) + 2 * QUIET
    rows = [[False] * size] * QUIET + [
        [False] * QUIET + row + [False] * QUIET for row in drawn] + [[False] * size] * QUIET
    pixels = b"".join(bytes(0 if dark else 255 for dark in row for _ in range(6)) * 6
                      for row in rows)
    t.write("code.pgm", f"P5 {size * 6} {size * 6} 255\n".encode() + pixels)
    done = subprocess.run(["zbarimg", "-q", "--raw", t.path("code.pgm")],
                          stdin=subprocess.DEVNULL, capture_output=True)
    t.equal(what, done.stdout.decode().strip(), line)


def in_terminal(t, columns, *words):
    """What a terminal of so many columns is shown, and standard error."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen([t.program, *words], cwd=t.folder, stdin=subprocess.DEVNULL,
                               stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    shown = b""
    try:
        while data := os.read(master, 1 << 16):
            shown += data
    except OSError:
        pass  # So a terminal ends whose program has ended.
    os.close(master)
    _, err = process.communicate()
    return process.returncode, shown.decode().replace("\r\n", "\n"), err.decode()


def terminal(t, line):
    wide = len(t.good(*INVITE, "--qr").out.splitlines()[0])
    code, shown, err = in_terminal(t, wide, *INVITE, "--qr")
    lines = shown.splitlines()
    before, after = "\x1b[0;30;47m", "\x1b[0m"
    t.check("a terminal that is just wide enough shows black on white, whatever it has",
            (code, err) == (0, "") and lines[-1] == line
            and all(each.startswith(before) and each.endswith(after) for each in lines[:-1]),
            (code, err, lines[:1]))
    bare = [each.removeprefix(before).removesuffix(after) for each in lines[:-1]]
    t.equal("the same code", bare, t.good(*INVITE, "--qr").out.splitlines()[:-1])
    code, shown, err = in_terminal(t, wide - 1, *INVITE, "--qr")
    t.check("one that is narrower by one column is told so, and has the line",
            code == 0 and shown.strip() == line and err.startswith("yizhan: qr_not_shown: ")
            and str(wide) in err, (code, shown[:80], err))
