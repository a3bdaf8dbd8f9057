"""What was agreed with senders: what their codes mean, how they send, whose their patient numbers are."""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.references import analyte_named
from labs.blood.models import Analyte
from labs.inbox.access import IDENTITY_ROLES, INBOX_ROLES, visible_rows
from labs.inbox.mapping.access import (
    access_authority,
    access_mapping,
    access_sender,
    visible_authorities,
    visible_mappings,
    visible_senders,
)
from labs.inbox.mapping.models import Authority, CodeMapping, NumberKind, Sender
from labs.inbox.mapping.selectors import mapping_of
from labs.inbox.mapping.services import (
    SETTINGS,
    Meaning,
    authority_add,
    authority_change,
    authority_retire,
    code_unmap,
    sender_add,
    sender_change,
    sender_retire,
)
from labs.inbox.models import MessageRow
from labs.inbox.previewing import code_change_and_rerun, code_map_and_rerun, code_map_preview
from labs.inbox.storing import outcome_of
from registry.api.endpoints import Collection, CorrectedItem, Endpoint, Retirement, Told
from registry.api.references import site_named
from registry.api.serializers import Entry, FiniteField, ModelEntry, Presented, Reasoned, Seen, WholeField
from registry.people.models import User


class CodeMappingPresenter(Presented):
    analyte = serializers.CharField(source="analyte.code")

    class Meta:
        model = CodeMapping
        fields = ("id", "version", "sender", "code", "unit", "specimen", "analyte")


class CodeMappingEntry(Reasoned):
    """What waits for the code is read again at once."""

    sender = serializers.CharField(max_length=250, help_text="MSH-3|MSH-4, as LAB|EAST; * stands for any text.")
    code = serializers.CharField(max_length=80)
    analyte = serializers.CharField(max_length=20, help_text="Code of the analyte.")
    unit = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text="Only in this unit, as it is sent."
    )
    specimen = serializers.CharField(
        required=False, allow_blank=True, max_length=60, help_text="Only of this specimen, as serum."
    )
    factor_of = serializers.CharField(
        required=False, allow_blank=True, max_length=40, help_text="A unit that the analyte does not know yet."
    )
    factor = FiniteField(
        required=False, allow_null=True, help_text="A value in that unit times this is in the unit of the analyte."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if (given.get("factor") is None) == bool(given.get("factor_of", "").strip()):
            raise serializers.ValidationError({"factor": [_("Give a unit and its factor, or neither.")]})
        return given


class CodeMappingChanges(Seen):
    """Another sender or code is another mapping."""

    analyte = serializers.CharField(required=False, max_length=20)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=40)
    specimen = serializers.CharField(required=False, allow_blank=True, max_length=60)


class CodeMappingFilters(Entry):
    sender = serializers.CharField(required=False, max_length=250, help_text="The pattern of the mapping.")
    code = serializers.CharField(required=False, max_length=80)
    analyte = serializers.CharField(required=False, max_length=20)


def _meaning(given: dict[str, Any]) -> Meaning:
    return {
        "sender": given["sender"],
        "code": given["code"],
        "analyte": _mappable(given["analyte"]),
        "only_unit": given.get("unit", ""),
        "only_specimen": given.get("specimen", ""),
        "unit": given.get("factor_of", ""),
        "factor": given.get("factor"),
    }


def _mappable(code: str) -> Analyte:
    analyte = analyte_named(code)
    if analyte.kept_of_id is not None:
        message = _("A code is mapped to the analyte that this one is kept of: the unit says which of the two it is.")
        raise serializers.ValidationError({"analyte": [message]})
    return analyte


class CodeMappings(Collection):
    reading = INBOX_ROLES
    writing = INBOX_ROLES
    of_site = False
    presenter = CodeMappingPresenter
    entry = CodeMappingEntry
    filters = CodeMappingFilters
    orderings = {"sender": "sender", "code": "code", "id": "pk"}

    def rows(self) -> QuerySet[CodeMapping]:
        return visible_mappings()

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        if analyte := asked.pop("analyte", ""):
            rows = rows.filter(analyte__code=analyte)
        return rows.filter(**asked)

    def add(self, given: dict[str, Any]) -> Model:
        meaning = _meaning(given)
        code_map_and_rerun(by=self.by, reason=given.get("reason", ""), **meaning)
        return mapping_of(given["sender"], given["code"], given.get("unit", ""), given.get("specimen", ""))


