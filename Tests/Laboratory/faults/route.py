"""Section E: pg_hba.conf and the method of authentication; what IAM refuses without a reason."""

from __future__ import annotations

from labkit import roles, wire
from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.scene import Scene

PAM_FAILED = "PAM authentication failed"
WRONG_PASSWORD = "password authentication failed"


@fault(
    "a member of rds_iam comes without TLS",
    "hba-reject-plaintext",
    "pg_hba.conf rejects connection for host .*no encryption",
)
def reject_plaintext(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode="disable", root=None)


@fault(
    "PGSSLMODE=disable is in the environment",
    "hba-reject-plaintext",
    "pg_hba.conf rejects connection for host .*no encryption",
)
def reject_environment(lab: Laboratory) -> Scene:
    environment = {"PGSSLMODE": "disable"}
    return lab.scene(lab.main, sslmode=None, root=None, environment=environment)


@fault(
    "a user who is not in rds_iam comes without TLS, which is forced",
    "hba-noentry-plaintext",
    "no pg_hba.conf entry for host .*no encryption",
)
def noentry_plaintext(lab: Laboratory) -> Scene:
    scene = lab.scene(lab.main, user="app_password", database="office", sslmode="disable")
    return scene.but(root=None, password=roles.PASSWORD)


@fault(
    "pg_hba.conf lets nobody into this database",
    "hba-noentry-encrypted",
    "no pg_hba.conf entry for host .*SSL encryption",
)
def noentry_encrypted(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("gated"), database="office")


@fault(
    "pg_hba.conf lets nobody into this database, as an administrator can see",
    "hba-noentry-encrypted",
    "no pg_hba.conf entry for host .*SSL encryption",
)
def noentry_admin(lab: Laboratory) -> Scene:
    server = lab.server("gated")
    scene = lab.scene(server, user="app_password", database="office", password=roles.PASSWORD)
    return scene.but(flags=("--admin", server.admin()))


@fault("sslmode=allow tries in plaintext first, and is rejected", "hba-double-message", r"\A\Z")
def allow(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode="allow", root=None)


@fault(
    "sslmode=prefer tries again in plaintext, and hides that IAM said no",
    "iam-not-authorized",
    "(?s)PAM authentication failed.*pg_hba.conf rejects",
)
def prefer(lab: Laboratory) -> Scene:
    return _unknown_key(lab).but(sslmode="prefer", root=None)


def _unknown_key(lab: Laboratory) -> Scene:
    # A key that IAM does not know, or whose policy says no: all that a client sees is the same.
    token = lab.request(lab.main).but(key="AKIAQQQQQQQQQQQQQQQQ").token()
    return lab.scene(lab.main, password=token)


@fault("a token with nothing wrong about it is refused", "iam-not-authorized", PAM_FAILED)
def not_authorized(lab: Laboratory) -> Scene:
    return _unknown_key(lab)


@fault("a token of doctor's own is refused", "iam-not-authorized", PAM_FAILED)
def not_authorized_own(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, environment={"AWS_ACCESS_KEY_ID": "AKIAQQQQQQQQQQQQQQQQ"})


@fault(
    "IAM is asked to log in a replication connection",
    "hba-replication",
    "no pg_hba.conf entry for replication connection",
)
def replication(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, options={"replication": "true"})


@fault(
    "IAM is asked to log in a logical replication connection",
    "hba-replication",
    "must be superuser or replication role to start walsender",
)
def logical_replication(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, options={"replication": "database"})


@fault("a member of rds_iam sends a password", "auth-pam-gets-password", PAM_FAILED)
def static_password(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_static", password=roles.PASSWORD)


@fault(
    "a member of rds_iam sends a password, and an administrator looks on",
    "auth-pam-gets-password",
    PAM_FAILED,
)
def static_password_admin(lab: Laboratory) -> Scene:
    flags = ("--admin", lab.main.admin())
    return lab.scene(lab.main, user="app_static", password=roles.PASSWORD, flags=flags)


@fault("a token for a user who is not in rds_iam", "auth-not-in-rds-iam", WRONG_PASSWORD)
def not_member(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_plain")


@fault(
    "a token for a user who is not in rds_iam, as an administrator can see",
    "auth-not-in-rds-iam",
    WRONG_PASSWORD,
)
def not_member_admin(lab: Laboratory) -> Scene:
    flags = ("--admin", lab.main.admin())
    return lab.scene(lab.main, user="app_plain", flags=flags)


@fault("there is no such user", "auth-unknown-user", WRONG_PASSWORD)
def unknown_user(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_iamm", flags=("--admin", lab.main.admin()))


@fault(
    "the server asks for an authentication by Kerberos 5, as nobody does any more",
    "auth-method-unsupported",
    "Kerberos 5 authentication not supported|authentication method 2 not supported",
)
def kerberos(lab: Laboratory) -> Scene:
    return lab.scene(lab.scripted(lab.name("method."), wire.authentication(2)))


@fault(
    "the server asks for a method that did not exist yet",
    "auth-method-unsupported",
    "authentication method 77 not supported",
)
def future_method(lab: Laboratory) -> Scene:
    return lab.scene(lab.scripted(lab.name("method."), wire.authentication(77)))


@fault(
    "the server offers SASL without SCRAM",
    "auth-method-unsupported",
    "none of the server's SASL authentication mechanisms are supported",
)
def oauth(lab: Laboratory) -> Scene:
    answer = wire.authentication(10, b"OAUTHBEARER\0\0")
    return lab.scene(lab.scripted(lab.name("method."), answer))


@fault("require_auth insists on SCRAM for a member of rds_iam", "auth-require-auth")
def require_auth(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, options={"require_auth": "scram-sha-256"})


@fault(
    "IAM is switched off: a member of rds_iam is asked for a password",
    "rds-iam-off",
    WRONG_PASSWORD,
)
def iam_off(lab: Laboratory) -> Scene:
    server = lab.server("gated")
    return lab.scene(server, flags=("--admin", server.admin()))
