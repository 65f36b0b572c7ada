"""The demo's notes lie on its photos, and each is tied to words of the post that shows the photo."""

import re

from blog.demo import story
from blog.photos.notes import said
from blog.photos.regions import Region


def test_every_note_is_tied_to_words_beside_its_photo():
    notes = story.notes()
    assert len({note.name for note in notes}) == len(notes) >= 4
    tied = {name: post for post in story.posts() for name in re.findall(r"\]\(note:([\w-]+)\)", post.text)}
    assert set(tied) == {note.name for note in notes}
    for note in notes:
        assert f"photo:{note.photo} " in tied[note.name].text
        assert Region.from_json(note.corners).to_json() == note.corners
        assert said(note.text) == note.text
