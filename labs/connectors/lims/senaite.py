"""SENAITE as a client: published results of our specimens in, derived scores out (senaite.jsonapi, version 1).

Only what is written in its sources is relied on: a server may not know an index that is asked for and then lists
everything, so that whatever comes back is looked at again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from labs.connectors.contract import Ask, Pulled, Undeliverable
from labs.connectors.lims.http import Refused, Server
from labs.formats.json_documents import document_of, dumped, members, moment_of, text_of
from labs.formats.senaite.reading import ANALYSIS, INVALID, SAMPLE

API = "/@@API/senaite/v1"
CATALOG = "senaite_sample_catalog"
PUBLISHED = "published"
PAGE = "50"
# Pages of one list. A site that publishes more between two pulls is asked again from the same moment.
MOST_PAGES = 1000
Item = dict[str, Any]


@dataclass
class Senaite:
    """`site` is its address up to and without @@API. `scores` are names of scores with the keyword of each there."""

    site: str
    user: str
    password: str = field(repr=False)
    login: str = "basic"
    client: str = ""
    contact: str = ""
    sample_type: str = ""
    scores: Mapping[str, str] = field(default_factory=dict)
    name: str = "senaite"

    @property
    def address(self) -> str:
        return urlsplit(self.site).hostname or ""

    # In

    def pull(self, ask: Ask) -> Iterator[Pulled]:
        for state in (PUBLISHED, INVALID):
            query = {"review_state": state, "sort_on": "modified", "sort_order": "descending"}
            for page in self._pages(query):
                recent = [item for item in page if _is_recent(item, ask.since)]
                yield from self._documents(recent, ask.known({_code(item) for item in recent}), (state,))
                if len(recent) < len(page) and _is_descending(page):
                    break
        for code in ask.new_specimens:
            yield from self._documents(self._samples_of(code), {code}, (PUBLISHED, INVALID))

    def _documents(self, samples: list[Item], known: set[str], states: tuple[str, ...]) -> Iterator[Pulled]:
        for sample in samples:
            # A state that is not said is the one that was asked for.
            is_meant = text_of(sample.get("review_state")) in {"", *states}
            if not is_meant or _code(sample) not in known:
                continue
            analyses = [each for each in self._analyses(sample) if _keyword(each) not in self.scores.values()]
            if analyses:
                stated = {**sample, "review_state": text_of(sample.get("review_state")) or states[0]}
                data = dumped({"items": [stated, *analyses]})
                yield Pulled(f"{text_of(sample.get('uid'))}.json", data)

    def _samples_of(self, code: str) -> list[Item]:
        """Those with our code. A server that does not know the index lists others too, perhaps all of them."""
        found: list[Item] = []
        for page in self._pages({"getClientSampleID": code}):
            mine = [item for item in page if _code(item) == code]
            found += mine
            if not mine:
                break
        return found

    def _analyses(self, sample: Item) -> list[Item]:
        """Read one by one by their uid at the address that was set up, whatever address the sample gives of them."""
        uids = [text_of(each.get("uid")) for each in members(sample.get("Analyses"))]
        found = [self._items(f"/analysis/{uid}", {"complete": "true"}) for uid in uids if uid.isalnum()]
        return [item for items in found for item in items if text_of(item.get("portal_type")) in {"", ANALYSIS}]

    def _pages(self, query: Mapping[str, str]) -> Iterator[list[Item]]:
        asked = {"catalog": CATALOG, "complete": "true", "limit": PAGE, **query}
        for _page in range(MOST_PAGES):
            document = self._document(self._server.get(f"{API}/{SAMPLE}", asked).data)
            items = members(document.get("items"))
            if items:
                yield items
            following = dict(parse_qsl(urlsplit(text_of(document.get("next"))).query))
            if not items or not following or following == asked:
                return
            asked = {**asked, **following}

    def _items(self, path: str, query: Mapping[str, str] | None = None) -> list[Item]:
        return members(self._document(self._server.get(f"{API}{path}", query).data).get("items"))

    def _document(self, data: bytes) -> Item:
        found = document_of(data)
        if found is None:
            raise OSError("the answer is no JSON object")
        if found.get("success") is False:
            raise Refused(500, text_of(found.get("message"))[:200])
        return found

    @cached_property
    def _server(self) -> Server:
        """Signed in: by HTTP Basic in each request, or once for a cookie."""
        if self.login == "basic":
            return Server(self.site, self.user, self.password)
        server = Server(self.site)
        answer = server.get(f"{API}/login", {"__ac_name": self.user, "__ac_password": self.password})
        if not answer.cookies:
            raise Refused(401, "no cookie came with the sign-in")
        server.headers["Cookie"] = "; ".join(cookie.partition(";")[0] for cookie in answer.cookies)
        return server

    # Out

    def deliver(self, *, payload: dict[str, Any], key: str) -> None:
        """1. Our sample with this analysis, made when there is none. 2. Its result, unless it is there already."""
        keyword = self.scores.get(payload["score"])
        if keyword is None:
            raise Undeliverable(f"SENAITE_SCORES names no keyword for {payload['score']}.")
        analysis = self._analysis(payload["specimen"], keyword) or self._made(payload, keyword)
        result = text_of(analysis.get("Result"))
        if result == payload["text"]:
            return
        if text_of(analysis.get("review_state")) in {"to_be_verified", "verified", PUBLISHED}:
            raise Undeliverable(f"{keyword} is submitted there with another value: correct it in SENAITE.")
        change = {"uid": text_of(analysis.get("uid")), "Result": payload["text"], "transition": "submit"}
        self._document(self._server.post(f"{API}/update", change).data)

    def _analysis(self, code: str, keyword: str) -> Item | None:
        for sample in self._samples_of(code):
            if text_of(sample.get("review_state")) in {INVALID, "cancelled", "rejected"}:
                continue
            for analysis in self._analyses(sample):
                if _keyword(analysis) == keyword and text_of(analysis.get("review_state")) not in {
                    "retracted",
                    "rejected",
                    "cancelled",
                }:
                    return analysis
        return None

    def _made(self, payload: dict[str, Any], keyword: str) -> Item:
        sample = {
            "Contact": self.contact,
            "SampleType": self.sample_type,
            "DateSampled": payload["collected"] or datetime.now(UTC).date().isoformat(),
            "Analyses": [self._service(keyword)],
            "ClientSampleID": payload["specimen"],
        }
        answer = self._document(self._server.post(f"{API}/{SAMPLE}/create/{self.client}", sample).data)
        for made in members(answer.get("items")):
            found = [each for each in self._analyses(made) if _keyword(each) == keyword]
            if found:
                self._received(made)
                return found[0]
        raise OSError(f"the sample was made without {keyword}")

    def _received(self, sample: Item) -> None:
        """A result can be submitted only of a sample that was received."""
        if text_of(sample.get("review_state")) in {"", "sample_due"}:
            change = {"uid": text_of(sample.get("uid")), "transition": "receive"}
            self._document(self._server.post(f"{API}/update", change).data)

    def _service(self, keyword: str) -> str:
        query = {"catalog": "senaite_catalog_setup", "getKeyword": keyword, "complete": "true", "limit": "1000"}
        for service in self._items("/AnalysisService", query):
            if _keyword(service) == keyword:
                return text_of(service.get("uid"))
        raise Undeliverable(f"SENAITE has no analysis service with the keyword {keyword}.")


def _code(sample: Item) -> str:
    return text_of(sample.get("ClientSampleID"))


def _keyword(item: Item) -> str:
    return text_of(item.get("Keyword"))


def _modified(item: Item) -> datetime | None:
    return moment_of(item.get("modified") or item.get("modification_date"), UTC)


def _is_recent(item: Item, since: datetime | None) -> bool:
    changed = _modified(item)
    return since is None or changed is None or changed >= since


def _is_descending(page: list[Item]) -> bool:
    """Only then is what follows older still: a server that does not sort is read to its last page."""
    times = [_modified(item) for item in page]
    return all(one is not None and other is not None and one >= other for one, other in pairwise(times))
