from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.graph import embeddings
from prd_supervise.supervisor.prd.graph.inference import Rules
from prd_supervise.supervisor.prd.graph.similarity import similar_pairs
from prd_supervise.supervisor.shell.plans.similarities import (
    comparison,
    read_vectors,
    write_vectors,
)
from prd_supervise.supervisor.shell.storage.layout import Layout
from tests.unit.prd.test_embeddings import installed

VECTORS = {name * 64: struct.pack("<384f", *[at] * 384) for at, name in enumerate("ab")}


def layout(folder: Path) -> Layout:
    state = folder / "state"
    return Layout(repository=folder, common_dir=folder, state_dir=state, worktrees=state)


def test_tfidf_is_the_method_unless_another_one_is_set(tmp_path: Path) -> None:
    assert comparison(Rules(), layout(tmp_path), is_kept=True) is similar_pairs


def test_vectors_come_back_as_they_were_kept(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.json"
    assert read_vectors(path) == {}
    write_vectors(path, VECTORS)
    assert read_vectors(path) == VECTORS
    write_vectors(tmp_path / "nowhere" / "embeddings.json", VECTORS)  # it is done without


def test_a_file_that_is_damaged_anywhere_counts_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.json"
    write_vectors(path, VECTORS)
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at])
        assert read_vectors(path) == {}
        path.write_bytes(whole[:at] + b"!" + whole[at + 1 :])
        assert read_vectors(path) == {}


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"version": "0 of another model", "vectors": {}},
        {"vectors": {}},
        {"version": "", "vectors": []},
    ],
)
def test_a_file_of_another_version_counts_as_empty(tmp_path: Path, body: object) -> None:
    path = tmp_path / "embeddings.json"
    write_vectors(path, {})
    data = json.dumps(body).encode()
    path.write_bytes(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
    assert read_vectors(path) == {}


@installed
def test_vectors_are_kept_where_the_state_folder_stands_and_not_by_who_only_looks(
    tmp_path: Path,
) -> None:
    rules, place = Rules(mode="text", similarity="embeddings"), layout(tmp_path)
    texts = ("Add a login form", "Add a form for the login", "Draw a map of the harbour")
    found = comparison(rules, place, is_kept=False)(texts, 0.7)
    assert [pair[:2] for pair in found] == [(1, 0)]
    place.state_dir.mkdir()
    comparison(rules, place, is_kept=False)((*texts, "x"), 0.7)
    assert list(place.state_dir.iterdir()) == []
    comparison(rules, place, is_kept=True)(texts, 0.7)
    assert len(read_vectors(place.embeddings)) == 3


@installed
def test_what_is_kept_is_not_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, place = Rules(mode="text", similarity="embeddings"), layout(tmp_path)
    place.state_dir.mkdir()
    asked: list[str] = []
    encode = embeddings.encode

    def counted(texts: list[str]) -> list[bytes]:
        asked.extend(texts)
        return encode(texts)

    monkeypatch.setattr(embeddings, "encode", counted)
    compare = comparison(rules, place, is_kept=True)
    compare(("one", "two"), 0.1)
    compare(("two", "three", "one"), 0.1)
    assert asked == ["one", "two", "three"]
