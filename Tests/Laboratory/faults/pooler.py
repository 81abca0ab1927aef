"""Sections L, I and M: poolers and tunnels; authentication that is slow, or fails now and then."""

from __future__ import annotations

import hashlib
import secrets

from labkit import roles
from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.scene import Scene

PAM_FAILED = "PAM authentication failed"


def _target(lab: Laboratory) -> str:
    return f"host=127.0.0.1 port={lab.main.port}"


def _for_main(lab: Laboratory) -> tuple[str, str]:
    """Says that the token is for the server behind the pooler."""
    return ("--token-host", f"{lab.main.host}:{lab.main.port}")


def _long_token(lab: Laboratory) -> str:
    """A token of more than the 2,047 characters that pgbouncer 1.18 keeps of a password."""
    return lab.request(lab.main).but(session_token=secrets.token_hex(1500)).token()


@fault(
    "a pooler's password was good once, and it says that its login has been failing",
    "pool-pgb-generic",
    "server login has been failing",
)
def stale_pooler(lab: Laboratory) -> Scene:
    user = f"pooled_{secrets.token_hex(4)}"
    lab.main.sql(f"CREATE ROLE {user} LOGIN PASSWORD '{roles.PASSWORD}'")
    at = lab.pooler(lab.name("pool."), _target(lab), {user: roles.PASSWORD}, retry="60")
    scene = lab.scene(at, user=user, database="office", password=roles.PASSWORD)
    lab.attempt(scene)
    lab.main.sql(
        f"ALTER ROLE {user} PASSWORD 'another';"
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user}';"
    )
    # The next client still hears why; from then on the pooler has a text of its own.
    lab.attempt(scene)
    return scene


@fault(
    "a pooler holds an MD5 digest, and the server wants SCRAM",
    "pool-pgb-scram",
    "server login failed: wrong password type",
)
def md5(lab: Laboratory) -> Scene:
    digest = "md5" + hashlib.md5(f"{roles.PASSWORD}app_password".encode()).hexdigest()
    users = {"app_password": digest}
    at = lab.pooler(lab.name("pool."), _target(lab), users, authentication="md5")
    return lab.scene(at, user="app_password", database="office", password=roles.PASSWORD)


@fault(
    "a token is too long for the list of users of a pooler",
    "pool-pgb-length",
    "password authentication failed$",
)
def long_in_list(lab: Laboratory) -> Scene:
    token = _long_token(lab)
    at = lab.pooler(lab.name("pool."), _target(lab), {"app_iam": token})
    return lab.scene(at, password=token, flags=_for_main(lab))


@fault(
    "a token is too long for a pooler that has another one for the server",
    "pool-pgb-length",
    "password authentication failed$",
)
def long_in_target(lab: Laboratory) -> Scene:
    token = _long_token(lab)
    target = f"{_target(lab)} user=app_iam password='{token}'"
    at = lab.pooler(lab.name("pool."), target, {"app_iam": "another"})
    return lab.scene(at, password=token, flags=_for_main(lab))


@fault("a token is for the local end of a tunnel", "tun-signed-local", PAM_FAILED)
def signed_local(lab: Laboratory) -> Scene:
    main = lab.main
    local = lab.tunnel(main)
    token = lab.request(main).but(host="localhost", port=local.port).token()
    flags = ("--hostaddr", "127.0.0.1", "--token-host", f"{main.host}:{main.port}")
    return lab.scene(local, dns=None, password=token, flags=flags)


@fault("doctor itself is only told localhost", "tun-signed-local", PAM_FAILED)
def only_localhost(lab: Laboratory) -> Scene:
    local = lab.tunnel(lab.main)
    flags = ("--region", lab.region)
    return lab.scene(local, host="localhost", dns=None, sslmode="verify-ca", flags=flags)


@fault("the verification of a token takes two seconds", "time-slow-auth", r"\A\Z")
def slow(lab: Laboratory) -> Scene:
    pam = ("auth optional pam_exec.so quiet /bin/sleep 2",)
    return lab.scene(lab.front(lab.name("slow."), pam=pam))


@fault(
    "the verification of a token takes longer than authentication_timeout",
    "thr-auth-timeout",
    "server closed the connection unexpectedly|SSL connection has been closed|canceling auth",
)
def too_slow(lab: Laboratory) -> Scene:
    scene = lab.scene(lab.server("hasty"), timeout="25s")
    return scene.but(environment={"PGCONNECT_TIMEOUT": "20"})


@fault("every second login fails for want of memory", "rds-low-memory")
def flaky(lab: Laboratory) -> Scene:
    script = lab.every_second()
    at = lab.front(lab.name("small."), pam=(f"auth required pam_exec.so quiet {script}",))
    return lab.scene(at, flags=("--samples", "6"))
