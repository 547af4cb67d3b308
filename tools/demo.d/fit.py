#!/usr/bin/env python3
"""Shows what tools/demo says and runs, no wider than the terminal. Chinese characters take two cells.

  fit.py text COLUMNS LINE...               prose, wrapped
  fit.py command COLUMNS WORD...            a command as a person would type it
  COMMAND | fit.py output COLUMNS LINES     the beginning of its output: prose wrapped, tables cut
"""
import re
import sys
import unicodedata

WORD_CELLS_MAX = 48


def cells(text):
    return sum(
        0 if unicodedata.combining(character)
        else 2 if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text)


def cut(text, width):
    """`text`, or as much of its beginning as fits beside an ellipsis."""
    if cells(text) <= width:
        return text
    while cells(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(words, width, start="", further=""):
    """Words in lines of at most `width` cells; a longer word has a line of its own."""
    lines = [start]
    for word in words:
        if lines[-1].strip() and cells(lines[-1]) + 1 + cells(word) > width:
            lines.append(further)
        blank = " " if lines[-1].strip() else ""
        lines[-1] += blank + word
    return lines


def quoted(word):
    """Quoted only where a shell needs it; a long invitation is cut."""
    word = cut(word, WORD_CELLS_MAX)
    if word and not re.search(r"""[\s"'$&|;<>()*?\[\]#~`\\!{}]""", word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def show_command(columns, words):
    parts = []
    for word in map(quoted, words):
        # An option and its value stay together.
        if parts and re.fullmatch(r"--[a-z-]+", parts[-1]) and not word.startswith("-"):
            parts[-1] += " " + word
        else:
            parts.append(word)
    print(" \\\n".join(wrapped(parts, columns - 4, "$", " " * 6)))


def show_output(columns, lines_max):
    count = 0
    for line in sys.stdin.buffer:
        count += 1
        if count > lines_max:
            continue
        text = line.decode(errors="replace").rstrip("\n")
        if re.search(r"\S  ", text) or text.startswith(" "):
            print("  " + cut(text, columns - 3), flush=True)
        else:
            print("\n".join(wrapped(text.split(" "), columns - 1, "  ", "    ")), flush=True)
    if count > lines_max:
        print(f"  … and {count - lines_max} more")


def main():
    what, columns = sys.argv[1], int(sys.argv[2])
    if what == "command":
        show_command(columns, sys.argv[3:])
    elif what == "output":
        show_output(columns, int(sys.argv[3]))
    else:
        for line in sys.argv[3:]:
            print("\n".join(wrapped(line.split(), columns - 1)))


if __name__ == "__main__":
    main()
