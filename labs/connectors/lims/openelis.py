"""OpenELIS Global 2, we its client: results of our patients and specimens in, derived scores out, both as FHIR."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from labs.connectors.contract import Ask, Pulled, Undeliverable
from labs.connectors.lims.bundles import bundle_of_score, part_of
from labs.connectors.lims.http import Refused, Server
from labs.formats.json_documents import document_of, dumped, members, text_of

PAGE = "50"
MOST_PAGES = 1000
OBSERVATION = "/Observation"
INCLUDED = tuple(("_include", f"Observation:{name}") for name in ("specimen", "subject", "based-on"))
Query = list[tuple[str, str]]


@dataclass
class OpenElis:
    """`site` is the application's address, `fhir` that of its FHIR server; without one there is nothing to pull.

    `scores` are names of scores with the code of each there; `analyzer` is what our results are known by there.
    """

    site: str
    user: str
    password: str = field(repr=False)
    fhir: str = ""
    analyzer: str = "hepatica"
    scores: Mapping[str, str] = field(default_factory=dict)
    name: str = "openelis"

    @property
    def address(self) -> str:
        return urlsplit(self.fhir or self.site).hostname or ""

    def pull(self, ask: Ask) -> Iterator[Pulled]:
        """Page by page, and of each page only what is of our specimens or patients."""
        if not self.fhir:
            return
        yield from self._search([("_lastUpdated", f"ge{ask.since.isoformat()}")] if ask.since else [], ask)
        for code in ask.new_specimens:
            yield from self._search([("specimen.identifier", code)], ask)

    def _search(self, query: Query, ask: Ask) -> Iterator[Pulled]:
        path, asked = OBSERVATION, [("_sort", "_lastUpdated"), ("_count", PAGE), *query, *INCLUDED]
        for number in range(1, MOST_PAGES + 1):
            document = document_of(self._server.get(path, asked).data)
            if document is None or document.get("resourceType") != "Bundle":
                raise OSError("the answer is no Bundle of FHIR")
            part = part_of(document, ask)
            if part is not None:
                yield Pulled(f"openelis-{number}.json", dumped(part))
            following = self._following(document)
            if following is None or following == (path, asked):
                return
            path, asked = following

    def _following(self, document: dict[str, Any]) -> tuple[str, Query] | None:
        """The next page, at the address that was set up: a server may know itself by another one."""
        link = next((each for each in members(document.get("link")) if each.get("relation") == "next"), {})
        url = urlsplit(text_of(link.get("url")))
        if not url.query:
            return None
        return (OBSERVATION if url.path.endswith(OBSERVATION) else "", parse_qsl(url.query, keep_blank_values=True))

    @cached_property
    def _server(self) -> Server:
        return Server(self.fhir, self.user, self.password, headers={"Accept": "application/fhir+json"})

    def deliver(self, *, payload: dict[str, Any], key: str) -> None:
        code = self.scores.get(payload["score"])
        if code is None:
            raise Undeliverable(f"OPENELIS_SCORES names no code for {payload['score']}.")
        headers = {"X-Analyzer-Id": self.analyzer, "Content-Type": "application/fhir+json"}
        server = Server(self.site, self.user, self.password)
        try:
            answer = server.post("/analyzer/fhir", bundle_of_score(payload, code, key, self.analyzer), headers)
        except Refused as error:
            if error.status in {400, 422}:
                raise Undeliverable(f"OpenELIS refuses it: {error}") from None
            raise
        said = document_of(answer.data) or {}
        if said.get("success") is not True:
            raise OSError(f"OpenELIS took nothing: {text_of(said.get('errorKey')) or 'no success'}")
