"""Shares are exact to a tenth of a percent; ids are short and never meet."""

import pytest

from omotenashi.configuration.actions import shared, short_id, tenths


@pytest.mark.parametrize(
    ("share", "found"),
    [("50%", 500), ("12.5%", 125), (12.5, 125), (0.1, 1), ("0.1%", 1), ("100%", 1000), (33.3, 333), (33.33, None), (100.1, None)],
)
def test_a_share_is_exact_to_a_tenth_of_a_percent(share: str | float, found: int | None) -> None:
    assert tenths(share) == found


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ([None], [1000]),
        ([None, None, None], [334, 333, 333]),
        ([100, None, None], [100, 450, 450]),
        ([500, 500], [500, 500]),
        ([500], [500]),
        ([600, 500], None),
        ([1000, None], [1000, 0]),
    ],
)
def test_what_is_left_is_shared(weights: list[int | None], found: list[int] | None) -> None:
    assert shared(weights) == found


def test_an_id_has_three_letters_and_grows_when_it_is_taken() -> None:
    first = short_id("p", "c", "A", set())  # type: ignore[arg-type]
    longer = short_id("p", "c", "A", {first})  # type: ignore[arg-type]
    assert (len(first), len(longer)) == (3, 4)
    assert longer.startswith(first)
    assert first == short_id("p", "c", "A", set())  # type: ignore[arg-type]
