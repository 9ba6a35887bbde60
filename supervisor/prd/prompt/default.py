"""The template that is ours, and what may stand in one."""

from __future__ import annotations

from collections.abc import Mapping

# docs/configuration.md has these, too.
PLACEHOLDERS: Mapping[str, str] = {
    "id": "the story's id",
    "title": "its title",
    "story": "its description",
    "criteria": "its acceptance criteria, as a list",
    "files": "the files that it will touch, as far as the PRD says",
    "prd_id": "the PRD's id",
    "prd_title": "its title",
    "prd": "its title and description",
    "role": "the `prompt` of the story's role",
    "context": "the files of the story's role",
    "attempt": "1, 2 ...",
    "last_attempt": "the attempt that came to nothing; empty at the first one, "
    "0 where a person had refused the story before it",
    "failure": "why it did, with the end of what was printed",
    "earlier": "where its work is found, if this one begins anew",
    "conflict": "what stories that run beside this one change as well",
    "judged": "how it is found out whether the story is done",
    "no_code": "what to do where no change is needed",
    "agent": "who is asked",
    "model": "with which model; empty: its own choice",
}

TEMPLATE = """\
# $id: $title

$story

## Acceptance criteria

$criteria

## The PRD

$prd

## Your role

$role

## What you have to know

$context

## What went wrong last time (attempt $last_attempt)

$failure

$earlier

## What others are changing

$conflict

## How it is judged

Work in the current directory, a git worktree of its own. Commit or not, as you like: what you
leave is committed for you. Do not switch branches, and leave the PRD file alone: the story is
marked done by the supervisor, once $judged.

$no_code
"""
