from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.check.across import settled
from prd_supervise.supervisor.prd.defect import Defect
from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.supervisor.prd.read import read_file, why_no_prd
from tests.support.prd_files import written


def read_plan(path: Path, *, base_branch: str = "") -> tuple[Plan | None, tuple[Defect, ...]]:
    """The plan, if nothing is wrong with it and no other PRD is there to have its loose ends."""
    reading = read_file(path, base_branch=base_branch)
    wrong = [*reading.errors, *settled(reading.plans, [reading])[1]]
    wrong.sort(key=lambda defect: (defect.line, defect.column))
    return None if wrong else next(iter(reading.plans), None), tuple(wrong)


CANONICAL = {
    "project": "Shop",
    "branchName": "ralph/shop",
    "userStories": [{"id": "US-001", "title": "A cart"}],
}


def defects_of(folder: Path, document: object, *, base_branch: str = "") -> list[str]:
    plan, defects = read_plan(written(folder, document), base_branch=base_branch)
    assert plan is None
    return [str(defect.relative_to(folder)) for defect in defects]


def story_defects(folder: Path, **keys: object) -> list[str]:
    return defects_of(folder, {"stories": [{"id": "A", "title": "t", **keys}]})


@pytest.mark.parametrize(
    ("content", "defect"),
    [
        (b"", "prd.json:1:1: the file is empty; a PRD is needed"),
        (b" \n", "prd.json:1:1: the file is empty; a PRD is needed"),
        (
            b'{"a": 1\n "b": 2}',
            "prd.json:2:2: this is not JSON: a comma is missing before '\"'; write it behind",
        ),
        (
            b'{"a": 1',
            "prd.json:1:8: this is not JSON: the file ends, but '{' of line 1 is not closed;",
        ),
        (
            b'{"a": "x\ty"}',
            "prd.json:1:9: this is not JSON: a raw tab stands in a text; write \\t",
        ),
        (
            b"{} {}",
            "prd.json:1:4: this is not JSON: something stands behind the end of the document",
        ),
        (b'{"a": "NaN", "b": NaN}', "prd.json:1:19: NaN is not JSON; write a number or null"),
        (b'{\n "a": "\xc3\xa4\xff"}', "prd.json:2:9: byte 0xff is not UTF-8; save the file"),
        ('{"ä": 1, }'.encode("utf-16"), "prd.json:1:8: this is not JSON: a comma stands behind"),
        (b"[" * 100_000, "prd.json:1:201: nested deeper than 200 levels; make the document"),
        (b'{"a": ' + b"1" * 5000 + b"}", "prd.json:1:7: a number has more digits than can be"),
        (b"[1]", "prd.json:1:1: no stories were found; put them into a list 'userStories'"),
        (b"{}", "prd.json:1:1: no stories were found; put them into a list 'userStories'"),
        (b'{"stories": []}', "prd.json:1:13: stories is empty; write at least one story"),
        (b'{"tasks": []}', "prd.json:1:1: no stories were found; put them into a list"),
    ],
)
def test_a_file_that_is_no_sound_prd_says_where_and_why(
    tmp_path: Path, content: bytes, defect: str
) -> None:
    found = defects_of(tmp_path, content)
    assert len(found) == 1
    assert found[0].startswith(defect)


def test_a_byte_order_mark_is_no_defect(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf" + json.dumps(CANONICAL).encode())
    assert read_plan(path)[1] == ()


def test_the_form_goes_by_content_before_the_name(tmp_path: Path) -> None:
    (tmp_path / "prd.md").write_text(json.dumps(CANONICAL))
    assert read_plan(tmp_path / "prd.md")[1] == ()


def test_a_file_that_cannot_be_opened_is_a_defect_without_a_place(tmp_path: Path) -> None:
    _, defects = read_plan(tmp_path / "prd.json")
    assert [str(d.relative_to(tmp_path)) for d in defects] == [
        "prd.json: the file cannot be read: No such file or directory; make it readable"
    ]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "prd.json")
    _, defects = read_plan(tmp_path / "prd.json")
    assert "no regular file" in defects[0].message


