"""Finds the jobs that a command works on: by id, by URL, or by the flags of a search."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.safety import sanitize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from faldeck.app.catalogue import Catalogue
    from faldeck.app.copied_url import RequestAddress
    from faldeck.app.session import Session
    from faldeck.cli.command_table import Parser
    from faldeck.cli.context import CommandContext
    from faldeck.config.settings import Profile
    from faldeck.history import Query, Store
    from faldeck.job import Job


ID_HELP = "the id of a job, the service's request id, or the first characters (at least four) of one"

MODEL_HELP = "the model of a request that is not in the history"

NEAR = 3
"""How many jobs are named if no job has an id."""

LONGEST_ID = 64
"""Characters of a mistyped id that are looked at."""

CANDIDATES = 10
"""How many jobs are listed if an id could mean several."""


def add_id_argument(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that name a job."""
    parser.add_argument("name", metavar="ID", help=ID_HELP)
    parser.add_argument("--model", type=parse_endpoint, metavar="ENDPOINT", help=MODEL_HELP)


def parse_endpoint(text: str, profiles: Iterable[Profile] = ()) -> str:
    """The endpoint id that a text names: an id, an alias or the URL of a model; any other text is returned stripped."""
    from faldeck.app.aliases import named_model

    return named_model(text, _aliases() if "/" not in text else {}, profiles)


def _aliases() -> Mapping[str, str]:
    """The aliases in the config: the parser of the arguments has no context with them. None if it cannot be read."""
    from faldeck.config import settings

    try:
        return settings.load(strict=False).aliases
    except settings.ConfigError:  # A command that needs the config says so.
        return {}


def named_models(context: CommandContext, texts: Sequence[str]) -> list[str]:
    """The endpoint ids that texts name; see `parse_endpoint`. Says so if an alias leads to no listed model.

    Raises ConfigError.
    """
    config = context.config
    for alias in (text.strip() for text in texts):
        if alias in config.aliases:
            from faldeck.app import aliases
            from faldeck.cli import output

            if problem := aliases.problem(alias, config, catalogue_on_disk(context)):
                output.print_message(problem)
    return [parse_endpoint(text, [config.active]) for text in texts]


