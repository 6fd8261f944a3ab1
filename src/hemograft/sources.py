"""The literature behind the numbers: read sources.bib, look up a key, print a reference."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

BIBLIOGRAPHY = Path(__file__).parent / "data" / "sources.bib"
KEY = re.compile(r"\b[A-Z][A-Za-z]+\d{4}[a-z]?\b")  # AuthorYear
_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s{}]+)\s*,")
_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "kappa": "κ"}
_FIELD = re.compile(r"(\w+)\s*=\s*")


@lru_cache(maxsize=4)
def read_sources(path: Path | str = BIBLIOGRAPHY) -> MappingProxyType:
    """Every entry of a BibTeX file: key to its fields (lower-case names, plus ``type``); empty without a
    file.

    Lenient on purpose: unknown fields are kept, braces inside a value are dropped, a broken entry is skipped.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found: dict[str, dict[str, str]] = {}
    starts = list(_ENTRY.finditer(text))
    for entry, following in zip(starts, [*starts[1:], None], strict=False):
        if entry[1].lower() in {"comment", "string", "preamble"}:
            continue
        body = text[entry.end() : following.start() if following else len(text)]
        found[entry[2]] = {"type": entry[1].lower(), **_fields(body)}
    return MappingProxyType(found)


def _fields(body: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    at = 0
    while match := _FIELD.search(body, at):
        value, at = _value(body, match.end())
        words = value.replace("{", "").replace("}", "").replace("\\&", "&")
        words = re.sub(r"\$\\?(\w+)\$", lambda m: _GREEK.get(m[1], m[1]), words)
        fields[match[1].lower()] = " ".join(words.split())
    return fields


def _value(body: str, at: int) -> tuple[str, int]:
    """One value from ``at``: braced, quoted or bare; and where it ends."""
    if at < len(body) and body[at] in '{"':
        depth, quoted = 0, body[at] == '"'
        for end in range(at, len(body)):
            depth += {"{": 1, "}": -1}.get(body[end], 0)
            if depth == 0 and end > at and (body[end] == '"' if quoted else body[end] == "}"):
                return body[at + 1 : end], end + 1
        return body[at + 1 :], len(body)
    end = re.compile(r"[,}\n]|$").search(body, at)
    return (body[at : end.start()], end.end()) if end else ("", len(body))


def keys_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The keys of the bibliography that some texts mention, sorted, each once."""
    known = read_sources()
    return tuple(sorted({key for text in texts for key in KEY.findall(text) if key in known}))


def cite(keys: Iterable[str]) -> str:
    """BibTeX text of some keys, ready to paste; unknown keys become a comment that says so."""
    known, entries = read_sources(), []
    for key in dict.fromkeys(keys):
        if key not in known:
            entries.append(f"% {key}: not in sources.bib")
            continue
        fields = {name: value for name, value in known[key].items() if name != "type"}
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        entries.append(f"@{known[key]['type']}{{{key},\n{lines}\n}}")
    return "\n\n".join(entries) + ("\n" if entries else "")


def reference(key: str) -> str:
    """One line for a list of references: authors, year, title, journal, place, doi."""
    entry = read_sources().get(key)
    if entry is None:
        return f"{key} (not in sources.bib)"
    names = [name for name in re.split(r"\s+and\s+", entry.get("author", "")) if name]
    named = [name for name in names if name != "others"][:3]
    people = ", ".join(_person(name) for name in named) + (" et al." if len(names) > len(named) else "")
    where = entry.get("journal") or entry.get("booktitle") or entry.get("publisher") or entry.get("howpublished", "")
    volume = entry.get("volume", "") + (f"({entry['number']})" if entry.get("number") else "")
    pages = entry.get("pages", "").replace("--", "–")
    place = " ".join(part for part in (where, ":".join(part for part in (volume, pages) if part)) if part)
    doi = f"doi:{entry['doi']}" if entry.get("doi") else entry.get("url", "")
    parts = (f"{people or key} ({entry.get('year', 'no year')})", entry.get("title", ""), place, doi)
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _person(name: str) -> str:
    """``Kaplan, Edward L.`` and ``Edward L. Kaplan`` both as ``Kaplan EL``."""
    last, _, first = name.partition(",") if "," in name else (name.split()[-1], ",", " ".join(name.split()[:-1]))
    initials = "".join(part[0] for part in first.replace("-", " ").split())
    return f"{last.strip()} {initials}".strip()
