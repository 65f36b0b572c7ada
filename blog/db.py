"""The database session, the declarative base, names of constraints, and SQLite's pragmas."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

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


def insert_once(table: type[Base], **values: Any) -> bool:
    """Insert a row unless one of its unique keys is there, also when another does it now. Whether it did.

    Not yet committed. PostgreSQL waits here for the one who came first.
    """
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = inspect(table).primary_key[0]
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(key)
    return db.session.execute(statement).first() is not None


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers do not wait for writers (WAL), writers wait for each other, and references must hold."""
    if not isinstance(connection, sqlite3.Connection):
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


def address(url: str) -> str:
    """A database's address with the driver that Roadbook brings."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


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
