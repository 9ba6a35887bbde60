"""A picture of a tiny run, taken as those of the README are."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from tests.pictures.make_pictures import Camera
from tests.pictures.test_drawing import outside, texts
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


def test_a_picture_of_a_run_has_its_stories_and_nothing_outside(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    work = [{"say": "at work in here"}, HOLD, write("US-1.txt", "x\n")]
    repo.prd(story("US-1", *work, title="Prices <b>everywhere</b>"))
    repo.commit()
    repo.seal()
    camera = Camera(tree, tmp_path)
    try:
        screen = camera.open("start", columns=80, rows=24)
        screen.wait_text("at work in here", "US-1")
        path = camera.take(screen.screen, "tiny", "a tiny run")
        tree.go()
        screen.wait_exit(0)
    finally:
        camera.close()

    svg = ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314  ours
    told = "\n".join(texts(svg))
    for text in ("ALPHA", "US-1", "Prices <b>everywhere</b>", "at work in here", "0/1"):
        assert text in told
    assert list(outside(svg)) == []
