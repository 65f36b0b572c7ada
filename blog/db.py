"""The database session, the declarative base, names of constraints, and SQLite's pragmas."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import Migrate, upgrade
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, TypeDecorator, event, inspect
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, registry

# Named constraints let a later migration find and change them on every database.
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


NEVER_AGAIN = {"sqlite_autoincrement": True}
"""For tables whose numbers stand in links, letters and open pages: SQLite would give the number of the last
row, once that went, to the next one."""
BUSY_S = 10
BEGINS_WRITING = {"INSERT", "UPDATE", "DELETE", "REPLAC"}  # before these, sqlite3 begins a transaction


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Stored without a zone as UTC, read back with the zone UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def named(kind: type[StrEnum]) -> SqlEnum:
    """A column type that keeps the words of `kind`, checked by the application, easy to extend later."""
    return SqlEnum(
        kind, native_enum=False, length=20, values_callable=lambda k: [member.value for member in k]
    )


class Base(DeclarativeBase):
    # A registry of our own: Flask-SQLAlchemy copies the base and refuses a bare type_annotation_map.
    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UtcDateTime}
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate()


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def insert_once(table: type[Base], **values: Any) -> Any:
    """Insert a row unless one of its unique keys is there, also when another does it now: its key, or None.

    Not yet committed. PostgreSQL waits here for the one who came first.
    """
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = inspect(table).primary_key[0]
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(key)
    return db.session.scalar(statement)


class TurnTaking(sqlite3.Connection):
    """SQLite has one writer at a time. Threads of a process wait for their turn here, and wake when it comes;
    left to SQLite, each would look again after ever longer pauses, and some for seconds in vain.

    A turn begins with the statement that begins a transaction and ends with it. Who has waited for as long as
    SQLite would goes on without, and is told by it.
    """

    turn: ClassVar = Lock()
    has_turn = False

    def take_turn(self) -> None:
        if not (self.in_transaction or self.has_turn):
            self.has_turn = self.turn.acquire(timeout=BUSY_S)

    def end_turn(self) -> None:
        if self.has_turn:
            self.has_turn = False
            self.turn.release()

    def commit(self) -> None:
        super().commit()
        self.end_turn()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.end_turn()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.end_turn()


@event.listens_for(Engine, "before_cursor_execute")
def wait_for_turn(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """A reading statement needs none: readers never wait for writers."""
    if connection.dialect.name == "sqlite" and statement.lstrip()[:6].upper() in BEGINS_WRITING:
        raw = connection.connection.driver_connection
        if isinstance(raw, TurnTaking):
            raw.take_turn()


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers do not wait for writers (WAL), writers wait for each other, and references must hold."""
    if not isinstance(connection, sqlite3.Connection):
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")
    cursor.close()


def address(url: str) -> str:
    """A database's address with the driver that Roadbook brings."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def engine_options(url: str) -> dict[str, Any]:
    return {"connect_args": {"factory": TurnTaking}} if url.startswith("sqlite") else {}


def bring_up_to_date() -> bool:
    """Migrate forward where this version needs it, after a copy of an SQLite database. Whether it did."""
    directory = current_app.config["MIGRATIONS"]
    scripts = ScriptDirectory(directory)
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == scripts.get_current_head():
        return False
    if present and db.engine.dialect.name == "sqlite":
        copy_before(present)
    upgrade(directory=directory)
    return True


def copy_before(revision: str) -> None:
    """Keep the database as it was at `revision` in `instance/before-<revision>.sqlite`."""
    target = Path(current_app.config["INSTANCE"]) / f"before-{revision}.sqlite"
    source = db.engine.raw_connection()
    try:
        with closing(sqlite3.connect(target)) as copy:
            source.driver_connection.backup(copy)  # type: ignore[union-attr]
    finally:
        source.close()


def init_app(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=app.config["MIGRATIONS"], render_as_batch=True)
