"""A private certificate authority and the certificates of the servers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .account import run

#: Days that the certificates are valid: more than anybody warns of, less than clients object to.
VALID_DAYS = "398"

SELF_SIGNED = ["openssl", "req", "-x509", "-sha256", "-days", VALID_DAYS, "-noenc"]
SELF_SIGNED += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]


@dataclass(frozen=True)
class Authority:
    """The private authority; `certificate` is what clients trust as sslrootcert."""

    certificate: Path
    key: Path

    @classmethod
    def create(cls, folder: Path) -> Authority:
        """Makes a new authority: `ca.pem` for clients, `ca.key` for ourselves."""
        authority = cls(folder / "ca.pem", folder / "ca.key")
        command: list[str | Path] = [*SELF_SIGNED, "-keyout", authority.key]
        command += ["-out", authority.certificate]
        command += ["-subj", "/O=dbauth sandbox/CN=dbauth sandbox CA"]
        command += ["-addext", "basicConstraints=critical,CA:TRUE"]
        command += ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        run(command, what="making the sandbox's certificate authority")
        authority.key.chmod(0o600)
        authority.certificate.chmod(0o644)
        return authority

    def issue(self, host: str, certificate: Path, key: Path) -> None:
        """Writes a certificate for one host name, and its key."""
        command: list[str | Path] = [*SELF_SIGNED, "-keyout", key, "-out", certificate]
        command += ["-CA", self.certificate, "-CAkey", self.key]
        # A subject holds 64 characters, fewer than a host name; clients look at the extension.
        command += ["-subj", "/O=dbauth sandbox", "-addext", f"subjectAltName=DNS:{host}"]
        command += ["-addext", "basicConstraints=critical,CA:FALSE"]
        command += ["-addext", "extendedKeyUsage=serverAuth"]
        run(command, what=f"making a certificate for {host}")
