"""The one error body: ``{"error": {"code", "message", "where", "id"}}``, on every route, whatever went wrong."""

import logging
import secrets
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from omotenashi.blobs.port import BlobsFailed
from omotenashi.configuration.language import Message
from omotenashi.configuration.problems import Problem, Refused
from omotenashi.ledger.port import Busy, LedgerError, Occupied, Outdated, StorageFailed

from .drafts import Dispute
from .ports import EdgeRefused, EdgeUnreachable, QuestionFailed
from .speaking import language_of, told

logger = logging.getLogger(__name__)


class ErrorBody(Struct, omit_defaults=True):
    """``problems`` is there only when a configuration was refused: each with its file, line, path and message.

    ``dispute`` is there only when two people's changes do not go together.
    """

    code: str
    message: Message
    where: str = ""
    id: str = ""
    problems: tuple[Problem, ...] = ()
    dispute: Dispute | None = None


class ErrorAnswer(Struct):
    error: ErrorBody


class NotFound(Exception):
    """There is no such thing; ``where`` is the part of the request that named it."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


class BadRequest(Exception):
    """The request says something that cannot be; ``where`` names the field."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


class Conflict(Exception):
    """Somebody else changed the same document meanwhile; nothing was changed."""

    def __init__(self, dispute: Dispute) -> None:
        super().__init__(f"{dispute.kind}/{dispute.id} was changed by somebody else meanwhile; nothing was changed")
        self.dispute = dispute


class NeedsApproval(Exception):
    """The project wants a second person's yes first; ``where`` is the document."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


class InUse(Exception):
    """Something else needs it, so it stays; the message says what."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


class Superseded(Exception):
    """Whoever asked has asked again meanwhile; this answer is not needed any more."""


class Forbidden(Exception):
    """Whoever asks may not; the message says which right is missing, or what was wrong with the way of asking."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


class SignInRefused(Exception):
    """Nobody was signed in; ``code`` says whether something more was expected."""

    def __init__(self, code: str, where: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.where = where
        self.message = message


class TooMany(Exception):
    """Something was tried too often; it is worth trying again in ``seconds``."""

    def __init__(self, seconds: int, message: str) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.message = message


_CODES = {400: "bad_body", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "request_too_large"}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorAnswer]:
    """What this error looks like from outside. Errors of our own are logged, with the id that the answer carries."""
    status, body = _told(error)
    body.id = secrets.token_hex(6)
    if status == 500:
        logger.error("%s %s failed (%s)", request.method, request.url.path, body.id, exc_info=error)
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooMany) else None
    said = told(ErrorAnswer(body), language_of(request.headers))
    return Response(said, status_code=status, media_type="application/json", headers=headers)


def _told(error: Exception) -> tuple[int, ErrorBody]:
    match error:
        case Refused(problems=problems):
            count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
            first = str(next(iter(problems), ""))
            return 422, ErrorBody("bad_configuration", f"{count}; nothing was changed", first, problems=problems)
        case NotFound(where=where, message=message):
            return 404, ErrorBody("not_found", message, where)
        case BadRequest(where=where, message=message):
            return 400, ErrorBody("bad_body", message, where)
        case Conflict(dispute=dispute):
            return 409, ErrorBody("conflict", str(error), dispute.kind + "/" + dispute.id, dispute=dispute)
        case NeedsApproval(where=where, message=message):
            return 409, ErrorBody("needs_approval", message, where)
        case InUse(where=where, message=message):
            return 409, ErrorBody("in_use", message, where)
        case Superseded():
            return 409, ErrorBody("superseded", str(error))
        case Forbidden(where=where, message=message):
            return 403, ErrorBody("forbidden", message, where)
        case SignInRefused(code=code, where=where, message=message):
            return 401, ErrorBody(code, message, where)
        case TooMany(message=message):
            return 429, ErrorBody("too_many", message)
        case EdgeRefused(status=status, code=code, message=message, where=where):
            return status, ErrorBody(code, message, where)
        case EdgeUnreachable():
            return 503, ErrorBody("edge_unreachable", str(error))
        case QuestionFailed():
            return 503, ErrorBody("warehouse_failed", str(error))
        case Outdated():
            return 409, ErrorBody("outdated", str(error), "version")
        case Occupied():
            return 409, ErrorBody("occupied", str(error), "target")
        case Busy():
            return 503, ErrorBody("busy", str(error))
        case StorageFailed() | LedgerError() | BlobsFailed():
            return 503, ErrorBody("storage_failed", str(error))
        case ValidationException(extra=extra):
            return 400, ErrorBody("bad_body", *_first(extra, error.detail))
        case HTTPException(status_code=status):
            return status, ErrorBody(_CODES.get(status, "bad_request"), error.detail)
        case _:
            return 500, ErrorBody("internal", "Something broke here; it is not your fault. The log has more under this id.")


def _first(extra: Any, otherwise: str) -> tuple[str, str]:
    """Message and place of the first complaint about a request's body or query."""
    complaints = extra if isinstance(extra, list) else []
    if complaints and isinstance(complaints[0], dict):
        return str(complaints[0].get("message", otherwise)), str(complaints[0].get("key", ""))
    return otherwise, ""
