"""The few forms that an address of the interface can have. A subclass says what; how is the same everywhere.

Every view declares who may read and who may write, in the roles that the pages use, and reaches rows only through the
access functions that the pages use. A write calls one service.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.paging import Ordering, Pages, page_of, paged
from registry.api.repeating import HEADER, repeatable
from registry.api.serializers import Because, Entry, Retired, WholeField
from registry.log.actors import Actor
from registry.people.access import acting_user
from registry.people.models import User
from registry.people.roles import Role

SOURCE = "api"
ROOT = "/api/v1/"
LONGEST_PAGE = 200


@dataclass(frozen=True)
class Told:
    """One operation, for its description."""

    summary: Any
    takes: Any
    gives: Any
    status: int = 200
    asks: Any = None
    is_locked: bool = False
    media_type: str = "application/json"


class Endpoint(APIView):
    reading: ClassVar[tuple[Role, ...]] = ()
    writing: ClassVar[tuple[Role, ...]] = ()
    # False for what all sites share, such as markers: another site sees it as well.
    of_site: ClassVar[bool] = True
    tag: ClassVar[str] = ""
    # False for the index and the description of the interface itself.
    of_family: ClassVar[bool] = True
    # False where what is posted is known by itself, and is committed in more than one transaction.
    is_repeatable: ClassVar[bool] = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if any("\0" in str(value) for value in kwargs.values()):
            raise Http404  # a database may not even look for it
        # FHIR, which these views serve too, has conditional creates instead.
        is_ours = request.path.startswith(ROOT) and hasattr(self, "post") and self.is_repeatable
        if is_ours and request.method == "POST" and HEADER in request.headers:
            # What dispatch calls next: it has found out who asks, and errors of this become answers.
            name = request.method.lower()
            setattr(self, name, repeatable(getattr(self, name), self.user, request))

    def scope_family(self, request: Request) -> str:
        """What the scopes of a token call this address; "" for what says nothing of anybody."""
        return request.path.removeprefix(ROOT).split("/", 1)[0] if self.of_family else ""

    @property
    def user(self) -> User:
        return acting_user(self.request)

    @property
    def by(self) -> Actor:
        return Actor.of(self.user, SOURCE)

    def seen_version(self, given: dict[str, Any]) -> int:
        """Taken out of `given`; the header If-Match says the same to whoever sends no body."""
        asked: int | None = given.pop("version", None)
        header = self.request.headers.get("If-Match", "").removeprefix("W/").strip('" ')
        if asked is None and header.isascii() and header.isdigit() and len(header) < 10:
            asked = int(header)
        if asked is None:
            raise serializers.ValidationError(
                {"version": [_("Say which version you saw, here or in the header If-Match.")]}
            )
        return asked


def expose(view: type[Endpoint]) -> Callable[..., HttpResponseBase]:
    """The view as an address; the matrix and the middleware read who may call it."""
    made = view.as_view()
    asked = view.reading if hasattr(view, "get") else view.writing
    made.allowed_roles = frozenset(asked)  # type: ignore[attr-defined]  # read by the matrix
    made.writing_roles = frozenset(view.writing)  # type: ignore[attr-defined]  # read by the matrix
    made.of_site = view.of_site  # type: ignore[attr-defined]  # read by the matrix
    return made


class Anything(Entry):
    """No filter of its own."""


class Listing(Endpoint):
    """GET: the rows that the user may see, by page, filtered and ordered."""

    presenter: ClassVar[type[serializers.BaseSerializer[Any]]]
    filters: ClassVar[type[Entry]] = Anything
    # what may be asked for by ?ordering=, and the column behind it; the first is what happens unasked
    orderings: ClassVar[Mapping[str, str]] = {"id": "pk"}

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError  # abstract: each resource has its own access function

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        """By the column of the same name, unless a resource knows better."""
        return rows.filter(**asked)

    @classmethod
    @cache
    def question(cls) -> type[Entry]:
        """The query parameters of this address."""
        names = [sign + name for name in cls.orderings for sign in ("", "-")]
        own: dict[str, serializers.Field[Any, Any, Any, Any]] = {
            "cursor": serializers.CharField(
                required=False, max_length=1000, help_text=gettext_lazy("Of the next page, as “next” has it.")
            ),
            "page_size": WholeField(
                required=False, min_value=1, max_value=LONGEST_PAGE, help_text=gettext_lazy("50 unless told.")
            ),
        }
        if names:
            told = _("With a minus downwards; %s unless told.") % names[0]
            own["ordering"] = serializers.ChoiceField(names, required=False, help_text=told)
        return type(f"{cls.__name__}Question", (cls.filters,), own)

    def get(self, request: Request, **kwargs: Any) -> Response:
        asked = self.question().parsed(request.query_params.dict())
        name = asked.pop("ordering", next(iter(self.orderings)))
        ordering = Ordering(name, self.orderings[name.removeprefix("-")])
        pages = Pages(ordering, asked.pop("page_size", 50), asked.pop("cursor", ""))
        return Response(pages.answer(self.narrowed(self.rows(), asked), request, self.present))

    def present(self, rows: Any) -> Any:
        return self.presenter(rows, many=True, context={"request": self.request}).data

    def describe(self, method: str) -> Told:
        return Told(gettext_lazy("List"), None, paged(self.presenter), asks=self.question())


class Computed(Listing):
    """GET: rows that no table holds, by page, in an order of their own."""

    orderings: ClassVar[Mapping[str, str]] = {}

    def found(self, asked: dict[str, Any]) -> Sequence[Any]:
        raise NotImplementedError  # abstract: one selector

    def place(self, row: Any) -> list[str]:
        raise NotImplementedError  # abstract: what no two rows share, in the order of the list

    def get(self, request: Request, **kwargs: Any) -> Response:
        asked = self.question().parsed(request.query_params.dict())
        size, cursor = asked.pop("page_size", 50), asked.pop("cursor", "")
        rows = self.found(asked)
        return Response(page_of(rows, self.place, request, self.present, size=size, cursor=cursor))


class Collection(Listing):
    """The same, and POST: a new row."""

    entry: ClassVar[type[Entry]]

    def add(self, given: dict[str, Any]) -> Model:
        raise NotImplementedError  # abstract: one service

    def post(self, request: Request, **kwargs: Any) -> Response:
        made = self.add(self.entry.parsed(request.data))
        row = self.rows().get(pk=made.pk)
        return Response(self.presenter(row, context={"request": request}).data, status=201)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told(gettext_lazy("Record"), self.entry, self.presenter, status=201)
        return super().describe(method)


class Item(Endpoint):
    """GET: one row, with its version as ETag."""

    presenter: ClassVar[type[serializers.BaseSerializer[Any]]]

    def row(self) -> Any:
        raise NotImplementedError  # abstract: each resource has its own access function

    def get(self, request: Request, **kwargs: Any) -> Response:
        return self.shown(self.row())

    def shown(self, row: Any) -> Response:
        response = Response(self.presenter(row, context={"request": self.request}).data)
        if version := getattr(row, "version", None):
            response["ETag"] = f'"{version}"'
        return response

    def describe(self, method: str) -> Told:
        return Told(gettext_lazy("Show"), None, self.presenter)


class CorrectedItem(Item):
    """The same, and PATCH: only what is sent is changed, and only of the version that the sender saw."""

    changes: ClassVar[type[Entry]]

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Any:
        raise NotImplementedError  # abstract: one service

    def patch(self, request: Request, **kwargs: Any) -> Response:
        row = self.row()
        given = self.changes.parsed(request.data, partial=True)
        version, reason = self.seen_version(given), given.pop("reason", "")
        self.correct(row, given, version, reason)
        return self.shown(self.row())

    def describe(self, method: str) -> Told:
        if method == "PATCH":
            return Told(gettext_lazy("Correct"), self.changes, self.presenter, is_locked=True)
        return super().describe(method)


class Download(Endpoint):
    """GET: a file, whatever is said to be accepted; a refusal is JSON as everywhere."""

    media_type: ClassVar[str] = "application/octet-stream"

    def file(self) -> HttpResponseBase:
        raise NotImplementedError  # abstract: each file has its own access function

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return self.get_renderers()[0], "application/json"

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        return self.file()

    def describe(self, method: str) -> Told:
        return Told(gettext_lazy("Download"), None, OpenApiTypes.BINARY, media_type=self.media_type)


class Act(Endpoint):
    """POST: something is done to one row."""

    summary: ClassVar[Any] = gettext_lazy("Do")
    entry: ClassVar[type[Entry]] = Because
    presenter: ClassVar[type[serializers.BaseSerializer[Any]]] = Retired
    is_locked: ClassVar[bool] = True

    def row(self) -> Any:
        raise NotImplementedError  # abstract: each resource has its own access function

    def act(self, row: Any, given: dict[str, Any]) -> Any:
        raise NotImplementedError  # abstract: one service

    def post(self, request: Request, **kwargs: Any) -> Response:
        row = self.row()
        done = self.act(row, self.entry.parsed(request.data))
        return Response(self.presenter(done, context={"request": request}).data)

    def describe(self, method: str) -> Told:
        return Told(self.summary, self.entry, self.presenter, is_locked=self.is_locked)


class Retirement(Act):
    """An entry that should not be there leaves every list and analysis; the log keeps it."""

    summary = gettext_lazy("Mark as entered in error")
