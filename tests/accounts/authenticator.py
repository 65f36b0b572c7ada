"""A device that holds passkeys, in software: it signs what it is told, also what an honest one would not."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def from_b64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One key for one site. Its fields may be changed to lie."""

    origin: str = "http://localhost"
    host: str = "localhost"
    count: int = 0
    flags: int = PRESENT | VERIFIED
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    handle: bytes = b""

    def create(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`, as JSON."""
        self.handle = from_b64(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        length = len(self.credential_id).to_bytes(2)
        data = self.data(HAS_KEY) + bytes(16) + length + self.credential_id + cbor2.dumps(cose)
        response = {
            "clientDataJSON": b64(self.client_data("webauthn.create", options["challenge"])),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self.answer(response)

    def get(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.get`, as JSON."""
        self.count += 1
        client, data = self.client_data("webauthn.get", options["challenge"]), self.data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": b64(self.handle),
        }
        return self.answer(response)

    def client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def data(self, more: int = 0) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(self.host.encode()).digest() + flags + self.count.to_bytes(4)

    def answer(self, response: dict[str, str]) -> str:
        number = b64(self.credential_id)
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": response})
