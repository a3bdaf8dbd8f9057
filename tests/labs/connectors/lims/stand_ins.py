"""Servers on a thread that answer as SENAITE and OpenELIS do: shapes of recorded answers, values made up."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

API = "/senaite/@@API/senaite/v1"
BASIC = "Basic bGltczpzZWNyZXQ="  # lims:secret
COOKIE = "__ac=signed-in"


class StandIn(ThreadingHTTPServer):
    """`failing` is (status, text) of every answer while it is set. `asked` are method, path and body."""

    daemon_threads = True
    failing: tuple[int, str] | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def is_signed_in(self, headers: dict[str, str]) -> bool:
        return headers.get("Authorization") == BASIC

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        raise NotImplementedError


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        self._do(None)

    def do_POST(self) -> None:
        self._do(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _do(self, body: Any) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.server.asked.append((self.command, self.path, body))
        self.server.headers.append(dict(self.headers))
        cookie = ""
        if self.server.failing:
            status, document = self.server.failing[0], {"success": False, "message": self.server.failing[1]}
        elif url.path.endswith("/login"):
            is_right = query == {"__ac_name": "lims", "__ac_password": "secret"}
            status, document, cookie = 200, {"items": []}, f"{COOKIE}; Path=/; HttpOnly" if is_right else ""
        elif not self.server.is_signed_in(dict(self.headers)):
            status, document = 401, {"success": False, "message": "Unauthorized"}
        else:
            status, document = self.server.answer(self.command, url.path, query, body)
        data = json.dumps(document).encode()
        self.send_response(status)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def running(server: StandIn) -> Iterator[StandIn]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class SenaiteStandIn(StandIn):
    """Samples with analyses, two to a page, the newest first. An index that it does not know is left out of account."""

    def __init__(self) -> None:
        super().__init__()
        self.samples: list[dict[str, Any]] = []
        self.analyses: dict[str, dict[str, Any]] = {}
        self.services = {"HEP-PNI": "5e51ce"}
        self.refuses_update = False

    def is_signed_in(self, headers: dict[str, str]) -> bool:
        return super().is_signed_in(headers) or headers.get("Cookie") == COOKIE

    def add(self, code: str, modified: str, *results: dict[str, Any], state: str = "published") -> dict[str, Any]:
        uid = f"5a{len(self.samples):030x}"
        made = []
        for number, result in enumerate(results):
            key = f"a{number}{uid[2:]}"
            self.analyses[key] = {
                "portal_type": "Analysis",
                "uid": key,
                "id": result["Keyword"],
                "title": result["Keyword"],
                "parent_uid": uid,
                "parent_id": f"BLD-{len(self.samples):04}",
                "api_url": f"http://senaite:8080{API}/analysis/{key}",
                "Unit": None,
                "DetectionLimitOperand": None,
                "ResultOptions": None,
                "ResultCaptureDate": modified,
                "review_state": None,
                "modified": modified,
                **result,
            }
            made.append({"uid": key, "api_url": f"http://senaite:8080{API}/analysis/{key}"})
        sample = {
            "portal_type": "AnalysisRequest",
            "uid": uid,
            "id": f"BLD-{len(self.samples):04}",
            "ClientSampleID": code,
            "SampleTypeTitle": "Blood",
            "DateSampled": "2024-03-08T08:00:00+00:00",
            "review_state": state,
            "modified": modified,
            "api_url": f"http://senaite:8080{API}/analysisrequest/{uid}",
            "Analyses": made,
        }
        self.samples.append(sample)
        return sample

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        path = path.removeprefix(API)
        if method == "GET" and path == "/AnalysisRequest":
            return 200, self._page(query)
        if method == "GET" and path.startswith("/analysis/"):
            return 200, {"count": 1, "items": [self.analyses[path.rpartition("/")[2]]], "pages": 1, "next": None}
        if method == "GET" and path == "/AnalysisService":
            listed = [{"uid": uid, "Keyword": keyword} for keyword, uid in self.services.items()]
            return 200, {"count": len(listed), "items": [{"uid": "0", "Keyword": "OTHER"}, *listed]}
        if path.startswith("/AnalysisRequest/create/"):
            keyword = next(name for name, uid in self.services.items() if uid in body["Analyses"])
            result = {"Keyword": keyword, "Result": "", "ResultCaptureDate": None, "review_state": "unassigned"}
            sample = self.add(body["ClientSampleID"], "2024-03-09T08:00:00+00:00", result, state="sample_due")
            return 200, {"count": 1, "items": [sample]}
        assert path == "/update"
        if self.refuses_update and "Result" in body:
            return 500, {"success": False, "message": "Database conflict error"}
        changed = self.analyses.get(body["uid"]) or next(each for each in self.samples if each["uid"] == body["uid"])
        state = {"submit": "to_be_verified", "receive": "sample_received"}[body.pop("transition")]
        changed.update(body, review_state=state)
        return 200, {"count": 1, "items": [changed]}

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        state = query.get("review_state")
        listed = [each for each in self.samples if state in (None, each["review_state"])]
        listed.sort(key=lambda each: str(each["modified"]), reverse=True)
        start = int(query.get("b_start", 0))
        page = listed[start : start + 2]
        following = {**query, "b_start": str(start + 2)}
        link = "&".join(f"{name}={value}" for name, value in following.items())
        return {
            "count": len(listed),
            "pagesize": 2,
            "items": page,
            "next": f"http://senaite:8080{API}/AnalysisRequest?{link}" if start + 2 < len(listed) else None,
        }


class OpenElisStandIn(StandIn):
    """A FHIR server with one observation to a page, and the entry for analysers."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[list[dict[str, Any]]] = []
        self.taken: list[dict[str, Any]] = []
        self.error_key = ""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if path == "/oe/analyzer/fhir":
            if self.error_key:
                return 400, {"success": False, "errorKey": self.error_key}
            self.taken.append(body)
            return 200, {"success": True, "resultsInserted": 1, "qcResultsProcessed": 0}
        number = int(query.get("_getpagesoffset", 0))
        links = [{"relation": "self", "url": "https://fhir.openelis.example/fhir/Observation"}]
        if number + 1 < len(self.pages):
            url = f"https://fhir.openelis.example/fhir?_getpages=x&_getpagesoffset={number + 1}"
            links.append({"relation": "next", "url": url})
        entries = [
            {"fullUrl": f"https://fhir.openelis.example/fhir/{each['resourceType']}/{each['id']}", "resource": each}
            for each in (self.pages[number] if self.pages else [])
        ]
        return 200, {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}
