import { useGateway } from '../proxy/support/gateway.ts';
import { badAnswers } from './support/bad-answers.ts';
import { pickerCircumstances } from './support/circumstances.ts';
import { pickerContract } from './support/contract.ts';
import { startEnvoyPlane } from './support/envoy-plane.ts';
import { pickerResponses } from './support/responses.ts';
import { useScriptedPicker } from './support/scripted-picker.ts';
import { severalPickers } from './support/several.ts';

const gateway = useGateway({ plane: startEnvoyPlane });
const picker = useScriptedPicker();
pickerContract(gateway, picker);
badAnswers(gateway, picker);
pickerCircumstances(gateway, picker);
pickerResponses(gateway, picker);
severalPickers(gateway);
