/** What a plane is to do next for a request. */
export type Action =
  /** {@link RequestLife.reply} goes to the client; no endpoint is asked any more. */
  | 'reply'
  /** The body is needed, up to the bound that the plane has given. */
  | 'read'
  /** Nothing of the body is needed: {@link RequestLife.decide}. */
  | 'decide'
  /** The pool's own picker is asked: {@link RequestLife.pickedElsewhere}. */
  | 'ask'
  /** It is sent to {@link RequestLife.index}. */
  | 'send'
  /** The same once more, on a connection of its own. */
  | 'send-anew'
  /**
   * Before it is sent: until its asker is told that it goes on, up to {@link RequestLife.waitMs}; then what was asked is asked again. When
   * it was sent: after that time, {@link SendingLife.again}.
   */
  | 'wait'
  /** The answer goes to the client. */
  | 'pass'
  /** The answer that has begun ends here. */
  | 'break-off';
