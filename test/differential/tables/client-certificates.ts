import { once } from 'node:events';
import { connect } from 'node:tls';
import { caConfigMap, pem, secret } from '../../proxy/support/certificates.ts';
import { plainRoute } from '../../proxy/support/manifests.ts';
import { readResponse } from '../../proxy/support/message.ts';
import { Wire } from '../../proxy/support/wire.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

function manifests(validation: string) {
  return plainRoute({
    protocol: 'HTTPS',
    listener: 'tls: { certificateRefs: [{ name: a }] }',
    gateway: `tls: { frontend: { default: { validation: { ${validation} } } } }`,
    more: [
      secret('a', 'a.example'),
      caConfigMap('trusted', 'any'),
      caConfigMap('authority', 'authority'),
    ].join('---\n'),
  });
}

/** The answer to a client that shows this certificate; undefined: none. */
async function ask(port: number, certificate: string | undefined): Promise<string> {
  const shown =
    certificate === undefined ? {} : { cert: pem(certificate, 'crt'), key: pem(certificate, 'key') };
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...shown });
  const client = new Wire(socket);
  try {
    await once(socket, 'secureConnect');
    client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    // With TLS 1.3 the handshake is over for the client before the server has looked at its certificate.
    return brief(await readResponse(client));
  } catch {
    return 'refused';
  } finally {
    client.destroy();
  }
}

const CA = 'caCertificateRefs: [{ group: "", kind: ConfigMap, name: trusted }]';

function row(name: string, validation: string, gives: object): Scenario {
  return {
    name: `client certificates: ${name}`,
    manifests: manifests(validation),
    run: async ({ port }) => ({
      valid: await ask(port, 'any'),
      another: await ask(port, 'wildcard'),
      none: await ask(port, undefined),
    }),
    gives,
  };
}

/** HTTPS listeners that ask clients for certificates (Gateway API, FrontendTLSValidation). */
export const CLIENT_CERTIFICATES: readonly Scenario[] = [
  row('only valid ones', CA, { valid: '200 ok', another: 'refused', none: 'refused' }),
  row('any or none will do', `${CA}, mode: AllowInsecureFallback`, {
    valid: '200 ok',
    another: '200 ok',
    none: '200 ok',
  }),
  ...[
    ['only valid ones', '', 'refused'],
    ['any will do', ', mode: AllowInsecureFallback', '200 ok'],
  ].map(
    ([name, mode, gives]): Scenario => ({
      name: `client certificates: ${name}, again and again one that another authority of the same name has signed`,
      manifests: manifests(`caCertificateRefs: [{ group: "", kind: ConfigMap, name: authority }]${mode}`),
      run: async ({ port }) => {
        const seen = new Set<string>();
        for (let i = 0; i < 10; i++) seen.add(await ask(port, 'forged'));
        return [...seen];
      },
      gives: [gives],
    }),
  ),
  {
    name: 'client certificates: what is trusted and what is asked for changes while it runs',
    manifests: manifests(CA),
    run: async ({ port, upstreams, apply }) => {
      const other = caConfigMap('trusted', 'wildcard');
      await apply(manifests(CA)(port, upstreams).replace(caConfigMap('trusted', 'any'), other));
      const changed = [await ask(port, 'any'), await ask(port, 'wildcard')];
      await apply(manifests(`${CA}, mode: AllowInsecureFallback`)(port, upstreams));
      const fallback = [await ask(port, 'wildcard'), await ask(port, undefined)];
      await apply(manifests(CA)(port, upstreams));
      return { changed, fallback, again: [await ask(port, 'any'), await ask(port, undefined)] };
    },
    gives: { changed: ['refused', '200 ok'], fallback: ['200 ok', '200 ok'], again: ['200 ok', 'refused'] },
  },
];
