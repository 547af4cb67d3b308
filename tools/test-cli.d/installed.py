"""What tools/install leaves: the program, its manual, completions."""
import os
import re
import shutil
import subprocess

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def installed(t):
    done = subprocess.run(
        [os.path.join(TOOLS, "install"), "--prefix", t.path("there"), "--program", t.program],
        capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if not t.equal("tools/install does its work", (done.returncode, done.stderr), (0, "")):
        return
    t.equal("the program is there", subprocess.run(
        [t.path("there/bin/yizhan"), "--version"], capture_output=True).returncode, 0)
    page = t.read("there/share/man/man1/yizhan.1").decode()
    listed = set(re.findall(r"^\.SS (.+)$", page, re.M))
    t.check("the manual has every command of daily use", {
        "plan import", "plan template", "plan diff", "plan issue", "plan coverage", "plan post",
        "plan export", "playback start", "playback stop", "playback add", "report played",
        "report share", "station run"} <= listed, sorted(listed))
    t.check("and no option twice in a command", all(
        len(options) == len(set(options)) for options in (
            re.findall(r"^\\fB(.+?)\\fR", part, re.M) for part in page.split("\n.SS ")[1:])))
    script = t.path("there/share/bash-completion/completions/yizhan")
    t.equal("bash takes its completions", subprocess.run(["bash", "-n", script]).returncode, 0)
    for name in ("zsh/site-functions/_yizhan", "fish/vendor_completions.d/yizhan.fish"):
        t.check(f"{name} knows the commands", b"coverage" in t.read("there/share", name))
    if shutil.which("man"):
        shown = subprocess.run(
            ["man", "-E", "UTF-8", "--warnings=w", t.path("there/share/man/man1/yizhan.1")],
            capture_output=True, env=dict(os.environ, MANWIDTH="80", LC_ALL="C.UTF-8"))
        t.equal("man shows the manual without a complaint", (shown.returncode, shown.stderr),
                (0, b""))
