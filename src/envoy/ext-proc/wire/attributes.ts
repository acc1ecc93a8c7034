import type { WireReader } from '../../../wire/index.ts';
import type { Outcome } from '../outcome.ts';

/**
 * An entry of ProcessingRequest.attributes: map<string, google.protobuf.Struct>, of which Envoy sends one.
 * Struct { map<string, Value> fields = 1 }, Value { number_value = 2; string_value = 3 }
 */
export function outcomeIn(entry: WireReader): Outcome | undefined {
  const found = { flags: 0, details: '', upstream: undefined as string | undefined };
  let known = false;
  while (entry.next()) {
    if (entry.field !== 2) {
      entry.skip();
      continue;
    }
    const struct = entry.inside();
    while (struct.next())
      if (struct.field === 1) known = field(struct.inside(), found) || known;
      else struct.skip();
  }
  return known ? found : undefined;
}

function field(entry: WireReader, found: { flags: number; details: string; upstream: string | undefined }) {
  let name = '';
  let known = false;
  while (entry.next()) {
    if (entry.field === 1) name = entry.text();
    else if (entry.field !== 2) entry.skip();
    else {
      const value = entry.inside();
      while (value.next()) {
        if (value.field === 2 && name === 'response.flags') found.flags = value.double();
        else if (value.field === 3 && name === 'response.code_details') {
          found.details = value.text();
          known = true;
        } else if (value.field === 3 && name === 'upstream.address')
          found.upstream = value.text() || undefined;
        else value.skip();
      }
    }
  }
  return known;
}
