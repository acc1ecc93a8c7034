import { isIP } from 'node:net';
import { program } from './program.ts';

export function whole(value: string): number {
  if (!/^\d+$/.test(value)) program.error(`error: expected a whole number, got "${value}"`);
  return Number(value);
}

/** A quantity of Kubernetes: 1000, 64Mi, 1G. */
export function bytes(value: string): number {
  const found = /^([0-9]{1,12})(k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(value);
  const [, digits = '', unit = ' '] = found ?? [];
  const size =
    Number(digits) * (unit.endsWith('i') ? 1024 : 1000) ** ' KMGT'.indexOf(unit[0]?.toUpperCase() ?? ' ');
  if (found === null || size < 1 || !Number.isSafeInteger(size))
    program.error(`error: expected a size such as 512Mi, got "${value}"`);
  return size;
}

export function count(value: string): number {
  if (whole(value) === 0) program.error('error: expected a whole number from 1, got "0"');
  return Number(value);
}

export function ip(value: string): string {
  if (isIP(value) === 0)
    program.error(`error: expected an IP address such as 127.0.0.1, 0.0.0.0 or ::1, got "${value}"`);
  return value;
}

/** Go's flags are written `--flag=false`. */
export function flag(value: string): boolean {
  if (!/^(true|false|1|0|t|f)$/i.test(value)) program.error(`error: expected true or false, got "${value}"`);
  return /^(true|1|t)$/i.test(value);
}
