// Loaded before a program (`node --import`): SIGUSR2 sets its wall clock an hour on, then two hours back, and so on, as an
// administrator or NTP would. What is monotonic stays as it is.
const HOUR_MS = 3_600_000;
const RealDate = globalThis.Date;
let shiftMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...of) {
    if (of.length === 0) super(RealDate.now() + shiftMs);
    else super(...of);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};

process.on('SIGUSR2', () => {
  shiftMs = shiftMs > 0 ? -HOUR_MS : HOUR_MS;
});
