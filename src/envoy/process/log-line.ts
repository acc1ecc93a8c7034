/** `[2026-01-31 12:00:00.000][123][error][main] [source/server/server.cc:10] message` */
const LINE = /^\[[^\]]*\]\[\d+\]\[(\w+)\]\[[^\]]*\] (?:\[[^\]]*\] )?(.*)$/;

export interface EnvoyLogLine {
  /** As Envoy wrote it. */
  readonly line: string;
  /** `critical` counts as an error; access log lines, and what goes on over lines, are `other`. */
  readonly severity: 'error' | 'other';
  /** Without time, thread and place in Envoy's source. */
  readonly message: string;
}

export function envoyLogLine(line: string): EnvoyLogLine {
  const [, level, message] = LINE.exec(line) ?? [];
  const isError = level === 'error' || level === 'critical';
  return { line, severity: isError ? 'error' : 'other', message: message ?? line };
}
