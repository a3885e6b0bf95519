"""The lean way to fill a text says what the library itself would say, whatever stands in the variables."""

from itertools import product

import pytest
from liquid import Environment

from omotenashi.configuration import liquid

VALUES = [None, "", 0, 3, 3000.5, -2, True, False, "<b>Tea</b> & 'x'", "5", "お茶", 10**20, [1, "a"], {"a": 1}]
TEXTS = [
    "{{ x }}",
    "{{ x | capitalize }}",
    "{{ 5000 | minus: x }}",
    "{{ x | minus: 3 }}",
    "{{ x | plus: y }}",
    "{{ x | times: y | round: 1 }}",
    "{{ x | url_encode }}",
    "{{ x | append: '<i>' }}",
    "{{ x | append: y | upcase }}",
    "{{ x | replace: 'T', '<' }}",
    "{{ x | truncate: 3 }}",
    "{{ x | thousands }}",
    "{{ x | json }}",
    "{{ x | safe_url }}",
    "{{ x | escape }}",
    "{{ x | default: 'none' }}",
    "{{ x | date: '%Y' }}",
    "{{ x | join: ', ' }}",
    "{{ x | button: y, 'secondary' }}",
    "{% if x %}a{% else %}b{% endif %}",
    "{% if x == 'お茶' %}a{% else %}{{ y }}{% endif %}",
    "{% if x > 3 %}a{% else %}b{% endif %}",
    "{% if x < 2.5 %}a{% endif %}",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("environment", "lean"), [(liquid.MARKUP, liquid.markup), (liquid.PLAIN, liquid.plain)])
def test_lean_is_the_library(text: str, environment: Environment, lean: object) -> None:
    template, fill = environment.from_string(text), lean(text)  # type: ignore[operator]
    for x, y in product(VALUES, VALUES):
        values = {"x": x, "y": y}
        try:
            expected = str(template.render(values))
        except Exception:  # noqa: BLE001  (the library lets its own through)
            with pytest.raises(Exception):  # noqa: B017
                fill(values)
        else:
            assert str(fill(values)) == expected, values
