"""The program that posts one message to a webhook: it is told all on its standard input.

It is a process of its own because names are looked up, and answers waited for, in calls that block.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import IO

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from .bounds import PAUSE_S_MAX, RETRY_S, TRY_S

ANSWER_BYTES_MAX = 1 << 16
WORDS_CHARS_MAX = 120
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"})  # OpenSSL's words


class PassingError(Exception):
    """It may go better in a moment; `after_s` is what the server asked for."""

    def __init__(self, text: str, after_s: float = 0.0) -> None:
        super().__init__(text)
        self.after_s = after_s


class LastingError(Exception):
    """It would not go better."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A message with a token in its headers goes where the configuration says, nowhere else."""

    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002  the standard library's signature
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Message,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> urllib.request.Request | None:
        """Do not follow."""
        return None


def main() -> int:
    """Post what the standard input says; print a line if that was in vain."""
    told = json.load(sys.stdin)
    try:
        deliver(told["url"], told["headers"], told["body"].encode())
    except (PassingError, LastingError) as error:
        print(error)  # noqa: T201  the notifier reads it
        return 1
    return 0


def deliver(url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Post, and again for a while where that may help; PassingError or LastingError in vain."""
    retrying = Retrying(
        stop=stop_after_delay(RETRY_S),
        wait=_pause_s,
        retry=retry_if_exception_type(PassingError),
        reraise=True,
    )
    try:
        retrying(_post, url, headers, body)
    except PassingError as error:
        tries = retrying.statistics.get("attempt_number", 1)
        raise PassingError(f"{error} ({tries} tries)") from None


_exponential = wait_random_exponential(multiplier=0.25, max=PAUSE_S_MAX)


def _pause_s(call: RetryCallState) -> float:
    error = call.outcome.exception() if call.outcome is not None else None
    asked_s = error.after_s if isinstance(error, PassingError) else 0.0
    return min(PAUSE_S_MAX, max(asked_s, _exponential(call)))


def _post(url: str, headers: Mapping[str, str], body: bytes) -> None:
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310  the configuration allows http and https alone
    host = urllib.parse.urlsplit(url).hostname or "the webhook"
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        # A 2xx has taken it: a rest of the answer that never comes must not send it again.
        opener.open(request, timeout=TRY_S).close()
    except urllib.error.HTTPError as error:
        with error:
            raise _answered(host, error) from None
    except urllib.error.URLError as error:
        raise _unreached(host, error.reason) from None
    except (OSError, http.client.HTTPException) as error:
        raise PassingError(f"{host}: {_words(error)}") from None
    except ValueError as error:  # a header that cannot be sent
        raise LastingError(f"{host}: {_words(error)}") from None


def _unreached(host: str, why: object) -> PassingError | LastingError:
    if isinstance(why, ssl.SSLCertVerificationError):
        return LastingError(
            f"{host}: its certificate is refused: {why.verify_message}; "
            "SSL_CERT_FILE can name a file of certificates to trust"
        )
    if isinstance(why, ssl.SSLError) and why.reason in _NO_TLS:
        return LastingError(
            f"{host}: nobody speaks TLS at this port; write another one, or http://"
        )
    return PassingError(f"{host}: {_words(why)}")


def _answered(host: str, error: urllib.error.HTTPError) -> PassingError | LastingError:
    code = error.code
    text = f"{host} answered {code} {error.reason}"
    if code in {301, 302, 303, 307, 308}:
        place = _without_query(error.headers.get("Location", ""))
        return LastingError(f"{text}: it wants to be called as {place}; write that as webhook")
    try:
        said = " ".join(error.read(ANSWER_BYTES_MAX).decode(errors="replace").split())
    except (OSError, http.client.HTTPException):
        said = ""
    text += f": {said[:WORDS_CHARS_MAX]}" if said else ""
    if code in _PASSING:
        return PassingError(text, _seconds(error.headers.get("Retry-After", "")))
    return LastingError(text)


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() and len(text) < 6 else 0.0  # noqa: PLR2004  digits


def _without_query(place: str) -> str:
    parts = urllib.parse.urlsplit(place)
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else "another address"


def _words(error: object) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TRY_S:g} s"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:WORDS_CHARS_MAX]


if __name__ == "__main__":
    sys.exit(main())
