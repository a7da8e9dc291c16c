"""Commands on an installation's own home: no server, its own server, its database alone."""

import json
import os
import shlex
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from manciple.adapters.sql.migrating import OneProcess
from manciple.cli.serving import write_private
from tests.api.installation import installed, key_of
from tests.cli.desk import Desk, reasons, run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give the home of a furnished installation that nobody runs."""
    place = tmp_path / "home"
    with installed(place):
        pass
    (place / "keys.json").write_text(json.dumps({"ben": key_of("ben")}))
    (place / "operator.key").write_text(key_of("root") + "\n")
    return place


def test_without_a_server_the_command_opens_the_database_itself(home: Path) -> None:
    operator = run("keys", "issue", "ben", "--home", str(home), "--json")
    person = run("orders", "list", "--json", env={"MANCIPLE_HOME": str(home)})
    buyer = run("orders", "list", "--as", "ben", "--home", str(home), "--json")

    assert json.loads(operator.stdout)["person"] == "ben", operator.stderr
    assert json.loads(person.stdout) == {"rows": [], "after": None}
    assert json.loads(buyer.stdout) == {"rows": [], "after": None}
    forbidden = run("keys", "issue", "root", "--as", "ben", "--home", str(home), "--json")
    assert reasons(forbidden)[0]["code"] == "FORBIDDEN"


def test_who_reads_a_private_file_while_it_is_written_reads_it_whole(tmp_path: Path) -> None:
    file = tmp_path / "home" / "server.json"
    write_private(file, '{"url": "http://127.0.0.1:1"}')

    with file.open(encoding="utf-8") as reader:
        write_private(file, '{"url": "http://127.0.0.1:2"}')
        assert json.load(reader) == {"url": "http://127.0.0.1:1"}

    assert json.loads(file.read_text("utf-8")) == {"url": "http://127.0.0.1:2"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_nobody_delivers_while_a_command_has_the_database(home: Path) -> None:
    env = {"MANCIPLE_HOME": str(home)}
    need = ("--site", "ATL", "--item", "FUSE", "--quantity", "20", "--unit", "EA",
            "--needed-by", "2027-03-20")  # fmt: skip
    made = run("requisitions", "submit", *need, "--key", key_of("rita"), env=env)
    assert made.exit_code == 0, made.stderr

    drain = run("endpoints", "drain", "erp", "--reason", "x", "--json", env=env)

    (reason,) = reasons(drain)
    assert reason["code"] == "NOT_DRAINED"
    assert "no server runs" in reason["message"]


def test_a_database_that_another_process_holds_is_left_alone(home: Path) -> None:
    with OneProcess(f"sqlite:///{home / 'manciple.db'}"):
        result = run("orders", "list", "--home", str(home), "--json")

    (reason,) = reasons(result)
    assert reason["code"] == "ALREADY_RUNNING"
    assert str(os.getpid()) in reason["message"]


def test_the_homes_own_server_is_asked_when_it_answers(home: Path, desk: Desk) -> None:
    (home / "server.json").write_text(json.dumps({"url": desk.url}))

    with OneProcess(f"sqlite:///{home / 'manciple.db'}"):
        result = run("orders", "list", "--home", str(home), "--json")

    assert json.loads(result.stdout) == {"rows": [], "after": None}, result.stderr


@pytest.mark.parametrize("text", ['{"url": "http://127.0.0.1:9"}', "{", '["x"]', '{"url": "::"}'])
def test_a_server_that_is_gone_does_not_matter(home: Path, text: str) -> None:
    (home / "server.json").write_text(text)

    assert run("orders", "list", "--home", str(home)).exit_code == 0


def test_the_operators_key_goes_to_no_server_that_was_named(home: Path, desk: Desk) -> None:
    result = run("orders", "list", "--url", desk.url, "--home", str(home), "--json")

    assert reasons(result)[0]["code"] == "NO_KEY"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--as", "nobody"), "NO_KEY"),
        (("--key", "rubbish"), "UNAUTHENTICATED"),
        (("--key", "mk_ä\0"), "NO_KEY"),
        (("--url", "http://127.0.0.1:9", "--key", "mk_x"), "NO_ANSWER"),
        (("--url", "ftp://here", "--key", "mk_x"), "BAD_VALUE"),
        (("--url", "not an address", "--key", "mk_x"), "BAD_VALUE"),
        (("--database-url", "mysql://here/x"), "DATABASE_URL"),
        (("--database-url", "rubbish"), "BAD_VALUE"),
        (("--database-url", "sqlite:////nowhere/at/all.db"), "UNMIGRATED"),
        (("--database-url", "postgresql://127.0.0.1:9/x"), "DATABASE"),
    ],
)
def test_what_leads_nowhere_is_refused_in_words(
    home: Path, args: tuple[str, ...], code: str
) -> None:
    result = run("orders", "list", "--home", str(home), *args, "--json")

    assert reasons(result)[0]["code"] == code


def test_a_home_without_a_database_says_how_to_make_one(tmp_path: Path) -> None:
    empty = run("orders", "list", "--key", "mk_x", "--home", str(tmp_path / "none"), "--json")
    unmigrated = tmp_path / "manciple.db"
    sqlite3.connect(unmigrated).close()
    unmigrated.touch()
    bare = run("orders", "list", "--key", "mk_x", "--home", str(tmp_path), "--json")
    unmigrated.write_bytes(b"this is no database " * 1000)
    noise = run("orders", "list", "--key", "mk_x", "--home", str(tmp_path), "--json")

    assert reasons(empty)[0]["fix"].startswith("Run `manciple migrate`")
    assert not (tmp_path / "none").exists()
    assert reasons(bare)[0]["code"] == "UNMIGRATED"
    assert reasons(noise)[0]["code"] == "DATABASE"


def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    first = run("migrate", "--home", str(tmp_path / "new"), "--json")
    again = run("migrate", "--home", str(tmp_path / "new"))

    revision = json.loads(first.stdout)["revision"]
    assert again.stdout == f"the database is at revision {revision}\n"
    assert run("audit", "verify", "--home", str(tmp_path / "new")).exit_code == 0
    wrong = run("migrate", "--database-url", "rubbish", "--json")
    assert reasons(wrong)[0]["code"] == "BAD_VALUE"


def test_the_audit_reads_beside_a_server_and_names_what_was_changed(home: Path) -> None:
    file = home / "manciple.db"
    with OneProcess(f"sqlite:///{file}"):
        told = json.loads(run("audit", "verify", "--home", str(home), "--json").stdout)
    assert told["events"] > 0
    assert told["broken"] is None
    assert "chained root" in run("audit", "verify", "--home", str(home)).stdout

    db = sqlite3.connect(file)
    db.execute("update event set body = cast(replace(body, '{', '{ ') as blob) where n = 5")
    db.commit()
    db.close()

    (reason,) = reasons(run("audit", "verify", "--home", str(home), "--json"))
    assert reason["code"] == "BROKEN_HISTORY"
    assert reason["field"]


def test_serving_says_where_keeps_its_word_and_leaves(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run("migrate", "--home", str(home)).exit_code == 0
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "manciple", "serve", "--home", str(home), "--port", port]
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            said = server.stdout.read(1)
            while not (home / "server.json").exists():
                assert server.poll() is None
                time.sleep(0.05)
            while (done := run("keys", "issue", "operator", "--home", str(home))).exit_code:
                assert "ALREADY_RUNNING" in done.stderr, done.output
                time.sleep(0.05)
            key = home / "operator.key"
            assert stat.S_IMODE(key.stat().st_mode) == 0o600
        finally:
            server.terminate()
        said += server.stdout.read()
        server.wait(20)
    assert json.loads(said) == {"url": f"http://127.0.0.1:{port}"}
    assert not (home / "server.json").exists()


def test_a_port_that_is_taken_is_refused(home: Path, desk: Desk) -> None:
    port = desk.url.rpartition(":")[2]

    result = run("serve", "--home", str(home), "--port", port, "--json")

    assert reasons(result)[0]["code"] == "PORT_TAKEN"
    assert run("serve", "--port", "0").exit_code == 2


def test_a_demo_leaves_alone_what_it_did_not_make(home: Path) -> None:
    result = run("demo", "--home", str(home), "--days", "1", "--headless")

    assert result.exit_code == 1
    assert "no demo made it" in result.stderr
    assert (home / "manciple.db").exists()
    assert run("demo", "--days", "0").exit_code == 2
    assert run("demo", "--partner", "nobody").exit_code == 2


def test_without_a_home_it_is_the_home_that_is_missing_and_not_a_key(tmp_path: Path) -> None:
    nowhere = run("orders", "list", "--home", str(tmp_path / "none"), "--json")
    empty = run("orders", "list", "--home", str(tmp_path), "--json")

    assert reasons(nowhere)[0]["field"] == "--home"
    assert reasons(nowhere)[0]["code"] == "UNMIGRATED"
    assert reasons(empty)[0]["code"] == "NO_KEY"


def test_a_setting_that_is_empty_says_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.rename(tmp_path / "manciple-home")
    monkeypatch.chdir(tmp_path)
    empty = dict.fromkeys(("MANCIPLE_HOME", "MANCIPLE_PORT", "MANCIPLE_ERP_URL"), "")

    result = run("orders", "list", "--json", env=empty)

    assert json.loads(result.stdout) == {"rows": [], "after": None}, result.stderr


def test_what_the_system_refuses_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    below = str(file / "home")

    (reason,) = reasons(run("migrate", "--home", below, "--json"))

    assert reason["code"] == "SYSTEM"
    assert below in reason["message"]
    assert reason["fix"]


@pytest.mark.parametrize(
    "args", [("orders", "list"), ("orders", "list", "--json"), ("read", "-"), ("--help",)]
)
def test_an_answer_that_nobody_can_be_told_ends_in_words(
    home: Path, args: tuple[str, ...]
) -> None:
    env = os.environ | {"MANCIPLE_HOME": str(home)}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "manciple", *args], stdout=full, stderr=subprocess.PIPE,
            input=b"ISA*", env=env, check=False,
        )  # fmt: skip

    assert done.returncode != 0
    assert b"SYSTEM" in done.stderr
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_without_standard_output_nothing_is_begun(home: Path, more: tuple[str, ...]) -> None:
    ask = shlex.join((sys.executable, "-m", "manciple", "keys", "issue", "ben", *more))
    env = os.environ | {"MANCIPLE_HOME": str(home)}
    before = run("keys", "list", "--home", str(home), "--json").stdout

    done = subprocess.run(
        ["/bin/sh", "-c", f"{ask} >&-"], stderr=subprocess.PIPE, env=env, check=False
    )

    assert done.returncode == 1
    assert b"standard output" in done.stderr
    assert b"Traceback" not in done.stderr
    assert run("keys", "list", "--home", str(home), "--json").stdout == before


def test_letters_that_a_terminal_lacks_are_written_out(home: Path) -> None:
    env = os.environ | {"MANCIPLE_HOME": str(home), "PYTHONIOENCODING": "ascii"}
    need = ("--site", "ATL", "--item", "FUSE", "--quantity", "20", "--unit", "EA", "--needed-by",
            "2027-03-20", "--note", "dr\xe4ngt", "--key", key_of("rita"))  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-m", "manciple", "requisitions", "submit", *need],
        capture_output=True, env=env, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert b"dr\\xe4ngt" in done.stdout
