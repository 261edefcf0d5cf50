"""The life of jobs: submits, follows and fetches them, and records every step before anyone sees it.

Imports `fal`, `history`, `schema`, `config`, `job` and below; never httpx, sqlite3, textual, or the faces above it.

Read `runner` first: a run is a table of stages (`submit`, `follow`, `fetch`), each given a `job_context`. What an
answer does to a job is in `transitions`; what an error means is in `error_meaning`. Then, by subject:
    submit      `draft` (a request before it is a job), `send_modes`, `local_files`, `upload`
    follow      `status_streams`, `address_fallback` (the service gave a wrong URL), `reconcile` (finds lost requests)
    fetch       `output_files`, `origin_writer` (notes which request made a file)
    when        `host_gate` (a host's circuit breaker and rate limit), `timing` (intervals)
    many jobs   `supervisor`, `tasks`, `leases`, `gateways` (one for each profile), `events` (what listeners hear)
    besides     `adoption` (requests made elsewhere), `purge` (deleted jobs), `unsaved` (the disk is full),
                `group_commit` (many small changes)

Tests: tests/engine/
"""
