"""`roadbook`: the commands of those who run it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import FlaskGroup, with_appcontext
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from blog import create_app, jobs
from blog.accounts.commands import create_user
from blog.db import bring_up_to_date
from blog.demo.build import demo
from blog.trips.place_command import place

RESTART_AFTER_S = 1.0


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False)
def main() -> None:
    """Roadbook: a travel blog where every photo finds its place on the route."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=0, help="Server processes; 0 chooses by the machine.")
@with_appcontext
def serve(host: str, port: int, workers: int) -> None:
    """Serve Roadbook and run its worker, until told to stop."""
    refuse_taken(host, port)
    bring_up_to_date()
    helper = Worker()
    helper.start()
    server = Granian(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or min(2, os.cpu_count() or 1),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        blocking_threads=4,
        backlog=1024,
    )
    click.echo(f"Roadbook is at http://{host}:{port}. Stop it with Ctrl+C.")
    try:
        server.serve()
    finally:
        helper.stop()


def refuse_taken(host: str, port: int) -> None:
    """Say in words what the server would only say after its worker had started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = f"Roadbook cannot listen at {host}, port {port}: {error.strerror}."
        raise click.ClickException(f"{reason} Choose another port with --port.") from error


class Worker:
    """The worker beside the server: started again if it dies, ended with the server."""

    def __init__(self) -> None:
        self.ending = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.thread = threading.Thread(target=self.keep_running, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def keep_running(self) -> None:
        while not self.ending.is_set():
            self.process = subprocess.Popen([sys.executable, "-m", "blog.commandline", "work"])
            self.process.wait()
            self.ending.wait(RESTART_AFTER_S)

    def stop(self) -> None:
        self.ending.set()
        if self.process:
            self.process.terminate()
        self.thread.join(timeout=20)
        if self.process and self.process.poll() is None:
            self.process.kill()


@main.command(hidden=True)
@with_appcontext
def work() -> None:
    """Run the worker alone."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the server, which then ends the worker
    consumer = jobs.consumer(current_app._get_current_object(), workers=1)  # type: ignore[attr-defined]
    consumer.run()


main.add_command(create_user)
main.add_command(place)
main.add_command(demo)

if __name__ == "__main__":
    main()
