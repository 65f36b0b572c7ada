// What was dropped on a page: files, and all that is in folders, but for what systems hide there.

const HIDDEN = /^(\.|thumbs\.db$|desktop\.ini$)/i;

export function isHidden(file: File): boolean {
  return HIDDEN.test(file.name) || file.webkitRelativePath.split("/").some((part) => part.startsWith("."));
}

/** Call it while the event is handled: the browser forgets what was dropped right after. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found = await Promise.all(entries.filter((entry) => entry !== null).map(filesOf));
  return found.flat();
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (HIDDEN.test(entry.name)) return [];
  if (entry.isFile) return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and in the end none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    inside.push(...some);
  }
  const files: File[] = [];
  for (const one of inside) files.push(...(await filesOf(one)));
  return files;
}
