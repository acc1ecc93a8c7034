/** The rooms of src/ and what each may import. Tests beside the code follow their room's rule. */
const rooms = {
  api: [],
  plan: [],
  source: ['api'],
  translate: ['api', 'plan'],
  limits: ['plan'],
  picker: ['plan', 'limits'],
  proxy: ['plan', 'limits', 'picker'],
  envoy: ['plan', 'limits', 'picker'],
  cluster: ['api', 'plan', 'source'],
  simulator: [],
  local: ['api', 'simulator'],
  admin: [
    'api',
    'plan',
    'source',
    'translate',
    'limits',
    'picker',
    'proxy',
    'envoy',
    'cluster',
    'simulator',
    'local',
  ],
  cli: [
    'api',
    'plan',
    'source',
    'translate',
    'limits',
    'picker',
    'proxy',
    'envoy',
    'cluster',
    'simulator',
    'local',
    'admin',
  ],
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-test',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^test/|^bench/' },
      to: { path: '\\.test\\.ts$|^test/' },
    },
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `room-${room}`,
      comment: `src/${room} may import only: ${may.join(', ') || 'nothing of ours'}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...may].join('|')})/` },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
