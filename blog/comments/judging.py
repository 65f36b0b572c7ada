"""The verdict on a comment that was just sent, from all that the site knows."""

from dataclasses import dataclass

from blog.comments.commenters import Commenter
from blog.comments.verdict import Verdict, judge
from blog.posts.models import Post


@dataclass(frozen=True)
class Submission:
    """A comment as a reader sent it.

    `seconds_on_page` is None where it is not known; `is_confirmed`: the browser has shown to read the mail of
    `email`.
    """

    post: Post
    text: str
    name: str
    email: str
    website: str
    address: str
    user_agent: str
    seconds_on_page: float | None
    honeypot: str
    commenter: Commenter | None
    is_confirmed: bool
    replaces: int | None = None
    """The number of the comment whose words these replace: it is no other comment that says the same."""


def weigh(submission: Submission) -> Verdict:
    """The status that the comment gets, with reasons for the moderator."""
    return judge(submission.text, submission.name, submission.seconds_on_page, submission.honeypot)
