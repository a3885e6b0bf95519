"""The asset library: what is uploaded becomes a picture that may be served, or is refused with a reason."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image
from tests.unit.configuration.folders import SMALL, campaign
from tests.unit.console.consoles import TOKEN, House, console

from omotenashi.console.pictures import LARGEST_UPLOAD

HOSTILE_SVG = """<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 20" onload="alert(1)">
<script>alert(2)</script><foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(3)"/></foreignObject>
<style>@import url(https://evil.example/a.css); path { fill: red }</style><style>.a { fill: url(#g) }</style>
<a href="javascript:alert(4)"><path d="M0 0h1"/></a><image href="https://evil.example/a.png"/>
<use xlink:href="https://evil.example/a.svg#x"/><use xlink:href="#leaf"/>
<rect width="40" height="20" fill="url(https://evil.example/b)" style="fill:url('//evil.example')" onclick="alert(5)"/>
<g id="leaf"><circle r="3" fill="#5e7f3f" class="a"/><text>緑<tspan>tea</tspan>!</text><set attributeName="href"/></g></svg>"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        assert one.apply(SMALL)[0] == 200
        yield one


def picture(width: int = 40, height: int = 20, kind: str = "PNG", mode: str = "RGB", **how: Any) -> bytes:
    file = BytesIO()
    drawn = Image.new(mode, (width, height), "#27406b")
    drawn.paste("#d2482a80" if mode == "RGBA" else "#d2482a", (0, 0, width // 2, height))
    drawn.save(file, kind, **how)
    return file.getvalue()


def upload(house: House, data: bytes, name: str = "Tea & cups.png", **fields: str) -> tuple[int, Any]:
    sent = house.client.post(
        "/api/projects/shop/assets",
        files={"file": (name, data, "application/octet-stream")},
        data=fields,
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    return sent.status_code, msgspec.json.decode(sent.content)


def served(house: House, found: dict[str, Any]) -> Image.Image:
    sent = house.client.get(found["file"], headers={"Authorization": f"Bearer {TOKEN}"})
    assert sent.headers["content-type"] == "image/webp"
    assert sent.headers["x-content-type-options"] == "nosniff"
    return Image.open(BytesIO(sent.content))


def test_a_picture_is_taken_in_and_told_with_its_public_address(house: House) -> None:
    status, made = upload(house, picture(), alt_ja="お茶", alt_en="Tea")
    assert status == 201
    assert (made["width"], made["height"], made["moving"], made["heavy"]) == (40, 20, False, False)
    assert made["title"] == "Tea & cups"
    assert made["alt"] == {"ja": "お茶", "en": "Tea"}
    assert made["url"] == f"https://edge.shop.example/assets/shop/{made['id']}/tea-cups.webp"
    assert served(house, made).size == (40, 20)
    assert house.ask("GET", "/api/projects/shop/assets") == (200, [made])
    assert house.ask("GET", f"/api/projects/shop/assets/{made['id']}") == (200, made)


def test_what_the_camera_wrote_is_gone_and_the_picture_stands_upright(house: House) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Somebody's camera"
    _, made = upload(house, picture(kind="JPEG", exif=exif), "IMG_1.jpg")
    found = served(house, made)
    assert found.size == (20, 40)
    assert not found.getexif()
    assert "exif" not in found.info


def test_a_part_of_a_picture_is_kept_when_it_is_uploaded_and_later(house: House) -> None:
    _, left = upload(house, picture(), crop="0,0,20,20")
    assert (left["width"], left["height"]) == (20, 20)
    colour = served(house, left).convert("RGB").getpixel((10, 10))
    assert isinstance(colour, tuple)
    assert colour[0] > 180
    status, part = house.ask("POST", f"/api/projects/shop/assets/{left['id']}/crop", {"x": 0, "y": 0, "width": 5, "height": 10})
    assert (status, part["width"], part["height"]) == (201, 5, 10)
    assert part["id"] != left["id"]
    for crop in ("0,0,41,20", "0,0,0,0", "a,b,c,d", "1,2,3"):
        status, said = upload(house, picture(), crop=crop)
        assert (status, said["error"]["where"]) == (400, "crop"), crop


def test_a_large_picture_is_made_as_large_as_messages_need(house: House) -> None:
    _, made = upload(house, picture(4_000, 1_000, "JPEG"))
    assert (made["width"], made["height"]) == (1_600, 400)


def test_a_picture_that_moves_keeps_moving_and_a_clear_one_stays_clear(house: House) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=[100, 200, 300])
    _, moving = upload(house, file.getvalue(), "moving.gif")
    assert moving["moving"]
    assert getattr(served(house, moving), "n_frames", 1) == 3
    _, clear = upload(house, picture(mode="RGBA"), "clear.png")
    assert served(house, clear).mode == "RGBA"


def test_what_is_no_picture_is_refused_with_a_reason(house: House) -> None:
    broken = picture(400, 400, "JPEG")
    for data in (
        b"",
        b"GIF89a",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.4",
        broken[: len(broken) // 3],
        b"\x00" * 99,
    ):
        status, said = upload(house, data)
        assert (status, said["error"]["code"], said["error"]["where"]) == (400, "bad_body", "file"), data[:10]
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00"
    assert upload(house, bomb)[0] == 400
    assert upload(house, b"\xff" * (LARGEST_UPLOAD + 1))[0] in (400, 413)
    assert house.ask("GET", "/api/projects/shop/assets") == (200, [])


def test_a_drawing_loses_everything_that_could_act_or_load(house: House) -> None:
    status, made = upload(house, HOSTILE_SVG.encode(), "mark.svg")
    assert (status, made["width"], made["height"]) == (201, 40, 20)
    sent = house.client.get(made["file"], headers={"Authorization": f"Bearer {TOKEN}"})
    assert sent.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in sent.headers["content-security-policy"]
    assert sent.text == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><style /><style>.a { fill: url(#g) }</style><use />'
        '<use href="#leaf" /><rect width="40" height="20" /><g id="leaf"><circle r="3" fill="#5e7f3f" class="a" />'
        "<text>緑<tspan>tea</tspan>!</text></g></svg>"
    )


def test_a_drawing_that_declares_entities_is_refused(house: House) -> None:
    laughs = '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>'
    deep = '<svg xmlns="http://www.w3.org/2000/svg">' + "<g>" * 50_000 + "</g>" * 50_000 + "</svg>"
    for text in (laughs, deep, "<svg>", '<svg xmlns="http://other.example/"/>'):
        status, said = upload(house, text.encode(), "a.svg")
        assert (status, said["error"]["where"]) == (400, "file"), text[:60]
    assert upload(house, laughs.encode("utf-16"), "a.svg")[0] == 400


def test_a_picture_that_is_used_stays_and_a_deleted_one_comes_back(house: House) -> None:
    _, made = upload(house, picture())
    path = f"/api/projects/shop/assets/{made['id']}"
    sources = {
        **SMALL,
        "campaigns/hello.yaml": campaign(actions=f"  - {{name: A, template: modal, texts: {{image: '{made['url']}'}}}}\n"),
    }
    assert house.apply(sources)[0] == 200
    assert house.ask("GET", path)[1]["used"] == [{"kind": "campaigns", "id": "hello", "draft": False}]
    status, said = house.ask("DELETE", path)
    assert (status, said["error"]["code"]) == (409, "in_use")
    assert "campaigns/hello" in said["error"]["message"]
    assert house.apply(SMALL)[0] == 200
    hero = f"kind: modal\nvariables: {{picture: {{type: image, default: '{made['url']}'}}}}\n"
    drafted = {"text": hero, "revision": 0, "base_version": 3}
    assert house.ask("PUT", "/api/projects/shop/drafts/templates/card", drafted)[0] == 200
    assert house.ask("GET", path)[1]["used"] == [{"kind": "templates", "id": "card", "draft": True}]
    assert house.ask("DELETE", path)[0] == 409
    assert house.ask("DELETE", "/api/projects/shop/drafts/templates/card")[0] == 200
    assert house.ask("DELETE", path)[0] == 200
    assert house.ask("GET", "/api/projects/shop/assets") == (200, [])
    assert house.ask("GET", path)[0] == 404
    assert house.ask("POST", f"{path}/restore")[0] == 200
    assert house.ask("GET", path) == (200, made)


def test_the_same_picture_again_is_the_same_with_another_description(house: House) -> None:
    _, first = upload(house, picture(), "one.png")
    _, second = upload(house, picture(), "two.png", alt_en="Again")
    assert second == {**first, "title": "two", "alt": {"ja": "", "en": "Again"}}
    assert len(house.ask("GET", "/api/projects/shop/assets")[1]) == 1


def test_a_description_changes_and_the_address_stays(house: House) -> None:
    _, made = upload(house, picture())
    said = {"title": "茶器", "alt": {"ja": "急須", "en": "Teapot"}}
    assert house.ask("PATCH", f"/api/projects/shop/assets/{made['id']}", said) == (200, {**made, **said})


def test_another_projects_picture_is_not_found(house: House) -> None:
    other = {**SMALL, "project.yaml": "id: other\nname: Other\npurposes: [{name: record, default: unknown}]\n"}
    assert house.apply(other)[0] == 200
    _, made = upload(house, picture())
    for method in ("GET", "DELETE"):
        assert house.ask(method, f"/api/projects/other/assets/{made['id']}")[0] == 404
    assert house.ask("GET", "/api/projects/other/assets/..%2F..%2Foffice")[0] == 404
