"""Splits a shell script into commands: quotes, variables, substitutions, here-documents. Pure, and nothing is run.

Values that only a running shell has (a variable that is not set, the output of most programs) are reported as
missing, by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from faldeck.app.paste.tokens import unescaped
from faldeck.schema.json_value import InvalidValue

DEEPEST = 30
"""How deeply substitutions may be nested."""

LONGEST_EXPANSION = 50_000_000
"""The most characters that all variables together may expand to: they can repeat each other."""

_BLANKS = re.compile(r"(?:[ \t]|[\\^`][ \t]*\n)+")
_TABS = re.compile(r"^\t+", re.MULTILINE)
_BARE = re.compile(r"[^\s\\'\"$`;&|()<>]+")
_QUOTED = re.compile(r'[^"\\$`]+')
_NAME = re.compile(r"\w+|[@*#?$!-]", re.ASCII)
_BRACED = re.compile(r"\{(\w{1,200})(?::?[-=]([^{}'\"$`\\]*))?\}", re.ASCII)
_ASSIGNMENT = re.compile(r"(?:\$env:)?([A-Za-z_]\w*)=", re.ASCII)
_ANSI_STOP = re.compile(r"['\\]")
_FILE_DESCRIPTOR = re.compile(r"[0-9]*$")
_PASSED_OVER = frozenset(
    """
    { } ! if then elif else do while until time sudo env command exec nohup call &
    """.split()  # noqa: SIM905
)
"""Words that may come before a command."""
_SETS = ("export", "local", "declare", "readonly", "typeset", "set")


class Word(NamedTuple):
    """A word as the command receives it."""

    text: str
    missing: tuple[str, ...] = ()
    """The names of its missing values."""


@dataclass(slots=True)
class ShellCommand:
    """One command: its words, and its standard input."""

    words: list[Word] = field(default_factory=list)
    stdin: Word | None = None
    writes: str = ""
    """The file that its output goes to."""
    is_cut_off: bool = False
    """True if the text ends inside a quote of it."""


def commands(text: str) -> tuple[list[ShellCommand], dict[str, Word]]:
    """The commands of a text in their order, also those in substitutions, and the files that it writes.

    Raises InvalidValue if the text is nested too deeply or repeats itself too often.
    """
    shell = _Shell(text)
    shell.run()
    return shell.commands, shell.files


class _CutOff(Exception):
    """The text ends inside a quote or a bracket."""


class _Document(NamedTuple):
    """A here-document whose lines have not been read yet."""

    command: ShellCommand
    end: str
    is_raw: bool
    has_tabs: bool


class _Shell:
    """A position in a text, and what was read before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = self._depth = self._expanded = 0
        self._names: dict[str, Word] = {}
        self._documents: list[_Document] = []
        self.commands: list[ShellCommand] = []
        self.files: dict[str, Word] = {}

    def run(self) -> None:
        try:
            while self._place < len(self._text):
                self._list("")
                self._place += 1  # A closing bracket without an opening one.
        except _CutOff:
            pass

    def _list(self, closing: str) -> Word:
        """Reads commands up to a closing bracket and returns what the last one prints."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidValue("is nested too deeply")
        command, printed = ShellCommand(), Word("", ("$(…)",))
        try:
            while self._place < len(self._text):
                char = self._text[self._place]
                if blanks := _BLANKS.match(self._text, self._place):
                    self._place = blanks.end()
                elif char == closing or char == ")":
                    break
                elif char == "#":
                    self._place = self._line_end(self._place)
                elif char in "\r\n;&|(":
                    self._place += 1
                    if char == "\n":
                        self._read_documents()
                    if command.words or char != "\n":
                        printed = self._end(command)
                        is_piped = char == "|" and self._text[self._place : self._place + 1] != "|"
                        command = ShellCommand(stdin=printed if is_piped else None)
                elif char in "<>":
                    self._redirection(command)
                else:
                    command.words.append(self._word())
        except _CutOff:
            command.is_cut_off = True
            self._end(command)
            raise
        self._read_documents()
        self._depth -= 1
        return self._end(command) if command.words else printed

    def _end(self, command: ShellCommand) -> Word:
        """Records a command and returns what it prints."""
        words = command.words
        while words and (words[0].text in _PASSED_OVER or self._assigns(words[0])):
            words.pop(0)
        if not words:
            return Word("", ("$(…)",))
        name = words[0].text
        if name in _SETS:
            for word in words[1:]:
                self._assigns(word)
        elif name == "read" and command.stdin:
            self._names[words[-1].text] = command.stdin
        self.commands.append(command)
        printed = self._printed(name, words[1:], command.stdin)
        if command.writes:
            self.files[command.writes] = printed
        return printed

    def _assigns(self, word: Word) -> bool:
        found = _ASSIGNMENT.match(word.text)
        if found is None:
            return False
        self._names[found[1]] = Word(word.text[found.end() :], word.missing)
        return True

    def _printed(self, name: str, words: list[Word], stdin: Word | None) -> Word:
        """What `echo`, `printf` and `cat` print; missing for other programs."""
        missing = tuple(dict.fromkeys(part for word in words for part in word.missing))
        given = [word.text for word in words]
        while given and name in ("echo", "printf") and given[0] in ("-n", "-e", "-E", "-r", "--"):
            given.pop(0)
        if name == "echo":
            return Word(" ".join(given), missing)
        if name == "printf" and given:
            is_format = len(given) == 2 and given[0] in ("%s", "%s\\n", "%b")
            return Word(given[-1], missing) if is_format or "%" not in given[0] else Word("", ("printf",))
        if name == "cat" and given in ([], ["-"]) and stdin:
            return stdin
        if name == "cat" and len(given) == 1 and given[0] in self.files:
            return self.files[given[0]]
        return Word("", (f"$({name} …)",))

    def _redirection(self, command: ShellCommand) -> None:
        text, place = self._text, self._place
        if command.words and text[place - 1 : place].isdigit() and _FILE_DESCRIPTOR.fullmatch(command.words[-1].text):
            command.words.pop()
        if text.startswith("<<<", place):
            self._place += 3
            command.stdin = self._target()
        elif text.startswith("<<", place):
            has_tabs = text.startswith("<<-", place)
            self._place += 3 if has_tabs else 2
            self._skip_blanks()
            is_raw = text[self._place : self._place + 1] in ("'", '"', "\\")
            end = self._target().text
            self._documents.append(_Document(command, end, is_raw, has_tabs))
        else:
            is_output = text[place] == ">"
            self._place += 1
            while self._place < len(text) and text[self._place] in ">|&":
                self._place += 1
            target = self._target()
            if is_output and target.text and not target.text.isdigit():
                command.writes = target.text
            elif not is_output:
                command.stdin = self.files.get(target.text) or Word("", (f"the file {target.text}",))

    def _target(self) -> Word:
        self._skip_blanks()
        return self._word()

    def _skip_blanks(self) -> None:
        if blanks := _BLANKS.match(self._text, self._place):
            self._place = blanks.end()

    def _read_documents(self) -> None:
        for document in self._documents:
            # One search, since documents inside one another are read again by each that is around them.
            tabs = r"\t*" if document.has_tabs else ""
            last = re.compile(rf"^{tabs}{re.escape(document.end)}[^\S\n]*$", re.MULTILINE)
            found = last.search(self._text, self._place)
            body = self._text[self._place : found.start() if found else len(self._text)].removesuffix("\n")
            self._place = min(found.end() + 1, len(self._text)) if found else len(self._text)
            body = _TABS.sub("", body) if document.has_tabs else body
            document.command.stdin = Word(body) if document.is_raw else self._filled(body)
        self._documents.clear()

    def _filled(self, body: str) -> Word:
        """A here-document with its variables expanded."""
        inner = _Shell(body)
        inner._names, inner._expanded = self._names, self._expanded
        pieces: list[Word] = []
        while inner._place < len(body):
            if plain := _QUOTED.match(body, inner._place):
                pieces.append(Word(plain[0]))
                inner._place = plain.end()
            elif body[inner._place] == '"':
                pieces.append(Word('"'))
                inner._place += 1
            else:
                try:
                    pieces.append(inner._special())
                except _CutOff:
                    pieces.append(Word("", ("$(…)",)))
                    break
        self._expanded = inner._expanded
        return _joined(pieces)

    def _line_end(self, place: int) -> int:
        end = self._text.find("\n", place)
        return len(self._text) if end < 0 else end

    # Words

    def _word(self) -> Word:
        """Reads the word at the position; empty if there is none."""
        pieces: list[Word] = []
        text = self._text
        while self._place < len(text):
            char = text[self._place]
            if bare := _BARE.match(text, self._place):
                pieces.append(Word(bare[0]))
                self._place = bare.end()
            elif char == "'":
                end = text.find("'", self._place + 1)
                if end < 0:
                    raise self._cut_off()
                pieces.append(Word(text[self._place + 1 : end]))
                self._place = end + 1
            elif char == '"':
                self._place += 1
                pieces.append(self._double_quoted())
            elif char == "$" and text.startswith("$'", self._place):
                pieces.append(self._ansi_quoted())
            elif char == "\\":
                if _BLANKS.match(text, self._place):
                    break
                pieces.append(Word(text[self._place + 1 : self._place + 2]))
                self._place += 2
            elif char in "$`":
                if _BLANKS.match(text, self._place):
                    break
                pieces.append(self._special())
            elif char == "(" and pieces and pieces[-1].text.endswith("="):
                raise InvalidValue("sets a list in a shell")
            else:
                break
        return _joined(pieces)

    def _double_quoted(self) -> Word:
        """Reads the rest of a double-quoted string, after its first quote."""
        pieces: list[Word] = []
        text = self._text
        while self._place < len(text):
            if plain := _QUOTED.match(text, self._place):
                pieces.append(Word(plain[0]))
                self._place = plain.end()
            elif text[self._place] == '"':
                self._place += 1
                return _joined(pieces)
            else:
                pieces.append(self._special())
        raise self._cut_off()

    def _ansi_quoted(self) -> Word:
        """Reads `$'…'`, which has the backslashes of C."""
        place = start = self._place + 2
        while stop := _ANSI_STOP.search(self._text, place):
            if stop[0] == "'":
                self._place = stop.end()
                return Word(unescaped(self._text[start : stop.start()]))
            place = stop.end() + 1
        raise self._cut_off()

    def _special(self) -> Word:
        """Reads a backslash, a variable or a substitution, inside double quotes or outside."""
        text, place = self._text, self._place
        following = text[place + 1 : place + 2]
        match text[place]:
            case "\\":
                self._place += 2
                if following == "\n":
                    return Word("")
                return Word(following if following in ('"', "\\", "$", "`") and following else f"\\{following}")
            case "`":
                end = text.find("`", place + 1)
                if end < 0:
                    raise self._cut_off()
                self._place = end + 1
                return self._substituted(text[place + 1 : end])
        if following == "(" and not text.startswith("$((", place):
            self._place += 2
            printed = self._list(")")
            if self._place >= len(text):
                raise self._cut_off()
            self._place += 1
            return Word(printed.text.rstrip("\n"), printed.missing)
        self._place += 1
        if braced := _BRACED.match(text, self._place):
            self._place = braced.end()
            return self._variable(braced[1], braced[2])
        if name := _NAME.match(text, self._place):
            self._place = name.end()
            return self._variable(name[0], None)
        return Word("$")

    def _substituted(self, text: str) -> Word:
        """The same for a substitution in backticks."""
        inner = _Shell(text)
        inner._names, inner.files, inner._depth = self._names, self.files, self._depth
        try:
            return inner._list("")
        except _CutOff:
            return Word("", ("$(…)",))
        finally:
            self.commands += inner.commands

    def _variable(self, name: str, otherwise: str | None) -> Word:
        word = self._names.get(name)
        if word is None:
            return Word("", (name,)) if otherwise is None else Word(otherwise)
        self._expanded += len(word.text)
        if self._expanded > LONGEST_EXPANSION:
            raise InvalidValue("repeats itself too often")
        return word

    def _cut_off(self) -> _CutOff:
        self._place = len(self._text)
        return _CutOff()


def _joined(pieces: list[Word]) -> Word:
    missing = dict.fromkeys(name for piece in pieces for name in piece.missing)
    return Word("".join(piece.text for piece in pieces), tuple(missing))
