from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.service.manager import Manager, taken_from
from prd_supervise.supervisor.shell.service.sd_notify import NotifySocket, Sent
from prd_supervise.supervisor.shell.service.teller import Teller
from prd_supervise.workers.process.eventloop import EventLoop
from tests.support.service_manager import ServiceManager

PID, PARENT = 100, 99


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServiceManager]:
    made = ServiceManager(tmp_path if request.param == "path" else None)
    yield made
    made.close()


def of(**environment: str) -> Manager:
    return taken_from(environment, pid=PID, parent=PARENT)


def test_a_message_arrives_at_either_kind_of_address_with_our_pid(manager: ServiceManager) -> None:
    ours = NotifySocket(manager.address)

    assert ours.send(b"READY=1\nSTATUS=a b = c") is Sent.TAKEN

    ours.close()
    (heard,) = manager.heard
    assert heard.fields == {"READY": "1", "STATUS": "a b = c"}
    assert heard.pid == os.getpid()


@pytest.mark.parametrize("address", ["relative/path", "vsock:2:1234", "@", "/" + "x" * 120])
def test_an_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(ValueError, match=r"^NOTIFY_SOCKET="):
        NotifySocket(address)


def test_the_longest_addresses_are_taken() -> None:
    for address in ("/" + "x" * 106, "@" + "x" * 107):
        ours = NotifySocket(address)
        assert ours.send(b"READY=1") is Sent.REFUSED
        assert "No such file" in ours.problem or "refused" in ours.problem
        ours.close()


def test_a_stream_socket_is_named_as_what_it_is(tmp_path: Path) -> None:
    address = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.bind(address)
        other.listen()
        ours = NotifySocket(address)
        assert ours.send(b"READY=1") is Sent.REFUSED
    assert ours.problem == (
        f"{address}: a socket of another type; sd_notify(3) speaks to a datagram socket"
    )
    ours.close()


def test_a_manager_that_does_not_read_holds_nobody_up_and_hears_the_last_of_it(
    manager: ServiceManager, loop: EventLoop
) -> None:
    problems: list[str] = []
    teller = Teller(Manager(address=manager.address))
    teller.serve(loop, problems.append)
    teller.tell({"READY": "1"})
    for number in range(2000):  # more than the kernel keeps for any reader
        teller.tell({"STATUS": str(number)})

    assert manager.status() != "1999"
    while manager.status() != "1999":
        loop.run_once()

    assert manager.turns() == ["READY"]
    assert problems == []
    teller.close()


def test_a_manager_that_is_gone_is_told_of_once_and_heard_again_when_it_is_back(
    tmp_path: Path, loop: EventLoop
) -> None:
    problems: list[str] = []
    first = ServiceManager(tmp_path)
    teller = Teller(Manager(address=first.address))
    teller.serve(loop, problems.append)
    first.close()

    teller.tell({"READY": "1"})
    teller.tell({"STATUS": "a"})
    second = ServiceManager(tmp_path)
    teller.tell({"STATUS": "b"})

    assert [each.fields for each in second.heard] == [{"READY": "1", "STATUS": "b"}]
    assert len(problems) == 1
    teller.close()
    second.close()


def test_where_no_manager_listens_nothing_is_opened(loop: EventLoop) -> None:
    before = os.listdir("/proc/self/fd")  # noqa: PTH208
    teller = Teller(Manager())

    teller.serve(loop, pytest.fail)
    teller.starting("nothing")

    assert not teller.is_heard
    assert len(os.listdir("/proc/self/fd")) == len(before)  # noqa: PTH208


def test_what_a_manager_says_is_taken_out_of_the_environment() -> None:
    environment = {
        "NOTIFY_SOCKET": "/run/notify",
        "WATCHDOG_USEC": "60000000",
        "WATCHDOG_PID": str(PID),
        "PATH": "/bin",
    }
    told = taken_from(environment, pid=PID, parent=PARENT)

    assert told == Manager(address="/run/notify", watchdog_s=60.0)
    assert environment == {"PATH": "/bin"}


def test_a_watchdog_of_another_process_is_not_ours() -> None:
    told = of(NOTIFY_SOCKET="/n", WATCHDOG_USEC="1000000", WATCHDOG_PID=str(PARENT))
    assert told == Manager(address="/n")


@pytest.mark.parametrize("usec", ["", "0", "-5", "1.5", "soon", "\N{SUPERSCRIPT TWO}"])
def test_a_watchdog_of_no_time_is_none_and_said_so(usec: str) -> None:
    told = of(NOTIFY_SOCKET="/n", WATCHDOG_USEC=usec)
    assert told.watchdog_s is None
    assert bool(told.complaint) == bool(usec)


@pytest.mark.parametrize(
    ("exec_pid", "is_ours"), [(PID, True), (PARENT, True), (7, False), ("x", False)]
)
def test_what_a_terminal_that_is_a_service_leaves_behind_is_not_for_us(
    exec_pid: object,
    is_ours: bool,  # noqa: FBT001  a case of the table
) -> None:
    environment = {"NOTIFY_SOCKET": "/n", "SYSTEMD_EXEC_PID": str(exec_pid)}
    told = taken_from(environment, pid=PID, parent=PARENT)
    assert told.is_there == is_ours
    assert "NOTIFY_SOCKET" not in environment


def test_launchd_s_jobs_are_services_that_nobody_listens_to() -> None:
    told = of(XPC_SERVICE_NAME="org.prd-supervise.shop")
    assert told.is_there
    assert not told.address
    assert not of(XPC_SERVICE_NAME="com.apple.Terminal").is_there
