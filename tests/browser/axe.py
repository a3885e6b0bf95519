"""What axe-core finds wrong with what stands on a page, shadow roots included."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is still moving in has not its own colours yet.
SETTLE = """selector => {
  for (const host of document.querySelectorAll(selector))
    for (const one of [...host.getAnimations({ subtree: true }), ...(host.shadowRoot ? host.shadowRoot.getAnimations() : [])])
      if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
}"""
RUN = """([selector, tags]) => axe.run({ include: [selector] }, { runOnly: tags, resultTypes: ["violations"] })
  .then(found => found.violations)"""


def violations(page: Page, selector: str = "[data-omotenashi-message]") -> list[str]:
    """One line per element that breaks a rule, ``rule: element: what to do``; animations are at their end.

    ``selector`` names elements of the page; axe looks into their shadow roots by itself. Raises when nothing matches.
    """
    page.evaluate(SETTLE, selector)
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(RUN, [selector, TAGS])
    return [_line(rule, node) for rule in found for node in rule["nodes"]]


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    advice = " ".join(str(node["failureSummary"]).split())
    return f"{rule['id']}: {node['html'][:200]}: {advice}"


@cache
def _source() -> str:
    assert AXE.is_file(), "axe-core is not installed: npm ci"
    return AXE.read_text()
