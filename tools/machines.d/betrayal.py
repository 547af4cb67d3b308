"""Breaks what the product promises, behind its back, so that it is seen that the end of a run sees it."""
import contextlib
import os
import shutil
import sqlite3

# What is done, and how the fault must begin that is told.
WAYS = {
    "loss": "lost: playback",
    "row": "lost: playback",
    "twice": "doubled: playback",
    "field": "lost: note",
}
DATABASE = ("yizhan.db", "yizhan.db-wal", "yizhan.db-shm")


def betray(world, how):
    station = world.stations[0]
    station.kill_own()
    {"loss": loss, "row": row, "twice": twice, "field": field}[how](world, station)


def add(world, station, note):
    words = ("playback", "add", "--programme", "P1", "--start", "2026-03-01T09:00", "--note", note)
    done = world.good(station, *words)
    world.ledger.write("playback", note, station.name, "P1 2026-03-01T09:00", done)


def copy(source, target):
    for name in DATABASE:
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(os.path.join(source, name), os.path.join(target, name))


def loss(world, station):
    """The disk says that it has written and has not: it is as before a write that was acknowledged."""
    keep = os.path.join(station.home, "kept")
    os.makedirs(keep)
    copy(station.data, keep)
    add(world, station, f"{station.name}-a{world.next()}")
    for name in DATABASE:
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(station.data, name))
    copy(keep, station.data)


def row(world, station):
    """A playback that has not been sent goes from the table."""
    note = f"{station.name}-a{world.next()}"
    add(world, station, note)
    base = sqlite3.connect(os.path.join(station.data, "yizhan.db"))
    with contextlib.closing(base), base:
        base.execute("DELETE FROM playback WHERE note = ?", (note,))


def twice(world, station):
    """One write of a person is in the log two times."""
    note = f"{station.name}-a{world.next()}"
    add(world, station, note)
    add(world, station, note)


def field(world, _):
    """An acknowledged edit was in truth another."""
    item = world.items[0]
    done = world.good(world.root, "plan", "edit", item.dot, "note=another")
    world.ledger.set("note", item.key, "acknowledged", done)
