from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.documents.document import JsonPath, UnreadableError
from prd_supervise.supervisor.prd.documents.yaml_composer import ALIASED_MAX, CHARS_MAX
from prd_supervise.supervisor.prd.documents.yaml_document import YamlDocument


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-1", -1),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        (".inf", ".inf"),
        ("1" * 30, "1" * 30),
        ("1.5", 1.5),
        ("'1.5'", "1.5"),
        ("!!str 7", "7"),
        ("!thing 7", 7),
        ("!!python/object:os.system x", "x"),
        ("|\n    a\n    b\n", "a\nb\n"),
    ],
)
def test_a_scalar_means_no_more_than_in_json(written: str, value: object) -> None:
    assert YamlDocument(f"a: {written}\n").value == {"a": value}


def test_a_number_keeps_the_text_that_it_was_written_in() -> None:
    value = YamlDocument("a: 1.10\nb: 1e3\n").value
    assert isinstance(value, dict)
    assert [str(each) for each in value.values()] == ["1.10", "1e3"]


def test_aliases_and_merge_keys_are_followed_and_own_members_win() -> None:
    text = (
        "- &a {x: 1, y: 2}\n- &b {y: 3, z: 4}\n- <<: [*a, *b]\n  x: 5\n- *a\n- {*s : 1, &s k: 2}\n"
    )
    text = text.replace("{*s : 1, &s k: 2}", "{&s k: 2, v: *s}")
    value = YamlDocument(text).value
    assert isinstance(value, list)
    assert value[2:] == [{"x": 5, "y": 2, "z": 4}, {"x": 1, "y": 2}, {"k": 2, "v": "k"}]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a:\n\t- b", (2, 1), "a tab stands where blanks are needed"),
        ("a: b: c", (1, 5), "': ' stands in a value"),
        ("a: 'x\nb: y\n", (1, 4), "a text in quotes is never closed"),
        ("a: {b: 1", (1, 9), "a bracket is never closed, or a comma is missing"),
        ("a:\n  - b\n c: d", (3, 2), "the indentation fits no line above"),
        ("- a\nb: c", (2, 1), "this line is no item of the list"),
        ("a: b\nc\nd: e", (3, 1), "a name without ':' stands here"),
        ("a: @x", (1, 4), "a value begins with a sign of the language"),
        ("a: **b**", (1, 5), "a value that begins with * or & is the name of another"),
        ('a: "\\q"', (1, 5), "a backslash stands before a letter"),
        ("a: - b", (1, 4), "a list begins on a line of its own"),
        ("a: *b", (1, 4), "the alias *b names nothing"),
        ("a: &b [*b]", (1, 8), "the alias *b is inside of what it names"),
        ("a: {{ x }}", (1, 5), "the name of a member has to be a text"),
        ("<<: 1", (1, 5), "a merge key needs a mapping"),
        ("ä: \x07", (1, 4), "U+0007 is not allowed in YAML"),
        ("- " * 300 + "a", (1, 401), "nested deeper than 200 levels"),
        ("[" * 300, (1, 201), "nested deeper than 200 levels"),
        ("%TAG ! x\n" * 200, (1, 1), "more than 100 tags are declared"),
    ],
)
def test_broken_yaml_says_where_and_why(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        YamlDocument(text)
    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message
    assert ";" in caught.value.message


def test_what_is_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(UnreadableError, match="are allowed at most"):
        YamlDocument("#" * (CHARS_MAX + 1))


@pytest.mark.parametrize("by_merge", [False, True])
def test_an_alias_bomb_is_refused_where_it_goes_off(*, by_merge: bool) -> None:
    lines = [f"a0: &a0 {{k: {'x' * 50}}}"]
    for at in range(1, 30):
        inner = ", ".join([f"*a{at - 1}"] * 10)
        lines.append(f"a{at}: &a{at} " + (f"{{<<: [{inner}]}}" if by_merge else f"[{inner}]"))
    with pytest.raises(UnreadableError, match=f"more than {ALIASED_MAX} characters") as caught:
        YamlDocument("\n".join(lines))
    assert 3 < caught.value.line < 8


def test_names_that_stand_twice_and_a_second_document_are_remarked() -> None:
    remarks = YamlDocument("a: 1\nb: 2\na: 3\n---\nc: 1\n").remarks
    assert [(each.place.line, each.is_error) for each in remarks] == [(3, True), (4, True)]
    assert "on line 1 already" in remarks[0].message
    assert remarks[0].excerpt == "a: 3\n^"
    assert YamlDocument("---\na: 1\n...\n---\n").remarks == ()


PUTS = """\
base: &base
  completed: false
tasks:
  - <<: *base
    title: a
  - title: b  # why
    notes: |
      text

  - {title: c, "completed": no}
  - { "title": "d" }
  - title: e
    completed:
    status: 'todo'
  - &f
    notes: >-
      text
  - title: g
    completed: False
    status: &s open
  - *f
  - title: h
    status: *s
"""


@pytest.mark.parametrize(
    ("at", "key", "value", "line"),
    [
        (0, "completed", True, "    completed: true"),
        (1, "completed", True, "    completed: true"),
        (2, "completed", True, '  - {title: c, "completed": true}'),
        (2, "status", "done", '  - {title: c, "completed": no, "status": done}'),
        (3, "passes", True, '  - { "title": "d", "passes": true }'),
        (4, "completed", True, "    completed: true"),
        (4, "status", "done", "    status: 'done'"),
        (5, "passes", True, "    passes: true"),
        (6, "completed", True, "    completed: True"),
        (6, "status", "done", "    status: &s done"),
        (8, "status", "done", "    status: done"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_value_is_put_in_the_layout_of_its_place(
    at: int,
    key: str,
    value: bool | str,  # noqa: FBT001  a value
    line: str,
    newline: str,
) -> None:
    text = PUTS.replace("\n", newline)
    edit = YamlDocument(text).put(("tasks", at, key), value=value)
    assert edit is not None
    after = edit.apply(text)
    assert line in [each.rstrip("\r") for each in after.split("\n")]
    assert after.count("\n") == after.count(newline)
    tasks = YamlDocument(after).value
    assert isinstance(tasks, dict)
    assert tasks["tasks"][at][key] == value


def test_what_others_share_is_not_changed_for_one() -> None:
    document = YamlDocument(PUTS)
    assert document.put(("tasks", 7, "passes"), value=True) is None
    assert document.put(("tasks", 0), value=True) is None


NAME = st.text(alphabet="ab:# -'\"ä😀", max_size=6)
PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | NAME | st.just("two\nlines\n")
VALUE = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAME, inner, max_size=4),
    max_leaves=15,
)
LAYOUT = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "indent": st.integers(2, 6),
        "width": st.sampled_from([20, 1000]),
        "allow_unicode": st.booleans(),
        "line_break": st.sampled_from(["\n", "\r\n"]),
    }
)


