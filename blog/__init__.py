"""Roadbook: composition only. Read from top to bottom, it is the list of what there is."""

from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from blog import db, jobs
from blog.accounts import views as accounts
from blog.accounts.invitations import invitations
from blog.accounts.own_account import own_account
from blog.accounts.passkeys import passkeys
from blog.accounts.people_desk import people_desk
from blog.accounts.reset import reset
from blog.accounts.sign_in import accounts as sign_in
from blog.accounts.two_step import two_step
from blog.comments import confirming, rules_desk
from blog.comments import desk as moderation
from blog.comments import log_desk as moderation_log
from blog.comments import own_views as own_comments
from blog.comments import people_desk as commenters_desk
from blog.comments import reports as comment_reports
from blog.comments import retention as _retention  # noqa: F401 — its sweep
from blog.comments import views as comments
from blog.letters import desk as letters_desk
from blog.letters import views as letters
from blog.letters import your_data
from blog.mail import sending as mail
from blog.pages import desk as front_desk
from blog.pages import privacy
from blog.pages import views as pages
from blog.pages.feeds import feeds
from blog.pages.iiif import iiif
from blog.pages.manifests import manifests
from blog.photos import storage
from blog.photos.media import photos_media
from blog.posts import bin_desk, library_desk
from blog.posts import desk as posts_desk
from blog.trips import (
    clock_desk,
    legs_desk,
    notes_desk,
    privacy_desk,
    recognition_desk,
    tracks_desk,
    uploads_desk,
)
from blog.trips import desk as trips_desk
from blog.web import addresses, assets, cache, errors, forms, headers, limits, locale
from config import ROOT, settings


def create_app(**overrides: Any) -> Flask:  # noqa: PLR0915
    """The application, by the settings of `config.py`; `overrides` are for tests."""
    app = Flask(__name__)
    app.request_class = forms.Request
    app.config.update(settings(), **overrides)
    app.config["SQLALCHEMY_DATABASE_URI"] = db.address(app.config["DATABASE_URL"])
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = db.engine_options(app.config["DATABASE_URL"])
    app.config["MIGRATIONS"] = str(ROOT / "migrations")
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_SECURE"] = app.config["PUBLIC_URL"].startswith("https:")
    app.config["MAX_FORM_MEMORY_SIZE"] = 2_000_000
    app.config["MAX_CONTENT_LENGTH"] = 4_000_000
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Path(app.config["INSTANCE"]).mkdir(parents=True, exist_ok=True)
    if proxies := int(app.config["TRUSTED_PROXIES"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    db.init_app(app)
    jobs.init_app(app)
    storage.init_app(app)

    addresses.init_app(app)
    locale.init_app(app)
    assets.init_app(app)
    cache.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    limits.init_app(app)

    mail.init_app(app)
    accounts.init_app(app)
    for doors in (sign_in, passkeys, two_step, reset, invitations, own_account, people_desk):
        app.register_blueprint(doors)
    app.register_blueprint(photos_media)
    trips_desk.init_app(app)
    uploads_desk.init_app(app)
    recognition_desk.init_app(app)
    tracks_desk.init_app(app)
    privacy_desk.init_app(app)
    clock_desk.init_app(app)
    legs_desk.init_app(app)
    notes_desk.init_app(app)
    posts_desk.init_app(app)
    library_desk.init_app(app)
    bin_desk.init_app(app)
    comments.init_app(app)
    own_comments.init_app(app)
    confirming.init_app(app)
    comment_reports.init_app(app)
    moderation.init_app(app)
    rules_desk.init_app(app)
    commenters_desk.init_app(app)
    moderation_log.init_app(app)
    letters.init_app(app)
    letters_desk.init_app(app)
    your_data.init_app(app)
    pages.init_app(app)
    privacy.init_app(app)
    app.register_blueprint(feeds)
    app.register_blueprint(iiif)
    app.register_blueprint(manifests)
    front_desk.init_app(app)
    return app
