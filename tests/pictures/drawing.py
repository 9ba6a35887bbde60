"""A terminal's rows as an SVG picture: a pure function, with colours of our own.

It has a dark ground of its own, so that it can be read on light and on dark pages. Text is text
and can be selected; each word has the width of its cells, so that columns stay columns with
whatever font there is. Blocks are drawn, because fonts leave gaps between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from tests.pictures.cells import Row, Run

CELL, LINE, SIZE = 8.4, 18.0, 14.0
MARGIN, BAR = 18.0, 34.0
GROUND, FRAME, PLAIN = "#12161c", "#2b323c", "#d5dbe3"
COLOURS = {
    "default": PLAIN,
    "white": "#f2f5f8",
    "black": "#5b6470",
    "brightblack": "#87919e",
    "red": "#ff8078",
    "green": "#6fcf7f",
    "brown": "#e6b450",
    "blue": "#7ab2ff",
    "magenta": "#d29bf5",
    "cyan": "#63c7d6",
}
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
_SHADES = {"█": 1.0, "▓": 0.75, "▒": 0.5, "░": 0.22}
_WORDS = re.compile(r"[█▓▒░]+|[^\s█▓▒░]+(?: [^\s█▓▒░]+)*")
_LINE = "─"


def picture(rows: Sequence[Row], *, columns: int, title: str) -> str:
    """The picture of a terminal of so many columns; the title stands above, and is its name."""
    width = round(2 * MARGIN + columns * CELL, 1)
    height = round(BAR + MARGIN + len(rows) * LINE, 1)
    body = "\n".join(piece for at, row in enumerate(rows) for piece in _row(row, _top(at)))
    styles = "".join(f".{name}{{fill:{value}}}" for name, value in sorted(COLOURS.items()))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" \
height="{height}" role="img" aria-label="{escape(title, {'"': "&quot;"})}">
<title>{escape(title)}</title>
<style>text{{font:{SIZE:g}px {FONTS};fill:{PLAIN};white-space:pre}}\
.bold{{font-weight:600}}{styles}.over{{fill:{GROUND}}}.none{{fill:none}}</style>
<rect x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="9" fill="{GROUND}" \
stroke="{FRAME}"/>
<path d="M1 {BAR - 8:g}H{width - 1:g}" stroke="{FRAME}"/>
<text x="{width / 2:g}" y="{BAR - 16:g}" text-anchor="middle" class="brightblack">\
{escape(title)}</text>
{body}
</svg>
"""


def _top(row: int) -> float:
    return BAR + row * LINE


def _row(row: Row, top: float) -> Iterator[str]:
    for run in row:
        if run.is_reverse:
            yield _rect(run.column, run.width, top, _class(run.colour), 1.0)
        if run.text.strip():
            yield from _words(run, top)


def _words(run: Run, top: float) -> Iterator[str]:
    """Draw the words of a run; wide characters keep their run in one piece."""
    if len(run.text) != run.width:
        lead = len(run.text) - len(run.text.lstrip())
        cells = run.width - (len(run.text) - len(run.text.strip()))
        yield _text(run, run.text.strip(), run.column + lead, cells, top)
        return
    for found in _WORDS.finditer(run.text):
        word, column = found.group(), run.column + found.start()
        if word[0] in _SHADES:
            yield from _blocks(run, word, column, top)
        elif set(word) == {_LINE}:
            yield _rule(run, column, len(word), top)
            yield _text(run, word, column, len(word), top, more=" none")
        else:
            yield _text(run, word, column, len(word), top)


def _blocks(run: Run, word: str, column: int, top: float) -> Iterator[str]:
    drawn = "over" if run.is_reverse else _class(run.colour)
    at = column
    for shade, group in groupby(word):
        count = len(list(group))
        yield _rect(at, count, top, drawn, _SHADES[shade])
        at += count
    yield _text(run, word, column, len(word), top, more=" none")


def _rule(run: Run, column: int, width: int, top: float) -> str:
    x, y = MARGIN + column * CELL, top + LINE / 2
    colour = COLOURS.get(run.colour, PLAIN)
    return f'<path d="M{x:.6g} {y:.6g}h{width * CELL:.6g}" stroke="{colour}" stroke-opacity="0.5"/>'


def _rect(column: int, width: int, top: float, drawn: str, opacity: float) -> str:
    shown = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    x, y = MARGIN + column * CELL, top + 2
    return (
        f'<rect x="{x:.6g}" y="{y:.6g}" width="{width * CELL:.6g}" height="{LINE - 4:g}" '
        f'class="{drawn}"{shown}/>'
    )


def _text(run: Run, word: str, column: int, width: int, top: float, *, more: str = "") -> str:
    names = [] if run.colour == "default" else [_class(run.colour)]
    names += ["bold"] if run.is_bold else []
    names += ["over"] if run.is_reverse else []
    names += [more.strip()] if more else []
    x, y = MARGIN + column * CELL, top + LINE / 2 + SIZE * 0.35
    named = f' class="{" ".join(names)}"' if names else ""
    fitted = f' textLength="{width * CELL:.6g}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x:.6g}" y="{y:.6g}"{fitted}{named}>{escape(word)}</text>'


def _class(colour: str) -> str:
    return colour if colour in COLOURS else "default"
