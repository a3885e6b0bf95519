"""Documents and drafts: kept, put together, published, approved, restored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, House, console

from omotenashi.console.staff import keys
from omotenashi.model.ids import Instant
from omotenashi.model.staff import Token

DRAFT = "/api/projects/shop/drafts/campaigns/hello"
HELLO = "/api/projects/shop/documents/campaigns/hello"


class Member:
    """Somebody with a key of their own."""

    def __init__(self, house: House, name: str) -> None:
        key = keys.TOKEN_PREFIX + name
        token = Token(keys.hashed(key), name, "shop", name, ("read", "edit"), "", NOON, Instant(0), Instant(0))
        house.staff.accounts.put_token(token)
        self._house, self._key = house, key

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self._house.client.request(method, path, json=body, headers={"Authorization": f"Bearer {self._key}"})
        return answer.status_code, answer.json()

    def right(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.ask(method, path, body)
        assert status == 200, answer
        return answer


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        assert one.apply(SMALL)[0] == 200
        yield one


@pytest.fixture
def hanako(house: House) -> Member:
    return Member(house, "hanako")


@pytest.fixture
def taro(house: House) -> Member:
    return Member(house, "taro")


def hello(**changes: Any) -> dict[str, Any]:
    """The data of campaigns/hello.yaml with other values; None takes a key out."""
    arms = [{"name": "A", "weight": "50%", "template": "card", "texts": {"title": "Hi"}}, {"holdout": "10%"}]
    whole = {"name": "Hello", "state": "live", "trigger": {"event": "view"}, "actions": arms} | changes
    return {key: value for key, value in whole.items() if value is not None}


def published(member: Member, draft: dict[str, Any], comment: str = "") -> Any:
    named = {"kind": draft["kind"], "id": draft["id"], "revision": draft["revision"]}
    return member.right("POST", "/api/projects/shop/publish", {"drafts": [named], "comment": comment})


def test_every_document_is_listed_with_its_name_and_its_draft(hanako: Member) -> None:
    hanako.right(
        "PUT", "/api/projects/shop/drafts/segments/new", {"revision": 0, "document": {"name": {"ja": "新", "en": "New"}}}
    )
    listed = hanako.right("GET", "/api/projects/shop/documents?kind=segments")
    assert [(one["id"], one["name"]["en"], one["version"], one["draft"] is not None) for one in listed] == [
        ("gold", "Gold", 1, False),
        ("keen", "Keen", 1, False),
        ("new", "New", 0, True),
    ]
    everything = hanako.right("GET", "/api/projects/shop/documents")
    assert {(one["kind"], one["id"]) for one in everything} >= {
        ("project", "shop"),
        ("templates", "card"),
        ("events", "sale_view"),
    }


def test_a_draft_changes_nothing_until_it_is_published(house: House, hanako: Member) -> None:
    draft = hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(priority=5)})
    assert (draft["revision"], draft["base_version"], draft["author_name"], draft["problems"]) == (1, 1, "hanako", [])
    assert hanako.right("GET", HELLO)["document"]["trigger"] == {"event": "view"}
    assert "priority" not in hanako.right("GET", HELLO)["document"]
    changes = published(hanako, draft, "earlier than the rest")
    assert changes["version"] == 2
    document = hanako.right("GET", HELLO)
    assert (document["document"]["priority"], document["draft"], document["changed_in"]) == (5, None, 2)
    (latest, first) = hanako.right("GET", f"{HELLO}/history")
    assert (latest["author"], latest["comment"], first["what"]) == ("hanako", "earlier than the rest", "add")
    assert latest["edits"] == [{"path": "priority", "before": {"ja": "", "en": ""}, "after": {"ja": "5", "en": "5"}}]
    assert house.office.head("shop") == 2  # type: ignore[arg-type]


def test_a_draft_says_what_would_keep_it_from_being_published_and_is_not(house: House, hanako: Member) -> None:
    draft = hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(include=["nobody"])})
    assert [problem["path"] for problem in draft["problems"]] == ["include[0]"]
    named = {"kind": "campaigns", "id": "hello", "revision": 1}
    status, answer = hanako.ask("POST", "/api/projects/shop/publish", {"drafts": [named]})
    assert (status, answer["error"]["code"]) == (422, "bad_configuration")
    assert house.office.head("shop") == 1  # type: ignore[arg-type]


def test_text_that_is_not_yaml_is_kept_as_a_draft_with_its_problem(hanako: Member) -> None:
    draft = hanako.right("PUT", DRAFT, {"revision": 0, "text": "name: ["})
    assert draft["document"] is None
    assert draft["problems"]
    assert hanako.right("PUT", DRAFT, {"revision": 1, "document": hello(name="Again")})["document"]["name"] == "Again"


def test_two_editors_of_different_places_are_put_together(hanako: Member, taro: Member) -> None:
    base = hello()
    hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(priority=5), "base": base})
    draft = taro.right("PUT", DRAFT, {"revision": 0, "document": hello(frequency="user"), "base": base})
    assert draft["merged"]
    assert (draft["revision"], draft["document"]["priority"], draft["document"]["frequency"]) == (2, 5, "user")


def test_two_editors_of_one_place_are_asked_and_nothing_is_lost(hanako: Member, taro: Member) -> None:
    base = hello()
    hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(priority=5, name="Hers"), "base": base})
    status, answer = taro.ask("PUT", DRAFT, {"revision": 0, "document": hello(name="His"), "base": base})
    assert (status, answer["error"]["code"]) == (409, "conflict")
    dispute = answer["error"]["dispute"]
    assert (dispute["against"], dispute["draft"]["author_name"]) == ("draft", "hanako")
    (clash,) = dispute["clashes"]
    assert (clash["steps"], clash["mine"], clash["theirs"], clash["base"]) == (["name"], "His", "Hers", "Hello")
    assert (dispute["document"]["priority"], dispute["document"]["name"]) == (5, "His")
    again = {"revision": dispute["draft"]["revision"], "document": dispute["document"]}
    assert taro.right("PUT", DRAFT, again)["document"] == hello(priority=5, name="His")


def test_without_the_base_a_stale_revision_is_never_overwritten(hanako: Member, taro: Member) -> None:
    hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(priority=5)})
    assert taro.ask("PUT", DRAFT, {"revision": 0, "document": hello(priority=5, name="x")})[0] == 409
    assert hanako.right("GET", HELLO)["draft"]["document"] == hello(priority=5)


def test_a_draft_takes_in_what_was_published_meanwhile(house: House, hanako: Member) -> None:
    draft = hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(name="Hers")})
    text = SMALL["campaigns/hello.yaml"].replace("state: live", "state: paused # for now")
    assert house.apply({**SMALL, "campaigns/hello.yaml": text})[0] == 200
    published(hanako, draft)
    document = hanako.right("GET", HELLO)
    assert (document["document"]["state"], document["document"]["name"]) == ("paused", "Hers")
    assert "# for now" in document["text"]


def test_a_draft_that_contradicts_what_was_published_meanwhile_asks(house: House, hanako: Member) -> None:
    draft = hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(name="Hers")})
    text = SMALL["campaigns/hello.yaml"].replace("name: Hello", "name: His")
    assert house.apply({**SMALL, "campaigns/hello.yaml": text})[0] == 200
    named = {"kind": "campaigns", "id": "hello", "revision": draft["revision"]}
    status, answer = hanako.ask("POST", "/api/projects/shop/publish", {"drafts": [named]})
    dispute = answer["error"]["dispute"]
    assert (status, dispute["against"], dispute["version"]) == (409, "version", 2)
    assert [(clash["path"], clash["theirs"]) for clash in dispute["clashes"]] == [("name", "His")]
    again = {"revision": draft["revision"], "base_version": 2, "document": dispute["document"]}
    published(hanako, hanako.right("PUT", DRAFT, again))
    assert hanako.right("GET", HELLO)["document"]["name"] == "Hers"


def test_an_older_version_comes_back_as_a_draft(hanako: Member) -> None:
    published(hanako, hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(name="Later", priority=3)}))
    draft = hanako.right("POST", f"{HELLO}/restore", {"version": 1})
    assert draft["document"] == hello()
    said = hanako.right("GET", f"{HELLO}/diff?from=2&to=0")
    assert [edit["path"] for edit in said["edits"]] == ["name", "priority"]
    published(hanako, draft)
    assert hanako.right("GET", HELLO)["text"] == SMALL["campaigns/hello.yaml"]
    assert hanako.ask("POST", f"{HELLO}/restore", {"version": 9})[0] == 404


def test_what_is_thrown_away_can_be_kept_again(hanako: Member) -> None:
    hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(priority=5)})
    gone = hanako.right("DELETE", DRAFT)
    assert hanako.right("GET", HELLO)["draft"] is None
    again = hanako.right("PUT", DRAFT, {"revision": 0, "text": gone["text"], "base_version": gone["base_version"]})
    assert again["document"]["priority"] == 5


def test_a_document_in_use_is_not_removed_and_the_user_is_named(house: House, hanako: Member) -> None:
    draft = hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(include=["gold"])})
    published(hanako, draft)
    status, answer = hanako.ask("DELETE", "/api/projects/shop/documents/segments/gold")
    assert status == 422
    assert answer["error"]["problems"][0]["file"] == "campaigns/hello.yaml"
    hanako.right("DELETE", "/api/projects/shop/documents/segments/keen")
    assert [one["id"] for one in hanako.right("GET", "/api/projects/shop/documents?kind=segments")] == ["gold"]
    assert hanako.right("GET", "/api/projects/shop/documents/segments/keen/history")[0]["what"] == "remove"


def test_a_second_person_says_yes_where_the_project_wants_it(house: House, hanako: Member, taro: Member) -> None:
    assert house.apply({**SMALL, "project.yaml": SMALL["project.yaml"] + "approval: true\n"})[0] == 200
    draft = hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(priority=5)})
    named = {"kind": "campaigns", "id": "hello", "revision": draft["revision"]}

    def refused(member: Member, what: str) -> bool:
        status, answer = member.ask("POST", f"/api/projects/shop/{what}", {"drafts": [named]})
        return (status, answer["error"]["code"]) == (409, "needs_approval")

    assert refused(hanako, "publish")
    assert refused(taro, "approve")  # nobody has submitted it
    (draft,) = hanako.right("POST", "/api/projects/shop/submit", {"drafts": [named], "comment": "please"})
    named["revision"] = draft["revision"]
    assert (draft["state"], draft["submitted_name"]) == ("submitted", "hanako")
    assert refused(hanako, "approve")
    taro.right("POST", "/api/projects/shop/approve", {"drafts": [named]})
    assert hanako.right("GET", HELLO)["document"]["priority"] == 5
    assert hanako.right("GET", f"{HELLO}/history")[0]["comment"] == "please"


def test_a_submitted_draft_that_is_changed_again_is_not_approved(house: House, hanako: Member, taro: Member) -> None:
    assert house.apply({**SMALL, "project.yaml": SMALL["project.yaml"] + "approval: true\n"})[0] == 200
    hanako.right("PUT", DRAFT, {"revision": 0, "document": hello(priority=5)})
    named = {"kind": "campaigns", "id": "hello", "revision": 1}
    hanako.right("POST", "/api/projects/shop/submit", {"drafts": [named]})
    changed = hanako.right("PUT", DRAFT, {"revision": 2, "document": hello(priority=6)})
    assert changed["state"] == "open"
    assert taro.ask("POST", "/api/projects/shop/approve", {"drafts": [named | {"revision": 2}]})[1]["error"]["code"] == "conflict"
    assert taro.ask("POST", "/api/projects/shop/approve", {"drafts": [named | {"revision": 3}]})[0] == 409


@pytest.mark.parametrize("id", ["a b", "a.b", "a;b"])
def test_an_id_that_could_be_no_file_is_refused(hanako: Member, id: str) -> None:
    assert hanako.ask("PUT", f"/api/projects/shop/drafts/campaigns/{id}", {"revision": 0, "document": hello()})[0] in (400, 404)


def test_what_does_not_exist_is_not_found(hanako: Member) -> None:
    for method, path in [
        ("GET", "/api/projects/shop/documents/campaigns/none"),
        ("GET", "/api/projects/shop/documents/campaigns/none/history"),
        ("GET", "/api/projects/shop/documents/project/other"),
        ("DELETE", "/api/projects/shop/documents/campaigns/none"),
        ("DELETE", DRAFT),
        ("GET", f"{HELLO}?version=9"),
    ]:
        assert hanako.ask(method, path)[0] == 404, path
