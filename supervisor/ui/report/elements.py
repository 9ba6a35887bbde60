"""Elements of a page: a tree that is serialised once, so that no text can ever become markup."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from ...shell.lines import safe
from .ticked import pieces

TEXT_MAX = 4000  # characters of one text: what an agent printed may be of any length
Child = Element | str | None


def element(tag: str, *children: Child, **attributes: str | float) -> Element:
    """An element; `class_` is its class, and `_` in a name stands for `-`."""
    made = Element(tag, {_name(name): _value(value) for name, value in attributes.items()})
    add(made, *children)
    return made


def add(to: Element, *children: Child) -> None:
    """Append texts and elements, in this order."""
    for child in children:
        if child is None:
            continue
        if isinstance(child, Element):
            to.append(child)
        elif len(to):
            to[-1].tail = (to[-1].tail or "") + _text(child)
        else:
            to.text = (to.text or "") + _text(child)


def phrase(tag: str, text: str, **attributes: str | float) -> Element:
    """An element with a text of ours, in which commands stand between backticks."""
    made = element(tag, **attributes)
    for piece, is_code in pieces(_text(text)):
        add(made, element("code", piece) if is_code else piece)
    return made


def lines(tag: str, text: str, **attributes: str | float) -> Element:
    """An element with the lines of a text, each as it is."""
    made = element(tag, **attributes)
    made.text = "\n".join(map(safe, text[-TEXT_MAX:].splitlines()))
    return made


def stylesheet(css: str) -> Element:
    """Our own rules: the only text that is written as it is."""
    made = Element("style")
    made.text = css
    return made


def page_text(title: str, css: str, body: Element) -> str:
    """A whole document that asks nobody for anything."""
    head = element("head")
    SubElement(head, "meta", {"charset": "utf-8"})
    viewport = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    SubElement(head, "meta", viewport)
    # Whatever might stand in it after all: nothing is run, nothing is fetched.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": policy})
    add(head, element("title", title), stylesheet(css))
    whole = element("html", head, body, lang="en")
    return "<!DOCTYPE html>\n" + tostring(whole, encoding="unicode", method="html")


def _text(text: str) -> str:
    shown = safe(text[: TEXT_MAX + 1])
    return shown if len(text) <= TEXT_MAX else f"{shown[:TEXT_MAX]} ..."


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return _text(value) if isinstance(value, str) else f"{value:g}"
