"""pg_hba.conf: who may log in from where, in Amazon RDS's order."""

from __future__ import annotations

from .catalogue import ServerKind
from .roles import IAM_ROLE

#: The file in the sandbox's PAM folder that names the module; see native/pam_confdir.c.
PAM_SERVICE = "dbauth-sandbox"


def access_rules(kind: ServerKind) -> str:
    """The text of pg_hba.conf for one server.

    The first line that matches decides. `+rds_iam` matches every direct and indirect member,
    whatever the options of the memberships, and no superuser.
    """
    lines = [
        "local   all       rdsadmin           trust",
        "local   all       all                reject",
    ]
    if kind.flavour == "rds":
        lines += [
            "host    all       rdsadmin      all  reject",
            "host    rdsadmin  all           all  reject",
        ]
    if kind.secure:
        lines.append(f"hostssl all       +{IAM_ROLE}      all  pam pamservice={PAM_SERVICE}")
    lines.append(f"host    all       +{IAM_ROLE}      all  reject")
    password_line = "hostssl" if kind.secure else "host   "
    lines.append(f"{password_line} all       all           all  scram-sha-256")
    return "\n".join(lines) + "\n"
