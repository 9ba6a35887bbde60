"""What is fuzzed: each target is a kind of files, and all of them have to pass the same judge."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.support.prd_judge import judge
from tests.support.prd_texts import encoded, sound_texts, soups, spoilt_bytes, spoilt_texts

TARGETS: dict[str, st.SearchStrategy[bytes]] = {
    "sound": encoded(sound_texts()),
    "spoilt": encoded(spoilt_texts()),
    "soup": encoded(soups()),
    "bytes": spoilt_bytes(),
}


def fuzz(name: str, *, examples: int, seed: int | None = None) -> None:
    """Try so many files of a target, without a seed always the same ones.

    It raises with the smallest one that fails.
    """
    with tempfile.TemporaryDirectory(prefix="prd-fuzz-") as folder:
        path = Path(folder).resolve() / "prd"
        tried = _tried(name, path)
        if seed is not None:
            tried = seeded(seed)(tried)
        settings(
            max_examples=examples,
            deadline=None,
            derandomize=seed is None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )(tried)()


def _tried(name: str, path: Path) -> Callable[[], None]:
    @given(TARGETS[name])
    def tried(data: bytes) -> None:
        judge(data, path, is_sound=name == "sound")

    return tried
