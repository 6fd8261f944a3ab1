"""YAML as text nodes that know their line; nothing is typed by YAML.

``no``, ``1e6`` and ``+3`` stay the words that were written. Anchors, aliases, repeated keys, tags, deep nesting
and very large files are refused, so that a file means what a reader sees in it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .errors import InputError, Problem

LARGEST_FILE = 1_000_000  # bytes; the largest shipped file is a hundred times smaller
DEEPEST = 12
FAST_READER = getattr(yaml, "CSafeLoader", None)  # reads the same, ten times faster, but words its refusals otherwise


@dataclass(frozen=True)
class Document:
    """A YAML file as plain words: ``words`` is nested dict/list/str, ``lines`` finds the line of a path."""

    path: Path
    words: Any
    lines: dict[tuple, int] = field(default_factory=dict)

    def where(self, *path: str | int) -> str:
        """``file.yaml:12`` for a path such as ``("patient", "weight")``; the nearest parent if it is absent."""
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return f"{name_of(self.path)}:{self.lines.get(at, 1)}"


def name_of(path: Path) -> str:
    """The name of a file as text, with a stand-in for letters that are not UTF-8."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def read_document(path: Path | str) -> Document:
    """Read one YAML file strictly.

    Raises
    ------
    InputError
        Absent, empty, too large, not UTF-8, not YAML, or using anchors, aliases, tags or repeated keys.
    """
    path = Path(path)
    root = _compose(path, _read_text(path))
    problems: list[Problem] = []
    lines: dict[tuple, int] = {}
    words = _plain(root, (), lines, problems, path.name)
    if not isinstance(words, dict):
        problems.append(Problem("the file is not a list of 'name: value' lines", f"{path.name}:1"))
    if problems:
        raise InputError(*problems)
    return Document(path, words, lines)


def _read_text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise InputError(Problem("this is a folder, not a file", str(path), "a YAML file"))
        with path.open("rb") as file:  # not to its end: a device or a pipe may have none
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            bytes_ = f"{size:,}" if size > LARGEST_FILE else f"more than {LARGEST_FILE:,}"
            raise InputError(
                Problem(f"the file has {bytes_} bytes", str(path), f"at most {LARGEST_FILE:,} bytes of YAML")
            )
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(Problem("no such file", str(path), "the path of a YAML file")) from None
    except UnicodeDecodeError as error:
        raise InputError(
            Problem("there are letters that are not UTF-8 text", _place(path, error), "a text file saved as UTF-8")
        ) from None
    except OSError as error:
        raise InputError(Problem(f"cannot be read ({error.strerror})", str(path), "a readable file")) from None
    if not text.strip():
        raise InputError(Problem("the file is empty", f"{path.name}:1", "'name: value' lines"))
    return text


def _place(path: Path, error: UnicodeDecodeError) -> str:
    return f"{name_of(path)}:{error.object.count(bytes([10]), 0, error.start) + 1}"


def _compose(path: Path, text: str) -> yaml.Node:
    """The nodes of a text: by the fast reader where there is one, and by the plain one to say what is wrong."""
    if FAST_READER is not None:
        try:
            return _nodes(path, text, FAST_READER)
        except InputError:
            pass
    return _nodes(path, text, yaml.SafeLoader)


def _nodes(path: Path, text: str, reader: Any) -> yaml.Node:
    try:
        depth = 0
        for event in yaml.parse(text, Loader=reader):
            line = event.start_mark.line + 1
            _refuse_oddities(event, f"{path.name}:{line}")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:  # before the reader works on it: its time grows with the square of the depth
                raise InputError(Problem("nested too deeply", f"{path.name}:{line}", f"at most {DEEPEST} levels"))
        root = yaml.compose(text, Loader=reader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InputError(
            Problem(
                f"not readable as YAML: {error.problem or error.context}",
                f"{path.name}:{line}",
                "'name: value' lines, indented with spaces",
            )
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        what = f"not readable as YAML: {str(error).splitlines()[0]}"
        raise InputError(Problem(what, f"{path.name}:{line}")) from None
    if root is None:
        raise InputError(Problem("the file holds only comments", f"{path.name}:1", "'name: value' lines"))
    return root


def _refuse_oddities(event: yaml.Event, where: str) -> None:
    """Refuse what makes a file mean something else than a reader sees in it."""
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        what, expected = "anchors and aliases (& and *) are not allowed", "every value written out where it is used"
        raise InputError(Problem(what, where, expected))
    if getattr(event, "tag", None):
        what = "tags (words that start with !) are not allowed"
        raise InputError(Problem(what, where, "plain words, in quotes where they start with !"))


def _plain(node: yaml.Node, at: tuple, lines: dict, problems: list[Problem], name: str) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    here = f"{name}:{node.start_mark.line + 1}"
    if len(at) > DEEPEST:
        problems.append(Problem("nested too deeply", here, f"at most {DEEPEST} levels"))
        return ""
    if isinstance(node, yaml.ScalarNode):
        return node.value.strip()
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*at, i), lines, problems, name) for i, item in enumerate(node.value)]
    words: dict[str, Any] = {}
    for key, value in node.value:
        where = f"{name}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem("a name must be one word or phrase", where))
            continue
        if key.value in words:
            problems.append(Problem(f"{key.value!r} is given twice", where, "each name once"))
        lines[(*at, key.value)] = key.start_mark.line + 1
        words[key.value] = _plain(value, (*at, key.value), lines, problems, name)
    return words
