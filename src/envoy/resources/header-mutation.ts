import type { MessageInitShape } from '@bufbuild/protobuf';
import type { HeaderMutation } from '../../plan/index.ts';
import {
  HeaderValueOption_HeaderAppendAction,
  type HeaderValueOptionSchema,
} from '../gen/envoy/config/core/v3/base_pb.ts';

type HeaderOption = MessageInitShape<typeof HeaderValueOptionSchema>;

/** What a route, or a backend of it, does to the headers of requests and responses. */
export interface HeaderChanges {
  readonly requestHeadersToAdd: HeaderOption[];
  readonly requestHeadersToRemove: string[];
  readonly responseHeadersToAdd: HeaderOption[];
  readonly responseHeadersToRemove: string[];
}

export function headerChanges(request: HeaderMutation, response: HeaderMutation): HeaderChanges {
  return {
    requestHeadersToAdd: headersToAdd(request),
    requestHeadersToRemove: [...request.remove],
    responseHeadersToAdd: headersToAdd(response),
    responseHeadersToRemove: [...response.remove],
  };
}

function headersToAdd({ set, add }: HeaderMutation): HeaderOption[] {
  const option =
    (appendAction: HeaderValueOption_HeaderAppendAction) => (header: HeaderMutation['set'][number]) => ({
      header: { key: header.name, value: literal(header.value) },
      appendAction,
      keepEmptyValue: true,
    });
  return [
    ...set.map(option(HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)),
    ...add.map(option(HeaderValueOption_HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)),
  ];
}

/** Envoy takes `%…%` in a value for a command of its own; a manifest's value is meant as it stands. */
function literal(value: string): string {
  return value.replaceAll('%', '%%');
}
