from __future__ import annotations

import math
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from prd_supervise.policies.metrics import families
from prd_supervise.policies.metrics.exposition import text_of
from prd_supervise.policies.metrics.families import FAMILIES, PREFIX, Kind
from prd_supervise.policies.metrics.tally import (
    BORDERS,
    OTHER,
    SERIES_MAX,
    Batch,
    Counted,
    Level,
    Tally,
    Timed,
    added,
    is_sound,
    quantile,
)

seconds = st.floats(min_value=0.0, max_value=1e6)


def timed(values: list[float]) -> Timed:
    tally = Tally()
    for value in values:
        tally.time("agent_seconds", ("claude", "normal"), value)
    return tally.batch().timed[0]


@given(st.lists(seconds, min_size=1), st.sampled_from((0.0, 0.5, 0.9, 1.0)))
def test_a_quantile_lies_in_the_class_of_the_true_one(values: list[float], share: float) -> None:
    true = sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
    found = quantile(timed(values), share)
    below = max((border for border in BORDERS if border < true), default=0.0)
    above = min((border for border in BORDERS if border >= true), default=max(values))
    assert below - 1e-6 <= found <= max(above, true) + 1e-6
    assert found <= max(values) + 1e-6


@given(st.lists(st.lists(seconds, min_size=1), min_size=1))
def test_it_is_the_same_whether_times_are_counted_at_once_or_in_parts(
    parts: list[list[float]],
) -> None:
    batches = [Batch(timed=(timed(part),)) for part in parts]
    whole = timed([value for part in parts for value in part])
    (found,) = added(batches).timed
    assert (found.count, found.classes, found.top) == (whole.count, whole.classes, whole.top)
    assert found.total == pytest.approx(whole.total, abs=1e-4)


def test_a_batch_survives_the_wire() -> None:
    batch = Batch(counted=(Counted("hangs_total", (), 2),), timed=(timed([0.5, 70_000, 1e9]),))
    assert msgspec.json.decode(msgspec.json.encode(batch), type=Batch) == batch


def test_a_family_grows_to_a_bound_and_counts_on_as_other() -> None:
    tally = Tally()
    for number in range(SERIES_MAX + 50):
        tally.count("stories_total", (f"PRD-{number}", "done"))
    found = tally.batch().counted
    assert len(found) == SERIES_MAX + 1
    assert found[-1] == Counted("stories_total", (OTHER, OTHER), 50)
    assert sum(each.by for each in found) == SERIES_MAX + 50


def test_what_nobody_can_have_counted_is_unsound() -> None:
    assert is_sound(Batch(timed=(timed([1.0]),)))
    for bad in (
        Batch(counted=(Counted("x", (), -1),)),
        Batch(counted=(Counted("x", (), math.inf),)),
        Batch(timed=(Timed("x", (), 1, 1.0, 1.0, {999: 1}),)),
        Batch(timed=(Timed("x", (), -1, 1.0, 1.0, {}),)),
    ):
        assert not is_sound(bad)


@given(st.text(), st.lists(seconds, min_size=1))
def test_prometheus_reads_what_we_write_whatever_labels_hold(
    name: str, values: list[float]
) -> None:
    # The parser takes any line break for an end of line; in our labels there is none but \n.
    name = re.sub(r"[\r\v\f\x1c-\x1e\x85\u2028\u2029]", "", name)
    tally = Tally()
    tally.count("stories_total", (name, "done"), 3)
    for value in values:
        tally.time("agent_seconds", (name, "normal"), value)
    text = text_of(tally.batch(), (Level("up", (), 1.0),), {"repository": name})

    found = {family.name: family for family in text_string_to_metric_families(text)}

    assert {each.name for each in found.values()} == {
        PREFIX + each for each in ("stories", "agent_seconds", "up")
    }
    (story,) = found[PREFIX + "stories"].samples
    assert story.labels == {"repository": name, "prd": name, "result": "done"}
    assert story.value == 3
    buckets = [
        each for each in found[PREFIX + "agent_seconds"].samples if each.name.endswith("_bucket")
    ]
    for each in buckets:
        border = float(each.labels["le"])
        assert each.value == sum(round(value, 6) <= border for value in values), each.labels
    assert [each.value for each in buckets] == sorted(each.value for each in buckets)


def test_a_family_of_a_later_version_is_passed_over() -> None:
    assert text_of(Batch(counted=(Counted("of_tomorrow", (), 1),)), (), {}) == ""


def test_names_are_as_prometheus_wants_them() -> None:
    for family in FAMILIES.values():
        assert re.fullmatch(r"[a-z][a-z_]*", family.name)
        assert family.name.endswith("_total") == (family.kind is Kind.COUNTER)
        assert family.kind is not Kind.HISTOGRAM or family.name.endswith("_seconds")
        assert family.help.endswith(".")
        assert not {"story", "title", "text"} & {*family.labels}, "labels are bounded"
    assert families.STORIES in FAMILIES.values()
