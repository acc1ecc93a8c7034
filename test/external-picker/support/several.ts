import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestGateway } from '../../proxy/support/gateway.ts';
import { echo } from '../../proxy/support/upstream.ts';
import { until } from '../../support/until.ts';
import { asked, BODY, idOf, post } from './contract.ts';
import { pickedPool } from './manifests.ts';
import { place, ScriptedPicker } from './scripted-picker.ts';

const ADDRESSES = ['127.0.0.1', '127.0.0.2'];

/** An external picker with several ready endpoints: they are asked in turn, and one that is lost costs no request. */
export function severalPickers(gateway: TestGateway): void {
  for (const how of ['is killed', 'breaks off what it is asked'] as const)
    test(`several endpoints of a picker are asked in turn; where one ${how}, the other is`, async () => {
      const first = await ScriptedPicker.start(() => {}, { address: ADDRESSES[0] as string });
      const second = await ScriptedPicker.start(() => {}, {
        address: ADDRESSES[1] as string,
        port: first.port,
      });
      try {
        await gateway.serve(
          echo,
          async ({ send, upstream }) => {
            for (const picker of [first, second]) picker.script = stream => place(stream, idOf(upstream));
            await asked(send);
            await until('both are asked', async () => {
              assert.equal((await send(post(BODY))).status, 200);
              return (first.streams.length > 2 && second.streams.length > 2) || undefined;
            });
            const counts = () => [first.streams.length, second.streams.length];
            const before = counts();
            for (let i = 0; i < 10; i++) assert.equal((await send(post(BODY))).status, 200);
            assert.deepEqual(
              counts().map((count, i) => count - (before[i] as number)),
              [5, 5],
            );
            if (how === 'is killed') await first.close();
            else first.script = stream => stream.call.cancel();
            for (let i = 0; i < 10; i++) assert.equal((await send(post(BODY))).status, 200);
          },
          pickedPool({ port: () => first.port, addresses: ADDRESSES, failureMode: 'FailClose' }),
        );
      } finally {
        await Promise.all([first.close(), second.close()]);
      }
    });
}
