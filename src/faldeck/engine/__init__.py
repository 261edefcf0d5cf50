"""The life of jobs: submits, follows and fetches them, and records every step before anyone sees it.

Imports `fal`, `history`, `schema`, `config`, `job` and below; never httpx, sqlite3, textual, or the faces above it.

Read `runner` first: a run is a table of stages (`submit`, `follow`, `fetch`), each given a `job_context`. What an
answer means for a job is in `transitions`. `host_gate` and `status_streams` say when a host may be asked, `timing`
how often. `supervisor` runs many jobs (`tasks`, `leases`) and tells its listeners (`events`). `reconcile` finds lost
requests.

Tests: tests/engine/
"""
