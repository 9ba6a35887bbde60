from __future__ import annotations

import os
import socket
import struct
from typing import cast

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.control.peer import peer_pid, peer_uid, pid_in, uid_in
from prd_supervise.workers.process import capabilities

# struct xucred of sys/ucred.h: version, uid, how many groups, 16 groups.
XUCRED = struct.pack("2Ih2x16I", 0, 501, 1, 20, *([0] * 15))


class Bsd:
    """A connection as macOS answers for it: getsockopt(2) of unix(4)."""

    def __init__(self, pid: bytes | None) -> None:
        self._pid = pid

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """SOL_LOCAL: LOCAL_PEERCRED is 1, LOCAL_PEERPID is 2."""
        assert level == 0
        if option == 1:
            assert size == len(XUCRED)
            return XUCRED
        assert (option, size) == (2, 4)
        if self._pid is None:
            raise OSError(42, "Protocol not available")
        return self._pid


@pytest.fixture
def bsd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "LOCAL_PEERCRED", 1, raising=False)
    here = replace(capabilities.HERE, peer_credentials="LOCAL_PEERCRED")
    monkeypatch.setattr(capabilities, "HERE", here)


def test_the_kernel_tells_who_is_at_the_other_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if capabilities.HERE.peer_credentials:
            assert peer_uid(ours) == os.getuid()
            assert peer_pid(ours) == os.getpid()


def test_a_kernel_that_does_not_tell_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "HERE", replace(capabilities.HERE, peer_credentials=""))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_uid(ours) is None
        assert peer_pid(ours) is None


@pytest.mark.usefixtures("bsd")
@pytest.mark.parametrize(
    ("told", "pid"), [(struct.pack("i", 4711), 4711), (struct.pack("i", 1), None), (None, None)]
)
def test_macos_tells_the_user_and_the_process(told: bytes | None, pid: int | None) -> None:
    connection = cast(socket.socket, Bsd(told))
    assert peer_uid(connection) == 501
    assert peer_pid(connection) == pid


def test_an_answer_of_another_form_lets_nobody_in() -> None:
    for told in (b"", XUCRED[:4], struct.pack("2I", 1, 501) + XUCRED[8:]):
        with pytest.raises(PermissionError, match="no xucred"):
            uid_in(told)
    assert pid_in(b"") is None
