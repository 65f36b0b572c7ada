"""What other rooms may want to hear of: sent after the commit, with the comment's number."""

from blinker import Signal

waits = Signal("A comment waits for a moderator.")
shown = Signal("A comment can be read by everyone from now on.")
follow_asked = Signal("A reader wants to hear of replies.")
