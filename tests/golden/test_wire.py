"""The edge gives every answer of ``spec/wire.json``, word for word, in the order of the visit."""

import json
from pathlib import Path
from typing import Any

from tests.integration.edge_house import house, midori, request, welcome

SPEC = json.loads((Path(__file__).resolve().parents[2] / "spec" / "wire.json").read_text("utf-8"))
HEADERS = {
    "content-type": "text/plain",
    "origin": "https://midori.example",
    "user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0",
}


def body(exchange: dict[str, Any]) -> bytes:
    """The request as it travels; ``repeat_events``: the first event so many times, each with its own id."""
    if "raw" in exchange:
        return str(exchange["raw"]).encode()
    asked = dict(exchange["request"])
    if "repeat_events" in exchange:
        asked["events"] = [{**asked["events"][0], "id": f"m{n:021d}"} for n in range(exchange["repeat_events"])]
    return json.dumps(asked).encode()


async def test_the_edge_answers_the_visit_of_the_specification(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as open_house:
        open_house.now = SPEC["now"]
        for exchange in SPEC["exchanges"]:
            response = await request(open_house.edge.public, "POST", "/v1/track", body(exchange), HEADERS)
            answer = response.json
            if "error" in answer:
                assert answer["error"].pop("id")
                answer["error"] = {name: answer["error"].get(name) for name in exchange["answer"]["error"]}
            assert (response.status, answer) == (exchange["status"], exchange["answer"]), exchange["name"]
