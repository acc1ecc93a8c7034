/**
 * What Envoy says of how a request went, by the number of the bit (envoy/stream_info/stream_info.h, CoreResponseFlag), in the words of its
 * access log's `%RESPONSE_FLAGS%`.
 */
export const RESPONSE_FLAGS = [
  'LH',
  'UH',
  'UT',
  'LR',
  'UR',
  'UF',
  'UC',
  'UO',
  'NR',
  'DI',
  'FI',
  'RL',
  'UAEX',
  'RLSE',
  'DC',
  'URX',
  'SI',
  'IH',
  'DPE',
  'UMSDR',
  'RFCF',
  'NFCF',
  'DT',
  'UPE',
  'NC',
  'OM',
  'DF',
  'DO',
  'DR',
  'UDO',
] as const;
export type ResponseFlag = (typeof RESPONSE_FLAGS)[number];

/** @param bits attribute `response.flags` */
export function responseFlags(bits: number): ResponseFlag[] {
  return RESPONSE_FLAGS.filter((_, bit) => Math.floor(bits / 2 ** bit) % 2 === 1);
}

/** `%RESPONSE_CODE_DETAILS%` of an answer that a model server gave; all others are Envoy's own. */
export const VIA_UPSTREAM = 'via_upstream';
