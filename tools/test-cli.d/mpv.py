"""What a real mpv plays is logged by itself, on a clip that ffmpeg makes."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time

import link
from harness import Stopped, found_tree
from network import Station, running
from playing import DATA, length, reboot, under_way

CLIP_SECONDS = 3
# Three clips take nine seconds, and the machine may have other things to do.
PATIENCE = 40


def wait_until(holds):
    link.wait_until(holds, PATIENCE)


def mpv(t):
    lacking = [name for name in ("mpv", "ffmpeg") if shutil.which(name) is None]
    if lacking:
        return t.skip("what a real mpv plays", f"not installed: {', '.join(lacking)}")
    found_tree(t)
    rows = [("P00012", "饮水安全", "卫生健康", 3), ("P00013", "水稻育苗", "农业技术", 3)]
    t.sheet("programmes.csv", ["programme", "title", "category", "seconds"], rows)
    t.good("programme", "import", "--data", "hub", "programmes.csv")
    t.good("bundle", "export", "--data", "hub", "--to", "stick")
    t.good("bundle", "import", *DATA, "--from", "stick")
    clip(t, "P00012.mp4", CLIP_SECONDS)
    clip(t, "育苗.mkv", CLIP_SECONDS, "水稻育苗")
    clip(t, "long.mp4", 60)
    with running(Station(t, "s207", "--mpv", t.path("mpv.socket"))) as station:
        playlist(t)
        commanded(t)
        died(t)
        t.equal("SIGTERM ends an agent that waits for an mpv", station.end(seconds=5), 0)
    agent_killed(t)


def clip(t, name, seconds, title=None):
    words = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10",
             "-t", str(seconds), "-pix_fmt", "yuv420p"]
    words += ["-metadata", f"title={title}"] if title else []
    done = subprocess.run(words + [t.path(name)], stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        raise Stopped(f"ffmpeg: {done.stderr.decode(errors='replace')[-300:]}")


class Player:
    """An mpv that shows nothing, and its JSON IPC."""

    def __init__(self, t, *words):
        self.path = t.path("mpv.socket")
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path)
        with open(t.path("mpv.log"), "ab") as log:
            self.popen = subprocess.Popen(
                ["mpv", "--no-config", "--vo=null", "--ao=null", "--no-terminal",
                 f"--input-ipc-server={self.path}", *words],
                cwd=t.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def command(self, *words):
        with socket.socket(socket.AF_UNIX) as ipc:
            ipc.settimeout(10)
            ipc.connect(self.path)
            ipc.sendall(json.dumps({"command": words, "request_id": 7}).encode() + b"\n")
            for line in ipc.makefile():
                if json.loads(line).get("request_id") == 7:
                    return json.loads(line)
        return None

    def end(self, number=signal.SIGTERM):
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        self.popen.wait(20)


@contextlib.contextmanager
def played(t, *words):
    player = Player(t, *words)
    try:
        yield player
    finally:
        player.end(signal.SIGKILL)


def plays(t):
    return t.playbacks("s207")


def logged(t, count):
    wait_until(lambda: len(plays(t)) >= count)
    return plays(t)


def shown(play):
    return play["programme"], play["title"], play["outcome"]


def near(play, seconds):
    found = length(play)
    return found is not None and abs(found - seconds) <= 1


def playlist(t):
    # It waits until the hook is there: once a second it is looked for.
    with played(t, "--idle=once", "--pause", "P00012.mp4", "育苗.mkv", "P00012.mp4") as player:
        wait_until(lambda: under_way(t))
        t.equal("a file is under way by its programme's code", [
            (each["player"], each["programme"], each["title"]) for each in under_way(t)],
            [("mpv", "P00012", "饮水安全")])
        player.command("set_property", "pause", False)
        found = logged(t, 3)
        t.equal("a playlist is an event for each file, by name or by title", [
            shown(play) for play in found], [
                ("P00012", "饮水安全", "completed"), ("P00013", "水稻育苗", "completed"),
                ("P00012", "饮水安全", "completed")])
        t.check("with the length really played", all(near(play, CLIP_SECONDS) for play in found),
                [length(play) for play in found])
        t.check("and the start of the machine", all(
            play["boot"] == 1 and play["uptime"] > 0 for play in found), found[0])
        t.equal("nothing is under way then", under_way(t), [])
        t.equal("of routine playing unless another occasion is given", [
            play["occasion"] for play in found], ["日常播放"] * 3)
        t.good("playback", "correct", found[0]["dot"], *DATA, "--occasion", "主题党日")
        t.equal("which a person corrects", sorted(play["occasion"] for play in plays(t)),
                sorted(["主题党日", "日常播放", "日常播放"]))


def commanded(t):
    before = len(plays(t))
    with played(t, "long.mp4") as player:
        wait_until(lambda: under_way(t))
        time.sleep(1.5)
        player.command("set_property", "pause", True)
        time.sleep(2)
        player.command("seek", 0, "absolute")
        player.command("set_property", "pause", False)
        time.sleep(1.5)
        player.command("loadfile", t.path("育苗.mkv"))
        wait_until(lambda: any(each["programme"] == "P00013" for each in under_way(t)))
        player.command("quit")
        found = logged(t, before + 1)[before:]
        t.check("a pause does not count, and what is seen again after seeking does",
                shown(found[0]) == ("long", None, "stopped") and near(found[0], 3), found[0])
        # Less than a second of the second file may have been seen.
        t.check("a quit is a stop", all(play["outcome"] == "stopped" for play in found), found)
        wait_until(lambda: not under_way(t))


def died(t):
    before = len(plays(t))
    with played(t, "P00012.mp4", "--loop-file=inf") as player:
        wait_until(lambda: under_way(t))
        time.sleep(2)
        player.end(signal.SIGKILL)
        play = logged(t, before + 1)[-1]
        t.check("an mpv that is killed leaves what was played until then",
                shown(play) == ("P00012", "饮水安全", "unknown") and 1 <= length(play) <= 6, play)
    with played(t, "none.mp4", "--idle=yes"):
        time.sleep(2)
        t.equal("a file that is not there is no playback", (
            len(plays(t)), under_way(t)), (before + 1, []))


def agent_killed(t):
    before = len(plays(t))
    words = ("--mpv", t.path("mpv.socket"), "--occasion", "党员大会")
    with played(t, "long.mp4"):
        with running(Station(t, "s207", *words)) as station:
            wait_until(lambda: under_way(t))
            station.end(signal.SIGKILL)
        t.equal("an agent that is killed leaves what is under way", len(under_way(t)), 1)
        with running(Station(t, "s207", *words)) as station:
            wait_until(lambda: len(plays(t)) == before + 1 and under_way(t))
            t.equal("the next says that it does not know how that ended, and goes on",
                    [shown(plays(t)[-1]), under_way(t)[0]["programme"]],
                    [("long", None, "unknown"), "long"])
            t.equal("with the occasion it was told", under_way(t)[0]["occasion"], "党员大会")
            time.sleep(1.5)
            t.equal("SIGTERM ends it", station.end(seconds=5), 0)
        t.check("an agent that is ended says until when it saw the player",
                shown(plays(t)[-1]) == ("long", None, "unknown") and length(plays(t)[-1]) >= 1
                and not under_way(t), (plays(t)[-1], under_way(t)))
        with running(Station(t, "s207", *words)) as station:
            wait_until(lambda: under_way(t))
            station.end(signal.SIGKILL)
        reboot(t)
        t.good("bundle", "export", *DATA, "--to", "stick")
        t.equal("a power cut in the middle leaves an event that says so",
                shown(plays(t)[-1]), ("long", None, "power_lost"))
