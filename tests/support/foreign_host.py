"""A host that no profile names, to which answers and results point. It keeps every request that reaches it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class ForeignHost:
    """Listens on this machine; hands out the files of a service, and 404 for all else."""

    def __init__(self, service_url: str) -> None:
        self.visits: list[tuple[str, str, dict[str, str]]] = []
        """Method, path and headers (lower case) of every request."""
        visits = self.visits

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def do_PUT(self) -> None:
                self._answer()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing on stderr."""

            def _answer(self) -> None:
                visits.append((self.command, self.path, {name.lower(): text for name, text in self.headers.items()}))
                is_file = self.command == "GET" and self.path.startswith("/cdn/files/")
                found = httpx.get(service_url + self.path, verify=False) if is_file else httpx.Response(404)
                self.send_response(found.status_code)
                self.send_header("Content-Length", str(len(found.content)))
                self.send_header("Content-Type", found.headers.get("content-type", "text/plain"))
                self.end_headers()
                self.wfile.write(found.content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def secrets(self) -> list[str]:
        """Whatever anybody told it that might be a key."""
        telling = ("authorization", "proxy-authorization", "cookie", "x-api-key")
        return [headers[name] for _, _, headers in self.visits for name in telling if name in headers]

    @contextmanager
    def listening(self) -> Iterator["ForeignHost"]:
        """As long as a test lasts."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
