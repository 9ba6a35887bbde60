from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.defect import Severity
from prd_supervise.supervisor.shell.repository.checkout import Checkout, find_checkout
from prd_supervise.supervisor.ui.settings.config import load_settings
from prd_supervise.supervisor.ui.settings.landing import landing_warnings
from prd_supervise.supervisor.ui.settings.tree import root_settings


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=U", "-c", "user.email=u@example.org")
    subprocess.run(("git", *identity, *words), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(tmp_path, "init", "-q", "-b", "work")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "base")
    git(tmp_path, "branch", "main")
    git(tmp_path, "tag", "v1")
    return find_checkout(tmp_path)


def warnings(checkout: Checkout, merge: str, **environ: str) -> list[str]:
    text = f"max_prds = 2\n\n[merge]\n{merge}\n"
    (checkout.top / "prd-supervise.toml").write_text(text, encoding="utf-8")
    settings, defects = load_settings(checkout.top, environ=environ, overrides={})
    assert settings is not None, defects
    found = landing_warnings(settings.merge, checkout, environ)
    assert all(each.severity is Severity.WARNING for each in found)
    return [str(each.relative_to(checkout.top)) for each in found]


def test_a_branch_of_one_s_own_needs_no_word(checkout: Checkout) -> None:
    assert warnings(checkout, "auto = true") == []
    assert warnings(checkout, 'auto = false\nbase = "main"') == []
    assert warnings(checkout, 'auto = true\nallow_protected = true\nbase = "main"') == []


def test_a_protected_branch_is_named_where_the_setting_stands(checkout: Checkout) -> None:
    (told,) = warnings(checkout, 'base = "main"\nauto = true')
    assert told.startswith("prd-supervise.toml:5:1: warning: merge.auto: main is protected")
    assert "merge.allow_protected = true allows it" in told


def test_the_default_branch_of_the_repository_is_protected_too(checkout: Checkout) -> None:
    git(checkout.top, "config", "init.defaultBranch", "work")
    (told,) = warnings(checkout, "auto = true")
    assert "work is protected, as the default branch of the repository" in told


def test_what_is_no_branch_is_told(checkout: Checkout) -> None:
    (told,) = warnings(checkout, 'auto = true\nbase = "v1"')
    assert "v1 is no branch" in told
    git(checkout.top, "checkout", "-q", "--detach")
    (told,) = warnings(find_checkout(checkout.top), "auto = true")
    assert "no branch is checked out here" in told


def test_the_environment_is_named_where_it_asks(checkout: Checkout) -> None:
    (told,) = warnings(checkout, 'base = "main"', PRD_SUPERVISE_MERGE_AUTO="true")
    assert told.startswith("environment: warning: merge.auto: main is protected")


def test_the_settings_reach_the_tree(checkout: Checkout) -> None:
    text = 'on_failure = "rollback"\n[merge]\nauto = true\nbase = "main"\npush = true\n'
    (checkout.top / "prd-supervise.toml").write_text(text + "push_timeout_s = 5\n")
    settings, defects = load_settings(checkout.top, environ={}, overrides={})
    assert settings is not None, defects
    rules = root_settings(settings, checkout.top).merging
    assert (rules.auto, rules.into, rules.push, rules.push_timeout_s) == (True, "main", True, 5.0)
    assert rules.on_failure.value == "rollback"
