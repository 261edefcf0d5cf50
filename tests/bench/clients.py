"""Programs that submit jobs and wait for their results, each printing a line `REQUEST_ID TIME` when one is at hand.

python clients.py faldeck|fal_client URL JOBS FOLDER
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

SKETCH = "demo/sketch/fast"


def lake(number: int, folder: Path) -> dict[str, object]:
    """A small request that nobody makes twice, so that it can be found again."""
    return {"prompt": f"a lake, {number} of {folder.name}", "image_size": {"width": 64, "height": 48}}


async def faldeck(url: str, jobs: int, folder: Path) -> None:
    """The engine, with its history and its files on disk."""
    from faldeck.config.credentials import Credential
    from faldeck.config.settings import Config, demo_profile
    from faldeck.engine.gateways import Gateways
    from faldeck.engine.supervisor import Draft, Supervisor
    from faldeck.fal.gateway import Gateway  # noqa: F401
    from faldeck.history import History

    config = Config(output_dir=folder / "outputs").with_profile(demo_profile(url))
    services = Gateways(config, find_key=lambda profile: Credential("any:key", "the bench"))
    history = History(folder / "history.db")
    supervisor = Supervisor(history, services, config)
    await supervisor.start(resume=False)

    async def one(number: int) -> None:
        job = await supervisor.submit(Draft(profile="demo", endpoint_id=SKETCH, arguments=lake(number, folder)))
        async for snapshot in supervisor.follow(job.id):
            job = snapshot
        tell(str(job.request_id))

    await asyncio.gather(*(one(number) for number in range(jobs)))
    await supervisor.close()
    await services.close()
    history.close()


async def fal_client(url: str, jobs: int, folder: Path) -> None:
    """The official client, which leaves the file at its URL."""
    from fal_client import client as fal

    fal.RUN_URL_FORMAT, fal.QUEUE_URL_FORMAT = f"{url}/run/", f"{url}/queue/"
    official = fal.AsyncClient(key="any:key")

    async def one(number: int) -> None:
        ids: list[str] = []
        await official.subscribe(SKETCH, lake(number, folder), on_enqueue=ids.append)
        tell(ids[0])

    await asyncio.gather(*(one(number) for number in range(jobs)))


def tell(request_id: str) -> None:
    """Says that the result of a request is at hand."""
    sys.stdout.write(f"{request_id} {time.time()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, program, url, jobs, folder = sys.argv
    asyncio.run({"faldeck": faldeck, "fal_client": fal_client}[program](url, int(jobs), Path(folder)))
