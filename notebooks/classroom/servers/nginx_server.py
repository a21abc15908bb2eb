"""Start nginx with deploy/nginx.conf.template, on this machine alone, and with a certificate of its own (lesson 26)."""

import ipaddress
import os
import shutil
import string
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classroom.servers import ports
from classroom.servers.folders import DEPLOY
from classroom.servers.process import Server
from classroom.servers.temporary import folder_to_delete
from titanic.problem import Problem

TEMPLATE = DEPLOY / "nginx.conf.template"
NONE_FOUND = (
    "There is no nginx on this machine. You can read the lesson without it: its outputs are stored. "
    "To run it, install nginx: on Debian and Ubuntu, sudo apt install nginx-light; on macOS, brew install nginx. "
    "On Windows, it runs only in a Linux under WSL."
)
# What is around the template: in a container, the official image's own file does that.
AROUND = """\
{user}pid nginx.pid;
events {{}}
http {{
    access_log access.log;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}}
"""


class NginxServer(Server):
    """An nginx that answers at .url until .stop() is called; .certificate is the file that its clients must trust."""

    name = "nginx"

    def __init__(self, port: int, http_port: int, prefix: str, command: list[str], folder: Path) -> None:
        self.http_port = http_port
        self.certificate = folder / "certificate.pem"
        super().__init__(port, command, then_delete=folder, replaceable=True)
        self.url = f"https://127.0.0.1:{port}{prefix}"
        self.http_url = f"http://127.0.0.1:{http_port}{prefix}"

    def is_ready(self) -> bool:
        """True if it listens on both of its ports."""
        return ports.is_taken(self.port) and ports.is_taken(self.http_port)


def find() -> str | None:
    """The program; None if it is not here, or this is Windows, whose nginx works otherwise."""
    # Debian's lies where only root looks for programs.
    return None if os.name == "nt" else shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def start(copies: Sequence[str], prefix: str = "/titanic") -> NginxServer:
    """Start nginx on two free ports of 127.0.0.1, and wait until it answers.

    copies: two addresses such as "127.0.0.1:8001". prefix: what its addresses begin with. Problem: there is no nginx,
    or it does not start.
    """
    program = find()
    if program is None:
        raise Problem(NONE_FOUND)
    folder = folder_to_delete("nginx")
    folder.chmod(0o755)  # the processes that serve may belong to another user
    port, http_port = ports.free_port(), ports.free_port()
    write_certificate(folder / "certificate.pem", folder / "key.pem")
    values = {
        "LISTEN": "127.0.0.1", "HTTP_PORT": http_port, "HTTPS_PORT": port, "PREFIX": prefix,
        "APP_1": copies[0], "APP_2": copies[1],
        "CERTIFICATE": folder / "certificate.pem", "CERTIFICATE_KEY": folder / "key.pem",
    }  # fmt: skip
    (folder / "site.conf").write_text(filled(TEMPLATE.read_text(encoding="utf-8"), values), encoding="utf-8")
    # Only root may choose a user, and must: else it is one that this system may not have.
    user = "user root;\n" if sys.platform != "win32" and os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user), encoding="utf-8")
    command = [program, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
    server = NginxServer(port, http_port, prefix, command, folder)
    server.wait_until_ready(20)
    return server


def filled(template: str, values: dict[str, object]) -> str:
    """The template with these values in place of its ${NAMES}, as envsubst does it; nginx's own $names stay."""
    return string.Template(template).safe_substitute(values)


def write_certificate(certificate: Path, key: Path) -> None:
    """Write a certificate for this machine, valid for a day, and its secret key.

    Nobody has signed it but itself, so only who is told to trust it does. Source:
    https://cryptography.io/en/latest/x509/tutorial/
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(secret, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    certificate.write_bytes(signed.public_bytes(pem))
    key.touch(mode=0o600)
    key.write_bytes(secret.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
