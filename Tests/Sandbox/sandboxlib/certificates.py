"""A private certificate authority and the certificates of the servers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .account import run

#: Days that the certificates are valid; a sandbox lives for minutes.
VALID_DAYS = "30"
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]


@dataclass(frozen=True)
class Authority:
    """The private authority; `certificate` is what clients trust as sslrootcert."""

    certificate: Path
    key: Path

    @classmethod
    def create(cls, folder: Path) -> Authority:
        """Makes a new authority: `ca.pem` for clients, `ca.key` for ourselves."""
        authority = cls(folder / "ca.pem", folder / "ca.key")
        run(
            ["openssl", "req", "-x509", *CURVE, "-keyout", authority.key]
            + ["-out", authority.certificate, "-days", VALID_DAYS, "-sha256"]
            + ["-subj", "/O=dbauth sandbox/CN=dbauth sandbox CA"]
            + ["-addext", "basicConstraints=critical,CA:TRUE"]
            + ["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
            what="making the sandbox's certificate authority",
        )
        authority.key.chmod(0o600)
        authority.certificate.chmod(0o644)
        return authority

    def issue(self, host: str, certificate: Path, key: Path) -> None:
        """Writes a certificate for one host name, and its key."""
        run(
            ["openssl", "req", "-x509", *CURVE, "-keyout", key, "-out", certificate]
            + ["-CA", self.certificate, "-CAkey", self.key, "-days", VALID_DAYS, "-sha256"]
            + ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
            + ["-addext", "basicConstraints=critical,CA:FALSE"]
            + ["-addext", "extendedKeyUsage=serverAuth"],
            what=f"making a certificate for {host}",
        )
