"""Commands on one or several jobs: ids or a search, and one job that fails does not stop the others."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faldeck.app.exit_status import CommandError, ExitStatus
from faldeck.cli import output, select

if TYPE_CHECKING:
    from faldeck.app.session import Session
    from faldeck.cli.command_table import Parser
    from faldeck.history import Store
    from faldeck.job import Job
    from faldeck.query import Query

SEARCH_HELP = "instead of ids: all jobs that `faldeck jobs --search` lists"

JSON_HELP = "print the job as one JSON object; several jobs as JSON lines"

AT_ONCE = 8
"""Jobs for which the service is asked at the same time."""


def add_arguments(parser: Parser, *, with_model: bool = False) -> None:
    """Adds the arguments that name jobs: ids, or a search instead."""
    parser.add_argument("names", metavar="ID", nargs="*", help=f"{select.ID_HELP}; put spaces between several")
    add_search(parser)
    if with_model:
        parser.add_argument("--model", type=select.parse_endpoint, metavar="ENDPOINT", help=select.MODEL_HELP)


def add_search(parser: Parser) -> None:
    """Adds the flag that names jobs by a search."""
    parser.takes_filter = True
    parser.add_argument("--search", type=_parse_filter, metavar="FILTER", help=SEARCH_HELP)


def _parse_filter(text: str) -> Query:
    from faldeck.query import parse

    parsed = parse(text)
    if parsed.problems:
        raise argparse.ArgumentTypeError(" ".join(problem.message for problem in parsed.problems))
    return parsed.query


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which jobs a command line names."""

    names: Sequence[str]
    search: Query | None
    command: str
    """The command's name, for errors."""

    def __post_init__(self) -> None:
        """Raises CommandError unless there are either ids or a search."""
        hint = f"faldeck {self.command} --help"
        if self.search is not None and self.names:
            raise CommandError("Give either ids or --search, not both.", ExitStatus.USAGE, hint=hint)
        if self.search is not None and not self.search.terms:
            raise CommandError(
                "--search needs words or a filter; an empty one is refused.", ExitStatus.USAGE, hint=hint
            )
        if self.search is None and not self.names:
            raise CommandError("Which jobs? Give their ids, or --search FILTER.", ExitStatus.USAGE, hint=hint)

    @property
    def are_several(self) -> bool:
        """True if more than one job may be meant: then JSON is printed as lines."""
        return self.search is not None or len(self.names) > 1

    def found(self, store: Store) -> list[Job]:
        """The jobs that match the search, newest first; raises CommandError if none does."""
        jobs = list(select.iter_jobs(store, self.search)) if self.search else []
        if not jobs:
            raise CommandError(f"No job matches: {self.search}", ExitStatus.NOT_FOUND, hint="faldeck jobs")
        return jobs

    def stored(self, store: Store, *, as_json: bool) -> tuple[list[Job], ExitStatus]:
        """The jobs in the history, each once, and the worst exit status of the ids that name none.

        If there are several ids, an unknown one is only reported. Raises CommandError if no id is known.
        """
        if self.search is not None:
            return self.found(store), ExitStatus.DONE
        status = ExitStatus.DONE
        jobs: dict[str, Job] = {}
        for name in self.names:
            try:
                job = select.require_job(store, name)
            except CommandError as error:
                if len(self.names) == 1:
                    raise
                print_error(error, as_json=as_json)
                status = max(status, error.status)
            else:
                jobs[job.id] = job
        return list(jobs.values()), status


def counted(jobs: int, models: int = 0) -> str:
    """A number of jobs and of models: `1 job`, `1,200 jobs and 1 model`, `2 models`."""
    named = [(jobs, "job")] if jobs or not models else []
    named += [(models, "model")] if models else []
    return " and ".join(f"{count:,} {word}{'s' if count != 1 else ''}" for count, word in named)


def print_error(error: CommandError, *, as_json: bool) -> None:
    """Prints why one of several jobs failed: on stderr, with `as_json` also on stdout."""
    if as_json:
        output.print_json_line(error.document())
    output.print_message(error.message)


def for_each_stored(
    store: Store, chosen: Chosen, work: Callable[[Job], ExitStatus | None], *, as_json: bool
) -> ExitStatus:
    """Does the work for each job and returns the worst exit status; raises the error of a single job."""
    jobs, status = chosen.stored(store, as_json=as_json)
    for job in jobs:
        try:
            status = max(status, work(job) or ExitStatus.DONE)
        except Exception as error:  # noqa: BLE001 (an unknown one is raised again)
            status = max(status, _told(error, job.id, chosen, as_json=as_json))
    return status


async def for_each(
    session: Session,
    chosen: Chosen,
    work: Callable[[Job], Awaitable[ExitStatus]],
    *,
    model: str | None,
    as_json: bool,
    wanted: Callable[[Job], bool] = lambda job: True,
    at_once: int = 1,
) -> ExitStatus:
    """The same for work that asks the service, for `at_once` jobs at a time. Of a search only `wanted` jobs count."""
    import asyncio  # An export needs no event loop.

    targets: list[Job | str] = list(dict.fromkeys(chosen.names))
    if chosen.search is not None:
        targets = [job for job in await session.history.read(chosen.found) if wanted(job)]
        if not targets:
            raise CommandError("None of the jobs that match is in a state for this.", ExitStatus.NOT_FOUND)
    gate = asyncio.Semaphore(at_once)

    async def outcome(target: Job | str) -> ExitStatus:
        async with gate:
            try:
                job = await select.resolve_job(session, target, model) if isinstance(target, str) else target
                return await work(job)
            except Exception as error:  # noqa: BLE001 (an unknown one is raised again)
                return _told(error, target if isinstance(target, str) else target.id, chosen, as_json=as_json)

    return max(await asyncio.gather(*map(outcome, targets)))


def _told(error: Exception, name: str, chosen: Chosen, *, as_json: bool) -> ExitStatus:
    """Prints the error of one of several jobs and returns its exit status; raises it if it is the only job."""
    from faldeck.app import errors

    ending = error if isinstance(error, CommandError) else errors.command_error(error)
    if ending is None or not chosen.are_several:
        raise error
    named = CommandError(f"{name}: {ending.message}", ending.status, type=ending.type, hint=ending.hint)
    named.job = ending.job
    print_error(named, as_json=as_json)
    return ending.status
