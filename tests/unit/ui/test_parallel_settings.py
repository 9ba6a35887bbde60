from __future__ import annotations

import sys
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.graph.inference import Rules
from prd_supervise.supervisor.ui.settings.config import load_settings
from prd_supervise.supervisor.ui.settings.parallel import MODE, ParallelSettings
from prd_supervise.supervisor.ui.settings.similarity import similarity_defects
from prd_supervise.supervisor.ui.settings.tree import root_settings


def rules(folder: Path, environ: dict[str, str], mode: str | None) -> Rules:
    settings, defects = load_settings(folder, environ=environ, overrides={MODE: mode})
    assert settings is not None, defects
    return root_settings(settings, folder, {MODE: mode}).inference


def test_the_mode_is_insisted_on_only_by_the_command_line(tmp_path: Path) -> None:
    Path(tmp_path, "prd-supervise.toml").write_text('[parallel]\ninference = "text"\n')
    environ = {"PRD_SUPERVISE_PARALLEL_INFERENCE": "hybrid"}
    assert rules(tmp_path, {}, None) == Rules(mode="text")
    assert rules(tmp_path, environ, None) == Rules(mode="hybrid")
    assert rules(tmp_path, environ, "none") == Rules(mode="none", is_insisted=True)


def test_weights_and_thresholds_reach_the_graph(tmp_path: Path) -> None:
    Path(tmp_path, "prd-supervise.toml").write_text(
        "[parallel]\nthreshold = 1.5\nsimilar = 0.25\nfiles_weight = 0.5\ntext_weight = 2\n"
    )
    assert rules(tmp_path, {}, None) == Rules(
        threshold=1.5, similar=0.25, files_weight=0.5, text_weight=2.0
    )


def test_embeddings_have_thresholds_of_their_own_unless_they_are_set(tmp_path: Path) -> None:
    path = Path(tmp_path, "prd-supervise.toml")
    path.write_text('[parallel]\nsimilarity = "embeddings"\n')
    assert rules(tmp_path, {}, None) == Rules(similarity="embeddings", threshold=0.9, similar=0.8)
    path.write_text('[parallel]\nsimilarity = "embeddings"\nthreshold = 0.8\n')
    environ = {"PRD_SUPERVISE_PARALLEL_SIMILAR": "0.5"}
    assert rules(tmp_path, environ, None) == Rules(similarity="embeddings")


def test_what_is_not_installed_is_said_at_the_line_that_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    asks = ParallelSettings(similarity="embeddings")
    Path(tmp_path, "prd-supervise.toml").write_text('[parallel]\n\nsimilarity = "embeddings"\n')
    (defect,) = similarity_defects(asks, tmp_path, {})
    assert (Path(defect.path).name, defect.line) == ("prd-supervise.toml", 3)
    assert "pip install 'prd-supervise[embeddings]'" in defect.message
    environ = {"PRD_SUPERVISE_PARALLEL_SIMILARITY": "embeddings"}
    assert similarity_defects(asks, tmp_path, environ)[0].path == "environment"
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    user = Path(tmp_path, "prd-supervise", "config.toml")
    user.parent.mkdir()
    Path(tmp_path, "prd-supervise.toml").rename(user)
    assert similarity_defects(asks, tmp_path, home)[0].path == str(user)
    assert similarity_defects(ParallelSettings(), tmp_path, {}) == ()


@pytest.mark.parametrize(
    "line",
    [
        'similarity = "bm25"',
        'inference = "embeddings"',
        "threshold = 0",
        "similar = 1.5",
        "text_weight = -1",
        "wait = 1",
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    Path(tmp_path, "prd-supervise.toml").write_text(f"[parallel]\n{line}\n")
    settings, (defect,) = load_settings(tmp_path, environ={}, overrides={})
    assert settings is None
    assert (defect.line, line.partition(" ")[0] in defect.message) == (2, True)
