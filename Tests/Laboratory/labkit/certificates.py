"""Certificate authorities like Amazon's, and certificates with exactly one thing wrong."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: The names of Amazon's own authorities, as they stand in global-bundle.pem and in ACM's chains.
RDS_ROOT = "Amazon RDS eu-west-1 Root CA ECC384 G1"
RDS_SUBORDINATE = "Amazon RDS eu-west-1 Subordinate CA ECC384 G1.A.3"
RDS_2019_ROOT = "Amazon RDS Root 2019 CA"
RDS_OTHER_ROOT = "Amazon RDS us-east-1 Root CA RSA2048 G1"
PUBLIC_ROOT = "Amazon Root CA 1"

#: How long everything is valid unless told: RDS's server certificates live for a year and longer.
DAYS = timedelta(days=400)


def _subject(common_name: str | None, organization: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "US")]
    attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    if organization.startswith("Amazon Web Services"):
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Amazon RDS"))
    if common_name is not None:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(attributes)


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@dataclass(frozen=True)
class Identity:
    """A server's private key and the chain that it sends, its own certificate first."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    def chain_text(self) -> str:
        """The chain as PEM."""
        return "".join(pem(certificate) for certificate in self.chain)

    def key_text(self) -> str:
        """The key as PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()


def pem(certificate: x509.Certificate) -> str:
    """A certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@dataclass(frozen=True)
class Authority:
    """An authority; `above` are the certificates between it and its root, its own first."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @classmethod
    def root(
        cls,
        common_name: str,
        organization: str = "Amazon Web Services, Inc.",
        start: timedelta = timedelta(days=-30),
        end: timedelta = DAYS * 10,
        below: int | None = None,
    ) -> Authority:
        """A new root that is valid between two points in time relative to now.

        It allows so many authorities between itself and a server; None: any number.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _subject(common_name, organization)
        certificate = _signed(
            subject, key, subject, key, start, end, [], authority=True, below=below
        )
        return cls(key, certificate)

    def subordinate(
        self, common_name: str, organization: str = "Amazon Web Services, Inc."
    ) -> Authority:
        """A new authority below this one, whose certificate servers send along."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _subject(common_name, organization)
        issuer = self.certificate.subject
        start, end = timedelta(days=-30), DAYS * 5
        certificate = _signed(subject, key, issuer, self.key, start, end, [], authority=True)
        return Authority(key, certificate, (certificate, *self.above))

    def issue(
        self,
        *hosts: str,
        start: timedelta = timedelta(days=-1),
        end: timedelta = DAYS,
        common_name: str | None = None,
        alternatives: bool = True,
        send_chain: bool = True,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> Identity:
        """A server's certificate for names and addresses, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        # A common name holds 64 characters, fewer than a host name may have.
        name = common_name or (hosts[0] if hosts and len(hosts[0]) <= 64 else None)
        subject = _subject(name, "Amazon.com")
        names = [_alternative(host) for host in hosts] if alternatives else []
        issuer = self.certificate.subject
        leaf = _signed(
            subject, key, issuer, self.key, start, end, names, authority=False, purpose=purpose
        )
        return Identity(key, (leaf, *(self.above if send_chain else ())))

    def revocations(self, *revoked: x509.Certificate, end: timedelta = DAYS) -> str:
        """The list of the certificates that it has revoked, as PEM."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - timedelta(days=10))
            .next_update(now + end)
        )
        for certificate in revoked:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(certificate.serial_number)
                .revocation_date(now - timedelta(days=9))
                .build()
            )
            builder = builder.add_revoked_certificate(entry)
        made = builder.sign(self.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM).decode()


def self_signed(host: str) -> Identity:
    """A certificate that a server has made for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(host, "nobody")
    names = [_alternative(host)]
    start = timedelta(days=-1)
    leaf = _signed(subject, key, subject, key, start, DAYS, names, authority=False)
    return Identity(key, (leaf,))


def bundle(*authorities: Authority) -> str:
    """A file of trusted roots, as PEM."""
    return "".join(pem(authority.certificate) for authority in authorities)


def other_roots() -> list[Authority]:
    """The rest of RDS's global bundle: each region has three roots, and some have ended."""
    areas = ["af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us-gov"]
    regions = [f"{area}-{part}" for area in areas for part in ("south-1", "south-2", "north-1")]
    regions += [f"{area}-central-1" for area in areas]
    names = [
        f"Amazon RDS {region} Root CA {kind} G1"
        for region in regions
        for kind in ("ECC384", "RSA2048", "RSA4096")
    ]
    return [
        Authority.root(name, start=timedelta(days=-4000), end=timedelta(days=-30))
        if number % 10 == 0
        else Authority.root(name)
        for number, name in enumerate(names)
    ]


def write(identity: Identity, folder: Path) -> tuple[Path, Path]:
    """Writes the chain and the key of a server into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    chain, key = folder / "server.crt", folder / "server.key"
    chain.write_text(identity.chain_text())
    key.touch(0o600)
    key.write_text(identity.key_text())
    return chain, key


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    start: timedelta,
    end: timedelta,
    names: Sequence[x509.GeneralName],
    *,
    authority: bool,
    below: int | None = None,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start)
        .not_valid_after(now + end)
        .add_extension(x509.BasicConstraints(authority, below), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if authority:
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    else:
        server = x509.ExtendedKeyUsage([purpose])
        builder = builder.add_extension(server, critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())
