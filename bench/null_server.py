"""The measuring stick: parses a track request, answers it, and does nothing in between.

Raw ASGI on uvicorn, uvloop and httptools, as the edge is. What the edge costs is told as a share of this.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import uvicorn

from omotenashi.model.wire import TrackAnswer, TrackEvent, TrackRequest

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_request: Final = msgspec.json.Decoder(TrackRequest).decode
_event: Final = msgspec.json.Decoder(TrackEvent).decode
_answer: Final = msgspec.json.Encoder().encode
_HEADERS: Final = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"*")]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers every request as a track request whose events were all accepted."""
    if scope["type"] != "http":
        return
    message = await receive()
    body = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    request = _request(body)
    accepted = 0
    for raw in request.events:
        _event(raw)
        accepted += 1
    answer = _answer(TrackAnswer(accepted))
    length = (b"content-length", str(len(answer)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, length]})
    await send({"type": "http.response.body", "body": answer})


def main(port: int) -> None:
    """Serves until it is told to stop."""
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", ws="none", lifespan="off",
        access_log=False, log_level="warning", server_header=False, date_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
