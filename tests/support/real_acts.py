"""The key cases with real children, in a process of their own; each prints facts as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import Strategy
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.events import (
    ChildDeleteRequested,
    ChildKilled,
    ChildRestartRequested,
    ChildStartRequested,
    ChildStopRequested,
    DynamicStartRequested,
    SupervisorEvent,
)
from prd_supervise.workers.process.entry import become
from prd_supervise.workers.process.eventloop import EventLoop
from tests.support.otp_words import a_spec, flags, with_template
from tests.support.real_sup import Plan, RealSup, read_log

ALL, REST = Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE
HANGING_S = 4.0  # so long it is sure to wait for its next start while it is asked about


def _begin(folder: str, plan: Plan) -> RealSup:
    become("test")
    sup = RealSup(folder, plan, EventLoop())
    sup.wait_until(lambda: sup.are_up(*plan.children))
    return sup


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _marked(folder: str, name: str) -> Path:
    return Path(folder, f"fail-{name}")


def order_of_children(folder: str) -> dict[str, Any]:
    """Five children; the third is killed; then all are stopped."""
    sup = _begin(folder, Plan(flags(REST), ("ch7", "ch3", "ch10", "ch2", "ch5")))
    sup.kill("ch10", signal.SIGKILL)
    sup.wait_until(lambda: sup.log().count("+ch5") == 2 and sup.are_up("ch5"))
    sup.stop()
    return {"log": sup.log()}


def sup_stop_race(folder: str) -> dict[str, Any]:
    """The last child does not stop before the others have ended, each in its own way."""
    names = tuple(f"child{number}" for number in range(6))
    sup = _begin(folder, Plan(flags(), (*names, "z"), waits_for={"z": "go"}))

    def end_others() -> None:
        for number, name in enumerate(names):
            sup.kill(name, (signal.SIGINT, signal.SIGHUP, signal.SIGKILL)[number % 3])
        let_go()

    def let_go() -> None:
        if all(f"-{name}" in sup.log() for name in names):
            Path(folder, "go").touch()
        else:
            sup.loop.call_at(sup.loop.now_s() + 0.02, let_go)

    sup.loop.call_at(sup.loop.now_s(), end_others)
    sup.stop()
    restarts = len(sup.host.state.restarted_at_s)
    assert sup.ended is not None
    return {"log": sup.log()[7:], "restarts": restarts, "undead": sup.ended.undead}


def one_for_all_other_child_fails_restart(folder: str) -> dict[str, Any]:
    """The second child's start fails once while the first is up again."""
    return _other_fails(folder, ALL)


def rest_for_one_other_child_fails_restart(folder: str) -> dict[str, Any]:
    """The second child's start fails once while the first is up again."""
    return _other_fails(folder, REST)


def _other_fails(folder: str, strategy: Strategy) -> dict[str, Any]:
    sup = _begin(folder, Plan(flags(strategy, 3), ("child1", "child2")))
    _marked(folder, "child2-once").touch()
    sup.kill("child1", signal.SIGKILL)
    sup.wait_until(lambda: sup.log().count("+child2") == 2 and sup.are_up("child1", "child2"))
    log = sup.log()[2:]
    sup.stop()
    return {"log": log}


def tree(folder: str) -> dict[str, Any]:
    """Three levels; a worker dies; a supervisor burns out; one that was stopped comes back."""
    plan = Plan(
        flags(ALL, 4),
        ("sup1", "sup2", "sup3"),
        inner={
            "sup1": Plan(flags(intensity=4), ("child1",)),
            "sup2": Plan(flags(intensity=1), ("child3", "child4")),
            "sup3": Plan(),
        },
    )
    sup = _begin(folder, plan)
    deadline = deadline_from(sup.loop.now_s(), 20.0)
    sup.ask(ChildStopRequested(child_id="sup3", deadline=deadline, request="ask"))
    stopped = sup.which()["sup3"]
    old = _pids(folder)
    os.kill(old["child4"], signal.SIGKILL)
    sup.wait_until(lambda: sup.log().count("+child4") == 2)
    alone = {name: _pids(folder)[name] == old[name] for name in old}
    _marked(folder, "child3").touch()
    os.kill(old["child3"], signal.SIGKILL)
    sup.wait_until(lambda: "-sup2" in sup.log())
    _marked(folder, "child3").unlink()
    sup.wait_until(lambda: sup.log().count("+sup3") == 2 and sup.are_up(*plan.children))
    new = _pids(folder)
    why = next(line for line in read_log(folder) if line.startswith("-sup2"))
    facts = {
        "stopped": stopped,
        "same_after_a_worker_died": sorted(name for name, same in alone.items() if same),
        "why": why,
        "all_new": all(new[name] != old[name] for name in old),
        "old_that_live": [name for name, pid in old.items() if _lives(pid)],
    }
    sup.stop()
    return facts | {"left": [name for name, pid in new.items() if _lives(pid)]}


