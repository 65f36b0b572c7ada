"""What WebAuthn asks and checks, by the library of that name. It takes 20 MB: loaded when first needed."""

from collections.abc import Iterable
from dataclasses import dataclass

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from blog.accounts.models import Passkey, Person
from blog.accounts.passkey_site import PasskeySite

PERSON_VERIFIED = UserVerificationRequirement.REQUIRED  # by finger, face or PIN: the second factor


class Refused(ValueError):
    """An answer that proves nothing: whatever the library met in it, be it made to confuse."""


@dataclass(frozen=True)
class NewKey:
    credential_id: bytes
    public_key: bytes
    sign_count: int


def handle_of(person_id: int) -> bytes:
    """By what the key remembers whom it is for: nothing that tells who that is."""
    return f"person-{person_id}".encode()


def to_register(site: PasskeySite, person: Person, held: Iterable[Passkey], challenge: bytes) -> str:
    """Options for `navigator.credentials.create`, as JSON."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=handle_of(person.id),
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=PERSON_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in held],
    )
    return options_to_json(options)


def to_sign_in(site: PasskeySite, challenge: bytes) -> str:
    """Options for `navigator.credentials.get`, as JSON. They name no key, so they tell of nobody."""
    return options_to_json(
        generate_authentication_options(
            rp_id=site.host, challenge=challenge, user_verification=PERSON_VERIFIED
        )
    )


def registered(site: PasskeySite, answer: str, challenge: bytes) -> NewKey:
    """The key of a right answer. Raises `Refused`."""
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:
        raise Refused(str(error)) from error
    return NewKey(found.credential_id, found.credential_public_key, found.sign_count)


def named_key(answer: str) -> tuple[bytes, bytes | None]:
    """Which key an answer claims to be of, and for whom it says it is. Raises `Refused`."""
    try:
        credential = parse_authentication_credential_json(answer)
    except Exception as error:
        raise Refused(str(error)) from error
    return credential.raw_id, credential.response.user_handle


def count_of(site: PasskeySite, answer: str, challenge: bytes, key: Passkey) -> int:
    """The key's new count of signatures, where the answer is right. Raises `Refused`."""
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise Refused(str(error)) from error
    return found.new_sign_count
