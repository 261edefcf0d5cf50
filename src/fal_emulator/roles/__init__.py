"""The roles of the service, one module for each group of hosts: `queue`, `run` (direct calls), `storage`, `platform`.

`site` is the web site. `images` and `tasks` are the pages that only relays have, and `console` is the emulator's own.
"""
