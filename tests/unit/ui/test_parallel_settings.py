from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.graph.inference import Rules
from prd_supervise.supervisor.ui.settings.config import load_settings
from prd_supervise.supervisor.ui.settings.parallel import MODE
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


@pytest.mark.parametrize(
    "line",
    ['inference = "embeddings"', "threshold = 0", "similar = 1.5", "text_weight = -1", "wait = 1"],
)
def test_what_makes_no_sense_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    Path(tmp_path, "prd-supervise.toml").write_text(f"[parallel]\n{line}\n")
    settings, (defect,) = load_settings(tmp_path, environ={}, overrides={})
    assert settings is None
    assert (defect.line, line.partition(" ")[0] in defect.message) == (2, True)
