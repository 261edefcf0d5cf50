"""The client of a service: httpx in, frozen values out. It knows no job and no history.

Imports httpx and `safety`.

Read `gateway` for what a service can do, `values` for its answers, `errors` for what can go wrong. Then
`transport` (the HTTP client, which guards the key) with `connection`, `incoming` and `reach`, `urls`, `responses`,
`queue` with `statuses` and `sse`, `direct`, `relay_pages`, `submit_options`, `upload` with `multipart`, `download`,
`platform`. `PROTOCOL.md` says what we know about the service, and how certain each fact is.

Tests: tests/fal/
"""

import sys

# httpx imports its own command-line program, and with it click and rich, wherever those are installed: this is two
# thirds of the time of its import. None makes that import fail, which httpx expects.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
