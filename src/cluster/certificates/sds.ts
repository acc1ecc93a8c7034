import { CONTROL_PLANE_NAME, SDS_CERTIFICATE, SDS_TRUST } from '../../tls/index.ts';

/**
 * SDS files (envoy.service.discovery.v3.DiscoveryResponse as JSON, by name) through which an Envoy finds its certificate and what it
 * trusts. Envoy looks at the files that they name again when those change.
 * @param certificates folder that has the Gateway's Secret
 */
export function sdsFiles(certificates: string) {
  const secret = (name: string, type: object) =>
    JSON.stringify({
      resources: [
        {
          '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
          name,
          ...type,
        },
      ],
    });
  const file = (name: string) => ({ filename: `${certificates}/${name}` });
  return {
    [SDS_CERTIFICATE.file]: secret(SDS_CERTIFICATE.name, {
      tls_certificate: { certificate_chain: file('tls.crt'), private_key: file('tls.key') },
    }),
    [SDS_TRUST.file]: secret(SDS_TRUST.name, {
      validation_context: {
        trusted_ca: file('ca.crt'),
        // Envoys' own certificates are of the same authority: none of them may be the control plane.
        match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: CONTROL_PLANE_NAME } }],
      },
    }),
  };
}
