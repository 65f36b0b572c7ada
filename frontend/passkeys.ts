// Enhances <passkey-form asks="get" options="/…"> (or asks="create") around a form with a hidden field "credential":
// when the form is sent, the device is asked as the options say, and its answer goes along. Hidden where it cannot be.

const NOT_GIVEN = "No passkey was given. Please try again.";
const ALREADY = "This device has a passkey for your account already.";
const NO_NETWORK = "The site could not be reached. Please try again.";

class PasskeyForm extends HTMLElement {
  connectedCallback(): void {
    // Browsers before 2025 cannot read and write such options as JSON: their people use a password.
    if (!("PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential)) return;
    this.hidden = false;
    this.addEventListener("submit", this.onSubmit);
  }

  disconnectedCallback(): void {
    this.removeEventListener("submit", this.onSubmit);
  }

  private readonly onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const field = form.elements.namedItem("credential") as HTMLInputElement;
    field.value = "";
    this.say("");
    try {
      field.value = JSON.stringify(await this.ask(await this.options(form)));
      form.submit();
    } catch (error) {
      this.say(words(error));
    }
  };

  private async options(form: HTMLFormElement): Promise<unknown> {
    const headers = { Accept: "application/json" };
    const answer = await fetch(this.getAttribute("options") ?? "", { method: "POST", headers, body: new FormData(form) });
    const found: { error?: string } = await answer.json();
    if (!answer.ok) throw new Refusal(found.error);
    return found;
  }

  private async ask(options: unknown): Promise<unknown> {
    const credential =
      this.getAttribute("asks") === "create"
        ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON),
          })
        : await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON),
          });
    if (!credential) throw new Refusal(NOT_GIVEN);
    return (credential as PublicKeyCredential).toJSON();
  }

  private say(sentence: string): void {
    const place = this.querySelector<HTMLElement>("[role=alert]");
    if (!place) return;
    place.textContent = sentence;
    place.hidden = !sentence;
  }
}

/** The server said no, in words. */
class Refusal extends Error {}

function words(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof DOMException) return error.name === "InvalidStateError" ? ALREADY : NOT_GIVEN;
  return NO_NETWORK;
}

customElements.define("passkey-form", PasskeyForm);
