"""What the deck costs while many jobs are live and change all the time: `python tests/bench/live.py`.

The jobs wait in the queues of a served emulator; each change is a new place in a queue. The deck resumes them as after
a restart, and follows some by stream and polls the others, as it does at any service.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # For the pretend terminal.

from measures import cpu  # noqa: E402
from seed import environment, seed  # noqa: E402
from support.pty_terminal import Terminal  # noqa: E402

from fal_emulator.plan import RequestPlan  # noqa: E402
from fal_emulator.state import EmulatorState, Ticket, fingerprint  # noqa: E402
from faldeck.config.settings import config_path  # noqa: E402
from faldeck.history import Store, history_path  # noqa: E402
from faldeck.job import Job, State  # noqa: E402
from faldeck.job_ids import first_number, id_text  # noqa: E402

DECK = (sys.executable, "-m", "faldeck")
MODEL = "demo/sketch/fast"
WAITING = 120.0
"""Seconds that the jobs stay in the queue: longer than it is measured."""
SAMPLE_SECONDS = 0.05
SETTLING = 8.0
"""Seconds until every job is followed, and those that get a stream have it."""


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, _emulator(Path(folder) / "service") as url:
        home = Path(folder) / "home"
        seed(home, models=100, jobs=options.past)
        config_path().write_text(_profile(url))
        _add_live_jobs(Path(folder) / "service", url, options.jobs, options.rate)
        with Terminal(*(options.command or DECK), environment=environment(home)) as deck:
            deck.wait_for(lambda shown: f" live {options.jobs} " in shown.text)
            print(f"the deck is process {deck.pid}", flush=True)
            time.sleep(SETTLING)
            if options.pane:
                deck.press(options.pane)
            shares, sent, changes = [], [], []
            for _ in range(options.runs):
                used, bytes_before, at = cpu(deck), deck.received, time.perf_counter()
                changes.append(_changes(options.seconds) / options.seconds)
                took = time.perf_counter() - at
                shares.append((cpu(deck) - used) / took)
                sent.append((deck.received - bytes_before) / took)
            print(f"{options.jobs} live jobs, {options.rate:g} changes a second each")
            each = " ".join(f"{share * 100:.1f}" for share in shares)
            print(f"CPU of the deck: {median(shares) * 100:.1f} % of a core ({each})")
            print(f"changes on disk: {median(changes):,.0f} a second")
            print(f"sent to the terminal: {median(sent):,.0f} bytes a second", flush=True)
            if options.show:
                print(deck.text)


@contextmanager
def _emulator(state: Path) -> Iterator[str]:
    """Serves an emulator; gives its URL."""
    command = (sys.executable, "-m", "faldeck", "emulator", "--state", str(state), "--until-stdin-closes")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        yield server.stdout.readline().strip()
        server.stdin.close()


def _profile(url: str) -> str:
    addresses: Mapping[str, str] = {
        "queue_url": f"{url}/queue",
        "api_url": f"{url}/api/v1",
        "schema_url": f"{url}/site/api/openapi/queue/openapi.json",
    }
    lines = "\n".join(f'{name} = "{address}"' for name, address in addresses.items())
    return f'profile = "bench"\n\n[profiles.bench]\n{lines}\n'


def _add_live_jobs(folder: Path, url: str, count: int, rate: float) -> None:
    """Makes so many requests at the service, and their jobs in the history."""
    service, store = EmulatorState(folder), Store(history_path())
    began = datetime.now(UTC)
    for number in range(count):
        at = began - timedelta(seconds=(count - number) / count / rate)  # So that not all change at once.
        plan = RequestPlan(queued=WAITING, running=5, ahead=max(1, round(WAITING * rate)) - 1)
        ticket = Ticket(
            *(str(uuid.uuid4()), MODEL, {"prompt": f"a lake, {number}"}, plan, fingerprint("Key bench-key")),
            submitted_at=at.timestamp(),
        )
        service.add_ticket(ticket, started_at=at.timestamp() + WAITING)
        request = f"{url}/queue/demo/sketch/requests/{ticket.request_id}"
        job = Job(
            id=id_text(first_number(round(at.timestamp() * 1000)) + number),
            profile="bench",
            endpoint_id=MODEL,
            state=State.QUEUED,
            created_at=at,
            title=f"a lake, {number}",
            request_id=ticket.request_id,
            status_url=f"{request}/status",
            response_url=request,
            cancel_url=f"{request}/cancel",
            submitted_at=at,
        )
        store.add(job, ticket.arguments)
    store.close()
    service.close()


def _changes(seconds: float) -> int:
    """Watches the history for so long; gives how many changes of a job's place were recorded."""
    count, known = 0, dict[int, object]()
    with closing(sqlite3.connect(f"file:{history_path()}?mode=ro", uri=True)) as history:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for job_id, place in history.execute("SELECT id, queue_position FROM job WHERE is_open").fetchall():
                count += known.get(job_id, place) != place
                known[job_id] = place
            time.sleep(SAMPLE_SECONDS)
    return count


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--rate", type=float, default=5.0, help="changes of each job in a second")
    parser.add_argument("--past", type=int, default=2_000, help="jobs that have ended")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pane", default="3", help="the key of the pane that is shown")
    parser.add_argument("--show", action="store_true", help="prints the screen at the end")
    parser.add_argument("command", nargs="*", help="another command than the deck of this folder")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.pop("FAL_KEY", None)
    main()
