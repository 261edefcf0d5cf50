"""A service whose every text has control characters in it, and a check that none of them reaches a terminal."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

WICKED = (
    "\x1b]0;owned\x07\x1b]8;;https://evil.invalid/\x07here\x1b]8;;\x07\x1b]52;c;b3duZWQ=\x07\x1b]9;owned\x07"
    "\x1b]777;notify;owned;owned\x1b\\\x1b[2J\x1b[66;66Hat\x1b[31mred\x9b31m\x9d0;owned\x9c\x1bP+q6f\x1b\\\x1bc"
    "\u202egnp.exe\u2066\u200f\x00\x07\x08\r\x7f\ud800[red]not red[/] [link=file:///etc]x[/link] %s %(prog)s {0} $(id)"
    "\x1b[3A\x1b[5B\x1b[999C"
)
"""Title, link, clipboard, notices, erasing, moving, colours, device control and reset; bidi, controls; markup."""

GOOD, FAILING, REFUSED = "wicked/good", "wicked/failing", "wicked/refused"

EXPORTED = ("00000000000a1", "00000000000a2", "00000000000a3", "00000000000a4")
"""The ids of the jobs in `exported`."""

_WORDS = r"[^;\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*"

_ALLOWED = re.compile(
    r"\x1b\[(?!66;66H)[0-9;]*[mHGKX]"  # colours, places, blanks
    r"|\x1b\[B|\x1b\[(?:[1-9]?[0-9]|1[01][0-9])?C"  # the row below, columns to the right within the screen
    r"|\x0b|\x1b\[[0-9]{1,3}b"  # the row below, a glyph again
    r"|\x1b\[[<=>?]*[0-9;]*\$?[hlcnupt]"  # modes, and questions about them
    r"|\x1b\]8;[\w=:-]*;[!-~]*(?:\x1b\\|\x07)"  # links, of nothing but ASCII
    r"|\x1b\]52;c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)"
    r"|\x1b\]22;[a-z-]*\x07"  # the shape of the mouse
    r"|\x1b\]11;\?\x1b\\"  # the question about the background
    r"|\x1b\]2;faldeck(?: · [0-9]+ [a-z]+)*\x1b\\"  # the title of the window, of the deck's own words
    rf"|\x07\x1b\]9;{_WORDS}\x1b\\\x1b\]777;notify;faldeck;{_WORDS}\x1b\\"  # the notice of a job's end
    r"|\x1b[78=>]|\x1b\(B"
)
"""What the deck may tell a terminal."""

_OBEYED = re.compile(r"[\x00-\x06\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def obeyed(output: bytes) -> set[str]:
    """What of a program's output a terminal would obey and nobody meant it to; with the text around it."""
    text = output.decode("utf-8", "replace")
    rest = _ALLOWED.sub("", text)
    return {rest[max(found.start() - 30, 0) : found.end() + 30] for found in _OBEYED.finditer(rest)}


def document(endpoint_id: str) -> dict[str, object]:
    """The OpenAPI document of a model, of whose words none is honest."""
    fields = {
        "prompt": {"type": "string", "title": WICKED, "description": WICKED, "examples": [WICKED]},
        "style": {"type": "string", "enum": [WICKED, "plain"], "default": WICKED, "description": WICKED},
        "hint": {"type": "string", "default": WICKED, "title": WICKED},
        WICKED: {"type": "integer", "title": WICKED, "default": 10**400, "maximum": 1},
        "loras": {"type": "array", "items": {"type": "object", "title": WICKED, "properties": {WICKED: {}}}},
    }
    path = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}}}
    return {
        "openapi": "3.0.4",
        "info": {"title": WICKED, "description": WICKED, "x-fal-metadata": {"category": WICKED}},
        "paths": {f"/{endpoint_id}": {"post": {**path, "summary": WICKED, "description": WICKED}}},
        "components": {"schemas": {"In": {"type": "object", "title": WICKED, "properties": fields}}},
    }


