"""A page's way in, the same at every door: its key and origin, its visitor's id, and how often it may ask."""

from collections.abc import Callable

from msgspec import Struct

from omotenashi.model.ids import Instant
from omotenashi.model.reasons import Refusal

from .http import Addresses, Scope, header
from .identity import is_visitor_id
from .limits import Limits
from .projects import Projects, Running
from .request import Refused


class Asker(Struct, frozen=True):
    """Who was let in: the project, the page's ``origin`` as its browser says it, the visitor's ``address``, and when."""

    running: Running
    origin: bytes
    address: str
    now: Instant


class Pages:
    """Lets in what pages ask beside ``/v1/track``."""

    def __init__(self, projects: Projects, limits: Limits, addresses: Addresses, clock: Callable[[], Instant]) -> None:
        self._projects = projects
        self._limits = limits
        self._addresses = addresses
        self._clock = clock

    def let_in(self, scope: Scope, key: str, visitor: str) -> Asker:
        """Whoever asks with this key and visitor id; counted. Raises ``Refused``."""
        headers = scope["headers"]
        origin = header(headers, b"origin")
        running = of_page(self._projects, key, origin)
        if not is_visitor_id(visitor):
            raise Refused(Refusal.BAD_VISITOR, "A visitor id has 22 to 64 characters of A-Z a-z 0-9 _ -.", "visitor")
        now = self._clock()
        client = scope["client"]
        address = self._addresses.of(client[0] if client else "", header(headers, b"x-forwarded-for"))
        self._limits.admit(visitor, address, now)
        return Asker(running, origin, address, now)


def of_page(projects: Projects, key: str, origin: bytes) -> Running:
    """The project whose key a page of this origin holds. Raises ``Refused``."""
    running = projects.by_key.get(key)
    if running is None:
        raise Refused(Refusal.UNKNOWN_KEY, "No project has this key.", "key")
    if running.kinds[key] == "secret":
        raise Refused(Refusal.WRONG_KEY_KIND, "A secret key stays on servers; pages use the public one.", "key")
    if origin and running.origins and origin.decode("latin-1").lower() not in running.origins:
        raise Refused(Refusal.ORIGIN_NOT_ALLOWED, "This origin is not one of the project's.", "origin")
    return running
