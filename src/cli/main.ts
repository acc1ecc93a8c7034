// First, so that signals work from the first moment.
import './process/first-signals.ts';
import { Option } from 'commander';
import { count, flag, ip, whole } from './arguments/argument-values.ts';
import { program } from './arguments/program.ts';
import {
  collect,
  filenames,
  heldBodies,
  lenient,
  namespace,
  OPERATORS,
  operators,
  output,
  server,
} from './arguments/shared-options.ts';
import { watchUncaught } from './process/keep-serving.ts';
import { watchOutput } from './process/output.ts';
import { reportError } from './report-error.ts';

watchOutput();
watchUncaught();

program
  .command('up')
  .description('run manifests on this machine')
  .addOption(filenames())
  .addOption(lenient())
  .option('--address <ip>', 'address that listeners bind to', ip, '127.0.0.1')
  .option(
    '--port-offset <n>',
    'added to the port of every listener (default: 0, or 10000 where a port cannot be bound)',
    whole,
  )
  .option(
    '--workers <n>',
    'data plane threads (default: the CPU limit of the container, or 4; at most one a core)',
    count,
  )
  .addOption(heldBodies())
  .addOption(
    new Option('--simulate <when>', 'simulate model servers')
      .choices(['auto', 'never', 'always'])
      .default('auto'),
  )
  .addOption(new Option('--plane <plane>', 'data plane').choices(['embedded', 'envoy']).default('embedded'))
  .addOption(operators('this-machine', OPERATORS))
  .option('--envoy-path <path>', 'Envoy for `--plane envoy` (default: ENVOY, or `envoy` in PATH or .venv)')
  .option('--concurrency <n>', "worker threads of Envoy (default: Envoy's own, the number of cores)", whole)
  .option(
    '--admin-address <host:port>',
    'admin API (default: 127.0.0.1:19000, or a free port where that is taken)',
  )
  .option('-v, --verbose', 'also print what is usually left out')
  .action(async options => (await import('./up-command.ts')).up(options));

program
  .command('check')
  .description('find what is wrong in manifests, without running them')
  .addOption(filenames())
  .addOption(lenient())
  .addOption(output('text or json').choices(['text', 'json']).default('text'))
  .action(async options => (await import('./check-command.ts')).check(options));

program
  .command('get')
  .description('list or print objects')
  .argument('[resource...]', 'KIND, KIND/NAME, KIND NAME…, KIND,KIND or all')
  .addOption(namespace())
  .option('-A, --all-namespaces', 'in all namespaces')
  .addOption(output('wide, json, yaml, name or jsonpath=TEMPLATE'))
  .option('-l, --selector <labels>', 'label selector, as a=b,c!=d,e in (f,g),!h')
  .option('-w, --watch', 'go on printing what changes')
  .option('--no-headers', 'without the header line')
  .option('--show-labels', 'with a column of labels')
  .addOption(server())
  .action(async (args, options) => (await import('./get-command.ts')).get(args, options));

program
  .command('describe')
  .description('explain objects: their fields, conditions, limits in use, endpoints')
  .argument('[resource...]', 'KIND, KIND/NAME or KIND NAME…')
  .addOption(namespace())
  .option('-A, --all-namespaces', 'in all namespaces')
  .option('-l, --selector <labels>', 'label selector')
  .addOption(server())
  .action(async (args, options) => (await import('./describe-command.ts')).describe(args, options));

program
  .command('explain')
  .description('why a request went where it went, or was refused')
  .argument('<request-id>', "the response's x-request-id")
  .addOption(output('text or json').choices(['text', 'json']).default('text'))
  .addOption(server())
  .action(async (id, options) => (await import('./explain-command.ts')).explain(id, options));

program
  .command('limits')
  .description('what each limit is and how much of it is in use now')
  .addOption(output('text or json').choices(['text', 'json']).default('text'))
  .addOption(server())
  .action(async options => (await import('./limits-command.ts')).limits(options));

program
  .command('apply')
  .description('add objects to what runs, or change them')
  .addOption(filenames())
  .addOption(lenient())
  .addOption(namespace())
  .addOption(server())
  .action(async options => (await import('./apply-command.ts')).apply(options));

