"""What root knows of the stories that PRDs need of each other."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from ....policies.values import replace
from ....workers.messages.prd import PrdReport, Standing, StoryElsewhere, StoryView, Waiting

Stories = Mapping[str, tuple[Standing, str]]  # by story: how it stands, and its state in a word


def owner_of(need: str) -> str:
    """The PRD that a need, PRD/STORY, names."""
    return need.partition("/")[0]


class Needy(Struct, frozen=True, kw_only=True):
    """A living PRD supervisor that needs stories of others, and what it was told of them."""

    needs: tuple[str, ...]
    waiting: Waiting = Waiting()
    told: Mapping[str, StoryElsewhere] = field(default_factory=dict)
    knots: frozenset[str] = frozenset()  # of its needs, those that wait for it in turn


class Needs(Struct, frozen=True, kw_only=True):
    """Who needs what, and how it stands."""

    done_before: frozenset[str] = frozenset()  # PRD/STORY, as the journals of earlier runs tell
    stories: Mapping[str, Stories] = field(default_factory=dict)  # of PRDs that have reported
    needy: Mapping[str, Needy] = field(default_factory=dict)
    agents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # that PRDs wait for alone
    people: frozenset[str] = frozenset()  # the PRDs that wait for a person alone

    def is_done(self, need: str) -> bool:
        """Say whether it is done; who has looked at its branch knows better than journals."""
        known = self.stories.get(owner_of(need))
        if known is None:
            return need in self.done_before
        return self.of(need)[0] is Standing.DONE

    def of(self, need: str) -> tuple[Standing, str]:
        """What its PRD has said of it."""
        prd_id, _, story_id = need.partition("/")
        return self.stories.get(prd_id, {}).get(story_id, (Standing.OPEN, ""))

    def waits(self, prd_id: str) -> bool:
        """Say whether this PRD can only wait for others."""
        needy = self.needy.get(prd_id)
        if prd_id in self.agents or prd_id in self.people:
            return True
        return needy is not None and bool(needy.waiting.needs)


def reported(needs: Needs, prd_id: str, report: PrdReport) -> Needs:
    """After a PRD's report."""
    needs = waiting_for_agents(_reported(needs, prd_id, report), prd_id, report.waiting.agents)
    return _waiting_for_people(needs, prd_id, is_waiting=bool(report.waiting.approvals))


def _waiting_for_people(needs: Needs, prd_id: str, *, is_waiting: bool) -> Needs:
    if (prd_id in needs.people) == is_waiting:
        return needs
    people = needs.people | {prd_id} if is_waiting else needs.people - {prd_id}
    return replace(needs, people=people)


def waiting_for_agents(needs: Needs, prd_id: str, agents: tuple[str, ...]) -> Needs:
    """Know which agents a PRD waits for, where it waits for them alone."""
    if needs.agents.get(prd_id, ()) == agents:
        return needs
    others = {name: each for name, each in needs.agents.items() if name != prd_id}
    return replace(needs, agents={**others, prd_id: agents} if agents else others)


def _reported(needs: Needs, prd_id: str, report: PrdReport) -> Needs:
    known: Stories = {} if report.is_whole else needs.stories.get(prd_id, {})
    told = {view.story_id: _told(view) for view in report.stories}
    if report.is_whole or any(known.get(name) != said for name, said in told.items()):
        needs = replace(needs, stories={**needs.stories, prd_id: {**known, **told}})
    needy = needs.needy.get(prd_id)
    if report.is_whole and report.needs:
        known_of = needy.told if needy is not None else {}
        needy = Needy(needs=report.needs, told=known_of)
    elif report.is_whole:
        return _without_needy(needs, prd_id)
    if needy is None:
        return needs
    return with_needy(needs, prd_id, replace(needy, waiting=report.waiting))


def _told(view: StoryView) -> tuple[Standing, str]:
    return view.standing, view.state if view.standing is Standing.LOST else ""


def with_needy(needs: Needs, prd_id: str, needy: Needy) -> Needs:
    """Replace what is known of one PRD that needs others."""
    return replace(needs, needy={**needs.needy, prd_id: needy})


def without(needs: Needs, prd_id: str) -> Needs:
    """After the end of a PRD's supervisor: the next one says anew what it needs."""
    needs = waiting_for_agents(_without_needy(needs, prd_id), prd_id, ())
    return _waiting_for_people(needs, prd_id, is_waiting=False)


def _without_needy(needs: Needs, prd_id: str) -> Needs:
    if prd_id not in needs.needy:
        return needs
    others = {name: needy for name, needy in needs.needy.items() if name != prd_id}
    return replace(needs, needy=others)


def renewed(needs: Needs, prd_id: str) -> Needs:
    """After a PRD was accepted again: what was lost may come."""
    known = needs.stories.get(prd_id)
    if known is None:
        return needs
    done = {name: said for name, said in known.items() if said[0] is Standing.DONE}
    return replace(needs, stories={**needs.stories, prd_id: done})


def forgotten(needs: Needs, prd_id: str) -> Needs:
    """After root has forgotten a PRD that ended long ago."""
    return replace(
        needs,
        stories={name: each for name, each in needs.stories.items() if name != prd_id},
        done_before=frozenset(each for each in needs.done_before if owner_of(each) != prd_id),
    )


def knotted(needs: Needs, held: frozenset[str]) -> frozenset[str]:
    """The PRDs that wait for each other alone: none of them will ever go on.

    `held` are those that the operator could let go on.
    """
    stuck = {
        prd_id: needy.waiting.needs
        for prd_id, needy in needs.needy.items()
        if needy.waiting.needs and not needy.waiting.has_held and prd_id not in held
    }
    was = -1
    while len(stuck) != was:
        was = len(stuck)
        stuck = {
            prd_id: waits
            for prd_id, waits in stuck.items()
            if all(_is_hopeless(needs, stuck, prd_id, need) for need in waits)
        }
    return frozenset(stuck)


def _is_hopeless(needs: Needs, stuck: Mapping[str, object], prd_id: str, need: str) -> bool:
    told = needs.needy[prd_id].told.get(need)
    if told is not None and told.standing is not Standing.OPEN:
        return False  # it has not yet answered to that
    is_open = not needs.is_done(need) and needs.of(need)[0] is Standing.OPEN
    return is_open and owner_of(need) in stuck
