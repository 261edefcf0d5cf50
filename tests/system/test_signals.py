"""The signals that end a program."""

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal
from faldeck.system import signals

signals.install_handlers()


async def main():
    os.kill(os.getpid(), signal.SIGINT)  # Is still ignored.
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cancelled between two steps of the loop")
        raise


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("ended as by Ctrl-C")
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system has no such signals")
@pytest.mark.parametrize("before", ["", 'trap "" INT HUP; '], ids=["in the foreground", "where Ctrl-C is ignored"])
def test_an_ended_event_loop_cancels_its_main_task(before: str) -> None:
    command = ["sh", "-c", f'{before}exec "$@"', "sh", sys.executable, "-c", PROGRAM]
    said = "cancelled between two steps of the loop\nended as by Ctrl-C\n"
    if not before:
        command[-1] = PROGRAM.replace("    os.kill(os.getpid(), signal.SIGINT)  # Is still ignored.\n", "")

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ, check=False)

    assert (done.stdout, done.stderr, done.returncode) == (said, "", 0)
