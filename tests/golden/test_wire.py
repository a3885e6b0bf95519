"""The edge gives every answer of ``spec/wire.json``, word for word, in the order of the visit."""

import json
from pathlib import Path
from typing import Any

from tests.integration.edge_house import house, midori, request, welcome

from omotenashi.model.campaigns import Action, Campaign, Display, OnPhone
from omotenashi.model.ids import ActionId, CampaignId

SPEC = json.loads((Path(__file__).resolve().parents[2] / "spec" / "wire.json").read_text("utf-8"))
HEADERS = {
    "content-type": "text/plain",
    "origin": "https://midori.example",
    "user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0",
}

SALE = Campaign(
    CampaignId("sale"),
    "Sale",
    "sale",
    (
        Action(
            ActionId("s4L"),
            "patient",
            1000,
            template="modal",
            display=Display(
                position="left",
                delay_ms=1000,
                scroll_percent=50,
                hide_after_ms=20_000,
                idle_ms=5000,
                visible=".price",
                exit=True,
                returning=True,
                manual=True,
                margin=24,
                phone=OnPhone("bottom", 8),
                z_index=90,
                requires=("main", ".price"),
                forbids=("#paying",),
                guard="move",
            ),
        ),
    ),
    exclusive=False,
)


def body(exchange: dict[str, Any]) -> bytes:
    """The request as it travels; ``repeat_events``: the first event so many times, each with its own id."""
    if "raw" in exchange:
        return str(exchange["raw"]).encode()
    asked = dict(exchange["request"])
    if "repeat_events" in exchange:
        asked["events"] = [{**asked["events"][0], "id": f"m{n:021d}"} for n in range(exchange["repeat_events"])]
    return json.dumps(asked).encode()


async def test_the_edge_answers_the_visit_of_the_specification(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome(), SALE, protect=("#cart",))) as open_house:
        open_house.now = SPEC["now"]
        for exchange in SPEC["exchanges"]:
            response = await request(open_house.edge.public, "POST", "/v1/track", body(exchange), HEADERS)
            answer = response.json
            if "error" in answer:
                assert answer["error"].pop("id")
                answer["error"] = {name: answer["error"].get(name) for name in exchange["answer"]["error"]}
            assert (response.status, answer) == (exchange["status"], exchange["answer"]), exchange["name"]
