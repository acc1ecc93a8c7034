import { type FSWatcher, statSync, watch } from 'node:fs';

interface Watched {
  readonly watcher: FSWatcher;
  /** Which folder it is, not how it is called: one that was replaced has to be watched anew. */
  readonly identity: string;
}

/**
 * Tells of edits in folders. Each folder is watched by itself: fs.watch's own recursion watches files, and loses those that
 * an editor replaces by renaming.
 */
export class FolderWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #onEdit: () => void;

  constructor(onEdit: () => void) {
    this.#onEdit = onEdit;
  }

  /**
   * Watches these folders and no others.
   * @returns those that are there and cannot be watched: no right to, or the system has no more watches to give
   */
  watch(folders: readonly string[]): { readonly folder: string; readonly error: Error }[] {
    const wanted = new Set(folders);
    for (const [folder, { watcher, identity }] of this.#watched)
      if (!wanted.has(folder) || identityOf(folder) !== identity) {
        watcher.close();
        this.#watched.delete(folder);
      }
    return [...wanted].flatMap(folder => {
      const error = this.#watched.has(folder) ? undefined : this.#add(folder);
      return error === undefined ? [] : [{ folder, error }];
    });
  }

  close(): void {
    this.watch([]);
  }

  #add(folder: string): Error | undefined {
    const identity = identityOf(folder);
    if (identity === undefined) return undefined;
    try {
      const watcher = watch(folder, this.#onEdit);
      // The folder vanished: it is watched anew if it comes back, which its parent tells.
      watcher.on('error', () => {
        watcher.close();
        if (this.#watched.get(folder)?.watcher === watcher) this.#watched.delete(folder);
        this.#onEdit();
      });
      this.#watched.set(folder, { watcher, identity });
      return undefined;
    } catch (error) {
      // Otherwise it vanished between looking and watching.
      return identityOf(folder) === identity ? (error as Error) : undefined;
    }
  }
}

/** With its time of birth: a number of an inode is given away again at once. */
function identityOf(folder: string): string | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}:${found.birthtimeMs}`;
}
