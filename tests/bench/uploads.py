"""A large file up to a served emulator: faldeck, the official Python client and curl beside each other, in one run.

Each runs in a process of its own, by turns; told are the best wall time and the peak of resident memory above what
the same process had before the file. faldeck does all that a job's file asks of it: reads the file for its SHA-256,
looks in its history, sends, remembers. Above 90 MB faldeck and the client send parts, which the emulator then writes
a second time to put them together; curl's one request spares it that. What has arrived is thrown away before the next
turn, or the later ones would wait for a disk that the earlier ones filled. `python tests/bench/uploads.py [MB …]`
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

TURNS = 5

_MEASURED = """
import re, sys, time
def resident(word):
    return int(re.search(word + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
def measured(send):
    open("/proc/self/clear_refs", "w").write("5")  # Forgets the peak so far.
    idle, begun = resident("VmRSS"), time.perf_counter()
    send()
    print(f"{time.perf_counter() - begun} {resident('VmHWM') - idle}")
url, path, small = sys.argv[1:]
"""

_FALDECK = """
import asyncio, tempfile
from pathlib import Path
from faldeck.engine.upload import Uploader
from faldeck.fal.gateway import Gateway, Hosts
from faldeck.history import History
with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as loop:
    history = History(Path(folder) / "history.db")
    service = Gateway(Hosts(queue_url=url + "/queue", rest_url=url + "/rest"), "Key any")
    uploads = Uploader(history, service, "bench")
    loop.run(uploads.url(Path(small)))
    measured(lambda: loop.run(uploads.url(Path(path))))
    loop.run(service.aclose())
    history.close()
"""

_OFFICIAL = """
from fal_client import client as fal
fal.REST_URL, fal.CDN_URL = url + "/rest", url + "/cdn"
service = fal.SyncClient(key="any:key")
service.upload_file(small)
measured(lambda: service.upload_file(path))
"""

_CURL = """
import subprocess
to = ["-H", "Authorization: Bearer any", "-H", "Expect:", url + "/cdn/files/upload"]
measured(lambda: subprocess.run(["curl", "-sSf", "-o", "/dev/null", "-X", "POST", "-T", path, *to], check=True))
"""

PEERS = {"faldeck": _FALDECK, "fal_client": _OFFICIAL, "curl": _CURL}


def sent(program: str, *words: str) -> tuple[float, float]:
    """Seconds and MB of one upload by a program."""
    command = [sys.executable, "-W", "ignore", "-c", _MEASURED + program, *words]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, memory = said.split()
    return float(seconds), float(memory)


def forget(state: Path) -> None:
    """Throws away the files that the emulator has taken."""
    for stored in (state / "files").rglob("*"):
        if stored.is_file():
            stored.unlink()


def compare(megabytes: int, url: str, folder: Path) -> None:
    """Prints what each peer needs for a file of so many MB."""
    large, small = folder / f"{megabytes}.mp4", folder / "small.txt"
    with Path("/dev/urandom").open("rb") as noise, large.open("wb") as file:
        for _ in range(megabytes):
            file.write(noise.read(1_000_000))
    small.write_bytes(b"small")
    turns: list[dict[str, tuple[float, float]]] = []
    for _ in range(TURNS):
        turns.append({})
        for name, program in PEERS.items():
            turns[-1][name] = sent(program, url, str(large), str(small))
            forget(folder / "state")
    large.unlink()
    fastest = {name: min(turn[name][0] for turn in turns) for name in PEERS}
    for name, seconds in fastest.items():
        memory = "" if name == "curl" else f"  +{max(turn[name][1] for turn in turns):6.1f} MB"
        ratio = seconds / fastest["curl"]
        print(f"{megabytes:5} MB  {name:12}{seconds:7.2f} s  {ratio:5.2f} of curl{memory}", flush=True)


def main() -> None:
    """Compares at each size that is asked for: 60 and 300 MB unless told otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "faldeck", "emulator", "--port", "0", "--state", f"{folder}/state"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
            assert emulator.stdout is not None
            url = re.sub(r"\s", "", emulator.stdout.readline())
            try:
                for megabytes in [int(word) for word in sys.argv[1:]] or [60, 300]:
                    compare(megabytes, url, Path(folder))
            finally:
                emulator.terminate()


if __name__ == "__main__":
    main()
