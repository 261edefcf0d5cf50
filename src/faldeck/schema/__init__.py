"""OpenAPI document → fields → arguments, and result → outputs. Pure: nothing here reads a file or a network.

Imports `safety` and nothing else of ours. This file imports nothing, so that a command loads only what it needs.

Read in this order: `document.read` gives a `ModelSchema`; `normalize` resolves references and unions in a schema;
`fields/` has a class for each kind of field; `arguments` makes the request out of typed values, and fields out of the
errors of an answer; `flags` does the same for a command line; `results` finds the files and texts in a result, and
`links` decides which of its URLs are files, `file_extensions` how a file is named; `media/` reads sizes and durations
from files. Beside these: `json_value` (values and paths), `plain_text` (descriptions), `standalone` (a schema without
references).

Tests: tests/schema/
"""
