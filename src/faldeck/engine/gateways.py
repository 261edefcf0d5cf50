"""One gateway for each profile, opened when first needed, with no key but its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faldeck.config import credentials
from faldeck.config.credentials import Credential
from faldeck.config.settings import Config, Profile

if TYPE_CHECKING:
    import httpx

    from faldeck.fal.gateway import Gateway


class NoKey(Exception):
    """A profile has no key; the text says how to add one."""

    def __init__(self, profile: Profile, fault: str = "") -> None:
        """`fault` says what is wrong with the text that should be a key."""
        variable = f"Set {profile.key_env} or run" if profile.key_env else "Run"
        why = f"{fault} " if fault else ""
        command = credentials.key_add_command(profile.name)
        super().__init__(
            f"There is no key for the profile {profile.name!r}. {why}{variable} `{command}`;"
            " `faldeck --demo` needs none."
        )
        self.profile = profile


class Gateways:
    """The gateway of each profile."""

    def __init__(
        self,
        config: Config,
        *,
        find_key: Callable[[Profile], Credential | None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._config = config
        self._find_key = find_key or self._key_of
        self._transport = transport
        self._gateways: dict[str, Gateway] = {}
        self._public: dict[str, Gateway] = {}
        self._keys: dict[str, Credential] = {}
        self._retired: list[Gateway] = []
        """Gateways of profiles that have changed. Requests in progress still use them."""

    def reload(self, config: Config) -> None:
        """Reloads the profiles from this config; raises ConfigError.

        A profile that was removed, or has no key any more, keeps its gateway for its open jobs.
        """
        before, self._config = self._config, config
        for name, profile in config.profiles.items():
            is_other = profile != before.profiles.get(name)
            if name in self._gateways and (key := self._find_key(profile)) and (is_other or key != self._keys[name]):
                self._retire(self._gateways, name)
            if is_other:
                self._retire(self._public, name)

    def _retire(self, gateways: dict[str, Gateway], name: str) -> None:
        if name in gateways:
            self._retired.append(gateways.pop(name))

    def profile(self, name: str) -> Profile:
        """Returns the profile `name`; raises ConfigError."""
        return self._config.get_profile(name)

    def gateway(self, name: str) -> Gateway:
        """Returns the gateway of the profile `name`, with its key; raises ConfigError or NoKey."""
        if name not in self._gateways:
            profile = self._config.get_profile(name)
            credential = self._find_key(profile)
            if credential is None:
                raise NoKey(profile, credentials.key_problem(profile, credentials.environment(self._config)))
            self._keys[name] = credential
            self._gateways[name] = self._open(profile, f"{profile.auth} {credential.key}")
        return self._gateways[name]

    def catalogue(self, name: str) -> Gateway:
        """Returns the gateway for the model catalogue of the profile `name`; it sends no key.

        Raises ConfigError.
        """
        profile = self._config.get_profile(name)
        if name not in self._public:
            self._public[name] = self._open(profile, None)
        return self._public[name]

    def _key_of(self, profile: Profile) -> Credential | None:
        return credentials.find(profile, credentials.environment(self._config))

    def usable(self) -> list[str]:
        """Returns the names of the profiles with a key; raises ConfigError."""
        profiles = self._config.profiles.values()
        return [profile.name for profile in profiles if self._find_key(profile)]

    async def close(self) -> None:
        """Closes every gateway."""
        for gateway in (*self._gateways.values(), *self._public.values(), *self._retired):
            await gateway.aclose()
        self._retired.clear()
        self._gateways.clear()
        self._public.clear()

    def _open(self, profile: Profile, authorization: str | None) -> Gateway:
        from faldeck.fal.gateway import Gateway, Hosts

        return Gateway(Hosts.of(profile), authorization, transport=self._transport)