class MappingForeseen(serializers.Serializer[Any]):
    outcomes = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many rows that wait would be placed, or wait for what then."
    )


class CodeMappingPreview(Endpoint):
    """What a mapping would do with the rows that wait for it. Nothing is stored."""

    writing = INBOX_ROLES

    def post(self, request: Request, **kwargs: Any) -> Response:
        looked = code_map_preview(by=self.by, **_meaning(CodeMappingEntry.parsed(request.data)))
        mine = set(visible_rows(self.user).filter(pk__in=[row.pk for row in looked]).values_list("pk", flat=True))
        return Response(MappingForeseen({"outcomes": _counted([row for row in looked if row.pk in mine])}).data)

    def describe(self, method: str) -> Told:
        return Told("See what a mapping would place", CodeMappingEntry, MappingForeseen)


def _counted(rows: list[MessageRow]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[outcome_of(row)] = found.get(outcome_of(row), 0) + 1
    return found


class _OfMapping:
    kwargs: dict[str, Any]

    def row(self) -> CodeMapping:
        return access_mapping(self.kwargs["pk"])


class OneCodeMapping(_OfMapping, CorrectedItem):
    """What is placed stays as it is; what waits is read again."""

    reading = INBOX_ROLES
    writing = INBOX_ROLES
    of_site = False
    presenter = CodeMappingPresenter
    changes = CodeMappingChanges

    def correct(self, row: CodeMapping, changes: dict[str, Any], version: int, reason: str) -> Any:
        return code_change_and_rerun(
            mapping=row,
            analyte=_mappable(changes["analyte"]) if "analyte" in changes else row.analyte,
            only_unit=changes.get("unit", row.unit),
            only_specimen=changes.get("specimen", row.specimen),
            expected_version=version,
            by=self.by,
            reason=reason,
        )


class RetiredCodeMapping(_OfMapping, Retirement):
    """What is placed stays; what comes next waits."""

    writing = INBOX_ROLES
    of_site = False

    def act(self, row: CodeMapping, given: dict[str, Any]) -> CodeMapping:
        return code_unmap(mapping=row, expected_version=self.seen_version(given), by=self.by, reason=given["reason"])


class SenderPresenter(Presented):
    site = serializers.CharField(source="site.code", default=None, allow_null=True)

    class Meta:
        model = Sender
        fields = ("id", "version", "pattern", "position", *SETTINGS)


def _names(told: str) -> Any:
    return serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=50,
        help_text=told,
    )


class _SenderSettings(ModelEntry):
    """Null, or an empty text, leaves a setting to the next pattern that fits."""

    site = serializers.CharField(
        required=False, allow_null=True, max_length=20, help_text="Code of the site. Null: everybody sees the messages."
    )
    position = WholeField(required=False, min_value=0, max_value=2**31 - 1, help_text="The first that fits decides.")
    charset_if_empty = _names("Character sets to try when MSH-18 is empty.")
    peers = _names("Addresses or networks that it sends from over MLLP.")


class SenderEntry(Reasoned, _SenderSettings):
    class Meta:
        model = Sender
        fields = ("pattern", "position", *SETTINGS, "reason")


class SenderChanges(Seen, _SenderSettings):
    """Another pattern is another sender."""

    class Meta:
        model = Sender
        fields = ("position", *SETTINGS, "version", "reason")


class SenderFilters(Entry):
    site = serializers.CharField(required=False, max_length=20, help_text="Code of the site.")
    pattern = serializers.CharField(required=False, max_length=250)


