"""`setup plan --format sql` of a server that lies: psql runs nothing but the plan."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from labkit.laboratory import Laboratory
from labkit.servers import Postgres
from sandboxlib.places import bin_folder

from securitykit.program import Run, run
from securitykit.rewriting import Lies, lying_server

#: Names that a lie replaces, wherever the server says them.
MARKS = ("zqrole", "zqschema", "zqtable", "15.")

OBJECTS = """
CREATE ROLE zqrole LOGIN;
CREATE SCHEMA zqschema AUTHORIZATION zqrole;
CREATE FUNCTION zqschema.routine(zqargument integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE zqschema.zqtable (id integer);
ALTER FUNCTION zqschema.routine OWNER TO zqrole;
ALTER TABLE zqschema.zqtable OWNER TO zqrole;
"""

#: What a hostile server says instead; TOUCH is a command that leaves a trace.
HOSTILE = {
    "a line break": "x\n\\! TOUCH\n",
    "a quotation mark and a line break": 'x" integer)\n\\! TOUCH\n-- ',
    "apostrophes": "x'\n\\! TOUCH\n'",
    "a carriage return": 'x"\r\\! TOUCH\r',
    "COPY to a program": "x\n\\copy (SELECT 1) TO PROGRAM 'TOUCH'\n",
    "the end of the statement": "x integer) OWNER TO zqrole; \\! TOUCH\n--",
    "a dollar quote": "$lockout$;\n\\! TOUCH\n$lockout$",
    "half a character": 'x\ufffd"\n\\! TOUCH\n',
    "half a character and an apostrophe": "x\ufffd'\n\\! TOUCH\n",
    "a backslash before the end": "x\\'\n\\! TOUCH\n",
    "a variable of psql": "x :'HOST' :\"USER\" `TOUCH`\n",
}

#: What makes psql read a file in another way.
MISLEADING = {
    "client_encoding": "GBK",
    "standard_conforming_strings": "off",
    "server_version": "15.18",
}


@pytest.fixture(scope="module")
def database(laboratory: Laboratory) -> Iterator[tuple[Postgres, str]]:
    main = laboratory.main
    main.sql("CREATE DATABASE zqlies")
    main.sql(OBJECTS, "zqlies")
    yield main, "zqlies"
    main.sql("DROP DATABASE zqlies WITH (FORCE)")
    main.sql("DROP ROLE zqrole")


#: psql of one version after the other.
PROGRAMS = itertools.cycle([bin_folder(15), bin_folder(16), bin_folder(17), bin_folder(18)])


def socket_of(server: Postgres) -> Path:
    return Path(server.sockets) / f".s.PGSQL.{server.port}"


def plan(port: int, database: str, *more: str) -> Run:
    connection = ["-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", database]
    return run("setup", "plan", *connection, "--iam-user", "zq_iam", "--all-schemas", *more)


def psql(program: Path, port: int, database: str, script: Path) -> None:
    """What an operator does with a plan, but that nothing comes of it on the server."""
    read_only = "-c default_transaction_read_only=on"
    subprocess.run(
        [program / "psql", "-X", "-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin"]
        + ["-d", database, "-f", script],
        capture_output=True,
        timeout=20,
        env={
            "PATH": "/usr/bin:/bin",
            "LD_LIBRARY_PATH": str(program.parent / "lib"),
            "PGOPTIONS": read_only,
        },
    )


def weaker(script: str) -> str:
    """The script without what would hold should its quoting fail, and going on after errors."""
    lines = script.splitlines(keepends=True)
    return "".join(line for line in lines if not re.match(r"\\(set|restrict|unrestrict) ", line))


def assert_nothing_runs(port: int, database: str, script: str, folder: Path, trace: Path) -> None:
    """psql reads the whole script, and nothing in it leaves a trace."""
    for number, content in enumerate([script, weaker(script)]):
        file = folder / f"plan-{number}.sql"
        file.write_text(content)
        psql(next(PROGRAMS), port, database, file)
        assert not trace.exists(), content


@pytest.mark.parametrize("hostile", HOSTILE)
def test_psql_runs_nothing_that_a_server_smuggles_into_arguments(
    database: tuple[Postgres, str], tmp_path: Path, hostile: str
) -> None:
    server, name = database
    trace = tmp_path / "trace"
    text = HOSTILE[hostile].replace("TOUCH", f"touch {trace}")
    with lying_server(socket_of(server), Lies({"zqargument": text}, MISLEADING)) as port:
        planned = plan(port, name, "--format", "sql")
        if planned.stdout:
            assert_nothing_runs(port, name, planned.stdout.decode(), tmp_path, trace)
    assert planned.status == 1, planned.story
    assert b"in a way that PostgreSQL does not" in planned.stderr, planned.story


@pytest.mark.parametrize("first", range(0, len(HOSTILE), len(MARKS)))
def test_psql_runs_nothing_that_a_server_smuggles_into_names(
    database: tuple[Postgres, str], tmp_path: Path, first: int
) -> None:
    server, name = database
    trace = tmp_path / "trace"
    texts = list(HOSTILE.values())[first : first + len(MARKS)]
    lies = {
        mark: text.replace("TOUCH", f"touch {trace}")
        for mark, text in zip(MARKS, texts, strict=False)
    }
    with lying_server(socket_of(server), Lies(lies, MISLEADING)) as port:
        planned = plan(port, name, "--format", "sql")
        script = planned.stdout.decode()
        assert "BEGIN;" in script, planned.story
        assert_nothing_runs(port, name, script, tmp_path, trace)
    assert script.isascii(), planned.story


@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_a_script_works_with_psql_of_every_version(
    laboratory: Laboratory, tmp_path: Path, major: int
) -> None:
    server = laboratory.main
    name = f"zqhonest{major} Ünï\\\"'\n"
    quoted = f'U&"zqhonest{major} \\00DCn\\00EF\\\\""\'\\000A"'
    server.sql(f"CREATE DATABASE {quoted}")
    role = f"zq_owner_{major}"
    try:
        with lying_server(socket_of(server), Lies()) as port:
            connection = ["-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin"]
            given = {"PGDATABASE": "", "PGCONNECT_TIMEOUT": "5"}
            literal = name.replace("\\", "\\\\").replace("'", "\\'")
            planned = run(
                *("setup", "plan", *connection, "-d", f"dbname='{literal}'", "--iam-user"),
                *(f"zq_iam_{major}", "--owner-role", role, "--create-owner-role"),
                *("--format", "sql"),
                environment=given,
            )
            assert planned.status == 0, planned.story
            file = tmp_path / "plan.sql"
            file.write_bytes(planned.stdout)
            program = bin_folder(major)
            done = subprocess.run(
                [program / "psql", "-X", *connection, "-d", f"dbname='{literal}'", "-f", file],
                capture_output=True,
                text=True,
                env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(program.parent / "lib")},
            )
            assert done.returncode == 0, done.stderr + file.read_text()
            assert "invalid command" not in done.stderr, done.stderr
            owner = "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public'"
            assert server.sql(owner, f"dbname='{literal}'") == role
    finally:
        server.sql(f"DROP DATABASE {quoted} WITH (FORCE)")
        server.sql(f"DROP ROLE IF EXISTS zq_iam_{major}; DROP ROLE IF EXISTS {role}")


def test_an_older_psql_stops_before_anything_is_done(
    database: tuple[Postgres, str], tmp_path: Path
) -> None:
    server, name = database
    with lying_server(socket_of(server), Lies()) as port:
        planned = plan(port, name, "--format", "sql")
        # What an older psql does not know, none knows.
        file = tmp_path / "plan.sql"
        file.write_text(planned.stdout.decode().replace("\\restrict ", "\\restrictx "))
        done = subprocess.run(
            [bin_folder(15) / "psql", "-X", "-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin"]
            + ["-d", name, "-f", file],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 3, done.stderr
    assert "invalid command \\restrictx" in done.stderr
    assert server.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'zq_iam'") == "0"
