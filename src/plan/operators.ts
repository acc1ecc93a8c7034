/** Whether a client is one whom more is told of a request than its answer: why it was refused with names, how it was placed. */
export function isOperator(operators: 'everybody' | 'nobody' | undefined, address: string): boolean {
  if (operators !== undefined) return operators === 'everybody';
  return address === '::1' || address.startsWith('127.');
}