def _of_site(rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
    return rows.filter(**{"site__code" if name == "site" else name: value for name, value in asked.items()})


def _with_site(user: User, given: dict[str, Any]) -> dict[str, Any]:
    if given.get("site") is not None:
        given["site"] = site_named(user, given["site"])
    return given


class Senders(Collection):
    """How each laboratory sends. Of each setting the first pattern counts that fits and sets it."""

    reading = IDENTITY_ROLES
    writing = IDENTITY_ROLES
    presenter = SenderPresenter
    entry = SenderEntry
    filters = SenderFilters
    orderings = {"position": "position", "pattern": "pattern", "id": "pk"}

    def rows(self) -> QuerySet[Sender]:
        return visible_senders(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        return _of_site(rows, asked)

    def add(self, given: dict[str, Any]) -> Model:
        reason = given.pop("reason", "")
        return sender_add(by=self.by, reason=reason, **_with_site(self.user, given))


class _OfSender:
    user: User
    kwargs: dict[str, Any]

    def row(self) -> Sender:
        return access_sender(self.user, self.kwargs["pk"])


class OneSender(_OfSender, CorrectedItem):
    reading = IDENTITY_ROLES
    writing = IDENTITY_ROLES
    presenter = SenderPresenter
    changes = SenderChanges

    def correct(self, row: Sender, changes: dict[str, Any], version: int, reason: str) -> Sender:
        changes = _with_site(self.user, changes)
        return sender_change(sender=row, changes=changes, expected_version=version, by=self.by, reason=reason)


class RetiredSender(_OfSender, Retirement):
    """Its settings hold no longer; what was received stays as it is."""

    writing = IDENTITY_ROLES

    def act(self, row: Sender, given: dict[str, Any]) -> Sender:
        version = self.seen_version(given)
        return sender_retire(sender=row, expected_version=version, by=self.by, reason=given["reason"])


class AuthorityPresenter(Presented):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Authority
        fields = ("id", "version", "name", "kind", "site")


class AuthorityEntry(Reasoned):
    name = serializers.CharField(
        allow_blank=True, max_length=120, help_text="As in PID-3.4; empty for numbers that name no authority."
    )
    kind = serializers.ChoiceField(NumberKind.choices, default=NumberKind.RECORD)
    site = serializers.CharField(max_length=20, help_text="Code of the site.")


class AuthorityChanges(Seen):
    """Another name is another authority."""

    kind = serializers.ChoiceField(NumberKind.choices, required=False)
    site = serializers.CharField(required=False, max_length=20, help_text="Code of the site.")


class AuthorityFilters(Entry):
    site = serializers.CharField(required=False, max_length=20, help_text="Code of the site.")
    name = serializers.CharField(required=False, allow_blank=True, max_length=120)


class Authorities(Collection):
    """Whose a patient number in a message is. A number finds a patient only when that is known."""

    reading = IDENTITY_ROLES
    writing = IDENTITY_ROLES
    presenter = AuthorityPresenter
    entry = AuthorityEntry
    filters = AuthorityFilters
    orderings = {"name": "name", "id": "pk"}

    def rows(self) -> QuerySet[Authority]:
        return visible_authorities(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        return _of_site(rows, asked)

    def add(self, given: dict[str, Any]) -> Model:
        reason = given.pop("reason", "")
        return authority_add(by=self.by, reason=reason, **_with_site(self.user, given))


class _OfAuthority:
    user: User
    kwargs: dict[str, Any]

    def row(self) -> Authority:
        return access_authority(self.user, self.kwargs["pk"])


class OneAuthority(_OfAuthority, CorrectedItem):
    reading = IDENTITY_ROLES
    writing = IDENTITY_ROLES
    presenter = AuthorityPresenter
    changes = AuthorityChanges

    def correct(self, row: Authority, changes: dict[str, Any], version: int, reason: str) -> Authority:
        changes = _with_site(self.user, changes)
        return authority_change(authority=row, changes=changes, expected_version=version, by=self.by, reason=reason)


class RetiredAuthority(_OfAuthority, Retirement):
    writing = IDENTITY_ROLES

    def act(self, row: Authority, given: dict[str, Any]) -> Authority:
        version = self.seen_version(given)
        return authority_retire(authority=row, expected_version=version, by=self.by, reason=given["reason"])
