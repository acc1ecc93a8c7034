/**
 * One order that holds all of several, each of which it keeps: what is new in one comes right after what comes before it there.
 * @throws where two contradict each other, or one names something twice
 */
export function mergeOrders(orders: readonly (readonly string[])[]): string[] {
  const merged: string[] = [];
  for (const order of orders) {
    let before = -1;
    for (const name of order) {
      const at = merged.indexOf(name);
      if (at === -1) merged.splice(before + 1, 0, name);
      else if (at <= before) throw new Error(`${order.join(', ')} does not fit ${merged.join(', ')}`);
      before = merged.indexOf(name);
    }
  }
  return merged;
}
