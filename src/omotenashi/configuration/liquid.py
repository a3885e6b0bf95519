"""Liquid as messages use it: escaped by default, without files, bounded, and checked before it is ever rendered.

Two environments: ``MARKUP`` escapes every value for HTML; ``PLAIN`` leaves text as it is, for values that are
escaped later, in the body they are put into. Neither can include files, mark a value as safe, or loop for long.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial, wraps
from io import StringIO
from operator import gt, lt
from typing import Any, Final, cast

from liquid import BoundTemplate, Environment, Expression, Node, RenderContext, Undefined
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions.arguments import KeywordArgument
from liquid.builtin.expressions.filtered import Filter, FilteredExpression
from liquid.builtin.expressions.logical import (
    BooleanExpression,
    EqExpression,
    GtExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.path import Path
from liquid.builtin.expressions.primitive import FloatLiteral, IntegerLiteral, StringLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.exceptions import FilterError, LiquidError, LiquidTypeError
from liquid.stringify import to_liquid_string
from markupsafe import Markup, escape

_REMOVED_TAGS: Final = (
    *("include", "render", "extends", "block", "macro", "call", "translate", "increment", "decrement"),
    *("echo", "liquid", "cycle", "tablerow"),  # they write values where `misplaced` does not look
)
_REMOVED_FILTERS: Final = ("safe", "strip_html")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SAFE_SCHEMES: Final = frozenset(("http", "https", "mailto", "tel", "sms"))
_IGNORED_IN_URL: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u200b\ufeff]")
_COLOR: Final = re.compile(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,32}|(?:rgb|rgba|hsl|hsla|oklch|color-mix)\([A-Za-z0-9#%.,/ +-]{1,80}\)")
_JSON_ESCAPES: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def safe_url(value: object) -> str:
    """The address if following it cannot run code (http, https, mailto, tel, sms, or relative); ``#`` otherwise."""
    if isinstance(value, Undefined) or value is None:
        return "#"
    address = str(value).strip()
    scheme = _SCHEME.match(_IGNORED_IN_URL.sub("", address))
    return address if scheme is None or scheme[1].lower() in _SAFE_SCHEMES else "#"


def safe_color(value: object) -> str:
    """The colour if it is one in CSS; the empty text otherwise, so that the style sheet's own colour stands."""
    color = str(value).strip()
    return color if _COLOR.fullmatch(color) else ""


def telephone(value: object) -> str:
    """A telephone number as an address: ``tel:0120000000``; ``#`` when there is no digit in it."""
    number = re.sub(r"[^+0-9]", "", str(value))
    return f"tel:{number}" if re.search(r"[0-9]", number) else "#"


def as_json(value: object) -> Markup:
    """The value as JSON that may stand inside a script element, and between single quotes in an attribute."""
    plain = None if isinstance(value, Undefined) else value
    return Markup(json.dumps(plain, ensure_ascii=False, default=str).translate(_JSON_ESCAPES))


def thousands(value: object) -> str:
    """The number with separators, ``12,400``; anything else as it is."""
    if isinstance(value, str):
        try:
            value = float(value) if "." in value else int(value)
        except ValueError:
            return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None or isinstance(value, Undefined) else str(value)
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,}"


def button(action: object, label: object = "", look: object = "") -> Markup:
    """A whole link or button that does what an action says; nothing when there is no label, or nowhere to go.

    ``look`` is added to the class ``button``, such as ``secondary``.
    """
    words = "" if label is None or isinstance(label, Undefined) else escape(label)
    if not isinstance(action, Mapping) or not words.strip():
        return Markup("")
    asked = cast(Mapping[str, Any], action)
    tag, attributes = _doing(asked)
    if not tag:
        return Markup("")
    named = str(asked.get("name") or "")
    if named and (asked["do"] != "close" or asked.get("named")):
        attributes["data-omotenashi-click"] = named
    then = asked.get("then")
    if then:
        attributes["data-omotenashi-then" if then == "close" else "data-omotenashi-go"] = str(then)
    added = "" if look is None or isinstance(look, Undefined) else str(look)
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f'<{tag} class="{escape(f"button {added}".strip())}"{written}>{words}</{tag}>')


