"""Every template compiles, and every page it links to by a fixed name exists."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Template
from django.template.base import Node
from django.template.defaulttags import URLNode
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR) / "templates"
NAMES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file())


def url_names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from url_names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif pattern.name:
            yield f"{prefix}{pattern.name}"


def fixed_links(template: Template) -> set[str]:
    nodes: list[Node] = list(template.nodelist.get_nodes_by_type(URLNode))
    return {node.view_name.var for node in nodes if isinstance(node, URLNode) and isinstance(node.view_name.var, str)}


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles_and_links_to_pages_that_exist(name: str) -> None:
    template = get_template(name).template  # type: ignore[attr-defined]  # the Django backend's own template
    assert fixed_links(template) <= set(url_names(get_resolver()))


def test_there_are_templates_to_check() -> None:
    assert NAMES
