"""The Scouter server: where it is, whether it answers, and telling it the profiles."""

from pathlib import Path

import requests
from scouter import CustomDriftProfile, HttpConfig, PsiDriftProfile, ScouterClient

from titanic import store
from titanic.proxies import spare_this_machine
from titanic.settings import Settings

NO_PROFILES = "Run lesson 14, or python -m titanic.drift in the folder apps, then start this app again."


def server_uri() -> str:
    """The address of Scouter's server: SCOUTER_SERVER_URI if it is set, else the collector on this machine."""
    return Settings().scouter_server_uri.rstrip("/")  # the client takes no slash at the end


def http_config() -> HttpConfig:
    """How to reach the server, and as whom."""
    spare_this_machine()
    settings = Settings()
    return HttpConfig(server_uri(), settings.scouter_username, settings.scouter_password.get_secret_value())


def server_is_up() -> bool:
    """True if the server says within two seconds that it is alive."""
    spare_this_machine()
    try:
        return requests.get(f"{server_uri()}/scouter/healthcheck", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def profile_paths() -> dict[str, Path]:
    """Where the profiles are kept, by the name of their queue: beside the store of the model that they describe."""
    folder = (store.database() or store.STORE / "mlflow.db").parent / "drift"
    return {"psi": folder / "psi.json", "custom": folder / "custom.json"}


def register(psi: PsiDriftProfile, custom: CustomDriftProfile) -> None:
    """Tell the server these profiles, then save them for the app. RuntimeError: no server, or a wrong password."""
    client = ScouterClient(http_config())
    profiles: list[PsiDriftProfile | CustomDriftProfile] = [psi, custom]
    for profile, path in zip(profiles, profile_paths().values(), strict=True):
        client.register_profile(profile, set_active=True, deactivate_others=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        profile.save_to_json(path)  # after registering: only now it carries the number that the server gave it
