import { EnvoyPlane } from '../../src/envoy/plane.ts';
import { Ports } from '../../src/proxy/plane/ports.ts';
import { useGateway } from '../proxy/support/gateway.ts';
import { envoyPath } from '../support/envoy.ts';
import { badAnswers } from './support/bad-answers.ts';
import { pickerContract } from './support/contract.ts';
import { useScriptedPicker } from './support/scripted-picker.ts';

const gateway = useGateway({
  plane: async onEvent => {
    const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
    return EnvoyPlane.start({
      envoyPath: await envoyPath(),
      concurrency: 1,
      pickerBounds: { pickTimeoutMs: 1000 },
      findPorts: (servers, current) => ports.find(servers, current),
      onEvent,
      onLog: () => {},
    });
  },
});
const picker = useScriptedPicker();
pickerContract(gateway, picker);
badAnswers(gateway, picker);
