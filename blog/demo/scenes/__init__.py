"""The demo's pictures, one function each: they take nothing and return a finished picture."""
