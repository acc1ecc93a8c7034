/** What of a request's head its route is chosen by. */
export interface RoutedHead {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  /** Host and port, as they came. */
  readonly authority: string;
  /** name (lower case), value, … */
  readonly headers: readonly string[];
}