def test_a_ring_of_links_is_a_defect(tmp_path: Path) -> None:
    (tmp_path / "prd.json").symlink_to(tmp_path / "prd.json")
    assert "cannot be read" in read_plan(tmp_path / "prd.json")[1][0].message


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "prd.json").open("wb") as file:
        file.truncate(50_000_001)
    assert "50000001 bytes" in read_plan(tmp_path / "prd.json")[1][0].message


@pytest.mark.parametrize(
    ("keys", "defect"),
    [
        ({"id": True}, "id is true; a text or a number is allowed"),
        ({"id": "../etc"}, "id '../etc' is no safe name; letters, digits,"),
        ({"id": "x.lock"}, "id 'x.lock' is no safe name;"),
        ({"title": None}, "the story has no title; say in one line"),
        ({"title": " \x07 "}, "the story has no title; say in one line"),
        ({"title": 3}, "title is 3; a text is allowed"),
        ({"acceptanceCriteria": [3]}, "acceptanceCriteria is 3; a text, or an object"),
        ({"criteria": {"x": 1}}, "criteria is an object; a text, or an object"),
        ({"dependsOn": [None]}, "dependsOn is null; the id of a story"),
        ({"dependsOn": {"deps": {}}}, "deps is an object; the id of a story"),
        ({"dependsOn": ["A"]}, "story 'A' depends on itself; remove that"),
        ({"dependsOn": "C"}, "'C' is no story of this PRD; its stories are A"),
        ({"verify": [1]}, "verify is 1; a command as text is allowed"),
        ({"verify": 1}, "verify is 1; a command or a list of commands is allowed"),
        ({"verify": "a\0b"}, "verify is 'a\\x00b'; a command that a shell can be given"),
        ({"noCode": "x"}, "noCode is 'x'; true or false is allowed"),
        ({"agent": 1}, "agent is 1; a text is allowed"),
        ({"replay": 1}, "replay is 1; a JSON script or the path of a file"),
        ({"replay": "no.json"}, "replay script 'no.json': the file cannot be read: No such"),
        ({"replay": "a\0"}, "replay script 'a\\x00': the file cannot be read: "),
    ],
)
def test_a_defective_story_says_what_and_what_is_allowed(
    tmp_path: Path, keys: dict[str, object], defect: str
) -> None:
    found = story_defects(tmp_path, **keys)
    assert len(found) == 1
    assert found[0].split(": ", 1)[1].startswith(defect)


