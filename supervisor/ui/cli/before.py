"""What is typed before a night: demo, init, check, plan, doctor."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .command import command
from .completing import agents, files
from .options import (
    agent_option,
    folder_option,
    mode_option,
    model_option,
    prds_argument,
    strategy_option,
)


@command(short_help="Say everything that is wrong with PRDs and configuration.")
@prds_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for editors and CI.")
@click.option("--strict", "is_strict", is_flag=True, help="Warnings are errors.")
@folder_option
def check(prds: tuple[str, ...], folder: Path, *, as_json: bool, is_strict: bool) -> None:
    """Say everything that is wrong with PRDs (ids or files; none: all found) and configuration.

    Nothing is started or changed. The exit code is 78 if there is an error, else 0.
    """
    from ..check import check as check_them  # noqa: PLC0415  --help must be fast

    sys.exit(check_them(folder, prds, as_json=as_json, is_strict=is_strict))


@command(short_help="Write settings after a look at the repository, and an example PRD.")
@click.argument("target", required=False, metavar="[DIR|FILE]", shell_complete=files)
@click.option(
    "--from",
    "source",
    metavar="FILE",
    shell_complete=files,
    help="Turn this PRD into our own form.",
)
@click.option(
    "-o",
    "output",
    metavar="OUT",
    shell_complete=files,
    help="Where to write (as DIR|FILE; -: print it).",
)
@click.option("--part", metavar="NAME", help="One PRD of a file that holds several.")
@click.option("--force", "is_forced", is_flag=True, help="Overwrite what is there.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Print what would be written.")
@folder_option
def init(
    target: str | None, folder: Path, *, is_forced: bool, is_dry: bool, **more: str | None
) -> None:
    """Look at the repository, and write settings for it and an example PRD.

    Verify commands, the setup of fresh worktrees, the agent and ceilings are guessed; beside each
    stands why. Settings and PRDs that there are stay as they are.

    With --from, any PRD is written in our own form, to prds/active/<ID>/prd.json. Else the usual
    place is prd.json at the repository's root.
    """
    from ..errors import UsageError  # noqa: PLC0415  --help must be fast
    from ..init.command import Wish  # noqa: PLC0415
    from ..init.command import init as write_it  # noqa: PLC0415

    output = more["output"]
    if target and output:
        raise UsageError("a place and -o: both say where to write; name one of them")
    wish = Wish(
        folder=folder,
        target=target or output or "",
        source=more["source"] or "",
        part=more["part"] or "",
        is_forced=is_forced,
        is_dry=is_dry,
    )
    sys.exit(write_it(wish))


@command(short_help="Show what would run beside what, and why.")
@prds_argument
@click.option("--tree", "form", flag_value="tree", help="Below each story those that wait for it.")
@click.option("--json", "form", flag_value="json", help="One JSON document (docs/plan.md).")
@click.option("--dot", "form", flag_value="dot", help="A graph for Graphviz.")
@mode_option
@strategy_option
@agent_option
@model_option
@folder_option
def plan(prds: tuple[str, ...], folder: Path, *, form: str | None, **options: str | None) -> None:
    """Show batches, dependencies and the critical path of PRDs (ids or files; none: all found).

    Nothing is started or changed, whether a root runs or not.
    """
    from ..plan.command import plan as show  # noqa: PLC0415  --help must be fast

    said = {
        "parallel.inference": options["inference_mode"],
        "parallel.conflict_strategy": options["conflict_strategy"],
        "agent.use": options["agent"],
        "agent.model": options["model"],
    }
    sys.exit(show(folder, prds, said, form or "table"))


@command(short_help="Look at what a night needs: git, disk, agent, tools, system.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--agent",
    default="",
    metavar="NAME",
    shell_complete=agents,
    help="Run this agent once, without work.",
)
@click.option("--verify", "verifies", is_flag=True, help="Run the verify commands on the base.")
@folder_option
def doctor(folder: Path, *, agent: str, as_json: bool, verifies: bool) -> None:
    """Look at what a night needs, and say what to do where something is missing.

    A worktree is made for a moment and removed; nothing else is changed. With --agent that agent is
    asked for one word, in a repository made for it. With --verify a worktree is set up and the
    verify commands run in it, as a story would. The exit code is 1 if something fails, else 0.
    """
    from ..doctor.command import doctor as look  # noqa: PLC0415  --help must be fast

    sys.exit(look(folder, agent=agent, as_json=as_json, verifies=verifies))


@command(short_help="See the tree at work in a scratch repository.")
def demo() -> None:
    """Run three PRDs in a scratch repository, to show what supervision is for."""
    from ..demo import demo as play  # noqa: PLC0415  --help must be fast

    sys.exit(play())


@command(short_help="Show who is notified of what; --test sends one message.")
@click.option("--test", "is_test", is_flag=True, help="Send one, and say what came of it.")
@folder_option
def notify(folder: Path, *, is_test: bool) -> None:
    """Show by which command and webhook people are notified, and of what.

    With --test one message is sent by each way; the exit code is 1 if one did not arrive.
    """
    from ..notify.command import notify as notify_them  # noqa: PLC0415  --help must be fast

    sys.exit(notify_them(folder, is_test=is_test))


BEFORE = (demo, init, check, plan, doctor, notify)
