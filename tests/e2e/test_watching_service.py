"""`resume --watch` as a service manager starts it: what it takes, and what it leaves."""

from __future__ import annotations

from tests.support.as_service import SERVICE, begin, end, manager, service
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

__all__ = ["manager", "service"]


# --- what it takes ------------------------------------------------------------------------------


def test_an_empty_repository_is_watched_and_what_comes_is_taken(repo: Repo, service: Tree) -> None:
    repo.commit()
    run = begin(service)
    repo.prd(story("US-1"))  # a file at the top ...
    repo.prd(story("B-1"), name="prds/active/B/prd.json", project="B")  # ... and new folders
    repo.seal()
    service.wait_event("prd_completed", prd="ALPHA")
    service.wait_event("prd_completed", prd="B")
    end(run)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_what_came_while_nobody_watched_is_taken_at_the_start(repo: Repo, service: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    run = begin(service)
    service.wait_event("prd_completed", prd="ALPHA")
    end(run)
    repo.prd(story("US-1"), story("US-2"))
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.seal()

    run = begin(service)
    service.wait_event("prd_completed", prd="B")
    service.wait_event("prd_completed", prd="ALPHA", count=2)
    end(run)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_fifty_prds_of_one_checkout_are_taken_and_one_that_is_half_written(
    repo: Repo, service: Tree
) -> None:
    repo.commit()
    repo.git("checkout", "-q", "-b", "more")
    for number in range(50):
        name = f"prds/active/P-{number}/prd.json"
        repo.prd(story("US-1", passes=True), name=name, project=f"P-{number}")
    repo.prd(story("Z-1"), name="tasks/z.json", project="Z")
    repo.commit("fifty")
    repo.git("checkout", "-q", "main")
    run = begin(service)

    repo.git("checkout", "-q", "more")
    whole = repo.prd(story("H-1"), name="elsewhere.txt", project="H").read_text()
    half = repo.put("tasks/half.json", whole[: len(whole) // 2])
    service.wait_event("prd_completed", prd="Z")
    half.write_text(whole)
    (repo.path / "elsewhere.txt").unlink()
    repo.seal()
    service.wait_event("prd_completed", prd="H")

    assert {prd["id"] for prd in service.status()["prds"]} == {"Z", "H"}  # the others are done
    end(run)


def test_a_prd_that_waits_and_is_deleted_or_moved_harms_nobody(repo: Repo, service: Tree) -> None:
    repo.configure(max_prds=1)
    repo.commit()
    run = begin(service)
    repo.prd(story("A-1", {"say": "at work"}, HOLD, write("A-1.txt", "x\n")))
    service.wait_said("A-1", "at work")
    gone = repo.prd(story("B-1"), name="tasks/b.json", project="B")
    moves = repo.prd(story("C-1"), name="tasks/c.json", project="C")
    service.wait(lambda: {"B", "C"} <= {prd["id"] for prd in service.status()["prds"]}, "both")
    gone.unlink()
    moves.rename(repo.path / "plans-c.json")
    (repo.path / "plans").mkdir()
    (repo.path / "plans-c.json").rename(repo.path / "plans" / "c.json")
    repo.seal()
    service.go()
    service.wait_event("prd_completed", prd="ALPHA")
    service.wait_event("prd_completed", prd="C")
    service.wait_event("prd_completed", prd="B")  # what was accepted is run; `stop B` takes it back
    end(run)


# --- what it leaves -----------------------------------------------------------------------------


def test_what_failed_is_begun_again_by_a_retry_alone(repo: Repo, service: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", {"exit": 1}), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = begin(service)
    service.wait_event("prd_failed")
    end(run)  # that a PRD has failed is no failure of the service

    for _ in range(2):
        run = begin(service)
        repo.prd(story("B-1"), name="tasks/b.json", project="B")
        repo.seal()
        service.wait_event("prd_completed", prd="B")  # by then all others would have begun
        end(run)
    assert len(service.events("attempt_started", story="US-1")) == 1

    run = begin(service)
    service.run("retry", "ALPHA", code=0)
    service.wait_event("attempt_started", story="US-1", count=2)
    service.wait_event("prd_failed", count=2)
    end(run)


def test_a_prd_whose_supervisor_died_too_often_is_not_begun_by_a_service(
    repo: Repo, service: Tree
) -> None:
    up = "up() { awk '/^PPid:/ { print $2 }' /proc/$1/status; }"
    murder = {"run": ["sh", "-c", f"{up}; kill -9 $(up $(up $PPID)); sleep 60"]}
    repo.configure(restart={"intensity": 1, "max_attempts": 9})
    repo.prd(story("US-1", murder))
    repo.commit()
    run = begin(service)
    service.wait_event("prd_failed")
    attempts = len(service.events("attempt_started"))
    end(run)

    run = begin(service)
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.seal()
    service.wait_event("prd_completed", prd="B")
    end(run)
    assert len(service.events("attempt_started", prd="ALPHA")) == attempts


def test_what_an_operator_has_stopped_or_holds_stays_so(repo: Repo, service: Tree) -> None:
    work = [{"say": "at work"}, HOLD, write("US-1.txt", "x\n")]
    repo.prd(story("US-1", *work))
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.configure(max_prds=1, grace_s=2)
    repo.commit()
    run = begin(service)
    service.wait_said("US-1", "at work")
    service.run("hold", "B", code=0)
    service.run("stop", "ALPHA", code=0)
    end(run)

    run = begin(service)
    repo.prd(story("C-1"), name="tasks/c.json", project="C")
    repo.seal()
    service.wait_event("prd_completed", prd="C")
    assert service.prd("ALPHA")["state"] == "stopped"
    assert service.prd("B")["held"]
    assert not service.events("attempt_started", prd="B")
    service.go()
    service.run("resume", "ALPHA", code=0)
    service.run("release", "B", code=0)
    service.wait_event("prd_completed", prd="B")
    end(run)


# --- what is broken -----------------------------------------------------------------------------


def test_a_broken_prd_is_set_aside_and_taken_when_it_is_mended(repo: Repo, service: Tree) -> None:
    work = [{"say": "at work"}, HOLD, write("US-1.txt", "x\n")]
    path = repo.prd(story("US-1", *work))
    repo.configure(grace_s=2)
    repo.commit()
    run = begin(service)
    service.wait_said("US-1", "at work")
    end(run)
    whole = path.read_text()
    path.write_text(whole[:-20])
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.seal()
    service.go()

    run = begin(service)
    service.wait_event("prd_completed", prd="B")
    assert "prd.json:" in run.output
    path.write_text(whole)
    repo.seal()
    service.wait_event("prd_completed", prd="ALPHA")
    end(run)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_broken_configuration_is_refused_at_the_start_and_passed_over_later(
    repo: Repo, service: Tree
) -> None:
    repo.put("prd-supervise.toml", "max_prds = 'many'\n")
    repo.commit()
    refused = service.run(*SERVICE, code=78)
    assert "prd-supervise.toml:1:" in refused.err

    repo.configure()
    run = begin(service)
    for broken in ("[agent\n", '[agent]\nuse = "command"\ncommand = ["./no-such-agent"]\n'):
        told = len(service.events("reload_failed"))
        repo.put("prd-supervise.toml", broken)
        repo.seal()
        service.wait_event("reload_failed", count=told + 1)
    repo.prd(story("US-1"))
    repo.configure()
    repo.seal()
    service.wait_event("prd_completed")
    end(run)


def test_without_an_agent_it_says_so_at_once(repo: Repo, service: Tree) -> None:
    repo.put("prd-supervise.toml", "max_prds = 2\n")
    repo.commit()
    refused = service.run(*SERVICE, code=78)
    assert "no agent is set; write use = " in refused.err
    assert not repo.state.exists()
