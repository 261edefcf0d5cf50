"""Writes a request as a program that sends it again: curl, the official Python or JavaScript client. Pure.

The program has no key, only the name of the variable with the key.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from faldeck.config.settings import OFFICIAL, Profile
from faldeck.fal import submit_options
from faldeck.fal.errors import NotSupported
from faldeck.fal.submit_options import SubmitOptions
from faldeck.fal.urls import QueueAddress, segments_of, with_query
from faldeck.job import Mode
from faldeck.safety.hosts import LOOPBACK
from faldeck.schema.json_value import JsonValue

LONGEST_WORD = 100_000
"""The longest word of a shell command (characters); Linux allows 128 kB."""

_NAMED_BY_CLIENTS = (
    "Content-Type",
    "X-Fal-Request-Timeout",
    "X-Fal-Request-Start-Timeout",
    "X-Fal-Queue-Priority",
    "X-Fal-Runner-Hint",
)
"""Headers for which the official clients have options."""


class Call(NamedTuple):
    """A request and its service."""

    profile: Profile
    endpoint_id: str
    arguments: Mapping[str, JsonValue]
    options: SubmitOptions
    mode: Mode = Mode.QUEUE

    @property
    def sent_as(self) -> Mode:
        """The mode in which it is sent: a model that the profile lists for an Images or video page is sent there."""
        if self.mode is not Mode.QUEUE:
            return self.mode
        pages = {Mode.IMAGES: self.profile.uses_images_page, Mode.VIDEOS: self.profile.uses_videos_page}
        return next((page for page, is_meant in pages.items() if is_meant(self.endpoint_id)), Mode.QUEUE)

    @property
    def is_direct(self) -> bool:
        """True if one call without the queue returns the result."""
        return self.sent_as.is_direct

    @property
    def key_variable(self) -> str:
        """The environment variable with the key: the one in the profile, or else one made from the profile's name.

        It is never fal's own variable for another service: the program would send fal's key there.
        """
        if self.profile.key_env:
            return self.profile.key_env
        name = re.sub(r"\W", "_", f"{self.profile.name}_KEY", flags=re.ASCII).upper()
        return f"_{name}" if name[0].isdigit() or name == OFFICIAL.key_env else name

    @property
    def headers(self) -> dict[str, str]:
        """The headers for which the official clients have no options."""
        headers = submit_options.headers(self.options)
        return {name: value for name, value in headers.items() if name not in _NAMED_BY_CLIENTS}

    @property
    def other_hosts(self) -> dict[str, str]:
        """The hosts of fal → those of a service on this machine; empty for fal itself. Raises NotSupported for a relay.

        The official clients follow the URLs that a service returns, so a relay's key would go to fal (protocol §9.2).
        """
        if self.sent_as in (Mode.IMAGES, Mode.VIDEOS):
            raise NotSupported(
                f"The official clients cannot send to a page for {self.sent_as}. Only curl and json can be shown."
            )
        if self.profile.queue_url == OFFICIAL.queue_url:
            return {}
        if urlsplit(self.profile.queue_url).hostname not in LOOPBACK:
            raise NotSupported(
                "The official clients send to fal only. A request to a relay can only be shown as curl or json."
            )
        hosts = {OFFICIAL.queue_url: self.profile.queue_url, OFFICIAL.run_url: self.profile.run_url}
        return {official: own for official, own in hosts.items() if official and own}


def curl(call: Call) -> str:
    """A shell command that sends the request once. Raises NotSupported if the profile cannot send it any more."""
    profile, address = call.profile, QueueAddress(call.profile.queue_url)
    arguments, auth = dict(call.arguments), profile.auth
    match call.sent_as:
        case Mode.IMAGES:
            url, auth = _named(profile, "images_url"), profile.images_auth
            arguments = submit_options.drawing(
                call.endpoint_id, arguments, profile.images_models, is_short=address.has_owner
            )
        case Mode.VIDEOS:
            url, auth = _named(profile, "videos_url"), profile.images_auth
            arguments = submit_options.filming(
                call.endpoint_id, arguments, profile.videos_models, is_short=address.has_owner
            )
        case Mode.SYNC | Mode.STREAM:
            url = "/".join([_named(profile, "run_url").rstrip("/"), *segments_of(call.endpoint_id)])
        case _:
            url = with_query(address.submit_url(call.endpoint_id), submit_options.query(call.options))
    body = json.dumps(arguments, indent=2)
    lines = [f"curl -sS {shlex.quote(url)}", f'-H "Authorization: {auth} ${call.key_variable}"']
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in submit_options.headers(call.options).items()]
    quoted = shlex.quote(body)
    is_word = len(quoted) <= LONGEST_WORD
    lines.append(f"--data-raw {quoted}" if is_word else f"--data-binary @- <<'EOF'\n{body}\nEOF")
    return " \\\n  ".join(lines)


def _named(profile: Profile, name: str) -> str:
    """The profile's URL of that name; raises NotSupported if it has none."""
    url: str | None = getattr(profile, name)
    if not url:
        raise NotSupported(f"The profile {profile.name!r} has no {name}, so it cannot send the request.")
    return url


