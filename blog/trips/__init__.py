"""Trips, their tracks, and the place of every photo on the route."""
