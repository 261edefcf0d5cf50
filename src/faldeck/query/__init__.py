"""Which jobs or models a list shows: a value, and the language in which a person says it. Pure.

Imports `job`. Read `language` (`Query`, `Term`, `parse`), then `values` (what each key takes) and `completion`.
`history.search` makes SQL of a query. `models` is the same for the search over models.

Tests: tests/query/
"""

from __future__ import annotations

from faldeck.query.language import LIVE, FilterProblem, ParsedFilter, Query, SortBy, Term, parse
from faldeck.query.values import EXACTLY, BadValue, Key

__all__ = ["EXACTLY", "LIVE", "BadValue", "FilterProblem", "Key", "ParsedFilter", "Query", "SortBy", "Term", "parse"]
