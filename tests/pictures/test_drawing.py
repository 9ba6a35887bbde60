from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pyte
import pytest

from tests.pictures.cells import Run, rows_of
from tests.pictures.drawing import picture

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SVG = "{http://www.w3.org/2000/svg}"
BYTES_MAX = 100_000


def drawn(text: str, *, columns: int = 20, rows: int = 3, title: str = "a title") -> ET.Element:
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(text)
    return ET.fromstring(picture(rows_of(screen), columns=columns, title=title))  # noqa: S314  ours


def texts(svg: ET.Element) -> list[str]:
    return ["".join(each.itertext()) for each in svg.iter(f"{SVG}text")]


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name, "0"))


def outside(svg: ET.Element) -> Iterator[str]:
    """What reaches out of the picture."""
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    for each in svg.iter():
        right = number(each, "x") + number(each, "width") + number(each, "textLength")
        bottom = number(each, "y") + number(each, "height")
        is_placed = each is not svg and "x" in each.attrib
        if is_placed and not (number(each, "x") >= 0 and right <= width and bottom <= height):
            yield ET.tostring(each, encoding="unicode")


def test_a_run_of_cells_that_look_the_same_is_one() -> None:
    screen = pyte.Screen(20, 2)
    pyte.Stream(screen).feed("\x1b[1mbold\x1b[0m \x1b[38;5;8mgrey\x1b[0m\x1b[7m!\x1b[0m")
    (row,) = rows_of(screen)
    assert row == (
        Run(column=0, width=4, text="bold", is_bold=True),
        Run(column=4, width=1, text=" "),
        Run(column=5, width=4, text="grey", colour="brightblack"),
        Run(column=9, width=1, text="!", is_reverse=True),
    )


def test_words_stand_where_their_cells_are_and_can_be_selected() -> None:
    svg = drawn("one two  three\r\n    four")
    assert texts(svg) == ["a title", "one two", "three", "four"]
    _, first, second, below = svg.iter(f"{SVG}text")
    width = number(first, "textLength") / len("one two")
    assert number(second, "x") - number(first, "x") == pytest.approx(9 * width, abs=0.1)
    assert number(below, "x") - number(first, "x") == pytest.approx(4 * width, abs=0.1)
    assert number(below, "y") > number(first, "y")


def test_blocks_are_drawn_in_their_shades_and_stay_text() -> None:
    svg = drawn("\x1b[32m██▒░\x1b[0m 2/4")
    shades = [each for each in svg.iter(f"{SVG}rect") if each.get("class") == "green"]
    assert [each.get("fill-opacity") for each in shades] == [None, "0.5", "0.22"]
    assert "██▒░" in texts(svg)


def test_wide_characters_keep_their_cells() -> None:
    svg = drawn("日本 x")
    word = list(svg.iter(f"{SVG}text"))[1]
    assert "".join(word.itertext()) == "日本 x"
    assert number(word, "textLength") == pytest.approx(6 * 8.4)
    assert list(outside(svg)) == []


def test_text_from_outside_is_text() -> None:
    svg = drawn("</text><script>&\"'", title='a "b" <c>')
    assert texts(svg)[1] == "</text><script>&\"'"
    assert svg.get("aria-label") == 'a "b" <c>'
    assert not list(svg.iter(f"{SVG}script"))


@pytest.mark.parametrize(
    ("name", "page", "shown"),
    [
        ("dashboard", "README.md", ("PRDs", "At work", "US-003", "waits for approval: Ranking")),
        ("story", "README.md", ("[log]", "shop/US-003")),
        ("report", "README.md", ("For you", "Timeline", "git merge feature/mail")),
        ("end", "docs/dashboard.md", ("For you", "git merge feature/search")),
    ],
)
def test_a_picture_that_a_page_shows_is_small_whole_and_shows_what_it_should(
    name: str, page: str, shown: tuple[str, ...]
) -> None:
    path = COMMITTED / f"{name}.svg"
    assert path.stat().st_size < BYTES_MAX
    svg = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  ours
    told = "\n".join(texts(svg))
    assert [text for text in shown if text not in told] == []
    assert list(outside(svg)) == []
    assert f"pictures/{name}.svg)" in (COMMITTED.parents[1] / page).read_text(encoding="utf-8")


def test_no_picture_is_large() -> None:
    assert [path.name for path in COMMITTED.iterdir() if path.stat().st_size >= BYTES_MAX] == []
