"""Where a recorded page was pressed, and how far down it was seen: read from rrweb's events, without drawing anything.

A press is told by the element that it hit, as a path from the root of the page, because at another width of the window the
element stands somewhere else.
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

FULL, INCREMENTAL, META = 2, 3, 4
MUTATION, PRESS, SCROLL, RESIZE = 0, 2, 3, 4
CLICK: Final = 2
DEEPEST: Final = 200
"""So far up an element is followed; what stands deeper has no path."""


class View(Struct):
    """One display of a page: the ``path`` of its address, the elements that were pressed, and how many px of it were seen.

    ``picture``: the two events that draw it, address and whole page; [] when they did not come.
    """

    path: str
    width: int
    height: int
    seen: int
    presses: list[str]
    picture: list[Any]


class _Node(Struct):
    parent: int
    tag: str
    name: str
    shadow: bool
    children: list[int]


def views(events: Iterable[Any]) -> list[View]:
    """The page views in one tab's events, in their order. Whatever does not look like rrweb's events is passed over."""
    reading = _Reading()
    for event in events:
        if isinstance(event, dict):
            reading.take(event)  # type: ignore[arg-type]
    return reading.views


class _Reading:
    def __init__(self) -> None:
        self.views: list[View] = []
        self._nodes: dict[int, _Node] = {}
        self._root = 0
        self._meta: dict[str, Any] | None = None

    def take(self, event: dict[str, Any]) -> None:
        data = event.get("data")
        if not isinstance(data, dict):
            return
        kind = event.get("type")
        if kind == META:
            self._begin(event, data)
        elif kind == FULL and isinstance(node := data.get("node"), dict):
            self._nodes = {}
            self._root = _number(node.get("id"))
            self._put(node, 0, None)
            if self.views and not self.views[-1].picture and self._meta is not None:
                self.views[-1].picture = [self._meta, event]
        elif kind == INCREMENTAL and self.views:
            self._happened(data, self.views[-1])

    def _begin(self, event: dict[str, Any], data: dict[str, Any]) -> None:
        path = urlsplit(str(data.get("href", ""))).path or "/"
        width, height = _number(data.get("width")), _number(data.get("height"))
        again = self.views and self._meta is not None and self._meta.get("data", {}).get("href") == data.get("href")
        self._meta = event
        if not again:  # the same page may be told anew in the middle
            self.views.append(View(path, width, height, height, [], []))

    def _happened(self, data: dict[str, Any], view: View) -> None:
        source = data.get("source")
        if source == MUTATION:
            for removed in _all(data.get("removes")):
                self._drop(_number(removed.get("id")))
            for added in _all(data.get("adds")):
                if isinstance(node := added.get("node"), dict):
                    self._put(node, _number(added.get("parentId")), added.get("nextId"))
        elif source == PRESS and data.get("type") == CLICK:
            path = self._path(_number(data.get("id")))
            if path:
                view.presses.append(path)
        elif source == SCROLL and data.get("id") == self._root:
            view.seen = max(view.seen, _number(data.get("y")) + view.height)
        elif source == RESIZE:
            view.width, view.height = _number(data.get("width")), _number(data.get("height"))

    def _put(self, node: dict[str, Any], parent: int, before: Any) -> None:
        waiting: list[tuple[dict[str, Any], int, Any]] = [(node, parent, before)]
        while waiting:
            one, above, following = waiting.pop()
            number = _number(one.get("id"))
            attributes = one.get("attributes")
            name = attributes.get("id") if isinstance(attributes, dict) else ""
            self._drop(number)
            self._nodes[number] = _Node(
                above, str(one.get("tagName", "")), name if isinstance(name, str) else "", one.get("isShadow") is True, []
            )
            siblings = self._nodes[above].children if above in self._nodes else []
            if following in siblings:
                siblings.insert(siblings.index(following), number)
            else:
                siblings.append(number)
            waiting += [(child, number, None) for child in reversed(_all(one.get("childNodes")))]

    def _drop(self, number: int) -> None:
        node = self._nodes.pop(number, None)
        if node is not None and node.parent in self._nodes and number in self._nodes[node.parent].children:
            self._nodes[node.parent].children.remove(number)

    def _path(self, number: int) -> str:
        """The way to an element as ``html>body:1>main:1``, from the nearest id if there is one; "" for what is no element.

        What is in a shadow tree is told by its host.
        """
        steps: list[str] = []
        node = self._nodes.get(number)
        for _ in range(DEEPEST):
            if node is None:
                return ""
            above = self._nodes.get(node.parent)
            if node.shadow:
                steps, number, node = [], node.parent, above
                continue
            if node.tag == "html":
                return ">".join(("html", *reversed(steps)))
            if node.tag and node.name and not any(letter in node.name for letter in ">#: "):
                return ">".join((f"#{node.name}", *reversed(steps)))
            if node.tag and above is not None:
                alike = [child for child in above.children if child in self._nodes and self._nodes[child].tag == node.tag]
                steps.append(f"{node.tag}:{alike.index(number) + 1}" if number in alike else f"{node.tag}:1")
            number, node = node.parent, above
        return ""


def _all(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and value == value and abs(value) < 1e9 else 0
