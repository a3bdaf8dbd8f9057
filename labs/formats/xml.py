"""XML from outside: no document type, no entities, no references to other files."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from labs.formats.errors import FormatError


def xml_root(data: bytes) -> Element:
    """The root element; FormatError when it is no XML, or XML that declares a document type."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FormatError("The XML declares a document type or entities: it is not opened.") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise FormatError(f"The XML is damaged: {error}.") from error
    return root


def local(tag: object) -> str:
    """The name without its namespace: versions of a format differ in it. "" for a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(node: Element, name: str) -> list[Element]:
    return [child for child in node if local(child.tag) == name]


def child(node: Element, name: str) -> Element | None:
    found = children(node, name)
    return found[0] if found else None


def text(node: Element, name: str) -> str:
    found = child(node, name)
    return (found.text or "").strip() if found is not None else ""
