"""How high the sun stood, and how bright a photo could then be."""

import numpy as np
from numpy.typing import ArrayLike

from blog.geo.positions import Floats

J2000_S = 946_728_000.0  # noon of 1 January 2000, UTC
CENTURY_S = 36_525 * 86_400.0

DAYLIGHT_EV = 9.5  # dimmer photos may as well be of a lit room
HEIGHTS_DEG: Floats = np.arange(-90.0, 90.5, 0.5)

_DEEP_SHADE_EV = 5.0  # below open sunlight: woods, lanes, a gorge
_GLARE_EV = 1.0  # above it: snow, sand, the sky itself
_EDGE_EV = 0.4
_ARTIFICIAL = 0.03  # photos whose light has nothing to do with the sun: flash, floodlights
_EV_RANGE = 8.0
_DUSK_EV_PER_DEG = 1.3  # from 800 lx at sunset to the 3.4 lx that end civil twilight at −6°


def sun_height_deg(utc_s: ArrayLike, lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Degrees of the sun's centre above the horizon, without refraction (broadcasts).

    utc_s in unix seconds, lat and lon in degrees. The low-accuracy formulas of J. Meeus, Astronomical
    Algorithms, as in NOAA's solar calculator (Global Monitoring Laboratory); good to 0.02° for 1900–2100.
    """
    utc_s, lat, lon = np.asarray(utc_s, float), np.radians(lat), np.asarray(lon, float)
    century = (utc_s - J2000_S) / CENTURY_S
    mean_longitude = np.radians(280.46646 + century * (36000.76983 + 0.0003032 * century))
    anomaly = np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    node = np.radians(125.04 - 1934.136 * century)
    longitude = mean_longitude + np.radians(_centre_deg(century, anomaly) - 0.00569 - 0.00478 * np.sin(node))
    tilt = np.radians(23.4392911 - 0.0130042 * century + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(tilt) * np.sin(longitude))
    ahead_deg = np.degrees(_equation_of_time(mean_longitude, anomaly, eccentricity, tilt))
    hour_angle = np.radians(utc_s % 86_400 / 240 + ahead_deg + lon - 180)
    height = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(hour_angle)
    degrees: Floats = np.degrees(np.arcsin(np.clip(height, -1, 1)))
    return degrees


def exposure_value(exposure_s: float | None, f_number: float | None, iso: int | None) -> float | None:
    """The scene's brightness as an exposure value at ISO 100, log2(N²/t · 100/S); None where a part lacks."""
    if not exposure_s or not f_number or not iso:
        return None
    return float(np.log2(f_number**2 / exposure_s * 100 / iso))


def sunlight_ev(height_deg: ArrayLike) -> Floats:
    """The exposure value at ISO 100 in the open under a clear sky.

    Illuminance by the Illuminating Engineering Society (Calculation of Daylight Availability, RP-21, 1984):
    127.5 klx · exp(−0.21 / sin h) · sin h from the sun and (0.8 + 15.5 √sin h) klx from the sky; as an
    incident meter reads it, log2(E · S / C) with C = 250. Below the horizon it falls by 1.3 a degree.
    """
    height = np.asarray(height_deg, float)
    sine = np.sin(np.radians(np.clip(height, 1e-4, 90)))
    lux = 127_500 * np.exp(-0.21 / sine) * sine + 800 + 15_500 * np.sqrt(sine)
    ev: Floats = np.log2(lux * 100 / 250) + _DUSK_EV_PER_DEG * np.minimum(height, 0)
    return ev


def log_exposure(ev: float) -> Floats:
    """log P(ev | sun) for every one of HEIGHTS_DEG: no photo is much brighter than open sunlight then was."""
    brightest = sunlight_ev(HEIGHTS_DEG) + _GLARE_EV
    darkest = brightest - _GLARE_EV - _DEEP_SHADE_EV
    inside = _rise((ev - darkest) / _EDGE_EV) * _rise((brightest - ev) / _EDGE_EV)
    width = _DEEP_SHADE_EV + _GLARE_EV
    odds: Floats = np.log((1 - _ARTIFICIAL) * inside / width + _ARTIFICIAL / _EV_RANGE)
    return odds


def _centre_deg(century: Floats, anomaly: Floats) -> Floats:
    """The equation of the centre: how far the sun runs ahead of a uniform orbit."""
    degrees: Floats = (
        np.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + np.sin(3 * anomaly) * 0.000289
    )
    return degrees


def _equation_of_time(mean_longitude: Floats, anomaly: Floats, eccentricity: Floats, tilt: Floats) -> Floats:
    """How far a sundial is ahead of an even clock, in radians of hour angle."""
    y = np.tan(tilt / 2) ** 2
    ahead: Floats = (
        y * np.sin(2 * mean_longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean_longitude)
        - 0.5 * y**2 * np.sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    return ahead


def _rise(x: Floats) -> Floats:
    """From 0 to 1 around 0 (logistic), without overflow."""
    rise: Floats = 0.5 * (1 + np.tanh(x / 2))
    return rise
