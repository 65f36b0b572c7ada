"""A small puzzle that a browser solves before a reply is sent, while spam pours in (ALTCHA, protocol 2).

Challenges are signed, name their post, last for minutes and count once. What comes without one is not
refused: it waits for a moderator, for some readers have no JavaScript.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from altcha import Payload, create_challenge, verify_solution
from flask import current_app
from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from blog.comments.rules import ProofOfWork, Rules
from blog.db import Base, db, insert_once, now
from blog.web.limits import is_under_attack

LASTS = timedelta(minutes=20)
ALGORITHM = "SHA-256"
COST = 2  # hashes for each try
PREFIX = "0000"  # of the hash that solves it: some 65,000 tries, about a second on a phone
LONGEST = 2_000


class SpentProof(Base):
    """A puzzle that was solved and used: it counts once. Kept as long as it could be used again."""

    __tablename__ = "spent_proof"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)


def is_asked(rules: Rules) -> bool:
    """Whether a reply needs a proof just now."""
    if rules.proof_of_work is ProofOfWork.UNDER_ATTACK:
        return is_under_attack()
    return rules.proof_of_work is ProofOfWork.ALWAYS


def challenge_for(post_id: int) -> dict[str, Any]:
    """A new puzzle for a reply to this post, as ALTCHA's clients take it."""
    return create_challenge(
        ALGORITHM,
        COST,
        key_prefix=PREFIX,
        expires_at=now() + LASTS,
        data={"post": post_id},
        hmac_secret=secret(),
    ).to_dict()


def takes(proof: str, post_id: int) -> bool:
    """Whether this is the solution of a puzzle of this post that was not used yet. It is used now."""
    if not 0 < len(proof) <= LONGEST or not proof.isascii():
        return False
    try:
        payload = Payload.from_dict(json.loads(base64.b64decode(proof, validate=True)))
        is_right = verify_solution(payload, secret()).verified
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    asked = payload.challenge.parameters
    return bool(is_right and asked.data == {"post": post_id} and asked.expires_at and spend(asked.nonce))


def spend(nonce: str) -> bool:
    """Use a puzzle up, not yet committed; False where it was used before."""
    db.session.execute(delete(SpentProof).where(SpentProof.at < now() - LASTS))
    return insert_once(SpentProof, nonce=nonce)


def secret() -> str:
    return f"proof of work {current_app.config['SECRET_KEY']}"