class Wicked:
    """Listens on this machine."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        """Method and path of every request."""
        asked, wicked = self.asked, self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self._answer()

            do_PUT = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing on stderr."""

            def _answer(self) -> None:
                asked.append((self.command, self.path))
                code, body = wicked.answer(self.command, self.path)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(code)
                for name, value in {"Content-Length": str(len(content)), **_HEADERS}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def listening(self) -> Iterator[Wicked]:
        """As long as a test lasts."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def config(self, profile: str = "wicked") -> str:
        """A config whose only service this is."""
        roles = {"queue": "queue", "run": "run", "rest": "rest", "api": "api", "schema": "schema"}
        lines = [f'{name}_url = "{self.url}/{role}"' for name, role in roles.items()]
        return "\n".join([f'profile = "{profile}"', f"[profiles.{profile}]", 'key_env = "WICKED_KEY"', *lines])

    def answer(self, method: str, target: str) -> tuple[int, object]:
        """Status and body for a request."""
        path, _, query = target.partition("?")
        if path.endswith("/pricing"):
            names = parse_qs(query).get("endpoint_id", [])
            price = {"unit_price": 0.01, "unit": WICKED, "currency": WICKED}
            return 200, {"prices": [{"endpoint_id": name, **price} for name in names]}
        if path.startswith("/api/models/requests"):
            return 404, {"error": {"type": WICKED, "message": WICKED}}
        if path.startswith("/api/models"):
            return 200, {
                "models": [_listed(name) for name in (GOOD, FAILING, REFUSED, f"wicked/{WICKED}")],
                "next_cursor": None,
            }
        if path.startswith("/schema"):
            return 200, document(parse_qs(query)["endpoint_id"][0])
        if path.startswith("/files/"):
            return 200, b"\x89PNG\r\n\x1a\n" + bytes(64)
        if method == "POST" and path.endswith(REFUSED):
            return 400, {"detail": WICKED, "error_type": WICKED}
        if method == "POST":
            request_id = f"r-{path.rpartition('/')[2]}"
            base = f"{self.url}{path}/requests/{request_id}"
            return 200, {"request_id": request_id, "status": "IN_QUEUE", "response_url": base, "queue_position": 10**30}
        logs = [{"message": WICKED, "level": WICKED, "timestamp": WICKED, "source": WICKED}]
        if path.endswith("/stream"):
            return 404, {"detail": WICKED}
        if path.endswith("/status"):
            failed = {"error": WICKED, "error_type": WICKED} if FAILING in path else {}
            return 200, {"status": "COMPLETED", "logs": logs, **failed}
        if FAILING in path:
            problem = {"loc": ["body", WICKED, 0], "msg": WICKED, "type": WICKED, "input": WICKED, "ctx": WICKED}
            return 422, {"detail": [problem, {**problem, "loc": ["body", "prompt"]}]}
        image = {"url": f"{self.url}/files/{WICKED}.png", "file_name": f"../{WICKED}.exe", "content_type": WICKED}
        return 200, {
            "images": [{"url": f"{self.url}/files/x.png"}, {**image, "width": 1e400}],
            "output": WICKED,
            WICKED: WICKED,
            "seed": 10**400,
        }


_HEADERS = {"Content-Type": "application/json", "x-fal-billable-units": "1e400", "x-fal-error-type": "\xe2\x80\xae"}


def _listed(endpoint_id: str) -> dict[str, object]:
    group = {"key": WICKED, "label": WICKED}
    about = dict.fromkeys(("category", "description", "status", "date", "license_type", "kind"), WICKED)
    return {
        "endpoint_id": endpoint_id,
        "metadata": {**about, "display_name": f"A {WICKED}", "tags": [WICKED], "group": group, "thumbnail_url": WICKED},
    }


def exported(folder: Path, url: str) -> Path:
    """A file as `faldeck export` writes it, made by somebody who means no good."""
    job = {
        "title": WICKED,
        "created_at": "2026-01-01T00:00:00+00:00",
        "arguments": {"prompt": WICKED, WICKED: [WICKED]},
        "options": {"headers": {"X-Wicked": WICKED}, "runner_hint": WICKED},
        "result": {"images": [{"url": f"{url}/files/{WICKED}"}], "output": WICKED},
        "outputs": [{"url": f"{url}/files/{WICKED}", "at": WICKED, "problem": WICKED, "content_type": WICKED}],
        "logs": [{"timestamp": WICKED, "level": WICKED, "message": WICKED}],
        "error": {"message": WICKED, "type": WICKED, "fields": [{"loc": [WICKED, 0], "message": WICKED}]},
        "cost": {"units": WICKED, "unit": WICKED, "unit_price_usd": 1, "total_usd": 1e300},
        "tags": [WICKED],
        "note": WICKED,
    }
    odd_options = {"start_timeout": "soon", "priority": [], WICKED: WICKED}
    jobs: tuple[dict[str, object], ...] = (
        {"state": "completed", "endpoint_id": WICKED, "profile": "wicked", "request_id": "r-1"},
        {"state": "failed", "endpoint_id": GOOD, "profile": "wicked", "request_id": WICKED},
        {"state": "queued", "endpoint_id": GOOD, "profile": WICKED, "request_id": "r-2"},
        {"state": "completed", "endpoint_id": GOOD, "profile": "wicked", "request_id": "r-3", "options": odd_options},
    )
    path = folder / "export.jsonl"
    path.write_text("\n".join(json.dumps({**job, **one, "id": name}) for name, one in zip(EXPORTED, jobs, strict=True)))
    return path
