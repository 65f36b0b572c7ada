"""Accounts in a real browser: a passkey from making it to signing in with it, and where a sign-in leads."""

import json
from urllib.parse import quote, urlsplit

from playwright.sync_api import Page, expect

from tests.accounts.test_sign_in import ELSEWHERE
from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.conftest import PASSWORD


def give_device(page: Page) -> None:
    """A device beside the browser that holds passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_and_signs_in(open_page: Open) -> None:
    page = open_page("/desk/account", who="owner")
    give_device(page)
    page.get_by_text("Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("This laptop")
    password = page.locator("#passkey-present")
    password.fill("not the password")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("alert")).to_have_text("That is not your present password.")
    password.fill(PASSWORD)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("status")).to_contain_text("Passkey added.")
    expect(page.get_by_text("This laptop", exact=True)).to_be_visible()

    page.get_by_text("Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("The same laptop")
    password.fill(PASSWORD)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("alert")).to_have_text("This device has a passkey for your account already.")

    page.context.clear_cookies()
    page.goto("/desk/people")
    expect(page).to_have_url("/sign-in?next=/desk/people")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    page.goto("/desk/account")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("Passkey removed.")

    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_text("That passkey was not taken.")).to_be_visible()


def test_whatever_a_link_says_signing_in_stays_on_this_site(site: Site, open_page: Open) -> None:
    page = open_page("/sign-in")
    for target in ELSEWHERE:
        page.context.clear_cookies()
        page.goto(f"/sign-in?next={quote(target)}")
        page.get_by_label("E-mail").fill("jonas@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        assert urlsplit(page.url).netloc == urlsplit(site.address).netloc, json.dumps(target)
