#!/usr/bin/env python3
"""Shows what tools/demo runs, no wider than the terminal. Chinese characters take two cells.

  fit.py command COLUMNS WORD...     a command as a person would type it, over several lines if need be
  COMMAND | fit.py output COLUMNS LINES     the beginning of its output, indented by two
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


def quoted(word):
    """Quoted only where a shell needs it; a long invitation is cut."""
    word = cut(word, WORD_CELLS_MAX)
    if word and not re.search(r"""[\s"'$&|;<>()*?\[\]#~`\\!{}]""", word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def show_command(columns, words):
    lines = ["$"]
    for word in map(quoted, words):
        if cells(lines[-1]) + cells(word) > columns - 4 and len(lines[-1]) > 8:
            lines[-1] += " \\"
            lines.append("     ")
        lines[-1] += " " + word
    print("\n".join(lines))


def show_output(columns, lines_max):
    count = 0
    for line in sys.stdin.buffer:
        count += 1
        if count <= lines_max:
            text = line.decode(errors="replace").rstrip("\n")
            print("  " + cut(text, columns - 3), flush=True)
    if count > lines_max:
        print(f"  … and {count - lines_max} more")


def main():
    what, columns = sys.argv[1], int(sys.argv[2])
    if what == "command":
        show_command(columns, sys.argv[3:])
    else:
        show_output(columns, int(sys.argv[3]))


if __name__ == "__main__":
    main()
