// The SHA-256 of files, one after the other, worked out beside the page.

/** A file that the browser cannot read: it was moved, changed or deleted since it was chosen. */
export class Unreadable extends Error {}

export class FileHashes {
  private readonly worker: Worker;
  private isBroken = false;

  constructor(address: string) {
    this.worker = new Worker(address, { type: "module" });
  }

  /** In hexadecimal digits; undefined where workers do not work. Ask for one at a time. */
  of(file: File): Promise<string | undefined> {
    if (this.isBroken) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data }) => (data.error ? reject(new Unreadable(data.error)) : resolve(data.sha256));
      this.worker.onerror = () => {
        this.isBroken = true;
        resolve(undefined);
      };
      this.worker.postMessage(file);
    });
  }
}

const HEAD_BYTES = 4096;

/** How a file begins, in base64: enough to tell what it is. */
export async function headOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}
