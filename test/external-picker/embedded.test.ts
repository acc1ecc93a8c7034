import { useGateway } from '../proxy/support/gateway.ts';
import { badAnswers } from './support/bad-answers.ts';
import { pickerCircumstances } from './support/circumstances.ts';
import { pickerContract } from './support/contract.ts';
import { useScriptedPicker } from './support/scripted-picker.ts';

const gateway = useGateway({ bounds: { pickTimeoutMs: 1000 } });
const picker = useScriptedPicker();
pickerContract(gateway, picker);
badAnswers(gateway, picker);
pickerCircumstances(gateway, picker);
