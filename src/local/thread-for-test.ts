import './model-server-thread.ts';

// The simulators' thread as it is, but any message on this channel makes it crash.
new BroadcastChannel('crash-simulators').onmessage = () => {
  throw new Error('crashed by the test');
};
