"""Code that a database's owner has laid out is run by neither `doctor` nor its `--admin`."""

from __future__ import annotations

import uuid

import pytest
from labkit.laboratory import Laboratory
from labkit.premises import HERE
from labkit.servers import Postgres
from labkit.trial import doctor

SCRIPT = (HERE.parent / "Fixtures" / "hostile.sql").read_text()

#: How sessions come to search the owner's schema: its name, and what the database's owner sets.
WAYS = {
    "database": ("evil", "ALTER DATABASE {0} SET search_path = evil, pg_catalog, public;"),
    "user": ("rdsadmin", ""),
    "everybody": ("public", ""),
}


def log(server: Postgres) -> str:
    """What the server has written down so far."""
    return (server.folder / "server.log").read_text(errors="replace")


@pytest.mark.parametrize("way", WAYS)
def test_doctor_runs_nobody_elses_code(laboratory: Laboratory, way: str) -> None:
    main = laboratory.main
    name = f"hostile_{uuid.uuid4().hex[:8]}"
    schema, setting = WAYS[way]
    main.sql("DROP ROLE IF EXISTS low")
    main.sql("CREATE ROLE low LOGIN PASSWORD 'not used'")
    main.sql(f"CREATE DATABASE {name} OWNER low")
    try:
        begin = f"SET SESSION AUTHORIZATION low;\n\\set schema {schema}\n"
        main.sql(f"{begin}{SCRIPT}\n{setting.format(name)}", name)
        mark = len(log(main))
        main.sql("SELECT lower(rolname) <> 'a' FROM pg_catalog.pg_roles LIMIT 1", name)
        assert f"hostile code of {name}" in log(main)[mark:], "the trap does not work"

        mark = len(log(main))
        scene = laboratory.scene(main, database=name, flags=("--admin", main.admin(name)))
        outcome = doctor(laboratory, scene)
        checks = {str(check["id"]): str(check["status"]) for check in outcome.report["checks"]}
        assert checks["route-rules"] == "pass", outcome.story()
        assert checks["role-attributes"] == "pass", outcome.story()
        assert f"hostile code of {name}" not in log(main)[mark:]
    finally:
        main.sql(f"DROP DATABASE {name} WITH (FORCE)")
        main.sql("DROP ROLE low")