@settings(deadline=None)
@given(VALUE, LAYOUT)
def test_what_another_library_writes_is_read_and_every_place_begins_its_value(
    value: object, layout: dict[str, object]
) -> None:
    text = yaml.safe_dump(value, sort_keys=False, **layout)  # type: ignore[call-overload]
    document = YamlDocument(text)
    assert document.value == yaml.safe_load(text)  # what is written need not be what was meant
    lines = text.split("\n")
    for where in scalars(value):
        place = document.place(where)
        assert 1 <= place.line <= len(lines)
        assert place.column <= len(lines[place.line - 1]) + 1


@settings(deadline=None)
@given(
    st.dictionaries(NAME, VALUE, min_size=1, max_size=4), LAYOUT, st.sampled_from([True, "done"])
)
def test_a_value_that_is_put_is_there_and_nothing_else_changes(
    story: dict[str, object],
    layout: dict[str, object],
    value: bool | str,  # noqa: FBT001  a value
) -> None:
    document = {"tasks": [{"x": 1}, story, {"y": [2]}]}
    text = yaml.safe_dump(document, sort_keys=False, **layout)  # type: ignore[call-overload]
    before = YamlDocument(text)
    edit = before.put(("tasks", 1, "flag"), value=value)
    if edit is None:
        assert "? " in text  # names that have a line of their own are left alone
        return
    expected = yaml.safe_load(text)
    expected["tasks"][1]["flag"] = value
    assert YamlDocument(edit.apply(text)).value == expected


def scalars(value: object, above: JsonPath = ()) -> list[JsonPath]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [above] + [path for key, each in inner for path in scalars(each, (*above, key))]
