from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.e2e_fixtures import env, pytest_runtest_makereport, repo, runtime_dir, tree

__all__ = ["env", "pytest_runtest_makereport", "repo", "runtime_dir", "tree"]

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives the installed command, and takes its time."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.slow)
