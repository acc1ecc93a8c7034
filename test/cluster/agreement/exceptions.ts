/** Where src/api judges otherwise than an API server, on purpose. `KIND/NAME PATH=VALUE`, and why. */
export const EXCEPTIONS: readonly (readonly [title: RegExp, why: string])[] = [
  [
    /^BackendTLSPolicy\S* spec\.targetRefs\.0\.group=""$/,
    'the CRD takes a Backend without its group; the policy would be on nothing, and TLS not asked for',
  ],
  [
    /^(BackendTrafficPolicy|EnvoyProxy)\S* spec\.(mergeType|routingType)=/,
    'the CRDs leave these open; Envoy Gateway knows no other values than those that are read here',
  ],
  [
    /^BackendTrafficPolicy\S* .*(minRetryConcurrency|numAttemptsPerPriority|consecutive\w+)=-1$/,
    'the CRD forgets that a count is not negative: Envoy Gateway cannot read such an object at all',
  ],
  [
    /^InferencePool\S* spec\.(extensionRef|endpointPickerRef)=(\(gone\)|null)$/,
    'Breakwater picks itself where no picker is named',
  ],
  [
    /^Inference(Pool|Model|Objective)\S* spec=(\(gone\)|null)$/,
    'the CRDs of v1alpha2 do not ask for a spec; an object without one says nothing',
  ],
  [
    /^InferenceModel\S* spec\.(modelName|targetModels\.\d+\.name)=""$/,
    'a model without a name can be asked for by nobody',
  ],
];

/** Rules that nothing can break: the schema refuses it before. `KIND: MESSAGE`. */
export const UNBREAKABLE: readonly string[] = [
  "HTTPRoute: type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
];
