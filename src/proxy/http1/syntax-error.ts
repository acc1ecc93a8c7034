/** A message that RFC 9112 does not allow, or that this proxy refuses on purpose; `status` is what a client gets for it. */
export class HttpSyntaxError extends Error {
  readonly code: string;
  readonly status: 400 | 408 | 413 | 414 | 421 | 426 | 431 | 501;

  constructor(code: string, status: HttpSyntaxError['status'], message: string) {
    super(message);
    this.name = 'HttpSyntaxError';
    this.code = code;
    this.status = status;
  }
}
