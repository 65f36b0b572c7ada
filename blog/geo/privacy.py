"""How exactly readers learn where a trip was."""

from enum import StrEnum


class Precision(StrEnum):
    """What is published of a trip's places."""

    EXACT = "exact"
    KILOMETRE = "kilometre"
    TOWN = "town"
    COUNTRY = "country"
    HIDDEN = "hidden"
