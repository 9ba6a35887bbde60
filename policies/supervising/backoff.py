"""How long to wait before a restart."""

from __future__ import annotations

import hashlib

from .spec import Backoff


def delay_s(attempt: int, backoff: Backoff, jitter: float) -> float:
    """Seconds before restart number n = `attempt`: min(cap, base * 2^(n-1)) * U[0.5, 1].

    `jitter` in [0, 1) is where in that range; it comes from outside, so that a run can be repeated.
    """
    # Only who waits pays for it: it takes as long to import as the rest of `status`.
    from tenacity import RetryCallState, Retrying  # noqa: PLC0415
    from tenacity.wait import wait_exponential  # noqa: PLC0415

    call = RetryCallState(Retrying(), fn=None, args=(), kwargs={})
    call.attempt_number = attempt
    longest_s = wait_exponential(multiplier=backoff.base_s, max=backoff.cap_s, exp_base=2)(call)
    return longest_s * (0.5 + 0.5 * jitter)


def jitter_of(seed: int, child_id: str, attempt: int) -> float:
    """Give a fraction in [0, 1) that depends on nothing but its arguments.

    A digest and not `hash()`, which differs from process to process.
    """
    digest = hashlib.blake2b(f"{seed}/{child_id}/{attempt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