program
  .command('delete')
  .description('remove objects from what runs')
  .argument('[resource...]', 'KIND/NAME or KIND NAME…')
  .addOption(filenames())
  .addOption(namespace())
  .option('--ignore-not-found', 'objects that are not there are no error')
  .addOption(server())
  .action(async (args, options) => (await import('./delete-command.ts')).deleteObjects(args, options));

program
  .command('exec')
  .description('run a command on this machine, where kubectl would run it in a container')
  .argument('<resource>', 'KIND/NAME, or the name of a Pod')
  .argument('[command...]', 'after --')
  .option('-i, --stdin', 'accepted; standard input is always passed on')
  .option('-t, --tty', 'accepted; the terminal is always passed on')
  .option('-c, --container <name>', 'accepted')
  .addOption(namespace())
  .addOption(server())
  .action(async (resource, command, options) =>
    (await import('./exec-command.ts')).exec(resource, command, options),
  );

program
  .command('simulate')
  .description('run one simulated model server')
  .argument('[command...]', "after --, the model server's own command line")
  .option('--address <ip>', 'address to bind', '127.0.0.1')
  .option('--port <port>', "port to bind (default: the command line's own)", whole)
  .option('--seed <n>', 'seed of the timing model', whole)
  .action(async (command, options) => (await import('./simulate-command.ts')).simulate(command, options));

program
  .command('picker')
  .description('pick endpoints of a pool for any gateway that speaks the endpoint picker protocol')
  .addOption(filenames())
  .option('--pool <namespace/name>', 'the InferencePool')
  .option('--pool-name <name>', 'the InferencePool, without its namespace')
  .option('--pool-namespace <namespace>', 'its namespace (default: default)')
  .option('--address <ip>', 'address to bind', '0.0.0.0')
  .option('--grpc-port <port>', 'port of ext_proc', whole, 9002)
  .option('--grpc-health-port <port>', 'port of the health service alone, in plain text', whole, 9003)
  .option('--metrics-port <port>', 'port of /metrics', whole, 9090)
  .option('--secure-serving [bool]', 'TLS on the port of ext_proc', flag, true)
  .option('--cert-path <folder>', 'folder with tls.crt and tls.key (default: it signs its own certificate)')
  .addOption(operators('nobody', ['everybody', 'nobody']))
  .option('--clear-route-cache', 'let the gateway choose its route anew after a pick', false)
  .option(
    '--external-picker',
    "ask the pool's own picker, where its Service runs, in place of picking",
    false,
  )
  .addOption(heldBodies())
  .addOption(new Option('--port <port>', 'as --grpc-port').argParser(whole).hideHelp())
  .addOption(new Option('--health-port <port>', 'as --grpc-health-port').argParser(whole).hideHelp())
  .action(async ({ port, healthPort, ...options }) =>
    (await import('./picker-command.ts')).picker({
      ...options,
      grpcPort: port ?? options.grpcPort,
      grpcHealthPort: healthPort ?? options.grpcHealthPort,
    }),
  );

