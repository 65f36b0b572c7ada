"""Letters to readers who follow a thread, and digests for moderators."""
