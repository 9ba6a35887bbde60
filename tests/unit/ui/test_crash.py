from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.crash import report


def test_a_bug_is_one_line_and_a_file_with_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    known: dict[str, int] = {}
    with pytest.raises(KeyError) as caught:
        known["nobody"]
    line = report(caught.value)
    assert line.startswith("internal error: KeyError: 'nobody'; please report it with the file ")
    text = Path(line.rpartition(" ")[2]).read_text()
    assert "Traceback" in text
    assert 'known["nobody"]' in text
    assert "prd-supervise 0." in text


def test_where_no_file_can_be_written_the_bug_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    line, *rest = report(ValueError("x")).splitlines()
    assert line == "internal error: ValueError: x"
    assert rest