program
  .command('controller')
  .description('serve the Gateways of a Kubernetes cluster and write their statuses')
  .option(
    '--kubeconfig <path>',
    'kubeconfig (default: KUBECONFIG, ~/.kube/config, or the service account of the Pod)',
  )
  .option('--context <name>', 'context of the kubeconfig (default: its current one)')
  .option(
    '--controller-name <name>',
    'GatewayClasses with this controllerName are served',
    'gateway.envoyproxy.io/gatewayclass-controller',
  )
  .addOption(
    new Option('--watch-namespace <name>', 'read only this namespace; several times')
      .argParser(collect)
      .default([] as readonly string[], 'all'),
  )
  .addOption(
    new Option('--gateway-namespace <name>', 'serve Gateways of this namespace only; several times')
      .argParser(collect)
      .default([] as readonly string[], 'all that are read'),
  )
  .option(
    '--lease-namespace <name>',
    "namespace of the leader's Lease (default: the Pod's, or breakwater-system)",
  )
  .addOption(new Option('--plane <plane>', 'data plane').choices(['embedded', 'envoy']).default('embedded'))
  .addOption(operators('nobody', OPERATORS))
  .option('--service <name>', 'Service by which Envoys reach it, in its own namespace', 'breakwater')
  .option('--xds-port <port>', 'where Envoys are told what to be; 0 for a free one', whole, 18_000)
  .option('--picker-port <port>', 'where Envoys ask the endpoint picker; 0 for a free one', whole, 9002)
  .option('--address <ip>', 'address that listeners bind to', '127.0.0.1')
  .option('--port-offset <n>', 'added to the port of every listener', whole)
  .option(
    '--workers <n>',
    'data plane threads (default: the CPU limit of the container, or 4; at most one a core)',
    count,
  )
  .addOption(heldBodies())
  .option('--info-address <ip>', 'address of /readyz, /livez and /metrics', '0.0.0.0')
  .option('--info-port <port>', 'its port; 0 for a free one', whole, 8081)
  .option(
    '--admin-address <host:port>',
    'admin API, read-only (default: 127.0.0.1:19000, or a free port where that is taken)',
  )
  .option('-v, --verbose', 'also print what is usually left out')
  .action(async options => (await import('./controller-command.ts')).controller(options));

program
  .command('install')
  .description('print what runs the controller in a Kubernetes cluster, for `kubectl apply -f -`')
  .option('-n, --namespace <name>', 'namespace of the controller', 'breakwater-system')
  .option(
    '--controller-name <name>',
    'GatewayClasses with this controllerName are served',
    'gateway.envoyproxy.io/gatewayclass-controller',
  )
  .addOption(new Option('--plane <plane>', 'data plane').choices(['envoy', 'embedded']).default('envoy'))
  .option('--replicas <n>', 'of the controller', count, 2)
  .option('--workers <n>', 'of the controller on the embedded plane (default: its own)', count)
  .option('--image <image>', 'of the controller (default: breakwater:VERSION)')
  .addOption(
    new Option('--image-pull-policy <policy>', 'as of a container')
      .choices(['Always', 'IfNotPresent', 'Never'])
      .default('IfNotPresent'),
  )
  .addOption(
    new Option('--image-pull-secret <name>', 'Secret with which the image is pulled; several times')
      .argParser(collect)
      .default([] as readonly string[], 'none'),
  )
  .addOption(
    new Option('--watch-namespace <name>', 'read only this namespace; several times')
      .argParser(collect)
      .default([] as readonly string[], 'all'),
  )
  .addOption(
    new Option('--gateway-namespace <name>', 'serve Gateways of this namespace only; several times')
      .argParser(collect)
      .default([] as readonly string[], 'all that are read'),
  )
  .option('--gateway-class <name>', 'make a GatewayClass of this name too')
  .addOption(output('yaml or json').choices(['yaml', 'json']).default('yaml'))
  .action(async options => (await import('./install-command.ts')).install(options));

program
  .command('translate')
  .description('print what manifests come to')
  .addOption(filenames())
  .addOption(
    new Option('--to <form>', 'form; envoy: a whole configuration, with the private keys of Secrets')
      .choices(['plan', 'envoy'])
      .default('plan'),
  )
  .addOption(output('yaml or json').choices(['yaml', 'json']).default('yaml'))
  .option('--address <ip>', '--to envoy: address that listeners bind to', '0.0.0.0')
  .option('--port-offset <n>', '--to envoy: added to the port of every listener', whole, 0)
  .option('--picker <ip:port>', '--to envoy: where `breakwater picker` answers', '127.0.0.1:9002')
  .option('--envoy-admin <ip:port>', "--to envoy: Envoy's admin interface", '127.0.0.1:9901')
  .action(async options => (await import('./translate-command.ts')).translateManifests(options));

program
  .command('version')
  .description('print the version')
  .addOption(output('text or json').choices(['text', 'json']).default('text'))
  .action(async options => (await import('./version.ts')).version(options));

if (process.argv.length === 2) program.help();
try {
  await program.parseAsync();
} catch (error) {
  reportError(error);
}
