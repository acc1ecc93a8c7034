import { type FSWatcher, watch } from 'node:fs';

/**
 * Tells of edits in folders. Each folder is watched by itself: fs.watch's own recursion watches files, and loses those that
 * an editor replaces by renaming.
 */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #onEdit: () => void;

  constructor(onEdit: () => void) {
    this.#onEdit = onEdit;
  }

  /** Watches these folders and no others. */
  watch(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#watchers)
      if (!folders.includes(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#add(folder);
  }

  close(): void {
    this.watch([]);
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, this.#onEdit);
      // The folder vanished: it is watched anew if it comes back, which its parent tells.
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
        this.#onEdit();
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // It vanished between looking and watching.
    }
  }
}
