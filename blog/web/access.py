"""Every route says who may enter. What says nothing lets nobody in."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])


class Audience(StrEnum):
    """Who may enter: each includes those named after it, except `everyone`, which includes all."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"
    MODERATORS = "moderators"
    AUTHORS = "authors"
    OWNER = "owner"


def open_to(audience: Audience) -> Callable[[View], View]:
    """Declare who may enter a view; `accounts` enforces it before the view runs."""

    def declare(view: View) -> View:
        view.audience = audience  # type: ignore[attr-defined]
        return view

    return declare
