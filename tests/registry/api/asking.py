"""A program that asks with a token, and what its answers look like."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from registry.people.models import User
from registry.tokens.services import token_create
from tests.registry.fixtures import BY

ROOT = "/api/v1/"


@dataclass(frozen=True)
class Program:
    secret: str
    client: Client

    def ask(self, method: str, path: str, /, body: Any = None, **headers: str) -> Any:
        sent = "" if body is None else json.dumps(body)
        return self.client.generic(
            method,
            path if path.startswith(("/", "http")) else ROOT + path,
            sent,
            "application/json",
            headers={"Authorization": f"Bearer {self.secret}", **headers},
        )

    def get(self, path: str, **query: Any) -> Any:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        answer = self.ask("GET", f"{path}?{asked}" if asked else path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def send(self, method: str, path: str, body: Any, status: int = 200) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status_code == status, (answer.status_code, answer.content)
        return answer.json()

    def post(self, path: str, /, status: int = 201, **body: Any) -> Any:
        return self.send("POST", path, body, status)

    def patch(self, path: str, /, status: int = 200, **body: Any) -> Any:
        return self.send("PATCH", path, body, status)

    def put(self, path: str, /, status: int = 200, **body: Any) -> Any:
        return self.send("PUT", path, body, status)

    def refusal(self, method: str, path: str, status: int, /, **body: Any) -> dict[str, Any]:
        answer = self.ask(method, path, body)
        assert answer.status_code == status, (answer.status_code, answer.content)
        return in_error_shape(answer)


def program_of(user: User, scopes: str = "") -> Program:
    return Program(token_create(owner=user, name="test", days=1, scopes=scopes, by=BY)[1], Client())


def in_error_shape(answer: Any) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"code", "message", "fields", "id"}
    assert len(error["id"]) == 12
    assert error["message"]
    for field in error["fields"]:
        assert set(field) <= {"field", "row", "message"}
    return error


def messages(error: dict[str, Any], name: str = "") -> str:
    return " ".join(field["message"] for field in error["fields"] if name in ("", field["field"]))
