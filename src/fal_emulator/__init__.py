"""An emulator of the fal.ai service: an ASGI app and the models that it runs, for demos, tests and client development.

Imports starlette, uvicorn, pillow and the standard library, and nothing of `faldeck`; `protocol §2` is a paragraph of
`faldeck/fal/PROTOCOL.md`, which describes the service that this package imitates.

Read in this order: `app` puts the roles together; `middleware` is around them; `service` accepts a request and gives
its result; `plan` says when its status changes; `state` stores it; `roles/` has the routes of each host; `model` and
`models/` describe what can be run; `art/` makes the files. `server` serves it all over HTTP. Besides:
    who may call    `access`
    answers         `answers` (and errors), `faults` (that can be switched on), `relays` (how a relay differs)
    inputs          `fields` (their schemas), `validation`, `openapi` (a model's document)
    files           `files` (of outputs and of inputs)

Tests: tests/fal_emulator/
"""

__version__ = "0.2.0"
