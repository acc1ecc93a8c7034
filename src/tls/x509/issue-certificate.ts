import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import {
  BIT_STRING,
  BOOLEAN,
  contentOf,
  der,
  elements,
  INTEGER,
  OCTET_STRING,
  objectId,
  SEQUENCE,
  SET,
  time,
  UTF8_STRING,
} from './der.ts';

/** PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** What it may be used for; absent: it does not say. */
  readonly usage?: 'authority' | 'server' | 'client';
  /** Of its holder. */
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
}

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
/** GeneralName of subjectAltName; AuthorityKeyIdentifier.keyIdentifier has the number 0 too. */
const DNS_NAME = 0x82;
const URI = 0x86;
const KEY_IDENTIFIER = 0x80;

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = der(SEQUENCE, objectId('2a8648ce3d040302'));
const COMMON_NAME = objectId('550403');
/** RFC 5280, section 4.2.1: id-ce and its numbers; id-kp of section 4.2.1.12. */
const EXTENSION = {
  subjectKey: objectId('551d0e'),
  keyUsage: objectId('551d0f'),
  altName: objectId('551d11'),
  constraints: objectId('551d13'),
  authorityKey: objectId('551d23'),
  extendedUsage: objectId('551d25'),
} as const;
const EXTENDED_USAGE = {
  server: objectId('2b06010505070301'),
  client: objectId('2b06010505070302'),
} as const;
const TRUE = der(BOOLEAN, Buffer.from([0xff]));
/** KeyUsage: keyCertSign and cRLSign; digitalSignature. */
const SIGNS_CERTIFICATES = der(BIT_STRING, Buffer.from([1, 0x06]));
const SIGNS = der(BIT_STRING, Buffer.from([7, 0x80]));

/**
 * A certificate with a new key of P-256 (RFC 5280, section 4.1).
 * @param issuer made here too, as an authority; absent: it signs itself
 */
export function issueCertificate(request: CertificateRequest, issuer?: KeyPair): KeyPair {
  const { commonName, notBefore, notAfter } = request;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from(commonName)))),
  );
  const signer = issuer === undefined ? undefined : new X509Certificate(issuer.cert);
  const extensions = extensionsOf(request, publicKey, signer?.publicKey);
  const serial = randomBytes(16);
  // Positive, and without a zero at the front.
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  const toBeSigned = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    ECDSA_WITH_SHA256,
    signer === undefined ? subject : subjectOf(signer.raw),
    der(SEQUENCE, time(notBefore), time(notAfter)),
    subject,
    spki(publicKey),
    ...(extensions.length === 0 ? [] : [der(EXTENSIONS, der(SEQUENCE, ...extensions))]),
  );
  const signature = sign('sha256', toBeSigned, issuer?.key ?? privateKey);
  const certificate = der(
    SEQUENCE,
    toBeSigned,
    ECDSA_WITH_SHA256,
    der(BIT_STRING, Buffer.from([0]), signature),
  );
  return { cert: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

function extensionsOf(
  { usage, dnsNames = [], uris = [] }: CertificateRequest,
  key: KeyObject,
  signer: KeyObject | undefined,
): Buffer[] {
  if (usage === undefined) return [];
  const isAuthority = usage === 'authority';
  const names = [
    ...dnsNames.map(name => der(DNS_NAME, Buffer.from(name))),
    ...uris.map(uri => der(URI, Buffer.from(uri))),
  ];
  return [
    extension(EXTENSION.constraints, der(SEQUENCE, ...(isAuthority ? [TRUE] : [])), true),
    extension(EXTENSION.keyUsage, isAuthority ? SIGNS_CERTIFICATES : SIGNS, true),
    ...(isAuthority ? [] : [extension(EXTENSION.extendedUsage, der(SEQUENCE, EXTENDED_USAGE[usage]))]),
    ...(names.length === 0 ? [] : [extension(EXTENSION.altName, der(SEQUENCE, ...names))]),
    extension(EXTENSION.subjectKey, der(OCTET_STRING, keyIdentifier(key))),
    ...(signer === undefined
      ? []
      : [extension(EXTENSION.authorityKey, der(SEQUENCE, der(KEY_IDENTIFIER, keyIdentifier(signer))))]),
  ];
}

function extension(id: Buffer, value: Buffer, critical = false): Buffer {
  return der(SEQUENCE, id, ...(critical ? [TRUE] : []), der(OCTET_STRING, value));
}

/** RFC 5280, section 4.2.1.2, method (1): SHA-1 of the subjectPublicKey without its count of unused bits. */
function keyIdentifier(key: KeyObject): Buffer {
  const bits = elements(spki(key))[1] as Buffer;
  return createHash('sha1').update(contentOf(bits).subarray(1)).digest();
}

/** TBSCertificate: version, serialNumber, signature, issuer, validity, subject. */
function subjectOf(certificate: Buffer): Buffer {
  const [toBeSigned] = elements(certificate);
  return elements(toBeSigned as Buffer)[5] as Buffer;
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** An empty line before the end is none of PEM's (RFC 7468, section 3). */
function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
