#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""ansi_svg.py <SCREEN >SVG - a screen of a terminal, as `tmux capture-pane -e -p` gives it, as a picture."""
import html
import re
import sys

CELL_W, CELL_H, SIZE = 8.4, 18, 14
COLORS = ["#2e3436", "#ef5350", "#66bb6a", "#ffca28", "#64a6ff", "#ce93d8", "#4dd0e1", "#eceff1"]
BACK, FORE = "#16191d", "#cfd8dc"


def apply(state, code):
    """One SGR parameter on (fore, back, bold, dim, reverse)."""
    fore, back, bold, dim, reverse = state
    if code == 0:
        return (None, None, False, False, False)
    if code == 1:
        bold = True
    elif code == 2:
        dim = True
    elif code == 7:
        reverse = True
    elif code == 22:
        bold = dim = False
    elif code == 27:
        reverse = False
    elif 30 <= code <= 37:
        fore = code - 30
    elif code == 39:
        fore = None
    elif 40 <= code <= 47:
        back = code - 40
    elif code == 49:
        back = None
    return (fore, back, bold, dim, reverse)


def runs(line, state):
    """(column, text, state) of pieces that look the same; and the state at the end."""
    found, column = [], 0
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            for code in (int(c or 0) for c in piece[2:-1].split(";")):
                state = apply(state, code)
        elif piece:
            found.append((column, piece, state))
            column += len(piece)
    return found, state


def draw(row, column, text, state):
    fore, back, bold, dim, reverse = state
    front = COLORS[fore] if fore is not None else FORE
    behind = COLORS[back] if back is not None else None
    if reverse:
        front, behind = behind or BACK, front
    x, y, width = column * CELL_W + 8, row * CELL_H + 8, len(text) * CELL_W
    if behind:
        print('<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>' % (x, y, width, CELL_H, behind))
    if text.strip():
        look = ' font-weight="bold"' if bold else ""
        look += ' opacity="0.6"' if dim else ""
        print('<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s>%s</text>'
              % (x, y + 14, width, front, look, html.escape(text)))


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    state = (None, None, False, False, False)
    rows = []
    for line in lines:
        found, state = runs(line, state)
        rows.append(found)
    cols = max(sum(len(text) for _, text, _ in row) for row in rows)
    print('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="monospace" '
          'font-size="%d" xml:space="preserve">' % (cols * CELL_W + 16, len(rows) * CELL_H + 16, SIZE))
    print('<rect width="100%%" height="100%%" rx="6" fill="%s"/>' % BACK)
    for number, row in enumerate(rows):
        for column, text, look in row:
            draw(number, column, text, look)
    print("</svg>")


main()
