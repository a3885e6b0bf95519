"""The asset library: pictures for messages, uploaded, cropped, described, and served to visitors by the edge."""

from typing import Annotated

from litestar import Response, delete, get, patch, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath, JSONBody
from msgspec import Meta, Struct

from omotenashi.blobs import assets as shelf
from omotenashi.console import pictures
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, InUse, NotFound
from omotenashi.console.library import Alt, Asset
from omotenashi.console.pictures import Crop, Unusable
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant

AltText = Annotated[str, Meta(max_length=300)]


class PictureUse(Struct, frozen=True, order=True):
    """Where a picture is named: the kind of file (``campaigns``) and its id. ``draft``: not published yet."""

    kind: str
    id: str
    draft: bool = False


class Picture(Struct):
    """A picture of the library. ``url`` is its public address, which goes into messages; ``file`` the same bytes for staff.

    ``heavy``: visitors on the road wait for it. Sizes are in bytes and pixels.
    """

    id: str
    title: str
    url: str
    file: str
    bytes: int
    width: int
    height: int
    moving: bool
    heavy: bool
    alt: Alt
    created_at: Instant
    created_by: str
    used: list[PictureUse]


class PictureUpload(Struct):
    """A multipart form. ``crop`` is ``x,y,width,height`` in pixels of the upright picture; empty for the whole."""

    file: UploadFile
    alt_ja: AltText = ""
    alt_en: AltText = ""
    crop: str = ""


