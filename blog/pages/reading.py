"""Gathers what each page shows, in a fixed number of queries."""

from dataclasses import dataclass

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload, undefer
from sqlalchemy.sql.elements import ColumnElement

from blog.comments.models import Comment
from blog.comments.verdict import Status
from blog.db import db
from blog.geo.mapview import MapView
from blog.geo.profile import Profile
from blog.photos.models import Photo, PhotoState
from blog.posts.models import Post, PostPhoto, PostStatus, published_photos
from blog.posts.story import Story, photo_href, story_of
from blog.trips.heights import profile_of
from blog.trips.maps import photo_view, trip_view
from blog.trips.models import Trip, TripPhoto
from blog.trips.published import PublishedDay, PublishedPhoto, PublishedTrip

POSTS_ON_HOME = 12


def published(limit: int | None = None, texts: bool = False) -> list[Post]:
    """Published posts with author, trip and lead photo, newest first; with their texts only where needed."""
    query = (
        select(Post)
        .where(Post.status == PostStatus.PUBLISHED)
        .options(
            undefer(Post.text) if texts else defer(Post.text),
            joinedload(Post.author),
            joinedload(Post.trip),
            joinedload(Post.lead_photo),
        )
        .order_by(Post.published_at.desc(), Post.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class TripCard:
    """A trip as the home page names it."""

    trip: PublishedTrip
    post_count: int
    lead: Photo | None


def trip_cards() -> list[TripCard]:
    """Trips that have something to read, the latest first."""
    rows = db.session.execute(
        select(Trip, func.count(Post.id), func.min(Post.lead_photo_id), func.max(Post.published_at))
        .join(Post, Post.trip_id == Trip.id)
        .where(Post.status == PostStatus.PUBLISHED)
        .group_by(Trip.id)
        .order_by(func.max(Post.published_at).desc())
        .options(selectinload(Trip.days))
    ).all()
    ids = [row[2] for row in rows if row[2]]
    photos = {p.id: p for p in db.session.scalars(select(Photo).where(Photo.id.in_(ids)))} if ids else {}
    return [TripCard(PublishedTrip.of(trip), count, photos.get(lead)) for trip, count, lead, _last in rows]


def find_post(slug: str) -> Post | None:
    """A published post, with all that its page names."""
    return db.session.scalar(
        select(Post)
        .filter_by(slug=slug, status=PostStatus.PUBLISHED)
        .options(
            joinedload(Post.author),
            joinedload(Post.lead_photo),
            joinedload(Post.trip).selectinload(Trip.days),
        )
    )


@dataclass(frozen=True)
class PostPage:
    story: Story
    view: MapView | None
    profile: Profile | None
    day: PublishedDay | None
    before: Post | None
    after: Post | None


def post_page(post: Post) -> PostPage:
    story = story_of(post, post.document())
    rows = [figure.row for figure in story.figures if figure.row and figure.row.is_placed]
    rows = [row for row in rows if row.trip_id == post.trip_id]
    trip = PublishedTrip.of(post.trip) if post.trip else None
    day = trip.day(post.day_number) if trip else None
    days = (
        [post.day_number]
        if day and post.day_number
        else sorted({row.day_number for row in rows if row.day_number})
    )
    view = (
        trip_view(trip, rows, photo_href, days or None) if trip and trip.has_map and (rows or days) else None
    )
    profile = profile_of(trip, rows, photo_href, [day.number]) if trip and day else None
    before, after = neighbours_of(post)
    return PostPage(story, view, profile, day, before, after)


def neighbours_of(post: Post) -> tuple[Post | None, Post | None]:
    """The posts of the same trip before and after this one, as its story runs."""
    if post.trip_id is None:
        return None, None
    told = posts_of(post.trip_id)
    at = next((index for index, other in enumerate(told) if other.id == post.id), 0)
    return (told[at - 1] if at else None), (told[at + 1] if at + 1 < len(told) else None)


def posts_of(trip_id: int) -> list[Post]:
    """A trip's published posts in the order of the journey."""
    query = (
        select(Post)
        .filter_by(trip_id=trip_id, status=PostStatus.PUBLISHED)
        .options(defer(Post.text), joinedload(Post.lead_photo), joinedload(Post.author))
    )
    return sorted(
        db.session.scalars(query), key=lambda post: (post.day_number or 999, post.published_at, post.id)
    )


def shown_photos(trip_id: int) -> list[TripPhoto]:
    """The trip's photos that some published post shows, by time."""
    query = select(TripPhoto).where(TripPhoto.trip_id == trip_id, TripPhoto.photo_id.in_(published_photos()))
    rows = db.session.scalars(query).unique().all()
    return sorted(rows, key=lambda row: (row.taken_at is None, row.taken_at or row.added_at, row.id))


def photos_of(trip: PublishedTrip) -> list[PublishedPhoto]:
    """The photos of a trip that some published post shows, as they are published."""
    return trip.photos(shown_photos(trip.row.id))


def find_trip(slug: str) -> PublishedTrip | None:
    """A trip that has something to read."""
    told = select(Post.id).where(Post.trip_id == Trip.id, Post.status == PostStatus.PUBLISHED).exists()
    found = db.session.scalar(select(Trip).where(Trip.slug == slug, told).options(selectinload(Trip.days)))
    return PublishedTrip.of(found) if found else None


def to_photo_page(row: PublishedPhoto) -> str:
    return url_for("pages.photo", photo_id=row.photo_id)


@dataclass(frozen=True)
class PhotoPage:
    """A photo with its post, its place, and its neighbours on the route."""

    photo: Photo
    row: PublishedPhoto | None
    post: Post
    before: PublishedPhoto | None
    after: PublishedPhoto | None
    view: MapView | None
    near: str = ""

    @property
    def title(self) -> str:
        return self.photo.caption or self.photo.alt or self.post.title


def find_photo(photo_id: int) -> PhotoPage | None:
    """A photo that a published post shows; others have no page."""
    shown = db.session.scalar(
        select(PostPhoto)
        .join(Post, Post.id == PostPhoto.post_id)
        .join(Photo, Photo.id == PostPhoto.photo_id)
        .where(PostPhoto.photo_id == photo_id, Post.status == PostStatus.PUBLISHED, Photo.binned_at.is_(None))
        .order_by(Post.published_at)
        .limit(1)
    )
    if shown is None:
        return None
    post = db.session.scalars(select(Post).filter_by(id=shown.post_id).options(joinedload(Post.trip))).one()
    rows = shown_photos(post.trip_id) if post.trip_id else []
    at = next((index for index, row in enumerate(rows) if row.photo_id == photo_id), None)
    if at is None:
        return PhotoPage(db.session.get_one(Photo, photo_id), None, post, None, None, None)
    trip = PublishedTrip.of(rows[at].trip)
    around = [trip.photo(rows[i]) if 0 <= i < len(rows) else None for i in (at - 1, at, at + 1)]
    before, row, after = around
    if row is None or not row.is_placed:
        return PhotoPage(rows[at].photo, row, post, before, after, None, trip.near(rows[at]))
    days = [row.day_number] if row.day_number else None
    view = photo_view(trip, row, to_photo_page, days)
    return PhotoPage(row.photo, row, post, before, after, view, trip.near(rows[at]))


def shown_photo(which: ColumnElement[bool]) -> Photo | None:
    """The photo, if some published post shows it and it can be seen."""
    shown = (
        select(PostPhoto.photo_id)
        .join(Post, Post.id == PostPhoto.post_id)
        .where(PostPhoto.photo_id == Photo.id, Post.status == PostStatus.PUBLISHED)
    )
    return seen_photo(which, shown.exists())


def seen_photo(*conditions: ColumnElement[bool]) -> Photo | None:
    """The photo of which all this is true, if it can be seen."""
    ready = Photo.state == PhotoState.READY
    return db.session.scalar(select(Photo).where(*conditions, ready, Photo.binned_at.is_(None)))


def recent_comments(limit: int, post: Post | None = None) -> list[Comment]:
    """The newest comments that readers can see, under all posts or under one."""
    query = (
        select(Comment)
        .join(Comment.post)
        .where(
            Comment.status == Status.APPROVED,  # what is shown is; this leads to an index
            Comment.is_shown,
            Comment.erased_at.is_(None),
            Post.status == PostStatus.PUBLISHED,
        )
        .options(contains_eager(Comment.post).load_only(Post.slug, Post.title))
        .order_by(Comment.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query.where(Comment.post_id == post.id) if post else query))