def models_among(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The endpoint ids that some names mean, and the other names: of jobs.

    The id of a job has no slash, and the URL of a request names a job, not a model.
    """
    from faldeck.app.copied_url import request_of

    aliases = _aliases() if any("/" not in name for name in names) else {}
    models = [name for name in names if name in aliases or ("/" in name and not request_of(name, ()))]
    return [parse_endpoint(name) for name in models], [name for name in names if name not in models]


def stop_at_misspelt(context: CommandContext, endpoint_ids: Iterable[str]) -> None:
    """Raises CommandError if an id is in no catalogue and a listed one is like it. Reads the disk alone."""
    from faldeck.fal.urls import app_id

    for endpoint_id in endpoint_ids:
        app_id(endpoint_id)
        if meant := did_you_mean(catalogue_on_disk(context), [endpoint_id]):
            raise CommandError(f"{endpoint_id} is not in the catalogue.{meant}", ExitStatus.NOT_FOUND)


def catalogue_on_disk(context: CommandContext) -> Catalogue:
    """The catalogue of the active profile, for reading what is on disk. Raises ConfigError."""
    from faldeck.app.catalogue import Catalogue
    from faldeck.engine.gateways import Gateways

    return Catalogue(Gateways(context.config), context.config.profile)


def did_you_mean(catalogue: Catalogue, endpoint_ids: Iterable[str]) -> str:
    """The sentence ` Did you mean …?` for misspelt ids; empty if no listed model is similar. Reads the disk."""
    near = [catalogue.similar_models(endpoint_id) for endpoint_id in endpoint_ids]
    meant = " or ".join(sanitize.clean_line(endpoint_id) for some in near for endpoint_id in some)
    return f" Did you mean {meant}?" if meant else ""


def parse_request(text: str, profiles: Iterable[Profile] = ()) -> tuple[str, str | None]:
    """The request id in the URL of a request, and its model if the URL has it; any other text is returned as it is."""
    if "/" not in text and "?" not in text:
        return text, None
    from faldeck.app.copied_url import request_of

    found = request_of(text, profiles)
    return (found.request_id, found.endpoint_id or None) if found else (text.strip("/ \t\r\n"), None)


def with_request(context: CommandContext, query: Query) -> tuple[Query, RequestAddress | None]:
    """The query with a request's id in place of its address, and that request if there is one. Raises ConfigError."""
    from faldeck.query import Key, Term

    for term in query.terms:
        if term.key is Key.TEXT and "/" in term.value:
            from faldeck.app.copied_url import request_of

            if request := request_of(term.value, context.config.profiles.values()):
                return query.without(term).narrowed(Term(Key.TEXT, request.request_id)), request
    return query, None


def adoption_hint(request: RequestAddress) -> str:
    """Says that a request is not in the history, and which command adds it."""
    words = shlex.join([request.endpoint_id or "ENDPOINT", request.request_id])
    return sanitize.clean_line(f"The request is not in the history. `faldeck adopt {words}` adds it.")


def find_job(store: Store, name: str, model: str | None = None) -> Job | None:
    """The job with this id, beginning of an id, or URL; None if the history has none.

    If several match, those of `model` are preferred. Raises CommandError with the list if there are still several.
    """
    name, addressed = parse_request(name)
    model = model or addressed
    jobs = store.named(name, limit=CANDIDATES + 1)
    if len(jobs) > 1 and model:
        jobs = store.named(name, endpoint_id=model, limit=CANDIDATES + 1) or jobs
    if len(jobs) > 1:
        count = f"{len(jobs)}" if len(jobs) <= CANDIDATES else f"more than {CANDIDATES}"
        listed = "\n".join(_candidate(job) for job in jobs[:CANDIDATES])
        raise CommandError(
            f"{name} matches {count} jobs. Type more of the id:\n{listed}",
            ExitStatus.USAGE,
            hint=f"faldeck jobs --search {name}",
        )
    return jobs[0] if jobs else None


def require_job(store: Store, name: str) -> Job:
    """The job with this id; raises CommandError if the history has none."""
    if job := find_job(store, name):
        return job
    raise CommandError(_unknown(name, store, "`faldeck jobs` lists them."), ExitStatus.NOT_FOUND)


def _unknown(name: str, store: Store, advice: str) -> str:
    """Says that no job has this id, and what to do; names the jobs whose ids begin with as much of it as any does."""
    from faldeck.history.search import SHORTEST_BEGINNING

    name = name.strip()
    if len(name) < SHORTEST_BEGINNING:
        return (
            f"There is no job {name} in the history. Type at least {SHORTEST_BEGINNING} characters of an id. {advice}"
        )
    lengths = range(min(len(name), LONGEST_ID) - 1, SHORTEST_BEGINNING - 1, -1)
    near = next(filter(None, (store.named(name[:length], limit=NEAR) for length in lengths)), [])
    meant = "\n".join(["", "Did you mean one of these?", *map(_candidate, near)]) if near else ""
    return f"There is no job in the history whose id is {name} or begins with it. {advice}{meant}"


def _candidate(job: Job) -> str:
    return f"  {job.id}  {job.request_id or '-'}  {job.state}  {job.endpoint_id}  {job.title}".rstrip()


async def resolve_job(session: Session, name: str, model: str | None) -> Job:
    """The job with this id or URL. A request of `model` that was made elsewhere is added to the history.

    Raises CommandError if there is no such job, NoKey, FalError.
    """
    from faldeck.app import job_actions

    name, addressed = parse_request(name, [session.profile])
    job = await session.history.read(lambda store: find_job(store, name, model or addressed))
    if job is not None:
        return job
    if (model := model or addressed) is None:
        advice = "For a request made elsewhere, give its model: --model ENDPOINT."
        unknown = await session.history.read(lambda store: _unknown(name, store, advice))
        raise CommandError(unknown, ExitStatus.NOT_FOUND)
    return (await job_actions.adopt(session, model, name.strip())).job


PAGE = 200
"""How many jobs are read at once."""


def parse_since(text: str) -> datetime:
    """Parses `2026-03-01`, `2026-03-01T08:30` (local time), or a time ago such as `36h`, `7d`, `2w`."""
    from faldeck.query.values import BadValue, period

    try:
        return period(text, datetime.now(UTC))[0]
    except BadValue:
        wanted = "a day such as 2026-03-01 or a time ago such as 7d"
        raise argparse.ArgumentTypeError(f"must be {wanted}, not {text!r}") from None


class _Narrow(argparse.Action):
    """Narrows the query that the arguments make: by a value of the key, or without a key by a whole filter."""

    def __init__(self, *arguments: Any, key: str = "", given: str | None = None, **settings: Any) -> None:
        """`given` is the value of a flag that takes none."""
        own = {"nargs": 0} if given is not None else {}
        super().__init__(*arguments, **{**settings, **own, "default": argparse.SUPPRESS})
        self._key, self._given = key, given

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        from faldeck.query import BadValue, Key, Term, parse
        from faldeck.query.values import canonical

        query: Query = namespace.query
        if self._key:
            try:
                key = Key(self._key)
                namespace.query = query.narrowed(Term(key, canonical(key, self._given or str(values))))
            except BadValue as error:
                raise argparse.ArgumentError(self, f"{error}, not {values!r}") from None
            return
        parsed = parse(" ".join(values) if isinstance(values, list) else values)
        if parsed.problems:
            raise argparse.ArgumentError(self, " ".join(problem.message for problem in parsed.problems))
        namespace.query = query.also(parsed.query)


FILTER_EPILOG = """\
Filters, in FILTER and --search: words in any order, "words together", the beginning of an id, and
  state: model: profile: since: until: tag: star: cost:>0.5 took:>60 has:file|note|error kind:image|video|audio
A term with - before it excludes jobs; a comma in a value means "or". Example: fox -tag:draft since:7d sort:cost
"""


def add_filter_words(parser: Parser) -> None:
    """Adds the words of a filter as arguments, and the flags of a search."""
    from faldeck.query import Query

    parser.takes_filter = True
    parser.set_defaults(query=Query())
    parser.add_argument(
        "filter", action=_Narrow, nargs="*", metavar="FILTER", help="only jobs that match, such as: fox state:failed"
    )
    add_search_flags(parser)


def add_search_flags(parser: Parser) -> None:
    """Adds the flags of a search; a job must match all of them. The parsed arguments have a `query`."""
    from faldeck.query import Query
    from faldeck.query.values import STATE_VALUES

    parser.takes_filter = True
    parser.set_defaults(query=Query())

    def add(flag: str, help: str, **settings: Any) -> None:
        parser.add_argument(flag, dest="query", action=_Narrow, help=help, **settings)

    add("--search", "only jobs that match a filter, as in the search of the deck", metavar="FILTER")
    states = ", such as completed, failed or live"
    add("--state", f"only jobs in this state{states}", key="state", choices=STATE_VALUES, metavar="STATE")
    add(
        "--model",
        "only jobs of this model, or of all models with this part in their id",
        key="model",
        type=parse_endpoint,
        metavar="ENDPOINT",
    )
    add("--since", "only jobs made since a day (2026-03-01) or within a time (7d, 36h)", key="since", metavar="WHEN")
    add("--until", "only jobs made until the end of a day or month (2026-03)", key="until", metavar="WHEN")
    add("--profile", "only jobs of this profile", key="profile", metavar="NAME")
    add("--tag", "only jobs with this tag", key="tag", metavar="TAG")
    add("--starred", "only starred jobs", key="star", given="yes")


def add_sort_flag(parser: Parser) -> None:
    """Adds the flag that sorts; the order is part of the parsed `query`."""
    parser.add_argument(
        "--sort",
        dest="query",
        action=_Narrow,
        type=lambda text: f"sort:{text.strip()}",
        metavar="BY",
        help="by time, cost or took (seconds); the largest come first, with - before it the smallest: --sort=-cost",
    )


INDEX_SECONDS = 0.4
"""How long a command indexes jobs before it searches."""


def index_pending_jobs(store: Store, query: Query) -> None:
    """Indexes older and imported jobs for a moment before a search for words; says what is left."""
    from faldeck.app import wording
    from faldeck.cli import output
    from faldeck.query import Key

    if store.is_read_only or not any(term.key is Key.TEXT for term in query.terms):
        return
    if store.index.progress():
        store.index.step(INDEX_SECONDS)
    if progress := store.index.progress():
        output.print_message(wording.not_indexed(progress))


def iter_jobs(store: Store, query: Query, *, limit: int = 0) -> Iterator[Job]:
    """The jobs that match, newest first, read page by page. `limit` is the most to return; 0 for all."""
    left, before = limit or None, None
    while left is None or left > 0:
        page = store.page(query, limit=min(PAGE, left or PAGE), before=before)
        yield from page
        if len(page) < min(PAGE, left or PAGE):
            return
        left = None if left is None else left - len(page)
        before = page[-1].id
