import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDescription } from './printed-description.ts';

test('describes heading, fields, conditions and sections', () => {
  const text = formatDescription(
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: {
        name: 'example-gateway',
        namespace: 'default',
        labels: { example: 'http-routing' },
        generation: 2,
        creationTimestamp: '1970-01-01T00:00:00Z',
      },
      spec: {
        gatewayClassName: 'example',
        listeners: [{ name: 'http', port: 80, allowedRoutes: { namespaces: { from: 'Same' } } }],
        list: ['a', 'b'],
      },
      status: {
        addresses: [{ type: 'IPAddress', value: '127.0.0.1' }],
        conditions: [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: 'fine' }],
        listeners: [
          {
            name: 'http',
            attachedRoutes: 1,
            conditions: [{ type: 'Programmed', status: 'True', reason: 'P', message: '' }],
          },
        ],
      },
    },
    [{ title: 'Limits in use', lines: ['none'] }],
    30_000,
  );
  assert.equal(
    text,
    `Name:         example-gateway
Namespace:    default
Labels:       example=http-routing
Annotations:  <none>
API Version:  gateway.networking.k8s.io/v1
Kind:         Gateway
Generation:   2
Age:          30s
Spec:
  Gateway Class Name:  example
  List:
    a
    b
  Listeners:
    Allowed Routes:
      Namespaces:
        From:  Same
    Name:  http
    Port:  80
Status:
  Addresses:
    Type:   IPAddress
    Value:  127.0.0.1
Conditions:
  Type       Status   Reason     Message
  Accepted   True     Accepted   fine
Listener http (1 routes attached):
  Type         Status   Reason   Message
  Programmed   True     P
Limits in use:
  none
`,
  );
});

test('the values of a Secret are not printed', () => {
  const text = formatDescription(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { 'tls.key': 'c2VjcmV0' } },
    [],
    0,
  );
  assert.match(text, /tls\.key: {2}8 characters/);
  assert.doesNotMatch(text, /c2VjcmV0/);
});
