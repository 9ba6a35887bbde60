from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.documents.json_document import JsonDocument
from prd_supervise.supervisor.prd.forms.recognise import recognise
from prd_supervise.supervisor.prd.mark import mark_done
from prd_supervise.supervisor.prd.members.draft import StoryDraft
from prd_supervise.supervisor.prd.members.fields import Findings, Record
from prd_supervise.supervisor.prd.members.progress import DONE_FLAGS
from prd_supervise.supervisor.prd.members.story import read_story


@pytest.mark.parametrize(
    ("story", "marked"),
    [
        ('"id": "A", "passes": false', '"id": "A", "passes": true'),
        ('"passes" :false, "id": "A"', '"passes" :true, "id": "A"'),
        ('"id": "A", "passed": false', '"id": "A", "passed": true'),
        ('"id": "A", "completed": false', '"id": "A", "completed": true'),
        ('"id": "A", "complete": null', '"id": "A", "complete": true'),
        ('"id": "A", "passes": null', '"id": "A", "passes": true'),
        (
            '"id": "A", "passes": null, "passed": false',
            '"id": "A", "passes": null, "passed": true',
        ),
        (
            '"id": "A", "passes": false, "status": "open"',
            '"id": "A", "passes": true, "status": "open"',
        ),
        ('"id": "A", "status": "open"', '"id": "A", "status": "done"'),
        ('"id": "A", "status": {"x": []}', '"id": "A", "status": {"x": []}, "passes": true'),
        ('"id": "A"', '"id": "A","passes": true'),
        (' "id": "A" ', ' "id": "A", "passes": true '),
        ('"id":"A","x":1', '"id":"A","x":1,"passes":true'),
        ('\n\t"id": "A",\n\t"x": []\n', '\n\t"id": "A",\n\t"x": [],\n\t"passes": true\n'),
        (
            '\r\n  "x": 1,\r\n  "id": "A"\r\n',
            '\r\n  "x": 1,\r\n  "id": "A",\r\n  "passes": true\r\n',
        ),
        ('"id":\n"A"', '"id":\n"A","passes": true'),
        ('"passes": true, "passes": false, "id": "A"', '"passes": true, "passes": true, "id": "A"'),
    ],
)
def test_the_flag_is_set_where_the_document_has_it(story: str, marked: str) -> None:
    frame = '{{"x": "ä", "stories": [{{"id": "B", "passes": false}}, {{{}}}]}}\n'
    assert mark_done(frame.format(story).encode(), "A") == frame.format(marked).encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        '{"stories": [{"id": "B"}]}',
        '{"stories": [{"id": "A", "passes": true}]}',
        '{"stories": [{"id": "A", "status": "Done"}]}',
        '{"stories": [{"id": "a"}]}',
    ],
)
def test_nothing_is_marked_where_there_is_nothing_to_mark(text: str) -> None:
    assert mark_done(text.encode(), "A") is None


def test_numbers_that_the_grammar_does_not_know_do_no_harm() -> None:
    text = '{"x": [1e+5, 1E+05, "1e+5\\"e+"], "stories": [{"id": "A", "n": -0.1E+2}]}'
    marked = text.replace("E+2", 'E+2, "passes": true')
    assert mark_done(text.encode(), "A") == marked.encode()


def test_a_number_as_id_is_found_as_it_is_written() -> None:
    text = '{"stories": [{"id": 1.1}, {"id": 1.10}, {"id": 2}]}'
    marked = text.replace("1.10", '1.10,"passes": true')
    assert mark_done(text.encode(), "1.10") == marked.encode()


SPACE = st.text(alphabet=" \t\r\n", max_size=3)
TEXT = st.text(alphabet='a"\\}],ä😀\n', max_size=5)
VALUE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.lists(TEXT, max_size=2)
)
FLAG = st.none() | st.booleans() | st.just("no")


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, int]:
    """A document of oddly laid out stories 0, 1, 2, and one of them."""

    def spaced(value: object) -> str:
        text = json.dumps(value, ensure_ascii=draw(st.booleans()))
        return draw(SPACE) + text + draw(SPACE)

    def member(key: str, value: object) -> str:
        return spaced(key) + ":" + spaced(value)

    def story(number: int) -> str:
        keys = draw(
            st.dictionaries(st.sampled_from(["notes", "ключ", "a.b"]), VALUE, max_size=3)
        ) | {"id": number}
        for name in draw(st.lists(st.sampled_from([*DONE_FLAGS, "status"]), max_size=2)):
            keys[name] = draw(st.sampled_from(["open", "done"]) if name == "status" else FLAG)
        names = draw(st.permutations(sorted(keys)))
        return "{" + ",".join(member(name, keys[name]) for name in names) + "}"

    stories = ",".join(draw(SPACE) + story(number) + draw(SPACE) for number in range(3))
    text = draw(SPACE) + "{" + member("é", 1) + ',"stories":[' + stories + "]}" + draw(SPACE)
    return draw(st.sampled_from(["", "\ufeff"])) + text, draw(st.integers(0, 2))


@settings(deadline=None)
@given(documents())
def test_only_the_flag_changes_whatever_the_layout(case: tuple[str, int]) -> None:
    text, number = case
    before = stories_in(text)
    data = mark_done(text.encode(), str(number))
    if is_done(before[number]):
        assert data is None
        return
    assert data is not None
    marked = data.decode()
    after = stories_in(marked)
    assert is_done(after[number])
    for at, (story, other) in enumerate(zip(before, after, strict=True)):
        changed = {key for key in other if key not in story or story[key] != other[key]}
        assert len(changed) == (1 if at == number else 0)
    assert one_piece_differs(text, marked)


def is_done(story: dict[str, object]) -> bool:
    document = JsonDocument(json.dumps(story))
    record = Record(story, where=(), findings=Findings(path="", document=document))
    return read_story(StoryDraft(record=record)).story.is_done


def stories_in(text: str) -> list[dict[str, object]]:
    document = JsonDocument(text.removeprefix("\ufeff"))
    (draft,) = recognise(document.value, Findings(path="", document=document))
    return [dict(story.record.members) for story in draft.stories]


def one_piece_differs(text: str, marked: str) -> bool:
    """Say whether the texts are equal but for one short piece, the flag."""
    start = 0
    while start < min(len(text), len(marked)) and text[start] == marked[start]:
        start += 1
    end = 0
    while end < min(len(text), len(marked)) - start and text[-1 - end] == marked[-1 - end]:
        end += 1
    return len(text) - start - end <= 6 and len(marked) - start - end <= 32


def test_a_prd_is_marked_with_its_own_word_for_done() -> None:
    text = '{"stories": [{"id": "A", "status": "Completed"}, {"id": "B", "status": "open"}]}'
    assert mark_done(text.encode(), "B") == text.replace("open", "Completed").encode()


def test_stories_that_share_their_flags_in_yaml_are_marked_one_by_one() -> None:
    shared = "x: &flags {passes: false}\nstories:\n- {id: A, title: a, <<: *flags}\n"
    shared += "- {id: B, title: b, <<: *flags}\n"
    marked = shared.replace("title: a,", "title: a, passes: true,")
    assert mark_done(shared.encode(), "A") == marked.encode()
