import { writeFile } from 'node:fs/promises';

export interface Access {
  readonly port: number;
  readonly token: string;
  /** Path of what signed the API server's certificate. */
  readonly certificate: string;
}

/** kubectl's Config, as JSON, which is YAML. */
export async function writeKubeconfig(path: string, { port, token, certificate }: Access): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [
      {
        name: 'lab',
        cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': certificate },
      },
    ],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'user' } }],
  };
  await writeFile(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
