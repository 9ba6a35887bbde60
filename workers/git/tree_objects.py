"""Some folders of a tree changed: read by one git command and written by another.

An index would do it too, with all files of the repository read and written each time.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping

from .blobs import object_name, write_objects
from .commands import Commands, GitRefused

_FOLDER = b"40000"

# A folder's members: their modes and the names of their objects, as bytes.
_Members = dict[bytes, tuple[bytes, bytes]]


def changed_tree(git: Commands, tree: str, files: Mapping[str, tuple[str, str]]) -> str:
    """The tree of a commit or tree in which these files have this mode and blob ("": are gone)."""
    given = {os.fsencode(path): what for path, what in files.items()}
    folders = _read(git, tree, sorted({b"", *(above for path in given for above in _above(path))}))
    for path, (mode, blob) in given.items():
        folder, name = posixpath.split(path)
        _put(folders[folder], name, mode.encode(), bytes.fromhex(blob), whole=path)
    texts: list[bytes] = []
    named = ""
    for path in sorted(folders, key=lambda each: (-_depth(each), each)):
        text = _text_of(folders[path])
        named = _name_of(text, like=tree)
        if not path or text:
            texts.append(text)
        if path:
            above, name = posixpath.split(path)
            _enter(folders[above], name, named if text else "", whole=path)
    written = write_objects(git, texts, kind="tree")
    if written[-1] != named:
        raise GitRefused(f"git hash-object: {written[-1]} for the tree {named}")
    return named


def _above(path: bytes) -> Iterator[bytes]:
    """The folders on the way to a file, the root of all among them."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _depth(folder: bytes) -> int:
    return folder.count(b"/") + 1 if folder else 0


def _read(git: Commands, tree: str, folders: Iterable[bytes]) -> dict[bytes, _Members]:
    """The folders with what is in them; nothing where there is no such folder."""
    asked = {each: tree.encode() + (b":" + each if each else b"^{tree}") for each in folders}
    out = git.run(
        "cat_file", "--batch", "-z", stdin=b"".join(q + b"\0" for q in asked.values())
    ).out
    found: dict[bytes, _Members] = {}
    at = 0
    for folder, question in asked.items():
        if out.startswith(missing := question + b" missing\n", at):
            if not folder:
                raise GitRefused(f"git cat-file: there is no tree {tree}")
            found[folder], at = {}, at + len(missing)
            continue
        end = out.index(b"\n", at)
        name, kind, size = out[at:end].split(b" ")
        text = out[end + 1 : end + 1 + int(size)]
        at = end + 1 + int(size) + 1
        found[folder] = dict(_members(text, len(name) // 2)) if kind == b"tree" else {}
    return found


def _members(text: bytes, name_bytes: int) -> Iterator[tuple[bytes, tuple[bytes, bytes]]]:
    """Read a tree object: (mode SP name NUL object)*."""
    at = 0
    while at < len(text):
        end = text.index(b"\0", at)
        mode, _, name = text[at:end].partition(b" ")
        at = end + 1 + name_bytes
        yield name, (mode, text[end + 1 : at])


def _text_of(members: _Members) -> bytes:
    # Git sorts a folder as if its name ended with a slash.
    order = sorted(members, key=lambda name: name + b"/" * (members[name][0] == _FOLDER))
    return b"".join(b" ".join((members[n][0], n)) + b"\0" + members[n][1] for n in order)


def _put(members: _Members, name: bytes, mode: bytes, blob: bytes, *, whole: bytes) -> None:
    is_folder = name in members and members[name][0] == _FOLDER
    if blob and is_folder:
        raise GitRefused(f"{os.fsdecode(whole)} is a folder in git")
    if blob:
        members[name] = (mode, blob)
    elif not is_folder:
        members.pop(name, None)


def _enter(members: _Members, name: bytes, tree: str, *, whole: bytes) -> None:
    """Let a folder hold another one, or hold it no longer."""
    if name in members and members[name][0] != _FOLDER:
        if tree:
            raise GitRefused(f"{os.fsdecode(whole)} is no folder in git")
        return
    if tree:
        members[name] = (_FOLDER, bytes.fromhex(tree))
    else:
        members.pop(name, None)


def _name_of(text: bytes, *, like: str) -> str:
    return object_name(text, kind="tree", like=like)
