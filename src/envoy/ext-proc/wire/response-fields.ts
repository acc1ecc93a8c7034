import type { Phase } from '../message.ts';

/** Members of envoy.service.ext_proc.v3.ProcessingResponse by what they answer. */
export const RESPONSE_FIELDS: Readonly<Record<Phase, number>> = {
  'request-headers': 1,
  'response-headers': 2,
  'request-body': 3,
  'response-body': 4,
  'request-trailers': 5,
  'response-trailers': 6,
};

/** CommonResponse of HeadersResponse and BodyResponse. */
export const COMMON_RESPONSE = 1;
export const BODY_MUTATION = 3;
