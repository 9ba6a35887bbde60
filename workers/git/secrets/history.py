"""Commits and trees without anything secret: what an agent committed itself is made anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from ...secrecy.names import SecretNames
from ..commands import Commands, GitRefused, refusal
from ..place import BASES, Place
from ..trees import commit_tree
from .leaks import (
    RAW_OPTIONS,
    Change,
    changes_since,
    hide_in_index,
    leaks_in,
    leaks_in_messages,
    named_after_values,
    read_changes,
)


class Cleaned(Struct, frozen=True, kw_only=True):
    """A commit in whose history nothing secret is new; `without` are the files that it had."""

    commit: str
    without: tuple[str, ...] = ()
    is_changed: bool = False


class ToKeep(Struct, frozen=True, kw_only=True):
    """What salvage may keep; `lost` are the secret files, and their blobs, that it may not."""

    head: str
    tree: str
    more: tuple[str, ...]
    lost: tuple[tuple[str, str], ...] = ()
    is_changed: bool = False


def secrets_in_index(
    place: Place, git: Commands, changed: Iterable[bytes], *, base: str
) -> list[str]:
    """Take what is secret and new since the base out of the index that `git` works on."""
    secrets = _secrets_among(place, {os.fsdecode(name) for name in changed}, bases=(base,))
    take_out(git, secrets)
    return secrets


def _secrets_among(place: Place, names: set[str], *, bases: tuple[str, ...]) -> list[str]:
    """The files that are secret by their names, or named after a value, and in no base."""
    secret = SecretNames(place.rules.secrets.files)
    found = {name for name in names if secret.match(name)} | {*named_after_values(place, names)}
    for base in bases:
        if found:
            out = place.git.run("ls_tree", "-z", "--name-only", "--full-tree", base, "--", *found)
            found -= set(os.fsdecode(out.out).split("\0"))
    return sorted(found)


def take_out(git: Commands, names: Iterable[str]) -> None:
    """Take files out of the index that `git` works on; they stay where they are."""
    told = b"".join(os.fsencode(name) + b"\0" for name in names)
    if told:
        git.run("update_index", "--force-remove", "-z", "--stdin", stdin=told)


def clean_commit(place: Place, commit: str, *, base: str) -> Cleaned:
    """Make one commit on `base` of all since, if anything secret came in on the way.

    The same commits make the same one, whenever they are asked for.
    """
    return _cleaned(place, commit, known=(base,), parent=base)


def clean_left(place: Place, commit: str) -> Cleaned:
    """The same for what anybody left, with the PRD's own commits as the base of it."""
    return _cleaned(place, commit, known=known_commits(place), parent="")


def clean_to_keep(place: Place, *, head: str, tree: str, more: tuple[str, ...]) -> ToKeep:
    """The same for all that is to hang on one salvage ref."""
    known = known_commits(place)
    if not known:
        return ToKeep(head=head, tree=tree, more=more)
    lost: dict[tuple[str, str], None] = {}
    kept = {}
    for each in filter(None, dict.fromkeys((head, *more))):
        cleaned = _cleaned(place, each, known=known, parent="")
        kept[each] = cleaned.commit
        if cleaned.without:
            lost |= _blobs_of(changes_since(place, each, known), cleaned.without)
    shown = tree
    if tree:
        shown, gone = _clean_tree(place, tree, beside=kept.get(head) or known[0])
        lost |= gone
    return ToKeep(
        head=kept.get(head, ""),
        tree=shown,
        more=tuple(kept[each] for each in more if each),
        lost=tuple(lost),
        is_changed=shown != tree or any(before != after for before, after in kept.items()),
    )


def _blobs_of(changes: Iterable[Change], names: Iterable[str]) -> dict[tuple[str, str], None]:
    wanted = set(names)
    return {(each.name, each.blob): None for each in changes if each.name in wanted}


def _clean_tree(place: Place, tree: str, *, beside: str) -> tuple[str, dict[tuple[str, str], None]]:
    answer = place.git.ask("diff_tree", "-r", *RAW_OPTIONS, beside, tree)
    if "bad object" in answer.err:
        raise GitRefused("objects were removed while they were kept; is `git prune` at work?")
    if answer.status != 0:
        raise refusal("diff_tree", answer)
    changes = read_changes(answer.out)
    secrets = _secrets_of(place, changes, bases=(beside,))
    if not secrets and not leaks_in(place, changes, base=beside):
        return tree, {}
    return _tree_without(place, tree, secrets, base=beside), _blobs_of(changes, secrets)


def known_commits(place: Place) -> tuple[str, ...]:
    """The commits that hold nothing of an agent's: where the PRD started, and its branch."""
    refs = place.refs(BASES + place.prd_id, place.record_ref(""))
    return tuple(dict.fromkeys(ref.commit for ref in refs.values()))


def _cleaned(place: Place, commit: str, *, known: tuple[str, ...], parent: str) -> Cleaned:
    changes = changes_since(place, commit, known)
    secrets = _secrets_of(place, changes, bases=known)
    base = parent or (known[0] if known else "")
    is_said = changes and leaks_in_messages(place, commit, known)
    if not secrets and not is_said and not leaks_in(place, changes, base=base):
        return Cleaned(commit=commit)
    if not parent and base:
        parent = place.git.ask("merge_base", commit, base).line
    made = _made_one(place, commit, _tree_without(place, commit, secrets, base=base), parent=parent)
    return Cleaned(commit=made, without=tuple(secrets), is_changed=True)


def _secrets_of(place: Place, changes: list[Change], *, bases: tuple[str, ...]) -> list[str]:
    return _secrets_among(place, {change.name for change in changes if change.is_new}, bases=bases)


def _made_one(place: Place, commit: str, tree: str, *, parent: str) -> str:
    form = "--format=%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%s"
    options = ("-1", "--no-patch", "--date=raw", form)
    *who, subject = place.git.run("log", *options, commit, "--").line.split("\0")
    roles = ("AUTHOR_NAME", "AUTHOR_EMAIL", "AUTHOR_DATE")
    names = (*roles, *(role.replace("AUTHOR", "COMMITTER") for role in roles))
    told = {f"GIT_{name}": value for name, value in zip(names, who, strict=True) if value}
    git = place.git.at(place.checkout, environment=told)
    parents = (parent,) if parent else ()
    return commit_tree(git, tree, parents=parents, message=f"{place.hiding.text(subject)}\n")


def _tree_without(place: Place, tree: str, secrets: list[str], *, base: str) -> str:
    with tempfile.TemporaryDirectory(prefix="prd-supervise-") as folder:
        git = place.git.with_index(Path(folder) / "index")
        git.run("read_tree", tree)
        take_out(git, secrets)
        if base:
            hide_in_index(place, git, base=base)
        return git.run("write_tree").line