def _doing(action: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The element of an action and the attributes that make it act; no element when it has nowhere to go."""
    match action["do"]:
        case "open":
            address = str(action.get("url") or "")
            aside = {"target": "_blank", "rel": "noopener"} if action.get("new_tab") else {}
            return ("a", {"href": address, **aside}) if address else ("", {})
        case "call":
            address = telephone(action.get("phone"))
            return ("", {}) if address == "#" else ("a", {"href": address})
        case "event":
            values = action.get("values")
            told = {"data-omotenashi-values": json.dumps(values, ensure_ascii=False, default=str)} if values else {}
            return "button", {"type": "button", "data-omotenashi-track": str(action["event"]), **told}
        case "grant" | "deny" | "later" as answer:
            return "button", {"type": "button", f"data-omotenashi-{answer}": str(action["purpose"])}
        case "go":
            return "button", {"type": "button", "data-omotenashi-go": str(action["state"])}
        case _:
            return "button", {"type": "button", "data-omotenashi-close": ""}


LARGEST_TEXT: Final = 256 * 1024
"""Characters of a message's body, and of whatever a filter makes on the way to it."""


class _Bounded(Environment):
    loop_iteration_limit = 1_000
    output_stream_limit = LARGEST_TEXT
    context_depth_limit = 20
    local_namespace_limit = 64 * 1024


def _environment(autoescape: bool) -> Environment:
    environment = _Bounded(autoescape=autoescape)
    for tag in _REMOVED_TAGS:
        environment.tags.pop(tag, None)
    for name in _REMOVED_FILTERS:
        environment.filters.pop(name, None)
    environment.add_filter("safe_url", safe_url)
    environment.add_filter("json", as_json)
    environment.add_filter("thousands", thousands)
    environment.add_filter("tel", telephone)
    environment.add_filter("button", button)
    for name, function in environment.filters.items():
        environment.filters[name] = _bounded(function)
    for name, size in (("replace", _replaced), ("join", _joined)):
        environment.filters[name] = _foreseen(environment.filters[name], size)
    return environment


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, stopped when its text grows beyond all use: filters behind each other would fill the memory."""

    @wraps(function)
    def bounded(*given: Any, **named: Any) -> Any:
        made = function(*given, **named)
        if isinstance(made, str) and len(made) > LARGEST_TEXT:
            raise FilterError(f"expected texts of at most {LARGEST_TEXT:,} characters; a filter made {len(made):,}", token=None)
        return made

    return bounded


def _foreseen(function: Callable[..., Any], size: Callable[..., int]) -> Callable[..., Any]:
    """A filter whose text may be as long as its texts multiplied: stopped before it is made."""

    @wraps(function)
    def foreseen(*given: Any, **named: Any) -> Any:
        if len(given) > 1 and size(*given) > LARGEST_TEXT:
            raise FilterError(f"expected texts of at most {LARGEST_TEXT:,} characters", token=None)
        return function(*given, **named)

    return foreseen


def _replaced(text: object, old: object, new: object = "", *_: object) -> int:
    return str(text).count(str(old)) * len(str(new))


def _joined(parts: object, between: object, *_: object) -> int:
    return (len(parts) if isinstance(parts, list | tuple | str) else 1) * len(str(between))


MARKUP: Final = _environment(autoescape=True)
PLAIN: Final = _environment(autoescape=False)


def filters() -> list[str]:
    """Every filter that a text or a body may use."""
    return sorted(MARKUP.filters)


def tags() -> list[str]:
    """Every tag that a text or a body may use; of a block the one that begins it."""
    return sorted(name for name in MARKUP.tags if name.isidentifier())


Fill = Callable[[Mapping[str, Any]], str]
"""A parsed text, waiting for its values."""


@lru_cache(maxsize=8192)
def markup(text: str) -> Fill:
    """The text with its values escaped for HTML. Raises ``LiquidError``; so does the fill when it takes too long."""
    return _fill(MARKUP.from_string(text))


@lru_cache(maxsize=8192)
def plain(text: str) -> Fill:
    """The text with its values left as they are. Raises ``LiquidError``; so does the fill when it takes too long."""
    return _fill(PLAIN.from_string(text))


_LEAN_TAGS: Final = frozenset(("if", "unless", "case"))
_Step = Callable[[Mapping[str, Any], list[RenderContext]], str]


def _fill(template: BoundTemplate) -> Fill:
    """How the template is filled: without the library's context as long as only plain names are put in.

    A context costs more than the rest of a usual message. It is made when a step first needs one, and shared by
    the steps. Templates that assign or loop go the library's own way, with its limits.
    """
    if set(template.analyze(include_partials=False).tags) - _LEAN_TAGS:
        return lambda values: template.render(values)
    steps = [_step(node, template) for node in template.nodes]
    if len(steps) == 1:
        only = steps[0]
        return lambda values: only(values, [])

    def fill(values: Mapping[str, Any]) -> str:
        shared: list[RenderContext] = []
        return "".join([step(values, shared) for step in steps])

    return fill


def _step(node: Node, template: BoundTemplate) -> _Step:
    if isinstance(node, ContentNode):
        text = node.text
        return lambda values, shared: text
    if isinstance(node, OutputNode):
        name = _plain_name(node.expression)
        if name is not None:
            return _output(name, template.env.autoescape)
        filtered = _filtered(node.expression, template)
        if filtered is not None:
            return filtered
    if isinstance(node, IfNode) and not node.alternatives and not node.consequence.blank:
        test = _test(node.condition.expression) if isinstance(node.condition, BooleanExpression) else None
        if test is not None:
            return _condition(test, node, template)

    def step(values: Mapping[str, Any], shared: list[RenderContext]) -> str:
        if not shared:
            shared.append(RenderContext(template, globals=values))
        buffer = StringIO()
        node.render(shared[0], buffer)
        return buffer.getvalue()

    return step


def _output(name: str, autoescape: bool) -> _Step:
    if autoescape:

        def escaped(values: Mapping[str, Any], shared: list[RenderContext]) -> str:
            value = values.get(name)
            return str(escape(value)) if type(value) is str else to_liquid_string(value, autoescape=True)

        return escaped

    def plainly(values: Mapping[str, Any], shared: list[RenderContext]) -> str:
        value = values.get(name)
        return value if type(value) is str else to_liquid_string(value, autoescape=False)

    return plainly


def _filtered(expression: Expression, template: BoundTemplate) -> _Step | None:
    """``name | filter: argument | ...``, when the arguments are names and constants and no filter asks for the context."""
    if not isinstance(expression, FilteredExpression) or not expression.filters:
        return None
    name = _plain_name(expression.left)
    filters = [_filter(each, template.env) for each in expression.filters]
    if name is None or any(each is None for each in filters):
        return None
    ready = [each for each in filters if each is not None]
    autoescape = template.env.autoescape

    def step(values: Mapping[str, Any], shared: list[RenderContext]) -> str:
        value = values.get(name)
        try:
            for function, arguments in ready:
                value = function(value, *[read(values) for read in arguments])
        except TypeError as error:
            raise LiquidTypeError(str(error), token=None) from error
        return to_liquid_string(value, autoescape=autoescape)

    return step


def _filter(
    asked: Filter, environment: Environment
) -> tuple[Callable[..., Any], list[Callable[[Mapping[str, Any]], Any]]] | None:
    """A filter's function and how its arguments are read."""
    function = environment.filters.get(asked.name)
    if function is None or getattr(function, "with_context", False):
        return None
    if getattr(function, "with_environment", False):
        function = partial(function, environment=environment)
    arguments: list[Callable[[Mapping[str, Any]], Any]] = []
    for argument in asked.args:
        read = None if isinstance(argument, KeywordArgument) else _argument(argument.value, environment.autoescape)
        if read is None:
            return None
        arguments.append(read)
    return function, arguments


def _argument(expression: Expression, autoescape: bool) -> Callable[[Mapping[str, Any]], Any] | None:
    if isinstance(expression, StringLiteral):
        text = Markup(expression.value) if autoescape else expression.value
        return lambda values: text
    if isinstance(expression, IntegerLiteral | FloatLiteral):
        number = expression.value
        return lambda values: number
    name = _plain_name(expression)
    return None if name is None else lambda values: values.get(name)


def _test(expression: Expression) -> Callable[[Mapping[str, Any]], bool] | None:
    """The condition, when it is one name, or one name compared with one constant."""
    name = _plain_name(expression)
    if name is not None:
        return lambda values: (value := values.get(name)) is not None and value is not False
    if isinstance(expression, EqExpression | NeExpression) and isinstance(expression.right, StringLiteral):
        compared, text = _plain_name(expression.left), expression.right.value
        if compared is not None:
            if isinstance(expression, EqExpression):
                return lambda values: bool(values.get(compared) == text)
            return lambda values: bool(values.get(compared) != text)
    if isinstance(expression, GtExpression | LtExpression) and isinstance(expression.right, IntegerLiteral | FloatLiteral):
        measured = _plain_name(expression.left)
        if measured is not None:
            return _ordered(measured, gt if isinstance(expression, GtExpression) else lt, expression.right.value)
    return None


def _ordered(name: str, compare: Callable[[Any, Any], bool], bound: float) -> Callable[[Mapping[str, Any]], bool]:
    def test(values: Mapping[str, Any]) -> bool:
        value = values.get(name)
        if value is None:
            return False
        if not isinstance(value, int | float):
            raise LiquidTypeError(f"{name} is compared with a number, but is {value!r:.40}", token=None)
        return compare(value, bound)

    return test


def _condition(test: Callable[[Mapping[str, Any]], bool], node: IfNode, template: BoundTemplate) -> _Step:
    met = [_step(inner, template) for inner in node.consequence.nodes]
    otherwise = [] if node.default is None else [_step(inner, template) for inner in node.default.nodes]

    def step(values: Mapping[str, Any], shared: list[RenderContext]) -> str:
        steps = met if test(values) else otherwise
        return "".join([inner(values, shared) for inner in steps])

    return step


def _plain_name(expression: Expression) -> str | None:
    """The name, when the expression is one name and nothing else."""
    if isinstance(expression, FilteredExpression):
        return None if expression.filters else _plain_name(expression.left)
    if isinstance(expression, Path) and len(expression.path) == 1 and isinstance(expression.path[0], str):
        return None if expression.path[0] in ("now", "today") else expression.path[0]
    return None


def is_liquid(text: str) -> bool:
    """Whether anything in it would be replaced."""
    return "{{" in text or "{%" in text


def names(text: str) -> frozenset[str]:
    """The variables that the text takes from outside, by their first word. Raises ``LiquidError``."""
    return frozenset(PLAIN.from_string(text).analyze(include_partials=False).globals)


def is_nameable(name: str) -> bool:
    """Whether a text can name a variable so: not if it is a word of Liquid itself, such as ``required`` or ``contains``."""
    try:
        PLAIN.from_string(f"{{{{ {name} }}}}{{{{ row.{name} }}}}")
    except LiquidError:
        return False
    return True


def mistakes(text: str, known: frozenset[str]) -> list[str]:
    """What is wrong with a Liquid text that may use the variables ``known``."""
    if not is_liquid(text):
        return []
    try:
        found = PLAIN.from_string(text).analyze(include_partials=False)
    except LiquidError as error:
        return [f"not Liquid: {_words(error)}"]
    except RecursionError:
        return ["not Liquid: nested too deeply"]
    offered = ", ".join(sorted(known)) or "none are declared"
    return [
        *(f"unknown variable {name!r}; expected one of {offered}" for name in sorted(set(found.globals) - known)),
        *(f"unknown filter {name!r}" for name in sorted(set(found.filters) - PLAIN.filters.keys())),
    ]


def _words(error: LiquidError) -> str:
    return str(error).splitlines()[0]
