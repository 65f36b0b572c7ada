"""`roadbook`: the commands of those who run it."""

import gc
import multiprocessing
import os
import re
import signal
import socket
import threading
from functools import cache
from types import FrameType
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.common import AbstractServer

from blog import create_app, jobs
from blog.accounts.commands import create_user
from blog.comments.commands import export_comments, import_comments
from blog.db import bring_up_to_date, db
from blog.demo.build import demo
from blog.mail.commands import note_bounces, send_test_mail
from blog.photos.commands import rebuild_renditions
from blog.photos.workshop import BENCHES
from blog.trips.place_command import place

RESTART_AFTER_S = 1.0
ANSWERING_THREADS = 4
UPLOADING_THREADS = 8  # a chunk on a slow network holds one for as long as it takes


@click.group(cls=FlaskGroup, create_app=create_app, add_default_commands=False)
def main() -> None:
    """Roadbook: a travel blog where every photo finds its place on the route."""


@main.command(with_appcontext=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=0, help="Server processes; 0 chooses by the machine.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve Roadbook and run its worker, until told to stop."""
    refuse_taken(host, port)
    prepare(application())
    helper = Worker()
    click.echo(f"Roadbook is at http://{host}:{port}. Stop it with Ctrl+C.")
    try:
        web_server("wsgi:app", host, port, workers).serve(target_loader=application, wrap_loader=False)
    finally:
        helper.stop()


@cache
def application() -> Flask:
    """The application of this process; a process that parts from it finds it made."""
    return create_app()


def prepare(app: Flask) -> None:
    """Migrate, and draw some pages before the processes part: what that loads, they share."""
    with app.app_context():
        bring_up_to_date()
    visitor = app.test_client()
    seen = visitor.get("/").text
    for kind in ("trips", "posts", "photos"):
        if link := re.search(rf'href="(/{kind}/[^"]+)"', seen):
            seen += visitor.get(link[1]).text
    with app.app_context():
        db.engine.dispose()  # no process may use the connection of another
    gc.collect()
    gc.freeze()  # else a collection would write to every shared page


def web_server(target: str, host: str, port: int, workers: int) -> AbstractServer[Any]:
    return Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or min(2, os.cpu_count() or 1),
        log_level=LogLevels.error,  # it warns of more threads than the processor could keep busy
        respawn_failed_workers=True,
        blocking_threads=UPLOADING_THREADS + ANSWERING_THREADS,
        backlog=1024,
    )


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
        self.process = begun()
        self.thread = threading.Thread(target=self.keep_running, daemon=True)
        self.thread.start()

    def keep_running(self) -> None:
        self.process.join()
        while not self.ending.wait(RESTART_AFTER_S):
            self.process = begun()
            self.process.join()

    def stop(self) -> None:
        self.ending.set()
        self.process.terminate()
        self.thread.join(timeout=20)
        if self.process.is_alive():
            self.process.kill()


def begun() -> multiprocessing.Process:
    process = multiprocessing.Process(target=work)
    process.start()
    return process


def work() -> None:
    """Run the worker until this process is told to end."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the server, which then ends the worker
    jobs.consumer(application(), workers=BENCHES).run()


main.add_command(create_user)
main.add_command(place)
main.add_command(demo)
main.add_command(rebuild_renditions)
main.add_command(import_comments)
main.add_command(export_comments)
main.add_command(send_test_mail)
main.add_command(note_bounces)

if __name__ == "__main__":
    main()
