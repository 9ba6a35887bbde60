from __future__ import annotations

from prd_supervise.policies.nearest import COMPARED_MAX, nearest, nearest_names


def test_the_nearest_name_is_given_as_it_is_written_whatever_the_case() -> None:
    names = ["US-001", "us-002", "Landing"]
    assert nearest("lANDNG", names) == "Landing"
    assert nearest_names("us-00", names) == ["us-002", "US-001"]
    assert nearest_names("us-00", names, count=1) == ["us-002"]


def test_nothing_is_near_to_what_is_written_otherwise() -> None:
    assert nearest("zebra", ["US-001"]) == nearest("US-001", []) == ""
    assert nearest_names("merg", ["merged"], cutoff=0.9) == []


def test_of_very_many_names_the_first_ones_are_compared() -> None:
    names = [f"{number:08x}" for number in range(COMPARED_MAX)]
    assert nearest("STORY", [*names, "story"]) == ""
    assert nearest("STORY", ["story", *names]) == "story"
    assert nearest("story" * 100_000, names) == ""
