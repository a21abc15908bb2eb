"""The Scouter server: where it is, whether it answers, and telling it the profiles."""

import json
from typing import Literal

import requests
from scouter import CustomDriftProfile, HttpConfig, PsiDriftProfile, ScouterClient
from scouter.transport import KafkaConfig, RabbitMQConfig, RedisConfig

from titanic.drift.files import profile_paths, read_profiles
from titanic.proxies import spare_this_machine
from titanic.settings import Settings

ServerState = Literal["up", "down", "wrong password", "no profiles", "unknown profile"]
AGAIN = "Run lesson 15, or python course.py profile."
REASONS: dict[ServerState, str] = {
    "down": "Scouter's server does not answer.",
    "wrong password": "Scouter's server refuses SCOUTER_USERNAME and SCOUTER_PASSWORD.",
    "no profiles": f"There are no profiles that can be read. {AGAIN}",
    "unknown profile": f"Scouter's server does not know the profiles: it has others, or none. {AGAIN}",
}


def server_uri() -> str:
    """The address of Scouter's server: SCOUTER_SERVER_URI if it is set, else the collector on this machine."""
    return Settings().scouter_server_uri.rstrip("/")  # the client takes no slash at the end


def http_config() -> HttpConfig:
    """How to reach the server, and as whom."""
    spare_this_machine()
    settings = Settings()
    return HttpConfig(server_uri(), settings.scouter_username, settings.scouter_password.get_secret_value())


def transport_config() -> HttpConfig | RedisConfig | RabbitMQConfig | KafkaConfig:
    """By which way records travel: a broker whose address is in the environment, which the client reads, else HTTP."""
    settings = Settings()
    if settings.kafka_brokers:
        return KafkaConfig()
    if settings.rabbitmq_addr:
        return RabbitMQConfig(queue=settings.rabbitmq_queue)  # the one variable that its client does not read
    return RedisConfig() if settings.redis_addr else http_config()


def takes_records(state: ServerState) -> bool:
    """True if what is inserted now can arrive: the server is up, or a broker keeps it until the server is back."""
    settings = Settings()
    return state == "up" or (state == "down" and bool(settings.kafka_brokers or settings.rabbitmq_addr))


def get(route: str, seconds: float, query: dict[str, str] | None = None, **headers: str | bytes) -> requests.Response:
    """What the server answers within so many seconds. RequestException: nothing answers there.

    If it is a redirect, it is not followed: the headers hold a password, which is for this server alone.
    """
    try:
        return requests.get(
            f"{server_uri()}/scouter/{route}", query, headers=headers, timeout=seconds, allow_redirects=False
        )
    except ValueError as error:  # requests lets some addresses pass that are none, such as http://a..b
        raise requests.ConnectionError(str(error)) from error


def health_status() -> int | None:
    """The status with which the server answers, within two seconds, whether it is alive; None if nothing answers."""
    spare_this_machine()
    try:
        return get("healthcheck", 2).status_code
    except requests.RequestException:
        return None


def server_is_up() -> bool:
    """True if the server says that it is alive."""
    return health_status() == 200


def reason(state: ServerState) -> str:
    """Why the server does not take our records, in a sentence."""
    if state != "down" or (status := health_status()) is None:
        return REASONS[state]
    if status == 503:
        return "Scouter's server is there, but cannot work (status 503). Its log says why."
    if connection() == "up":
        return "Scouter's server is there, but does not say which profiles it knows. Its log says why."
    return f"What answers in the place of Scouter's server is another program (status {status})."


def log_in(seconds: float = 5) -> str | None:
    """The token with which the server lets us in; None if it refuses the password.

    RequestException: it does not answer. LookupError, TypeError: it answers something else.
    """
    settings = Settings()
    password = settings.scouter_password.get_secret_value()
    answer = get("auth/login", seconds, Username=settings.scouter_username.encode(), Password=password.encode())
    if answer.status_code in (401, 403):
        return None
    answer.raise_for_status()
    token: str = answer.json()["token"]
    return token


def connection() -> Literal["up", "down", "wrong password"]:
    """Whether the server answers, and lets us in."""
    try:
        return "down" if not server_is_up() else "wrong password" if log_in() is None else "up"
    except (requests.RequestException, LookupError, TypeError):  # nobody, or somebody who knows of no token
        return "down"


def server_state() -> ServerState:
    """Whether the server would take our records, and if not, why not: a key of REASONS."""
    state, profiles = connection(), read_profiles()
    if state != "up" or not profiles:
        return "no profiles" if state == "up" else state
    try:
        configs, token = [json.loads(profile)["config"] for profile in profiles.values()], log_in()
        return "up" if all(is_known(config, token) for config in configs) else "unknown profile"
    except (ValueError, KeyError, TypeError):  # a file that is no profile
        return "no profiles"
    except requests.RequestException as error:
        is_refused = error.response is not None and error.response.status_code in (401, 403)
        return "wrong password" if is_refused else "down"


def is_known(config: dict[str, str], token: str | None) -> bool:
    """True if the server has this profile, under the number that it gave it. RequestException: it does not say."""
    wanted = {name: config[name] for name in ("space", "name", "version", "drift_type")}
    answer = get("profile", 5, wanted, Authorization=f"Bearer {token}")
    if answer.status_code == 404:
        return False
    answer.raise_for_status()
    return config["uid"] in answer.text


def register(psi: PsiDriftProfile, custom: CustomDriftProfile) -> None:
    """Tell the server these profiles, then save them for the app. RuntimeError: no server, or a wrong password."""
    client = ScouterClient(http_config())
    profiles: list[PsiDriftProfile | CustomDriftProfile] = [psi, custom]
    for profile, path in zip(profiles, profile_paths().values(), strict=True):
        client.register_profile(profile, set_active=True, deactivate_others=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        profile.save_to_json(path)  # after registering: only now it carries the number that the server gave it
