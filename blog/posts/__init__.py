"""Posts, their revisions, their markup, and the desk where they are written."""
