import type { Permit } from '../limits/index.ts';
import type { Role, RoleEndpoint } from './endpoint/role.ts';
import { RolePlaces } from './endpoint/role-places.ts';
import type { SentRequest } from './ownership/sent-requests.ts';
import type { Target } from './request-target.ts';

/**
 * What one request holds: its permit, and its place in the count of an endpoint, or of one for each role. Each is given back once, however
 * the request ends.
 */
export class Reservation {
  #permit: Permit | undefined;
  #target: Target | undefined;
  /** Of the endpoint that counts the request; -1: none does. */
  #index = -1;
  #sent: SentRequest | undefined;
  /** Undefined where one endpoint has all roles. */
  #others: RolePlaces | undefined;

  get permit(): Permit | undefined {
    return this.#permit;
  }

  /** An endpoint counts the request. */
  get counted(): boolean {
    return this.#index !== -1;
  }

  keep(permit: Permit): void {
    this.#permit = permit;
  }

  /** It is on its way to an endpoint. */
  enter(target: Target, index: number, nowMs: number): void {
    const { choice, ownership } = target;
    choice.started(index, nowMs);
    this.#target = target;
    this.#index = index;
    this.#sent = ownership.requests?.add(choice.slots[index] as number, nowMs);
  }

  /** An endpoint of another role works for it beside that. */
  enterBeside(target: Target, other: RoleEndpoint, nowMs: number): void {
    this.#others ??= new RolePlaces(target);
    this.#others.enter(other, nowMs);
  }

  /** Of the endpoint of another role; -1: none has it. */
  besideIndex(role: Role): number {
    return this.#others === undefined ? -1 : this.#others.indexOf(role);
  }

  /** Its endpoint has begun to answer. */
  answered(nowMs: number): void {
    if (this.#sent !== undefined) this.#sent.answeredAtMs = Math.min(this.#sent.answeredAtMs, nowMs);
  }

  /** Another endpoint has it, to which a gateway went by itself. */
  move(index: number, nowMs: number): void {
    if (this.#index === -1 || this.#target === undefined || index === this.#index) return;
    const { choice, ownership } = this.#target;
    const before = this.#index;
    this.#index = -1;
    choice.ended(before);
    choice.moved(index);
    this.#index = index;
    if (this.#sent !== undefined) ownership.requests?.move(this.#sent, choice.slots[index] as number, nowMs);
  }

  /** The endpoint has one request less, and so have those of other roles. */
  leave(): void {
    if (this.#target === undefined) return;
    if (this.#others !== undefined) {
      this.#leaveAll(this.#others);
      return;
    }
    const { choice, ownership } = this.#target;
    const index = this.#index;
    const sent = this.#sent;
    this.#index = -1;
    this.#sent = undefined;
    if (sent !== undefined) ownership.requests?.delete(sent);
    if (index !== -1) choice.ended(index);
  }

  /** The permit is free for another. */
  release(nowMs: number): void {
    const permit = this.#permit;
    this.#permit = undefined;
    permit?.release(nowMs);
  }

  #leaveAll(others: RolePlaces): void {
    this.#others = undefined;
    try {
      this.leave();
    } finally {
      others.leave();
    }
  }
}
