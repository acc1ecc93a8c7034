import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAddress, ownAddressProblem } from './own-address.ts';

const OWN = `
127.0.0.1 127.255.255.255 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.1.
0.0.0.0 0 0x0 0.1.2.3 169.254.169.254 169.254.0.0 2852039166 224.0.0.1 255.255.255.255
localhost LOCALHOST localhost. foo.localhost a.b.localhost localhost.localdomain ip6-localhost ip6-loopback
:: ::1 0:0:0:0:0:0:0:1 ::0001 fe80::1 febf::1 ff02::1
::ffff:127.0.0.1 ::ffff:7f00:1 ::FFFF:169.254.169.254 ::127.0.0.1 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::169.254.169.254 2002:7f00:1::
`;
const OTHERS = `
10.0.0.1 8.8.8.8 128.0.0.1 126.255.255.255 169.253.255.255 169.255.0.0 192.168.1.1 1.1 168430081 223.255.255.255 240.0.0.1
example.com localhost.example.com mylocalhost not-localhost 127.0.0.1.example.com 127.0.0.1.nip.io 0x7fz 1.2.3.4.5 999.1.1.1
2001:db8::1 fd00::1 fec0::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1:: ::ffff:a00:1 1::1
`;
const words = (text: string) => text.split(/\s+/).filter(word => word !== '');

test('loopback, link-local and unspecified addresses are seen in every form that a resolver takes', () => {
  for (const host of words(OWN)) assert.notEqual(ownAddressProblem(host), undefined, host);
});

test('others are not', () => {
  for (const host of words(OTHERS)) assert.equal(ownAddressProblem(host), undefined, host);
});

test('what is an address is told from what is a name', () => {
  for (const host of ['10.1', '1.2.3.4', '2001:db8::1', '0x0a000001', '10.0.0.1.'])
    assert.ok(isAddress(host), host);
  for (const host of ['a.b', 'example.com', '1.2.3.4.5', '300.1.1.1']) assert.ok(!isAddress(host), host);
});

test('an address of IPv4 is as it is within one of IPv6', () => {
  fc.assert(
    fc.property(fc.ipV4(), address => {
      const within = ownAddressProblem(`::ffff:${address}`);
      assert.equal(within, ownAddressProblem(address));
    }),
  );
  fc.assert(fc.property(fc.ipV6(), address => void ownAddressProblem(address)));
  fc.assert(fc.property(fc.string(), host => void ownAddressProblem(host)));
});
