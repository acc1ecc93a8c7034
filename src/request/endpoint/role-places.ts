import type { SentRequest } from '../ownership/sent-requests.ts';
import type { Target } from '../request-target.ts';
import type { Role, RoleEndpoint } from './role.ts';

interface Place extends RoleEndpoint {
  readonly sent: SentRequest | undefined;
}

/** What a request holds at endpoints of other roles: they count it for as long as it holds its place at the one that it is sent to. */
export class RolePlaces {
  readonly #target: Target;
  readonly #places: Place[] = [];

  constructor(target: Target) {
    this.#target = target;
  }

  enter({ role, index }: RoleEndpoint, nowMs: number): void {
    const { choice, ownership } = this.#target;
    choice.moved(index);
    const sent = ownership.requests?.add(choice.slots[index] as number, nowMs);
    this.#places.push({ role, index, sent });
  }

  /** @returns -1: no endpoint has that role */
  indexOf(role: Role): number {
    return this.#places.find(place => place.role === role)?.index ?? -1;
  }

  /** Each of them has one request less, whatever is thrown about another. */
  leave(): void {
    const place = this.#places.pop();
    if (place === undefined) return;
    const { choice, ownership } = this.#target;
    try {
      if (place.sent !== undefined) ownership.requests?.delete(place.sent);
      choice.ended(place.index);
    } finally {
      this.leave();
    }
  }
}
