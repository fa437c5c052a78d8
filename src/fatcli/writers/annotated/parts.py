"""An Office Open XML package that is being changed: its parts, their relations and content types; what is not touched keeps its bytes."""

import posixpath
from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element

from fatcli.package import Package, damaged, small_xml

WORKBOOK = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


class Parts:
    """The parts by name. `main` and `relations` are the namespaces that the workbook uses, the transitional or the strict ones."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._bytes: dict[str, bytes] = {}
        self._trees: dict[str, tuple[Element, bytes]] = {}
        self._removed: set[str] = set()
        self.workbook = self.tree(WORKBOOK)
        self.main = etree.QName(self.workbook).namespace or ""
        self.relations = _STRICT_RELATIONS if self.main == _STRICT_MAIN else _RELATIONS

    def __contains__(self, name: str) -> bool:
        return name not in self._removed and (name in self._bytes or name in self._trees or name in self._package)

    def read(self, name: str) -> bytes:
        return self._bytes[name] if name in self._bytes else self._package.read(name)

    def write(self, name: str, data: bytes) -> None:
        self._bytes[name] = data
        self._removed.discard(name)

    def tree(self, name: str) -> Element:
        """A part's root, to be changed in place: it is written anew only where it was changed."""
        if name not in self._trees:
            root = parsed(self.read(name))
            self._trees[name] = root, serialised(root)
        return self._trees[name][0]

    def add(self, name: str, data: bytes, content_type: str, *, by_extension: bool = False) -> str:
        """A new part, whose content type is known by its name or by its extension; `{}` stands for the first number that is free."""
        name = next(named for number in range(1, 1 << 20) if (named := name.format(number)) not in self)
        self.write(name, data)
        key, value = ("Extension", name.rpartition(".")[2]) if by_extension else ("PartName", f"/{name}")
        types = self.tree(_TYPES)
        if not any(each.get(key, "").lower() == value.lower() for each in types):
            known = etree.Element(f"{{{_PACKAGE}/content-types}}{'Default' if by_extension else 'Override'}")
            known.attrib.update({key: value, "ContentType": content_type})
            types.insert(0 if by_extension else len(types), known)
        return name

    def content_type(self, name: str) -> str:
        overrides = self.tree(_TYPES).iterfind("{*}Override")
        return next((each.get("ContentType", "") for each in overrides if each.get("PartName", "").lstrip("/").lower() == name.lower()), "")

    def relate(self, owner: str, kind: str, target: str) -> str:
        """A new relation of a part to another; returns its id."""
        name = _relations_of(owner)
        if name not in self:
            self.write(name, b'<Relationships xmlns="%b/relationships"/>' % _PACKAGE.encode())
        root = self.tree(name)
        taken = {relation.get("Id") for relation in root}
        identifier = next(f"rId{number}" for number in range(len(taken) + 1, 2 * len(taken) + 2) if f"rId{number}" not in taken)
        relation = etree.SubElement(root, f"{{{_PACKAGE}/relationships}}Relationship")
        relation.attrib.update({"Id": identifier, "Type": f"{self.relations}/{kind}", "Target": f"/{target}"})
        return identifier

    def related(self, owner: str, kind: str) -> dict[str, str]:
        """The parts of a kind that a part relates to, by the relation's id."""
        return {
            relation.get("Id", ""): _absolute(owner, relation.get("Target", ""))
            for relation in self._relations(owner)
            if relation.get("Type", "").rpartition("/")[2] == kind and relation.get("TargetMode") != "External"
        }

    def remove(self, owner: str, part: str) -> None:
        """A part that only `owner` relates to, with the relation and the content type."""
        for relation in [each for each in self._relations(owner) if _absolute(owner, each.get("Target", "")) == part]:
            self.tree(_relations_of(owner)).remove(relation)
        types = self.tree(_TYPES)
        for override in [each for each in types.iterfind("{*}Override") if each.get("PartName", "").lstrip("/").lower() == part.lower()]:
            types.remove(override)
        self._drop(part)
        self._drop(_relations_of(part))

    def close(self) -> bytes:
        """The package's bytes. Parts whose tree is as it was keep theirs."""
        for name, (root, before) in self._trees.items():
            if name not in self._removed and (after := serialised(root)) != before:
                self._bytes[name] = after
        return self._package.rewritten(self._bytes, self._removed)

    def _relations(self, owner: str) -> Iterator[Element]:
        name = _relations_of(owner)
        return self.tree(name).iterchildren() if name in self else iter(())

    def _drop(self, name: str) -> None:
        if name in self:
            self._bytes.pop(name, None)
            self._trees.pop(name, None)
            self._removed.add(name)


def parsed(xml: bytes) -> Element:
    """The root of a part; comments and CDATA sections are resolved. Raises InputError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        return etree.fromstring(small_xml(xml), parser)
    except etree.XMLSyntaxError as error:
        raise damaged() from error


def serialised(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def put_in_order(parent: Element, child: Element, before: tuple[str, ...]) -> None:
    """Adds a child right after the last of those that the schema lets stand before it."""
    position = max(
        (index for index, each in enumerate(parent, 1) if isinstance(each.tag, str) and etree.QName(each).localname in before), default=0
    )
    parent.insert(position, child)


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _absolute(owner: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(owner), target))
