"""The services that the profiles name: one gateway each, opened when first needed, each with its own key alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from faldeck.config import Config, Profile, credentials
from faldeck.config.credentials import Credential

if TYPE_CHECKING:
    import httpx

    from faldeck.fal.gateway import Gateway


class NoKey(Exception):
    """A profile has no key; the text says how to give it one."""

    def __init__(self, profile: Profile) -> None:
        variable = f"Set {profile.key_env} or run" if profile.key_env else "Run"
        super().__init__(
            f"There is no key for the profile {profile.name!r}. {variable} `faldeck --profile {profile.name} key add`;"
            " `faldeck --demo` needs none."
        )
        self.profile = profile


class Services:
    """Profile name → gateway."""

    def __init__(
        self,
        config: Config,
        *,
        find_key: Callable[[Profile], Credential | None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._config = config
        self._find_key = find_key or (lambda profile: credentials.find(profile, credentials.environment(config)))
        self._transport = transport
        self._gateways: dict[str, Gateway] = {}
        self._public: dict[str, Gateway] = {}

    def profile(self, name: str) -> Profile:
        """The profile `name`; raises ConfigError."""
        return self._config.named(name)

    def gateway(self, name: str) -> Gateway:
        """The gateway of the profile `name`, with its key; raises ConfigError or NoKey."""
        if name not in self._gateways:
            profile = self._config.named(name)
            credential = self._find_key(profile)
            if credential is None:
                raise NoKey(profile)
            self._gateways[name] = self._open(profile, f"{profile.auth} {credential.key}")
        return self._gateways[name]

    def catalogue(self, name: str) -> Gateway:
        """Where the models of the profile `name` are listed and described; no key goes there.

        Raises ConfigError.
        """
        profile = self._config.named(name)
        if name not in self._public:
            self._public[name] = self._open(profile, None)
        return self._public[name]

    def usable(self) -> list[str]:
        """The names of the profiles that have a key; raises ConfigError."""
        profiles = self._config.profiles.values()
        return [profile.name for profile in profiles if self._find_key(profile)]

    async def close(self) -> None:
        """Closes every gateway."""
        for gateway in (*self._gateways.values(), *self._public.values()):
            await gateway.aclose()
        self._gateways.clear()
        self._public.clear()

    def _open(self, profile: Profile, authorization: str | None) -> Gateway:
        from faldeck.fal.gateway import Gateway, Hosts

        hosts = Hosts(
            queue_url=profile.queue_url,
            run_url=profile.run_url,
            rest_url=profile.rest_url,
            api_url=profile.api_url,
            schema_url=profile.schema_url,
            images_url=profile.images_url,
            images_auth=profile.images_auth,
        )
        return Gateway(hosts, authorization, transport=self._transport)
