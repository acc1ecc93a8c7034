/**
 * Where the Pod of an Envoy has the SDS resources by which it and the control plane know each other: its bootstrap names them, and
 * so do the clusters that it is told of. Envoy Gateway's paths. They name the files of a mounted Secret, which may change.
 */
export const SDS_FOLDER = '/sds';

/** An SDS resource, and its file. */
export const SDS_CERTIFICATE = { name: 'xds_certificate', file: 'xds-certificate.json' } as const;
export const SDS_TRUST = { name: 'xds_trusted_ca', file: 'xds-trusted-ca.json' } as const;
