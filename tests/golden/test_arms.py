"""Another language that passes `spec/arms.json` puts every person into the same arm."""

import json
from hashlib import sha256
from pathlib import Path

from omotenashi.engine.arms import arm, bucket, in_global_holdout
from omotenashi.model.campaigns import Action, Campaign

CASES = json.loads((Path(__file__).parents[2] / "spec" / "arms.json").read_text())
PEOPLE = 1_000_000


def test_every_case_of_the_golden_falls_into_its_bucket() -> None:
    assert len(CASES) >= 20
    for case in CASES:
        assert bucket(case["project"], case["salt"], case["person"]) == case["bucket"], case


def test_the_bucket_is_what_the_words_of_the_spec_say() -> None:
    digest = sha256("midori/welcome/花子".encode()).digest()
    assert bucket("midori", "welcome", "花子") == int.from_bytes(digest[:8], "big") * 1000 // 2**64


def _campaign(*weights: int) -> Campaign:
    return Campaign("welcome", "Welcome", "view", tuple(Action(f"a{n}", f"a{n}", w) for n, w in enumerate(weights)))


def test_shares_are_within_a_tenth_of_a_point_over_a_million_people() -> None:
    campaign = _campaign(500, 333, 100, 1)
    counts: dict[str | None, int] = {}
    for n in range(PEOPLE):
        chosen = arm("midori", campaign, f"visitor-{n}", None)
        name = None if chosen is None else chosen.id
        counts[name] = counts.get(name, 0) + 1
    for name, expected in {"a0": 0.5, "a1": 0.333, "a2": 0.1, "a3": 0.001, None: 0.066}.items():
        assert abs(counts[name] / PEOPLE - expected) <= 0.001, (name, counts[name])


def test_a_stored_arm_wins_over_the_hash_until_its_action_is_gone() -> None:
    campaign = _campaign(500, 500)
    by_hash = arm("midori", campaign, "hanako", None)
    other = next(action for action in campaign.actions if action is not by_hash)
    assert arm("midori", campaign, "hanako", other.id) is other
    assert arm("midori", campaign, "hanako", "gone") is by_hash


def test_the_global_holdout_is_the_same_people_in_every_campaign_and_its_own_share() -> None:
    held = [n for n in range(20_000) if in_global_holdout("midori", 50, f"visitor-{n}")]
    assert 850 <= len(held) <= 1150
    assert not in_global_holdout("midori", 0, "hanako")
