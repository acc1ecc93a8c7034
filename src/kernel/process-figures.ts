/** What a process counts of its own troubles; written by its main thread alone. */
export const processFigures = {
  /** What was thrown, or rejected, and nobody caught. */
  uncaughtErrors: 0,
  /** Lines of the log that could not be written: whoever reads has gone or does not read, or the disk is full. */
  droppedLogLines: 0,
};
