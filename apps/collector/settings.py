"""What the collector reads in the environment, all of it. The names are Scouter's own, where it has one."""

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr

from titanic.from_environment import IN_HEADER, FromEnvironment

LOGS = Path(__file__).resolve().parents[2] / "logs"


class Settings(FromEnvironment):
    """Each field is a variable: see FromEnvironment."""

    collector_database: Path = LOGS / "collector.sqlite3"
    """The file in which everything is kept."""
    scouter_username: Annotated[str, IN_HEADER] = "admin"
    """Who may log in. Without it, as whom Scouter's own HttpConfig() logs in."""
    scouter_password: Annotated[SecretStr, IN_HEADER] = SecretStr("admin")
    """The password. It is not shown when the settings are printed."""
    redis_addr: str | None = None
    """A Redis to listen to, such as redis://127.0.0.1:6379; without it, none."""
    redis_channel: str = "scouter_monitoring"
    """The channel there."""
    rabbitmq_addr: str | None = None
    """A RabbitMQ to listen to, such as amqp://guest:guest@127.0.0.1:5672/%2f; without it, none."""
    rabbitmq_queue: str = "scouter_monitoring"
    """The queue there."""
    kafka_brokers: str | None = None
    """A Kafka to listen to, such as 127.0.0.1:9092; without it, none."""
    kafka_topic: Annotated[str, Field(validation_alias=AliasChoices("scouter_kafka_topic", "kafka_topic"))] = (
        "scouter_monitoring"
    )
    """The topic there. Scouter's client takes it from SCOUTER_KAFKA_TOPIC, if that is set; so this does too."""
    kafka_group: str = "unsinkable-collector"
    """Under which name it is noted there how far the topic has been read. Not Scouter's own: two readers of one group
    share the messages between them."""
    kafka_username: str | None = None
    """Who logs in there; without it, nobody."""
    kafka_password: SecretStr | None = None
    """The password."""
    kafka_security_protocol: str | None = None
    """SASL_SSL with a user, unless told otherwise, else PLAINTEXT."""
    kafka_sasl_mechanism: str | None = None
    """How to log in: PLAIN with a user, unless told otherwise."""
    kafka_cert_location: Path | None = None
    """The file with the certificates to trust."""
