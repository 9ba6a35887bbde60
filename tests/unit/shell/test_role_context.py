from __future__ import annotations

from pathlib import Path

from prd_supervise.supervisor.shell.prd.role_context import RoleContexts
from prd_supervise.workers.messages.agents import Role


def put(top: Path, name: str, data: str | bytes) -> None:
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def contexts(top: Path, bytes_max: int = 64 << 10, secret: tuple[str, ...] = ()) -> RoleContexts:
    return RoleContexts(top, secret, bytes_max, lambda text: text.replace("hunter2", "[hidden]"))


def role(*globs: str) -> Role:
    return Role(name="backend", context=globs)


def test_files_stand_in_the_order_of_the_globs_each_once(tmp_path: Path) -> None:
    put(tmp_path, "docs/b.md", "B\n")
    put(tmp_path, "docs/a.md", "A ``` B")
    put(tmp_path, "README.md", "read")
    found = contexts(tmp_path).of(role("README.md", "docs/**", "docs/a.md"))
    assert found.text == (
        "### README.md\n\n```\nread\n```\n\n"
        "### docs/a.md\n\n```\nA ``` B\n```\n\n"
        "### docs/b.md\n\n```\nB\n```"
    )
    assert found.note == "the role backend: 3 files, 99 B of 64 KiB"


def test_what_does_not_fit_is_named_with_its_size(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "x" * 100)
    put(tmp_path, "b.md", "é" * 3000)
    put(tmp_path, "c.md", "small")
    found = contexts(tmp_path, 200).of(role("*.md"))
    assert "### a.md" in found.text
    assert "### c.md" in found.text
    assert found.text.endswith("too long for this text:\n\n- b.md (5.9 KiB)")
    assert found.note.endswith("of 200 B; 1 file more only by name")


def test_secrets_binaries_and_what_lies_elsewhere_are_left_out(tmp_path: Path) -> None:
    top = tmp_path / "repo"
    put(top, "c/.env", "KEY=1")
    put(top, "c/own.secret", "1")
    put(top, "c/image.png", b"\x89PNG\0")
    put(top, "c/latin.txt", b"\xe9\xe9")
    put(top, "c/good.md", "the password is hunter2")
    put(top, ".git/config", "[user]")
    put(tmp_path, "outside.md", "not yours")
    (top / "c" / "link.md").symlink_to("../../outside.md")
    (top / "c" / "git.md").symlink_to("../.git/config")
    (top / "c" / "env.md").symlink_to(".env")
    (top / "c" / "gone.md").symlink_to("nowhere")
    (top / "c" / "there").symlink_to("../..", target_is_directory=True)
    found = contexts(top, secret=("*.secret",)).of(role("c/**", "../outside.md"))
    assert found.text == "### c/good.md\n\n```\nthe password is [hidden]\n```"


def test_files_are_read_once_until_the_plan_is_read_anew(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "old")
    read = contexts(tmp_path)
    assert "old" in read.of(role("a.md")).text
    put(tmp_path, "a.md", "new")
    assert "old" in read.of(role("a.md")).text
    read.clear()
    assert "new" in read.of(role("a.md")).text


def test_a_role_without_any_file_is_told(tmp_path: Path) -> None:
    found = contexts(tmp_path).of(role("no/**", "x.md"))
    assert (found.text, found.note) == ("", "the role backend: no file is called no/** or x.md")