def simple_global_supervisor(folder: str) -> dict[str, Any]:
    """SIGKILL for the one in the middle, then for its worker."""
    inner = {"middle": Plan(flags(ALL, 3, 60.0), ("worker",))}
    sup = _begin(folder, Plan(flags(ALL, 3, 60.0), ("middle",), inner=inner))
    pids = [_pids(folder)]
    sup.kill("middle", signal.SIGKILL)
    sup.wait_until(lambda: sup.log().count("+middle") == 2)
    sup.wait_until(lambda: not _lives(pids[0]["worker"]))
    pids.append(_pids(folder))
    os.kill(pids[1]["worker"], signal.SIGKILL)
    sup.wait_until(lambda: sup.log().count("+worker") == 3)
    pids.append(_pids(folder))
    facts = {
        "workers": len({each["worker"] for each in pids}),
        "middles": len({each["middle"] for each in pids}),
    }
    sup.stop()
    return facts | {"left": [name for name, pid in pids[-1].items() if _lives(pid)]}


def _pids(folder: str) -> dict[str, int]:
    """The last pid of each name."""
    ups = [line[1:].split() for line in read_log(folder) if line.startswith("+")]
    return {name: int(pid) for name, pid in ups}


def hanging_restart_loop(folder: str) -> dict[str, Any]:
    """One whose restart fails and fails."""
    plan = Plan(flags(intensity=1000), ("child1",), backoff_s=HANGING_S)
    return _hang(folder, plan, "child1")


def hanging_restart_loop_rest_for_one(folder: str) -> dict[str, Any]:
    """One in the middle whose restart fails and fails."""
    names = ("child1", "child2", "child3")
    plan = Plan(flags(REST, 1000), names, backoff_s=HANGING_S)
    return _hang(folder, plan, "child2")


def _hang(folder: str, plan: Plan, name: str) -> dict[str, Any]:
    sup = _begin(folder, plan)
    spec = sup.spec(name)
    requests: dict[str, SupervisorEvent] = {
        "start": ChildStartRequested(spec=spec, request="ask"),
        "restart": ChildRestartRequested(child_id=name, request="ask"),
        "delete": ChildDeleteRequested(child_id=name, request="ask"),
    }
    facts: dict[str, Any] = {}
    _let_hang(sup, name)
    for word, request in requests.items():
        refusal = sup.ask(request).refusal
        facts[word] = None if refusal is None else refusal.value
    facts["which"] = sup.which()
    deadline = deadline_from(sup.loop.now_s(), 20.0)
    stop = ChildStopRequested(child_id=name, deadline=deadline, request="ask")
    facts["stop"] = sup.ask(stop).refusal is None
    facts["which_then"] = sup.which()
    _marked(folder, name).unlink()
    facts["again"] = sup.ask(requests["restart"]).refusal is None
    _let_hang(sup, name)
    sup.stop()
    return facts


def _let_hang(sup: RealSup, name: str) -> None:
    _marked(sup.folder, name).touch()
    before = len(sup.host.state.restarted_at_s)
    sup.kill(name, signal.SIGKILL)
    sup.wait_until(
        lambda: len(sup.host.state.restarted_at_s) > before + 1 and sup.which()[name] == "backoff"
    )


def hanging_restart_loop_simple(folder: str) -> dict[str, Any]:
    """One of a template whose restart fails and fails."""
    wanted = with_template(a_spec("child", shutdown_s=0.0), 1000)
    sup = _begin(folder, Plan(replace(wanted), backoff_s=HANGING_S))
    up = [sup.ask(DynamicStartRequested(child_id="one", request="ask")).refusal is None]
    _let_hang(sup, "one")
    refusal = sup.ask(ChildRestartRequested(child_id="child", request="ask")).refusal
    which = sup.which()
    deadline = deadline_from(sup.loop.now_s(), 20.0)
    sup.ask(ChildStopRequested(child_id="one", deadline=deadline, request="ask"))
    gone = sup.which()
    _marked(folder, "one").unlink()
    up.append(sup.ask(DynamicStartRequested(child_id="one", request="ask")).refusal is None)
    _let_hang(sup, "one")
    sup.stop()
    word = "" if refusal is None else refusal.value
    return {"up": up, "restart": word, "which": which, "gone": gone}


def killed_by_the_shell(folder: str) -> dict[str, Any]:
    """A child that the shell itself kills, as it does with one that hangs."""
    sup = _begin(folder, Plan(flags(), ("child1",)))
    sup.host.processes.condemn("child1", "hung")
    told = [each.incarnation for each in sup.host._events if isinstance(each, ChildKilled)]
    sup.wait_until(lambda: sup.log().count("+child1") == 2)
    sup.stop()
    return {"told": told, "log": sup.log()}


def play() -> None:
    """Play the case that the command line names."""
    case, folder = sys.argv[1:]
    print(json.dumps(globals()[case](folder)))  # noqa: T201  read by the test
    sys.stdout.flush()
    os._exit(0)
