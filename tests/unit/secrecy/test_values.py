from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest

from prd_supervise.workers.secrecy.redaction import Redactor
from prd_supervise.workers.secrecy.values import values_of_file, values_of_variables


def values(folder: Path, name: str, text: str | bytes) -> dict[bytes, str]:
    path = folder / Path(name).name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {secret.value: secret.name for secret in values_of_file(path, name)}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("TOKEN=abc123def", b"abc123def"),
        ("export TOKEN = abc123def  # mine", b"abc123def"),
        ('TOKEN="abc 123 # def"', b"abc 123 # def"),
        ("TOKEN='abc 123'  # mine", b"abc 123"),
        ("TOKEN=abc#123def", b"abc#123def"),
        ('TOKEN="line one\\nline two of it"', b"line two of it"),
        ("TOKEN=postgres://user:pa55word@db/x", b"pa55word"),
    ],
)
def test_a_variable_is_read_as_any_program_would(tmp_path: Path, line: str, value: bytes) -> None:
    assert values(tmp_path, ".env", f"# a comment\n{line}\n")[value] == "TOKEN"


def test_a_value_of_several_lines_hides_each_of_them(tmp_path: Path) -> None:
    text = 'KEY="-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n"\nNEXT=value-after\n'
    found = values(tmp_path, ".env", text)
    assert {b"MIIEvQIBADANBg", b"kqhkiG9w0BAQEF", b"value-after"} <= found.keys()


def test_what_says_nothing_is_not_hidden(tmp_path: Path) -> None:
    here = tmp_path / "place"
    here.mkdir()
    text = f"A=true\nB=localhost\nC=12345\nD=3000000\nE=production\nF={here}\nG=short\n"
    assert values(tmp_path, ".env", text) == {}


def test_a_key_is_hidden_line_by_line_but_for_its_armour(tmp_path: Path) -> None:
    text = (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nshort\n-----END RSA PRIVATE KEY-----\n"
    )
    found = values(tmp_path, "server.key", text)
    assert found[b"MIIEpAIBAAKCAQEA"] == "server.key"
    assert b"-----BEGIN RSA PRIVATE KEY-----" not in found


def test_a_file_that_is_one_short_word_is_hidden_whole(tmp_path: Path) -> None:
    assert values(tmp_path, "api.key", "abc1234\n") == {b"abc1234": "api.key"}


def test_json_texts_and_what_is_encoded_in_them_are_values(tmp_path: Path) -> None:
    text = json.dumps({"client": {"private_key": "-----BEGIN\nMIIEvQIBADANBgkq\n"}})
    assert b"MIIEvQIBADANBgkq" in values(tmp_path, "credentials.json", text)


def test_passwords_of_netrc_and_ini_files_are_values(tmp_path: Path) -> None:
    assert b"s3cret" in values(tmp_path, ".netrc", "machine x login me password s3cret\n")
    assert b"pypi-AgEI" in values(
        tmp_path, ".pypirc", "[pypi]\nusername = a\npassword: pypi-AgEI\n"
    )
    line = "//registry.npmjs.org/:_authToken=npm_Zq27\n"
    assert values(tmp_path, ".npmrc", line)[b"npm_Zq27"] == "_authToken"


def test_of_bytes_what_base64_shows_of_them_is_hidden(tmp_path: Path) -> None:
    path = tmp_path / "x.p12"
    path.write_bytes(b"\0" + os.urandom(500))
    redactor = Redactor(values_of_file(path, "x.p12"))
    for shown in (base64.encodebytes(path.read_bytes()), base64.b64encode(path.read_bytes())):
        lines = redactor.data(shown).split(b"\n")
        assert all(line in {b"", b"[redacted:x.p12]"} or len(line) < 12 for line in lines)


def test_what_is_secret_beyond_doubt_is_told_from_words(tmp_path: Path) -> None:
    text = "API_TOKEN=abc-def-ghi\nAPP_NAME=my-application\nRANDOM=Zq27bXw93kLmT01pQr5s\n"
    path = tmp_path / ".env"
    path.write_text(text)
    sharp = {secret.name for secret in values_of_file(path, ".env") if secret.is_sharp}
    assert sharp == {"API_TOKEN", "RANDOM"}


def test_what_cannot_be_read_holds_nothing(tmp_path: Path) -> None:
    assert values_of_file(tmp_path / "none", ".env") == []
    os.mkfifo(tmp_path / "pipe")
    assert values_of_file(tmp_path / "pipe", ".env") == []


def test_variables_are_values_by_their_names() -> None:
    environ = {"KEY": "value-of-key", "EMPTY": "", "OTHER": "value-of-other"}
    (secret,) = values_of_variables(("KEY", "EMPTY", "MISSING"), environ)
    assert (secret.name, secret.value, secret.is_sharp) == ("KEY", b"value-of-key", True)
