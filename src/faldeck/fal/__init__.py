"""The client of a service: httpx in, frozen values out. It knows no job and no history.

Imports httpx and `safety`.

Read `gateway` for what a service can do, `values` for its answers, `errors` for what can go wrong. Then, by subject:
    HTTP        `transport` (the client, which guards the key), `connection`, `incoming` (an answer as it arrives),
                `allowed_addresses` (where files may be fetched from), `urls`
    answers     `responses` (JSON), `refusals` (what an error says)
    queue       `queue`, `statuses` (what its answers mean), `sse`, `submit_options`
    no queue    `direct` (a call that is answered with its output), `openai_api` (of gateways)
    files       `upload`, `multipart`, `media_type`, `download`
    account     `platform` (prices, past requests, catalogue)
`PROTOCOL.md` says what we know about the service, and how certain each fact is.

Tests: tests/fal/
"""

import sys

# httpx imports its own command-line program, and with it click and rich, wherever those are installed: this is two
# thirds of the time of its import. None makes that import fail, which httpx expects.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
