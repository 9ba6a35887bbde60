"""Every order that root passes on is a word of the pipe to a PRD's supervisor."""

from __future__ import annotations

import typing

import pytest

from prd_supervise.supervisor.core.prd.words import RootSaid
from prd_supervise.workers.messages import prd as words

ORDERS = typing.get_args(typing.get_type_hints(RootSaid)["order"])


@pytest.mark.parametrize("order", ORDERS, ids=[each.__name__ for each in ORDERS])
def test_a_supervisor_understands_what_root_may_order(order: type) -> None:
    assert getattr(words, order.__name__, None) is order
