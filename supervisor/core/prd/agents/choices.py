"""Which agent works on a story, in the order in which the story would have them."""

from __future__ import annotations

from .....workers.messages.agents import Choice
from ..memory import Memory
from ..state import Prd, Story

_DEFAULT = (Choice(),)  # the agent that the configuration uses


def chain_of(story: Story) -> tuple[Choice, ...]:
    """All choices of a story, the best first."""
    return story.choices or _DEFAULT


def open_choices(story: Story) -> tuple[Choice, ...]:
    """Those that have not failed for good; where all have, all: it is what the user wants now."""
    return left_without(story, ()) or chain_of(story)


def left_without(story: Story, barred: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """What is left to a story besides what is barred already, and besides these."""
    gone = {_key(each) for each in (*story.memory.barred, *barred)}
    if not story.choices:  # root knows the default by its name
        return () if gone else _DEFAULT
    return tuple(each for each in chain_of(story) if _key(each) not in gone)


def agents_of(story: Story) -> tuple[str, ...]:
    """The names that root chooses from; empty where only the default is left."""
    names = tuple(dict.fromkeys(each.agent for each in open_choices(story)))
    return names if any(names) else ()


def choice_for(story: Story, agent: str) -> Choice:
    """What the story wants of the agent that root has given it."""
    found = (each for each in open_choices(story) if each.agent == agent)
    first = open_choices(story)[0]
    return next(found, Choice(agent=agent) if agent else first)


def session_for(story: Story, choice: Choice, resuming: tuple[str, ...]) -> str:
    """The conversation that this agent can go on with; it knows of no other agent's work."""
    memory = story.memory
    is_same = choice.agent == memory.choice.agent and _knows_the_story(story, memory)
    return memory.session if is_same and choice.agent in resuming else ""


def _knows_the_story(story: Story, memory: Memory) -> bool:
    """Say whether it was told what the story asks for now."""
    return not memory.terms.told or memory.terms.told == story.terms.told


def reviewer_of(prd: Prd, story: Story) -> str:
    """The agent that has to look at what the story has done; empty where none has to any more."""
    memory = story.memory
    is_decided = memory.review.of(memory.head).verdict is not None
    return "" if is_decided or not memory.is_claimed else prd.review.agent


def _key(choice: Choice) -> tuple[str, str]:
    return choice.agent, choice.model


def agents_awaited(prd: Prd, story: Story) -> tuple[str, ...]:
    """The agents of which one has to be started for the story to go on."""
    if story.memory.is_claimed:
        return (reviewer_of(prd, story),)
    return tuple(choice.agent for choice in open_choices(story))
