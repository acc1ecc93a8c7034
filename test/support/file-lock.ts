import { existsSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';

/** Test files run side by side; one does the work, the others wait. A lock whose process has ended counts for nothing. */
export async function fileLock(path: string): Promise<(() => Promise<void>) | undefined> {
  try {
    const file = await open(path, 'wx');
    await file.write(String(process.pid));
    await file.close();
    return () => rm(path, { force: true });
  } catch {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && !existsSync(`/proc/${holder}`)) await rm(path, { force: true });
    return undefined;
  }
}
