"""Files up to a service: by its file host, or where it has no such door, by the older way (protocol §5)."""

import asyncio
from pathlib import Path

from faldeck.fal.cdn import Cdn
from faldeck.fal.errors import Busy, Forbidden, NotOffered, Refused, Unauthorized, Unreadable
from faldeck.fal.hosts import Hosts
from faldeck.fal.http import Http
from faldeck.fal.lifecycle import OPEN, Access
from faldeck.fal.local_file import LocalFile
from faldeck.fal.passage import Cutting, Passage, Progress
from faldeck.fal.rest import Rest
from faldeck.fal.signed import Signed


class Storage:
    """One service's file store."""

    def __init__(self, http: Http, hosts: Hosts, cutting: Cutting) -> None:
        rest = Rest(http, hosts.rest_url) if hosts.rest_url else None
        self._doors = (Cdn(http, rest, hosts.cdn_url), Signed(http, rest)) if rest else None
        self._cutting = cutting

    async def upload(
        self,
        path: Path,
        *,
        content_type: str | None = None,
        file_name: str | None = None,
        lifecycle: int | None = None,
        access: Access = OPEN,
        progress: Progress | None = None,
    ) -> str:
        """Send a file and give its URL. `lifecycle` is in seconds, None leaves it to the account's own setting.

        Name and type default to what the path and the bytes say. Cancelling stops it at once. Raises `NotOffered`
        where the profile has no storage, OSError where the file cannot be read.
        """
        if self._doors is None:
            raise NotOffered("This profile names no storage (rest_url), so files cannot be uploaded.")
        file = await asyncio.to_thread(
            LocalFile, path, content_type=content_type, name=file_name, lifecycle=lifecycle, access=access
        )
        cdn, signed = self._doors
        try:
            return await cdn.take(Passage(file, self._cutting, progress))
        except (Unauthorized, Forbidden, Busy):
            raise  # Not the door is at fault but the key or the moment.
        except (Refused, Unreadable):
            return await signed.take(Passage(file, self._cutting, progress))
