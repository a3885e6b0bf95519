"""What every route of the staff API needs, as the table of ``docs/reference/permissions.md``.

``python -m omotenashi.console.permissions docs/reference/permissions.md`` writes the table anew.
"""

import sys
from pathlib import Path
from typing import cast

from litestar import Litestar
from litestar.routes import HTTPRoute

from omotenashi import __version__

from .access import needs
from .app import build
from .desk import Desk


def table(app: Litestar) -> list[str]:
    """A line for each operation, sorted by path."""
    found = {
        (route.path_format, str(method), ", ".join(needs(handler)))
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS" and handler.resolve_include_in_schema() and route.path_format.startswith(("/api/", "/health"))
    }
    return [f"| `{method} {path}` | {wanted} |" for path, method, wanted in sorted(found)]


if __name__ == "__main__":
    file = Path(sys.argv[1])
    kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("| `")]
    file.write_text("\n".join([*kept, *table(build(cast(Desk, None), __version__))]) + "\n", "utf-8")