class PictureDescription(Struct):
    """What people know it by, and what is read aloud instead of it."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    alt: Alt


class PicturePart(Struct):
    """A part of the picture, in its pixels."""

    x: Annotated[int, Meta(ge=0)]
    y: Annotated[int, Meta(ge=0)]
    width: Annotated[int, Meta(ge=1)]
    height: Annotated[int, Meta(ge=1)]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/assets``."""

    @get("/api/projects/{project:str}/assets", opt={"needs": "read"}, sync_to_thread=True)
    def assets(project: FromPath[str]) -> list[Picture]:
        """Every picture of the library, newest first, with where it is used."""
        found = desk.project(project)
        texts = _texts(desk, found)
        return [_picture(desk, found, one, texts) for one in desk.library.all(found.id)]

    @post("/api/projects/{project:str}/assets", opt={"needs": "edit"}, sync_to_thread=True)
    def upload(
        project: FromPath[str],
        data: Annotated[PictureUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
        who: NamedDependency[Who],
    ) -> Picture:
        """A picture is taken in: cropped, made as small as it may be, and freed of what the camera wrote into it."""
        found = desk.project(project)
        alt = Alt(data.alt_ja, data.alt_en)
        try:
            made = desk.library.add(found.id, data.file.filename, data.file.file.read(), alt, who.name, _part(data.crop))
        except Unusable as unusable:
            raise BadRequest(unusable.where, unusable.message) from None
        return _picture(desk, found, made, _texts(desk, found))

    @get("/api/projects/{project:str}/assets/{asset:str}", opt={"needs": "read"}, sync_to_thread=True)
    def one(project: FromPath[str], asset: FromPath[str]) -> Picture:
        """One picture."""
        found = desk.project(project)
        return _picture(desk, found, _known(desk, found, asset), _texts(desk, found))

    @get("/api/projects/{project:str}/assets/{asset:str}/file", opt={"needs": "read"}, sync_to_thread=True)
    def file(project: FromPath[str], asset: FromPath[str]) -> Response[bytes]:
        """The picture itself, for the console's own pages."""
        found = desk.project(project)
        data, kind = desk.library.file(found.id, _known(desk, found, asset))
        headers = {
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        }
        return Response(data, media_type=kind, headers=headers)

    @patch("/api/projects/{project:str}/assets/{asset:str}", opt={"needs": "edit"}, sync_to_thread=True)
    def describe(project: FromPath[str], asset: FromPath[str], data: JSONBody[PictureDescription]) -> Picture:
        """Another title and alternative text; its address stays."""
        found = desk.project(project)
        changed = desk.library.describe(found.id, _known(desk, found, asset), data.title, data.alt)
        return _picture(desk, found, changed, _texts(desk, found))

    @post("/api/projects/{project:str}/assets/{asset:str}/crop", opt={"needs": "edit"}, sync_to_thread=True)
    def crop(project: FromPath[str], asset: FromPath[str], data: JSONBody[PicturePart], who: NamedDependency[Who]) -> Picture:
        """A part of the picture, as a picture of its own."""
        found = desk.project(project)
        part = Crop(data.x, data.y, data.width, data.height)
        try:
            made = desk.library.crop(found.id, _known(desk, found, asset), part, who.name)
        except Unusable as unusable:
            raise BadRequest(unusable.where, unusable.message) from None
        return _picture(desk, found, made, _texts(desk, found))

    @delete("/api/projects/{project:str}/assets/{asset:str}", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def remove(project: FromPath[str], asset: FromPath[str]) -> Picture:
        """Out of the library; for a week it can be brought back. Refused while a message uses it."""
        found = desk.project(project)
        known = _known(desk, found, asset)
        picture = _picture(desk, found, known, _texts(desk, found))
        if picture.used:
            where = ", ".join(f"{use.kind}/{use.id}{' (draft)' if use.draft else ''}" for use in picture.used)
            raise InUse("asset", f"this picture is used by {where}; take it out there first")
        desk.library.delete(found.id, known)
        return picture

    @post("/api/projects/{project:str}/assets/{asset:str}/restore", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def restore(project: FromPath[str], asset: FromPath[str]) -> Picture:
        """Back into the library."""
        found = desk.project(project)
        deleted = desk.library.one(found.id, asset)
        if deleted is None:
            raise NotFound("asset", f"no picture {asset!r}; it may have been deleted more than a week ago")
        return _picture(desk, found, desk.library.restore(found.id, deleted), _texts(desk, found))

    return [assets, upload, one, file, describe, crop, remove, restore]


def _part(text: str) -> Crop | None:
    if not text:
        return None
    numbers = text.split(",")
    if len(numbers) != 4 or not all(number.strip().isdecimal() and len(number) < 8 for number in numbers):
        raise Unusable("expected x,y,width,height in whole pixels, or nothing", "crop")
    return Crop(*(int(number) for number in numbers))


def _known(desk: Desk, project: Project, asset: str) -> Asset:
    found = desk.library.one(project.id, asset)
    if found is None or found.deleted_at:
        raise NotFound("asset", f"no picture {asset!r} in the library")
    return found


def _texts(desk: Desk, project: Project) -> list[tuple[PictureUse, str]]:
    """Everything that may name a picture: the files in force, and the drafts."""
    sources = desk.office.sources(project.id, project.version)
    drafts = ((draft.path, draft.text) for draft in desk.drafts.drafts(project.id))
    return [*((_use(path), text) for path, text in sources.items()), *((_use(path, draft=True), text) for path, text in drafts)]


def _use(path: str, *, draft: bool = False) -> PictureUse:
    """Which document a file is, or is part of."""
    folder, _, rest = path.partition("/")
    if not rest:
        return PictureUse("project", "project", draft)
    return PictureUse(folder, rest.partition("/")[0].partition(".")[0], draft)


def _picture(desk: Desk, project: Project, asset: Asset, texts: list[tuple[PictureUse, str]]) -> Picture:
    named = f"/assets/{project.id}/{asset.id}/"
    return Picture(
        id=asset.id,
        title=asset.title,
        url=desk.public().rstrip("/") + shelf.address(project.id, asset.id, asset.name),
        file=f"/api/projects/{project.id}/assets/{asset.id}/file",
        bytes=asset.bytes,
        width=asset.width,
        height=asset.height,
        moving=asset.moving,
        heavy=asset.bytes > pictures.HEAVY,
        alt=asset.alt,
        created_at=asset.created_at,
        created_by=asset.created_by,
        used=sorted({use for use, text in texts if named in text}),
    )