def test_a_broken_replay_script_is_shown_with_its_own_place(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{\n "a" 1}')
    assert story_defects(tmp_path, replay="run.json")[0].startswith(
        "prd.json:6:17: replay script 'run.json':2:6: this is not JSON: a colon is missing"
    )


def test_all_defects_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = """{
  "id": "bad id", "branchName": "-x",
  "stories": [
    {"id": "US-001", "title": "ä", "dependsOn": ["US-002"]},
    {"id": "US-002", "title": "ä", "dependsOn": ["US-001", "US-0033"]},
    7,
    {"id": "US-001", "title": "ä", "noCode": 1}
  ]
}"""
    shown = [line.split(";")[0] for line in defects_of(tmp_path, text)]
    assert shown == [
        "prd.json:2:9: id 'bad id' is no safe name",
        "prd.json:2:33: branchName is '-x'",
        "prd.json:5:60: 'US-0033' is no story of this PRD",
        "prd.json:6:5: story is 7",
        "prd.json:7:12: id 'US-001' stands on line 4 already and on line 7 again",
        "prd.json:7:46: noCode is 1",
    ]


def test_ids_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    text = """{"stories": [{"id": "US-1", "title": "a", "noCode": true},
 {"id": "us-1", "title": "b", "noCode": true}]}"""
    (shown,) = defects_of(tmp_path, text)
    assert shown.startswith("prd.json:2:9: id 'us-1' differs from 'US-1' on line 1 in case alone")


def test_a_cycle_is_shown_with_its_whole_path(tmp_path: Path) -> None:
    text = """{"stories": [
    {"id": "A", "title": "a", "dependsOn": ["B"]},
    {"id": "B", "title": "b", "dependsOn": ["c"]},
    {"id": "C", "title": "c", "dependsOn": ["A"]}
]}"""
    assert defects_of(tmp_path, text) == [
        (
            "prd.json:4:45: the stories wait for each other: A -> B -> C -> A; "
            "remove 'A' from dependsOn of C"
        )
    ]


def test_an_unknown_dependency_is_a_loose_end_with_its_place(tmp_path: Path) -> None:
    stories = [
        {"id": "US-001", "title": "a"},
        {"id": "US-002", "title": "b", "dependsOn": ["US-001", "PRD-2/US-9"]},
    ]
    reading = read_file(written(tmp_path, {"stories": stories}))
    assert reading.errors == ()
    assert [story.depends_on for story in reading.plans[0].stories] == [(), ("US-001",)]
    (end,) = reading.loose
    assert (end.story_id, end.name, end.line, end.column) == ("US-002", "PRD-2/US-9", 12, 9)


def test_an_unknown_dependency_names_the_nearest_story(tmp_path: Path) -> None:
    stories = [{"id": "US-001", "title": "a", "deps": ["us-00l"]}]
    assert "did you mean 'US-001'?" in defects_of(tmp_path, {"stories": stories})[0]


def test_the_base_branch_is_not_given_away(tmp_path: Path) -> None:
    document = {**CANONICAL, "branchName": "main"}
    assert read_plan(written(tmp_path, document), base_branch="trunk")[1] == ()
    assert defects_of(tmp_path, document, base_branch="main") == [
        (
            "prd.json:3:17: branchName is 'main'; "
            "that is the branch that the work starts from, name another one"
        )
    ]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ('{"userStories": []}', True),
        ('{"stories": [3]}', True),
        ('{"tasks": [{}]}', False),
        ('{"tasks": [{"id": 1, "title": "t"}]}', True),
        ('[{"description": "d", "steps": ["s"], "passes": false}]', True),
        ('{"items": [{"id": 1, "name": "n", "status": "active"}]}', False),
        ('[{"name": "web", "hosts": "all", "tasks": [{"name": "n", "shell": "x"}]}]', False),
        ('{"tasks": [{"label": "build", "type": "shell", "dependsOn": "x"}]}', False),
        ('{"name": "p", "scripts": {"test": "x"}, "dependencies": {"a": "1"}}', False),
        ('{"compilerOptions": {}, "files": ["a.ts"], "references": [{"path": "p"}]}', False),
        ('{"prd": {"title": "t", "sections": [{"title": "s", "body": "b"}]}}', False),
        ('[{"name": "a", "version": "1", "dependencies": ["b"]}]', False),
        ('{"master": {"tasks": [{"id": 1, "title": "t"}]}}', True),
        ('{"jobs": {"build": {"steps": [{"name": "n", "run": "x"}]}}}', False),
        ("{", True),
        ("", True),
        ('{"tasks": ["build"]}', False),
        ('{"tasks": {}}', False),
        ("{}", False),
        ("[]", False),
        ("3", False),
    ],
)
def test_only_what_could_be_a_prd_is_judged_as_one(
    tmp_path: Path, text: str, *, is_one: bool
) -> None:
    assert (why_no_prd(written(tmp_path, text)) == "") is is_one


def test_a_defect_never_obeys_what_it_shows(tmp_path: Path) -> None:
    line = story_defects(tmp_path, agent=["\x1b[2J" + "x" * 500])[0]
    assert line.isprintable()
    assert len(line) < 250


def test_a_defect_without_a_line_shows_no_place() -> None:
    assert str(Defect(path="environment", message="x")) == "environment: x"
    assert str(Defect(path="/a\n", line=1, column=2, message="x")) == "/a\ufffd:1:2: x"
    assert str(Defect(path="a", message="x.\x1b[31mred\n: y")) == "a: x.\ufffd[31mred\ufffd: y"


def test_a_path_outside_the_root_is_shown_whole(tmp_path: Path) -> None:
    defect = Defect(path="/elsewhere/prd.json", message="x")
    assert defect.relative_to(tmp_path) == defect


def test_a_prd_of_too_many_stories_is_refused_where_they_are_too_many(tmp_path: Path) -> None:
    lines = [f"- [ ] Story {number}" for number in range(20_001)]
    (tmp_path / "prd.md").write_text("\n".join(lines))
    _, defects = read_plan(tmp_path / "prd.md")
    assert [(defect.line, defect.message) for defect in defects] == [
        (20_001, "this PRD has 20001 stories; 20000 are allowed, split it")
    ]
