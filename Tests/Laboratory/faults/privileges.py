"""Section J: roles, databases and objects; the token has been accepted, or was never looked at."""

from __future__ import annotations

from labkit import roles
from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.scene import Scene

WRONG_PASSWORD = "password authentication failed"


def _watched(lab: Laboratory, **changes: object) -> Scene:
    """A call at the main server with an administrator's connection."""
    return lab.scene(lab.main, flags=("--admin", lab.main.admin()), **changes)


@fault("the role was made with capitals, the client has none", "role-case", WRONG_PASSWORD)
def case_folded(lab: Laboratory) -> Scene:
    return _watched(lab, user="appmixed")


@fault("the role was made without capitals, the client has some", "role-case", WRONG_PASSWORD)
def case_kept(lab: Laboratory) -> Scene:
    return _watched(lab, user="App_Lower")


@fault("the role may not log in", "role-nologin", 'role "app_nologin" is not permitted to log in')
def nologin(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_nologin")


@fault(
    "the role's limit of connections is reached",
    "role-connlimit",
    'too many connections for role "app_limited"',
)
def role_limit(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_limited")


@fault("the role's password is no longer valid", "role-valid-until", WRONG_PASSWORD)
def valid_until(lab: Laboratory) -> Scene:
    return _watched(lab, user="app_expired", password=roles.PASSWORD)


@fault(
    "a user with a password is in rds_iam through a group",
    "role-nested-rds-iam",
    "PAM authentication failed",
)
def nested(lab: Laboratory) -> Scene:
    return _watched(lab, user="app_nested", password=roles.PASSWORD)


@fault(
    "a user with a password is in rds_iam through two groups",
    "role-nested-rds-iam",
    "PAM authentication failed",
)
def deeply_nested(lab: Laboratory) -> Scene:
    return _watched(lab, user="app_deep", password=roles.PASSWORD)


@fault("a role is in rds_iam and in rds_ad", "role-rds-ad-both", r"\A\Z")
def both(lab: Laboratory) -> Scene:
    return _watched(lab, user="app_both")


@fault("a role is in rds_iam and in rds_ad, seen with its own eyes", "role-rds-ad-both", r"\A\Z")
def both_own(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_both")


@fault(
    "the master was granted rds_iam, and comes with its password",
    "role-master-in-rds-iam",
    "PAM authentication failed",
)
def master(lab: Laboratory) -> Scene:
    return _watched(lab, user="chief", password=roles.PASSWORD)


@fault(
    "a superuser, who is a member of everything but in pg_hba.conf, sends a token",
    "role-superuser-skip",
    WRONG_PASSWORD,
)
def superuser(lab: Laboratory) -> Scene:
    server = lab.server("stock")
    return lab.scene(server, user="app_root", flags=("--admin", server.admin()))


@fault("there is no such database", "db-missing", 'database "shoop" does not exist')
def database_missing(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, database="shoop")


@fault(
    "no database is named, so it is the user's name",
    "db-missing",
    'database "app_iam" does not exist',
)
def database_default(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, database=None)


@fault(
    "CONNECT is taken from PUBLIC and granted to nobody",
    "db-connect-denied",
    'permission denied for database "closed"',
)
def connect_denied(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, database="closed")


@fault(
    "the database takes no connections",
    "db-no-accept",
    'database "frozen" is not currently accepting connections',
)
def no_accept(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, database="frozen")


@fault("template0 takes no connections", "db-no-accept", "is not currently accepting connections")
def template(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, database="template0")


@fault(
    "the database's limit of connections is reached",
    "db-connlimit",
    'too many connections for database "narrow"',
)
def database_limit(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, database="narrow")


@fault(
    "only the slots of superusers are left",
    "srv-slots",
    "remaining connection slots are reserved",
)
def slots_reserved(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("full"))


@fault("every slot is taken", "srv-slots", "sorry, too many clients already")
def slots_taken(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("crowded"))


@fault("the server is shutting down", "srv-starting", "the database system is shutting down")
def stopping(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("stopping"))


@fault("the role may not even enter the schema", "obj-privileges", r"\A\Z")
def no_usage(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_bare")


@fault("the role may enter the schema and touch nothing in it", "obj-privileges", r"\A\Z")
def no_tables(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_entrant")
