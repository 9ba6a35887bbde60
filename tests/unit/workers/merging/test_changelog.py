from __future__ import annotations

import pytest

from tests.unit.workers.merging.merged import merged, outcome

HEAD = "# Changelog\n\n## Unreleased\n\n"
TAIL = "\n## 1.0\n\n- first\n"


def changes(entries: str) -> str:
    return HEAD + entries + TAIL


def test_entries_of_both_sides_stand_below_each_other_ours_first() -> None:
    found = outcome(
        "CHANGELOG.md", changes("- old\n"), changes("- a\n- old\n"), changes("- b\n- old\n")
    )
    assert found is not None
    assert found.text.decode() == changes("- a\n- b\n- old\n")
    assert found.how == "changelog"


def test_an_entry_that_both_sides_added_is_not_doubled() -> None:
    left, right = "- fix of\n  the door\n- a\n", "- fix of the door\n- b\n"
    assert merged("CHANGES.md", changes(""), changes(left), changes(right)) == changes(
        left + "- b\n"
    )


def test_entries_keep_what_is_indented_below_them() -> None:
    left = "- a\n\n  ```\n  code\n  ```\n"
    right = "* b\n  * part of b\n"
    assert merged("NEWS.md", changes(""), changes(left), changes(right)) == changes(left + right)


def test_entries_below_the_same_new_heading_come_together() -> None:
    left, right = "### Fixed\n\n- a\n", "### Added\n\n- c\n\n### Fixed\n\n- b\n"
    expected = "### Fixed\n\n- a\n- b\n\n### Added\n\n- c\n"
    assert merged("CHANGELOG.md", changes(""), changes(left), changes(right)) == changes(expected)


def test_an_entry_stays_above_the_release_that_the_other_side_makes() -> None:
    left, right = "## 1.1\n\n- old\n", "- new\n\n- old\n"
    base = "# Changelog\n\n- old\n"
    found = merged("CHANGELOG.md", base, "# Changelog\n\n" + left, "# Changelog\n\n" + right)
    assert found == "# Changelog\n\n- new\n\n## 1.1\n\n- old\n"


def test_two_different_releases_are_left_to_people() -> None:
    left, right = "## 1.1\n\n- a\n", "## 2.0\n\n- b\n"
    assert merged("CHANGELOG.md", changes(""), changes(left), changes(right)) is None


def test_a_placeholder_gives_way() -> None:
    found = merged("CHANGELOG.md", changes("- Nothing yet.\n"), changes("- a\n"), changes("- b\n"))
    assert found == changes("- a\n- b\n")


def test_headings_that_are_underlined_are_headings() -> None:
    def text(entries: str) -> str:
        return f"Changes\n=======\n\n{entries}Version 1.0\n-----------\n\n-   first\n"

    left = "Version 1.1\n-----------\n\n-   a\n\n"
    right = "Version 1.1\n-----------\n\n-   b :issue:`5`\n    goes on\n\n"
    found = merged("CHANGES.rst", text(""), text(left), text(right))
    assert found == text("Version 1.1\n-----------\n\n-   a\n-   b :issue:`5`\n    goes on\n\n")


def test_lines_keep_their_ends() -> None:
    texts = [changes(part).replace("\n", "\r\n") for part in ("", "- a\n", "- b\n")]
    base, left, right = texts
    assert merged("CHANGELOG.md", base, left, right) == changes("- a\n- b\n").replace("\n", "\r\n")


def test_the_end_of_a_file_may_have_no_line_feed() -> None:
    assert merged("CHANGELOG", "log\n", "log\n- a", "log\n- b") == "log\n- a\n- b"


@pytest.mark.parametrize(
    ("base", "left", "right"),
    [("- old\n", "- older\n", "- oldest\n"), ("- old\n", "", "- newer\n")],
    ids=["both edited", "removed and edited"],
)
def test_an_entry_that_was_edited_is_left_to_people(base: str, left: str, right: str) -> None:
    assert merged("CHANGELOG.md", changes(base), changes(left), changes(right)) is None


@pytest.mark.parametrize("path", ["README.md", "changes.py", "src/history.ts", "changelog.json"])
def test_other_files_are_no_changelogs(path: str) -> None:
    assert merged(path, changes(""), changes("- a\n"), changes("- b\n")) is None


@pytest.mark.parametrize("path", ["docs/Change-Log.md", "HISTORY.rst", "RELEASE_NOTES.txt", "NEWS"])
def test_changelogs_have_many_names(path: str) -> None:
    assert merged(path, changes(""), changes("- a\n"), changes("- b\n")) == changes("- a\n- b\n")
