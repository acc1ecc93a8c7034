import { Agent, request } from 'node:http';
import { peerTakes } from '../../support/peer-takes.ts';

export interface Tally {
  ok: number;
  overflow: number;
  aborted: number;
  readonly other: string[];
}

const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });

/** One request after the other on a connection that it keeps, a third of them given up on the way, until the time is over. */
export async function leavingClient(gateway: string, untilMs: number, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (performance.now() < untilMs) {
    const leaveAfterMs = Math.random() < 0.3 ? Math.random() * 20 : undefined;
    const outcome = await ask(gateway, agent, leaveAfterMs);
    if (outcome === 'ok' || outcome === 'overflow' || outcome === 'aborted') tally[outcome]++;
    else tally.other.push(outcome);
    // Whoever was refused comes back after a while, as clients do.
    await peerTakes(outcome === 'overflow' ? 20 + Math.random() * 200 : 0);
  }
  agent.destroy();
}

function ask(gateway: string, agent: Agent, leaveAfterMs: number | undefined): Promise<string> {
  return new Promise(resolve => {
    const headers = { 'content-type': 'application/json' };
    const url = `http://${gateway}/v1/chat/completions`;
    const asked = request(url, { method: 'POST', agent, headers }, response => {
      let text = '';
      response.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      response.on('error', () => resolve('aborted'));
      response.on('end', () => {
        if (response.statusCode === 200) resolve('ok');
        else resolve(text.endsWith('reset reason: overflow') ? 'overflow' : `${response.statusCode} ${text}`);
      });
    });
    if (leaveAfterMs !== undefined) {
      const timer = setTimeout(() => asked.destroy(), leaveAfterMs);
      asked.on('close', () => clearTimeout(timer));
    }
    asked.on('error', error => resolve(leaveAfterMs === undefined ? String(error) : 'aborted'));
    asked.end(BODY);
  });
}
