"""A private PostgreSQL server, for tests and figures."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


def binaries() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest version first; None where they cannot be run."""
    on_debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    elsewhere = shutil.which("initdb")
    found = on_debian or ([Path(elsewhere)] if elsewhere else [])
    if not found or (os.geteuid() == 0 and not shutil.which("runuser")):
        return None
    return found[0].parent


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; then the user `postgres` runs it."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def cluster(folder: Path, fsync: bool = False) -> Iterator[Callable[[str], str]]:
    """Starts a server of the programs in `folder`; gives the address of a new empty database of a name."""
    home = Path(tempfile.mkdtemp(prefix="roadbook-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    data, port = home / "data", free_port()

    def run(program: str, *arguments: str) -> None:
        command = as_postgres([str(folder / program), *arguments])
        subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, timeout=60)

    def make(name: str) -> str:
        run("createdb", "-h", str(home), "-p", str(port), "-U", "roadbook", name)
        return f"postgresql+psycopg://roadbook@/{name}?host={home}&port={port}"

    run("initdb", "-D", str(data), "-U", "roadbook", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-p {port} -k {home} -c listen_addresses= -c fsync={'on' if fsync else 'off'}"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
    try:
        yield make
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)