def python(call: Call) -> str:
    """A script for the package `fal-client` that sends the request and prints the result. Raises NotSupported."""
    other = call.other_hosts
    named: dict[str, object] = {"start_timeout": call.options.start_timeout, "hint": call.options.runner_hint}
    if not call.is_direct:
        named |= {"webhook_url": call.options.webhook, "priority": call.options.priority}
    named["headers"] = call.headers or None
    lines = ["import os", "", "import fal_client", ""]
    for official, name in ((OFFICIAL.queue_url, "QUEUE_URL_FORMAT"), (OFFICIAL.run_url, "RUN_URL_FORMAT")):
        if own := other.get(str(official)):
            lines.append(f"fal_client.client.{name} = {own.rstrip('/') + '/'!r}")
    lines += [
        f"client = fal_client.SyncClient(key=os.environ[{call.key_variable!r}])",
        f"{'result' if call.is_direct else 'handle'} = client.{'run' if call.is_direct else 'submit'}(",
        f"    {call.endpoint_id!r},",
        f"    arguments={_python(dict(call.arguments), 1)},",
        *(f"    {name}={_python(value, 1)}," for name, value in named.items() if value is not None),
        ")",
    ]
    if not call.is_direct:
        lines += ["print(handle.request_id)", "result = handle.get()"]
    return "\n".join([*lines, "print(result)"])


def javascript(call: Call) -> str:
    """A module for the package `@fal-ai/client` that sends the request and prints the result. Raises NotSupported."""
    other = call.other_hosts
    named: dict[str, object] = {"input": dict(call.arguments), "startTimeout": call.options.start_timeout}
    named["hint"] = call.options.runner_hint
    if not call.is_direct:
        named |= {"webhookUrl": call.options.webhook, "priority": call.options.priority}
    named["headers"] = call.headers or None
    given = {name: value for name, value in named.items() if value is not None}
    lines = ['import { fal } from "@fal-ai/client";', ""]
    if other:
        lines += [
            f"const hosts = {json.dumps(other, indent=2)};",
            "const requestMiddleware = async (request) => {",
            "  const host = Object.keys(hosts).find((official) => request.url.startsWith(official));",
            "  return host ? { ...request, url: request.url.replace(host, hosts[host]) } : request;",
            "};",
        ]
    config = f"credentials: process.env.{call.key_variable}" + (", requestMiddleware" if other else "")
    verb = "run" if call.is_direct else "subscribe"
    lines += [
        f"fal.config({{ {config} }});",
        f"const result = await fal.{verb}({json.dumps(call.endpoint_id)}, {json.dumps(given, indent=2)});",
        "console.log(result.requestId, JSON.stringify(result.data));",
    ]
    return "\n".join(lines)


def input_alone(call: Call) -> str:
    """The arguments as JSON, as `--input` reads them."""
    return json.dumps(dict(call.arguments), indent=2)


FORMS: Mapping[str, Callable[[Call], str]] = {
    "curl": curl,
    "python": python,
    "js": javascript,
    "json": input_alone,
}
"""Name of a format → the function that writes it."""


def _python(value: object, depth: int) -> str:
    """A JSON value as Python code, with one line for each member."""
    match value:
        case dict() if value:
            members = [f"{name!r}: {_python(inner, depth + 1)}" for name, inner in value.items()]
            opening, closing = "{", "}"
        case list() if value:
            members = [_python(inner, depth + 1) for inner in value]
            opening, closing = "[", "]"
        case _:
            return repr(value)
    margin = "    " * depth
    return "\n".join([opening, *(f"{margin}    {member}," for member in members), f"{margin}{closing}"])
