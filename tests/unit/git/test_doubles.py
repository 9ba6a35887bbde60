"""A merge that git finds clean, in which both sides had added the same import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.messages.merging import Resolution

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver

BASE = "import aa\n\n\ndef f():\n    return aa\n"
FIRST = "import json\nimport aa\n\n\ndef f():\n    return aa\n"
SECOND = "import aa\n\nimport json\n\n\ndef f():\n    return aa\n"


@pytest.mark.parametrize("reconcile", [True, False])
def test_what_both_sides_import_stands_there_once(driver: Driver, *, reconcile: bool) -> None:
    driver.finish("US-0", app=BASE)
    first, second = driver.work("US-1", 0, app=FIRST), driver.work("US-2", 1, app=SECOND)
    driver.publish(driver.trial(first))

    (car,) = driver.assemble(second, reconcile=reconcile).cars

    text = driver.users.git("show", f"{car.commit}:app.py")
    assert text.count("import json") == (1 if reconcile else 2)
    how = (Resolution(path="app.py", how="imports"),)
    assert car.resolutions == (how if reconcile else ())


def test_what_one_side_imports_twice_is_its_own_affair(driver: Driver) -> None:
    driver.finish("US-0", app=BASE)
    twice = FIRST.replace("import json\n", "import json\nimport json\n")
    first, second = driver.work("US-1", 0, app=twice), driver.work("US-2", 1, app=f"{BASE}#\n")
    driver.publish(driver.trial(first))

    (car,) = driver.assemble(second).cars

    assert car.commit
    assert car.resolutions == ()
