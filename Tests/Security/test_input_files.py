"""Configuration that is a pipe, a device or too large; that others may write; hostile texts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from securitykit.program import Run, run

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE1234", "AWS_SECRET_ACCESS_KEY": "xyzzysecret"}
#: Nobody listens there, so that a run which gets as far as that ends at once.
CLOSED = ["-h", "127.0.0.1", "-p", "1", "-U", "app", "-d", "app"]
DOCTOR = ["doctor", *CLOSED, "--timeout", "1s"]
TOKEN = ["token", "rds", "-h", "db.abc123.eu-west-1.rds.amazonaws.com", "-U", "app"]
SETUP = ["setup", "plan", *CLOSED, "-w", "--iam-user", "app_iam"]
MEMORY = 250 << 20

#: An environment variable that names a file, and a command that reads it.
FILES = [
    ("PGSERVICEFILE", [*DOCTOR[:1], "-d", "service=some", "--timeout", "1s"]),
    ("PGPASSFILE", DOCTOR),
    ("PGSSLROOTCERT", [*DOCTOR, "--sslmode", "verify-full"]),
    ("AWS_CONFIG_FILE", [*TOKEN, "--profile", "some"]),
    ("AWS_SHARED_CREDENTIALS_FILE", [*TOKEN, "--profile", "some"]),
    ("DBAUTH_CONFIG", ["doctor", "--target", "orders", "--timeout", "1s"]),
    ("PGSERVICEFILE", [*SETUP, "-d", "service=some"]),
    ("PGSSLROOTCERT", SETUP),
    ("PGPASSFILE", SETUP),
]


def place(kind: str, folder: Path) -> Path:
    """Something that is no small regular file."""
    path = folder / kind
    if kind == "pipe":
        os.mkfifo(path, 0o600)
    elif kind == "device":
        return Path("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(1 << 40)
        path.chmod(0o600)
    return path


def assert_ended_well(ended: Run) -> None:
    assert ended.status in (0, 1, 3, 64), ended.story
    assert ended.peak_bytes < MEMORY, ended.story


@pytest.mark.parametrize(
    ("variable", "command", "kind"),
    [
        (variable, command, kind)
        for variable, command in FILES
        for kind in ("pipe", "device", "folder", "huge")
        # libpq reads its own files a line at a time.
        if kind != "huge" or command[0] != "setup"
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_file_that_is_none_is_not_waited_for(
    variable: str, command: list[str], kind: str, tmp_path: Path
) -> None:
    ended = run(*command, environment={variable: str(place(kind, tmp_path))}, patience=15)
    assert_ended_well(ended)


@pytest.mark.parametrize(("variable", "command"), [FILES[1], FILES[8], FILES[6]])
def test_a_byte_of_another_encoding_in_another_line_does_no_harm(
    variable: str, command: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    lines = ["# Müller's", "*:*:*:other:café", "[old]", "user=Müller", "[some]", "host=127.0.0.1"]
    file.write_text("\n".join(lines) + "\n", encoding="latin1")
    file.chmod(0o600)
    ended = run(*command, environment={variable: str(file)})
    assert ended.status == 1, ended.story
    assert "UTF-8" not in ended.output, ended.story


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_the_null_device_stands_for_no_file(variable: str) -> None:
    ended = run(*TOKEN, environment={**KEYS, variable: "/dev/null"})
    assert ended.status == 0, ended.story


def test_aliases_of_yaml_are_refused_with_their_line(tmp_path: Path) -> None:
    levels = "\n".join(
        f"? &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n: x" for level in range(1, 12)
    )
    path = tmp_path / "dbauth.yaml"
    path.write_text(f"? &a0 [x]\n: x\n{levels}\ntargets: {{a: {{host: x}}}}\n")
    ended = run("doctor", "--target", "a", "--config", str(path), "--timeout", "1s")
    assert ended.status == 64, ended.story
    assert f"{path}:3: it has an alias" in ended.output, ended.story


@pytest.mark.parametrize(
    "text",
    [
        'targets: {"a\\e]0;x\\a": {host: x}}',
        'targets: {a: {"b\\e[2J": x}}',
        '{"x\\e[2J": 1, "x\\e[2J": 2}',
        'targets: {a: {host: "h\\e[2J"}}',
        "targets:\n  \x1b[2J: a",
        "\x1b]0;x\x07",
        "targets: {a: {sslmode: 'x\u009b2J'}}",
    ],
)
def test_what_yaml_says_never_steers_a_terminal(text: str, tmp_path: Path) -> None:
    path = tmp_path / "dbauth.yaml"
    path.write_text(text)
    for target in ("a", "b\x1b[2J"):
        ended = run("doctor", "--target", target, "--config", str(path), "--timeout", "1s")
        assert ended.status in (1, 3, 64), ended.story
        assert not any(sign in ended.output for sign in "\x1b\x07\u009b"), ended.story


def test_pages_from_a_folder_never_steer_a_terminal(tmp_path: Path) -> None:
    category = tmp_path / "evil\x1b[2J"
    category.mkdir()
    page = Path(__file__).parents[2] / "checks/tls/tls-not-offered.md"
    text = page.read_text().replace("id: tls-not-offered", "id: my-own")
    (category / "my-own.md").write_text(text)
    for command in (["checks", "list"], ["explain", "my-own"]):
        ended = run(*command, "--pages", str(tmp_path))
        assert "\x1b" not in ended.output, ended.story
    (category / "my-own.md").write_text(text.replace("severity:", '"sev\\e[2J":'))
    ended = run("checks", "list", "--pages", str(tmp_path))
    assert ended.status == 64, ended.story
    assert "\x1b" not in ended.output, ended.story


class TestTheTargetFileOfTheWorkingFolder:
    TEXT = "targets:\n  orders:\n    host: 127.0.0.1\n    port: 1\n    user: app\n"
    COMMAND = ("doctor", "--target", "orders", "--timeout", "1s")

    def write(self, folder: Path, mode: int = 0o644, folder_mode: int = 0o755) -> Path:
        path = folder / "dbauth.yaml"
        path.write_text(self.TEXT)
        path.chmod(mode)
        folder.chmod(folder_mode)
        return path

    def test_says_what_it_decides_before_anything_is_sent(self, tmp_path: Path) -> None:
        self.write(tmp_path)
        ended = run(*self.COMMAND, folder=tmp_path)
        assert ended.status in (1, 3), ended.story
        first = ended.stderr.decode().splitlines()[0]
        assert first == "note: dbauth.yaml:3 (target orders) says host=127.0.0.1, port=1, user=app"
        named = run(*self.COMMAND, "--config", "dbauth.yaml", folder=tmp_path)
        assert named.stderr == b"", named.story

    @pytest.mark.parametrize(
        ("mode", "folder_mode"), [(0o666, 0o755), (0o664, 0o755), (0o644, 0o777), (0o644, 0o775)]
    )
    def test_is_refused_when_others_may_write_it(
        self, mode: int, folder_mode: int, tmp_path: Path
    ) -> None:
        self.write(tmp_path, mode, folder_mode)
        ended = run(*self.COMMAND, folder=tmp_path)
        assert ended.status == 64, ended.story
        assert b"chmod go-w" in ended.stderr, ended.story
        named = run(*self.COMMAND, "--config", "dbauth.yaml", folder=tmp_path)
        assert (named.status == 64) == (mode == 0o666), named.story

    def test_may_lie_in_a_folder_where_nobody_else_can_replace_it(self, tmp_path: Path) -> None:
        self.write(tmp_path, folder_mode=0o1777)
        assert run(*self.COMMAND, folder=tmp_path).status in (1, 3)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_is_refused_when_it_is_somebody_elses(self, tmp_path: Path) -> None:
        os.chown(self.write(tmp_path), 65534, 65534)
        ended = run(*self.COMMAND, folder=tmp_path)
        assert ended.status == 64, ended.story
        assert b"another user (uid 65534)" in ended.stderr, ended.story


@pytest.mark.parametrize("piece", ["*/'", "/**/'", "/**/", "x'", "\n--\n'"])
def test_a_line_of_pieces_of_sql_is_read_in_time(piece: str) -> None:
    log = 'FATAL:  password authentication failed for user "app" ' + piece * 20_000
    ended = run("explain", "--stdin", input=log.encode())
    assert ended.status == 0, ended.story
