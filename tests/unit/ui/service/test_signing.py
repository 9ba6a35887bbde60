from __future__ import annotations

import pytest

from prd_supervise.supervisor.ui.service.signing import Whose, signed, whose

UNIT = "[Service]\nExecStart=/bin/true\n"


def test_what_we_have_signed_is_ours_until_somebody_changes_it() -> None:
    ours = signed(UNIT)
    assert whose(ours.encode()) is Whose.OURS
    assert whose(ours.replace("true", "false").encode()) is Whose.CHANGED
    assert whose((ours + "# more\n").encode()) is Whose.CHANGED
    assert whose(UNIT.encode()) is Whose.FOREIGN


@pytest.mark.parametrize("found", [b"", b"\xff\xfe", b"# Written by somebody\n"])
def test_what_is_not_signed_is_somebody_else_s(found: bytes) -> None:
    assert whose(found) is Whose.FOREIGN
    assert whose(None) is Whose.NOBODY
