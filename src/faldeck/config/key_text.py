"""Takes the key out of a text that was pasted or is in the environment, or says why it has no key.

No message of this module repeats any of the text.
"""

from __future__ import annotations

import re
import unicodedata

_KEY = re.compile(r"""[!#-&(-_a-~]+""")
"""The characters that a header allows, without spaces and quotes."""
_PASTED = re.compile(r"\x1b\[20[01]~")
"""The marks that a terminal puts around a paste."""
_QUOTES = "\"'`“”‘’«»"
_ASSIGNED = re.compile(
    r"(?:export\s+|setx?\s+|env\s+|\$env:)?[\"']?(?P<name>[A-Z_]*(?:KEY|TOKEN)[A-Z_]*)[\"']?"
    r"(?:\s*=\s*|\s*:\s+|(?<=KEY)\s+)(?P<key>[^\s=].*)",
    re.I | re.S,
)
_HEADER = re.compile(r"(?:-H\s*|--header[\s=]+)?[\"']?Authorization\s*:\s*(?P<key>\S.*)", re.I | re.S)
_SCHEME = re.compile(r"(?:Key|Bearer|Token)[ \t]+(?P<key>\S.*)", re.I | re.S)
_PAIR = re.compile(
    r"(?:export\s+)?FAL_KEY_ID\s*=\s*(?P<id>\S+)\s+(?:export\s+)?FAL_KEY_SECRET\s*=\s*(?P<secret>\S+)", re.S
)

_VARIABLE = re.compile(
    r"\$\{?\w+(?::-?)?\}?|%\w+%|\$env:\w+|\$\(.*|(?:os\.|process\.|import\.meta\.)?env(?:iron)?[.\[(].*", re.I
)
_WORDS_FOR_A_KEY = re.compile(
    r"(?:sk-)?(?:(?:your|insert|paste|put|enter|replace|change)[-_ ]?(?:.*[-_ ])?(?:key|token|secret|id|here|me)"
    r"|(?:my[-_])?(?:fal[-_])?(?:api[-_]?)?(?:key|token|secret)(?:[-_]?(?:id|secret|here))?"
    r"|todo|none|null|undefined)",
    re.I,
)
_QUOTED = re.compile(r"([\"'])(?P<key>[^\"']+)\1\s*(?:[;#,&].*)?", re.S)
_TWICE = re.compile(r"(?P<key>\S.{6,}\S)[\s:;,]*(?P=key)", re.S)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
_SECRET = re.compile(r"[0-9a-f]{32}", re.I)
_WHOLE = re.compile(rf"(?<![\w-])({_UUID.pattern})[ \t]*[:：][ \t]*({_SECRET.pattern})(?![\w-])", re.I)
"""A key of fal: its id and its secret."""


LONGEST = 2_000
"""The most characters of a text in which a key is looked for."""


class NoKeyFound(ValueError):
    """There is no key in a text; the message is the end of a sentence that says why."""


def key_in(text: str, *, is_fal: bool = False) -> str:
    """The key in `text`; `is_fal` says that it must be a key of fal itself.

    Quotes, `Key ` or `Bearer `, `export NAME=` and invisible characters are removed, and a key that was pasted twice
    counts once. In any other text a whole key of fal's kind is found if it is the only one. Raises NoKeyFound.
    """
    if len(text) > LONGEST:
        raise NoKeyFound("it is too long for one")
    try:
        return _alone_in(text, is_fal=is_fal)
    except NoKeyFound:
        whole = {f"{key_id}:{secret}" for key_id, secret in _WHOLE.findall(_visible(text))}
        if len(whole) != 1 or any(unicodedata.category(one) == "Cc" and not one.isspace() for one in text):
            raise
        return whole.pop()


def _alone_in(text: str, *, is_fal: bool) -> str:
    """The key that a text is, without what stands around it. Raises NoKeyFound."""
    key = _unwrapped(_visible(text))
    key = sentence if _WHOLE.fullmatch(sentence := key.rstrip(".")) else key
    if not key:
        raise NoKeyFound("it is empty")
    if is_placeholder(key):
        raise NoKeyFound("it is a placeholder; put the key itself there")
    if any(unicodedata.category(character) == "Cc" and not character.isspace() for character in key):
        raise NoKeyFound("it has a control character in it, so it may be incomplete: copy it again")
    if len(key.split()) > 1:
        raise NoKeyFound("a key is one word of letters, digits and signs, and this has spaces in it")
    if "://" in key or re.fullmatch(r"[\w.+-]+@[\w-]+\.[\w.-]+", key):
        raise NoKeyFound("it is an address, and no key")
    if not _KEY.fullmatch(key):
        raise NoKeyFound("a key is one word of letters, digits and signs, without quotes in it")
    _require_whole(key, is_fal=is_fal)
    return key


def is_placeholder(key: str) -> bool:
    """Whether a text is a placeholder for a key: `YOUR_API_KEY`, `$FAL_KEY`, `<key_id>:<key_secret>`, `xxxx:xxxx`."""
    if (
        _VARIABLE.fullmatch(key)
        or re.fullmatch(r"[<\[{(].*[>\]})]", key, re.S)
        or any(sign in key for sign in ("…", "...", "•"))
    ):
        return True
    return all(_WORDS_FOR_A_KEY.fullmatch(part) or _is_filler(part) for part in key.split(":"))


def _is_filler(part: str) -> bool:
    bare = part.lower().removeprefix("sk-").removeprefix("key-")
    return bool(bare) and set(bare) <= set("x*#._-") and (len(bare) > 1 or bare in "*#.")


def _require_whole(key: str, *, is_fal: bool) -> None:
    """Raises NoKeyFound for one half of a key of fal's kind, `id:secret`."""
    key_id, colon, secret = key.partition(":")
    if colon and not key_id:
        raise NoKeyFound("it is only the second half of a key: the id and a colon come before it")
    if colon and not secret:
        raise NoKeyFound("it is only the first half of a key: the secret comes after the colon")
    if is_fal and not colon and _UUID.fullmatch(key):
        raise NoKeyFound("it is only the first half of a key: a key of fal is id:secret")
    if is_fal and not colon and _SECRET.fullmatch(key):
        raise NoKeyFound("it is only the second half of a key: a key of fal is id:secret")


def _visible(text: str) -> str:
    """The text without byte order marks, zero-width characters and the marks of a paste."""
    text = _PASTED.sub("", text)
    return "".join(character for character in text if unicodedata.category(character) != "Cf").strip(
        "\0\b\x7f \t\r\n\x0b\x0c"
    )


def _unwrapped(text: str) -> str:
    if pair := _PAIR.fullmatch(text.strip(";")):
        return f"{_unwrapped(pair['id'])}:{_unwrapped(pair['secret'])}"
    for _ in range(8):
        if (twice := _TWICE.fullmatch(text)) and len(set(twice["key"])) > 2:
            text = twice["key"]
        found = _ASSIGNED.fullmatch(text)
        if found and found["name"].upper().endswith(("_ID", "_SECRET")):
            raise NoKeyFound("it is one half of a key: FAL_KEY_ID and FAL_KEY_SECRET belong together")
        found = found or _HEADER.fullmatch(text) or _SCHEME.fullmatch(text) or _QUOTED.fullmatch(text)
        inner = found["key"].strip() if found else text.strip(_QUOTES).rstrip(";,").strip()
        if inner == text:
            break
        text = inner
    return text
