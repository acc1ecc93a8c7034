/** Whose requests are told more than their answer. */
export const OPERATORS = ['this-machine', 'everybody', 'nobody'] as const;
export type Operators = (typeof OPERATORS)[number];
