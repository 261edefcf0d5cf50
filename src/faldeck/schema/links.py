"""Decides which links in a result are its files. Pure. Links that a text cites, or that were sent as input, are not.

A link to the service's own hosts is a file under any name. A link to another host must be described or named as a file,
because citations, search results and repeated inputs are links too, and nobody asked for them.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from faldeck.safety.hosts import host_of, is_nearer, netloc_of
from faldeck.schema.file_extensions import KNOWN, url_extension
from faldeck.schema.json_value import JsonPath, JsonValue

_FILE_HOSTS = ("fal.media",)
"""The hosts of the official service's files, with all their subdomains (protocol §0)."""
_FILE_PLACES = ("storage.googleapis.com/falserverless/",)
"""The same, on hosts that other services use too."""

_TEXT_EXTENSIONS = frozenset({"csv", "html", "json", "md", "pdf", "txt"})
"""Extensions that pages have as well as files."""
MEDIA_EXTENSIONS = KNOWN - _TEXT_EXTENSIONS
_MEDIA_WORDS = MEDIA_EXTENSIONS | frozenset(
    {"animation", "archive", "artifact", "artifacts", "audio", "audios", "caption", "captions", "clip", "clips"}
    | {"bass", "drums", "guitar", "instrumental", "piano", "stem", "stems"}
    | {"file", "files", "frame", "frames", "image", "images", "img", "lora", "mask", "masks", "media", "mesh"}
    | {"meshes", "movie", "music", "photo", "photos", "picture", "pictures", "song", "songs", "sound", "speech"}
    | {"sprite", "spritesheet", "subtitle", "subtitles", "texture", "textures", "thumbnail", "thumbnails", "track"}
    | {"tracks", "video", "videos", "vocals", "voice", "weights"}
)
"""Words in the name of a member that holds a file."""
_OUTPUT_WORDS = frozenset({"data", "output", "outputs", "response", "result"})
"""Words in the name of a member with the output of a relay, of any kind (protocol §9.3)."""
_INPUT_WORDS = frozenset({"init", "input", "inputs", "original", "reference", "references", "source", "sources"})
"""Words in the name of a member with the input. On another host it is not downloaded."""
_SERVICE_NAMES = frozenset(
    {"callback_url", "cancel_url", "polling_url", "prompt", "response_url", "status_url", "webhook", "webhook_url"}
)
"""Members whose link is never a file."""
_PAGE_WORDS = frozenset(
    {"api", "callback", "cancel", "citation", "dashboard", "docs", "endpoint", "get", "homepage", "license", "next"}
    | {"page", "poll", "polling", "prev", "previous", "prompt", "request", "self", "status", "terms", "webhook"}
    | {"website"}
)
"""Words in the name of a member with the address of a page, or of the service itself."""

_ECHOES = frozenset({"args", "detail", "messages", "parameters", "params", "payload"})
"""Members at the root that repeat the input or describe an error. No file in them is an output."""
_DEEP_ECHOES = frozenset({"arguments", "input", "inputs", "original_request", "request"})
"""The same at any depth."""
_REFERENCES = frozenset(
    {"annotations", "bibliography", "citation", "citations", "footnotes", "grounding_metadata", "groundingmetadata"}
    | {"references", "related", "search_results", "searchresults", "sitelinks", "url_citation", "web_results"}
    | {"web_search", "web_search_results", "webpages", "websites"}
)
"""Members with the sources that a text cites."""
_LINK_NAMES = ("url", "link", "href")
_TITLES = frozenset({"headline", "snippet", "title"})
_PAGE_MARKS = _TITLES | frozenset(
    {"author", "description", "domain", "excerpt", "favicon", "name", "published_at", "published_date"}
    | {"publisheddate", "score", "site_name", "summary"}
)
"""Facts that describe a page, and rarely a file."""
_FILE_FACTS = frozenset({"file_data", "file_name", "file_size", "filename", "filesize"})
"""Facts that describe only a file."""
_MEDIA_FACTS = frozenset({"duration", "fps", "height", "num_frames", "width"})
"""Facts that describe a file, and some pages."""
_ROLES = ("user", "system")
"""The roles in the part of a chat that repeats its input."""


def is_link(text: str) -> bool:
    """True if `text` is an http(s) link or a data URI, so nothing to upload."""
    return text[:8].lower().startswith(("http://", "https://", "data:"))


class Home(NamedTuple):
    """The hosts of a service's files, and the links that were sent to it."""

    netlocs: frozenset[str] = frozenset()
    """Hosts of the profile, in lower case, with the port if it is not the default one."""
    hosts: frozenset[str] = frozenset()
    """The same without ports."""
    sent: frozenset[str] = frozenset()
    """Links in the input of the request."""

    @classmethod
    def of(cls, urls: Iterable[str | None], sent: Iterable[str] = ()) -> Self:
        """The home of a service whose profile has these addresses."""
        named = [url for url in urls if url]
        netlocs, hosts = map(netloc_of, named), map(host_of, named)
        return cls(frozenset(netlocs) - {""}, frozenset(hosts) - {""}, frozenset(sent))

    def keeps(self, url: str) -> bool:
        """Whether a link is on the service's own hosts."""
        netloc = netloc_of(url)
        if not netloc:
            return False
        return _is_file_host(url) or netloc in self.netlocs or _is_below(netloc, self.netlocs)

    def may_lead_to(self, url: str) -> bool:
        """Whether a service may give this link: one to this machine or its network only if it is there itself."""
        return not is_nearer(url, self.hosts)


OFFICIAL = Home()
"""The official service."""


