"""The legs of a day: stretches travelled by one means."""

from enum import StrEnum


class Means(StrEnum):
    """By what means one travelled."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    ROAD = "road"
    RAIL = "rail"
    BOAT = "boat"
    FLIGHT = "flight"
