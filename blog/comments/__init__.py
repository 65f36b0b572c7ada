"""Comments in threads, the verdict on each, and their moderation."""