def is_whole_link(text: str) -> bool:
    """Whether the whole text is one link or one data URI."""
    return re.fullmatch(r"(?:https?://|data:[\w.+-]+/[\w.+-]+[;,])\S+", text, re.IGNORECASE) is not None


def is_closed(home: Home, path: JsonPath, value: JsonValue, *, is_root: bool) -> bool:
    """Whether nothing below a value is an output, because it repeats the input or is a source that a text cites.

    `is_root`: it is a member of the root.
    """
    name = path[-1].lower() if path and isinstance(path[-1], str) else ""
    if name in _REFERENCES:
        return True
    if not isinstance(value, dict):
        return name in _DEEP_ECHOES or (is_root and name in _ECHOES)
    if "url" not in value and (name in _DEEP_ECHOES or (is_root and name in _ECHOES)):
        return True
    return value.get("role") in _ROLES or (bool(path) and _is_page(home, path, value))


def _is_page(home: Home, path: JsonPath, facts: dict[str, JsonValue]) -> bool:
    """Whether an object describes a page, as search results do."""
    if _TITLES.isdisjoint(facts):
        return False
    addresses = (facts.get(name) for name in _LINK_NAMES)
    url = next((address for address in addresses if isinstance(address, str)), "")
    return is_whole_link(url) and not is_file(home, path, url, facts)


def is_file(home: Home, path: JsonPath, url: str, facts: dict[str, JsonValue]) -> bool:
    """Whether an object at `path` with the link `url` is a file."""
    if url in home.sent or not home.may_lead_to(url):
        return False
    if home.keeps(url) or is_data(url):
        return True
    words, kind = _words(path), kind_of(facts)
    if not _INPUT_WORDS.isdisjoint(words) or kind.startswith("text/html"):
        return False
    names = {name.lower() for name, value in facts.items() if value not in (None, "")}
    is_named = not _MEDIA_WORDS.isdisjoint(words | _map_words(path)) or _names_a_file(facts.get("name"))
    if kind or is_named or not _FILE_FACTS.isdisjoint(names):
        return True
    if not _PAGE_MARKS.isdisjoint(names):
        return False
    is_output = not words or not _OUTPUT_WORDS.isdisjoint(words)
    return is_output or url_extension(url) in MEDIA_EXTENSIONS or not _MEDIA_FACTS.isdisjoint(names)


def is_own_link(home: Home, path: JsonPath, url: str) -> bool:
    """Whether a link at `path` is a file on the service's own hosts, or contains the bytes of a file."""
    name, words = _nearest(path).lower(), _words(path)
    if url in home.sent or name in _SERVICE_NAMES or not home.may_lead_to(url):
        return False
    return is_data(url) or _is_file_host(url) or (home.keeps(url) and _PAGE_WORDS.isdisjoint(words))


def is_foreign_link(home: Home, path: JsonPath, url: str) -> bool:
    """Whether a link at `path` to another host may be a file, if the result has no better one.

    Relays give files in this way (protocol §9.3), but some repeat the input in this way too. Beside another file it is
    taken for the input.
    """
    words = _words(path)
    if url in home.sent or home.keeps(url) or not home.may_lead_to(url):
        return False
    if _nearest(path).lower() in _SERVICE_NAMES or not (_PAGE_WORDS | _INPUT_WORDS).isdisjoint(words):
        return False
    is_media = not _MEDIA_WORDS.isdisjoint(words | _map_words(path))
    is_output = not words or not _OUTPUT_WORDS.isdisjoint(words)
    if is_media and not words.isdisjoint({"url", "urls", *MEDIA_EXTENSIONS}):
        return True
    return (is_media or is_output) and url_extension(url) in MEDIA_EXTENSIONS


def is_page_link(path: JsonPath, text: str) -> bool:
    """Whether a text at `path` is a link that a person may follow. The addresses of a request are for programs."""
    return is_whole_link(text) and not is_data(text) and _nearest(path).lower() not in _SERVICE_NAMES


def kind_of(facts: dict[str, JsonValue]) -> str:
    """The media type of an object, in lower case; empty if it has none."""
    named = (facts.get(name) for name in ("content_type", "contentType", "mime_type", "mimeType", "media_type", "type"))
    kinds = (value.strip().lower() for value in named if isinstance(value, str))
    return next((kind for kind in kinds if re.match(r"[\w.+-]+/[\w.+-]+", kind)), "")


def is_data(url: str) -> bool:
    """Whether the URL contains the bytes of the file."""
    return url[:5].lower() == "data:"


def _names_a_file(name: JsonValue) -> bool:
    return isinstance(name, str) and name.lower().rpartition(".")[2] in MEDIA_EXTENSIONS and "." in name


def _is_file_host(url: str) -> bool:
    host = host_of(url) if netloc_of(url) else ""
    return _is_below(host, _FILE_HOSTS) or f"{host}{_path(url)}".startswith(_FILE_PLACES)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _is_below(host: str, homes: Iterable[str]) -> bool:
    return any(host == home or host.endswith(f".{home}") for home in homes)


def _nearest(path: JsonPath) -> str:
    """The member name nearest to the end of a path."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _words(path: JsonPath) -> frozenset[str]:
    """The words of the member name nearest to the end of a path."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", _nearest(path))
    return frozenset(filter(None, re.split(r"[^a-z0-9]+", spaced.lower())))


def _map_words(path: JsonPath) -> frozenset[str]:
    """The words of the member with a map of links (`model_urls`), for a path into such a map."""
    names = [step for step in path if isinstance(step, str)]
    words = _words(tuple(names[:-1])) if len(names) > 1 else frozenset()
    return words if words & {"url", "urls"} else frozenset()
