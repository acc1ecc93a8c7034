import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Route, RouteMatch } from '../../plan/index.ts';
import { compileRoute } from './match.ts';
import { RouteIndex } from './route-index.ts';

const segments = fc.array(fc.constantFrom('a', 'b', 'ab', ''), { maxLength: 3 });
const paths = segments.map(parts => `/${parts.join('/')}`);
const matches: fc.Arbitrary<RouteMatch['path']> = fc.record({
  type: fc.constantFrom('Exact', 'PathPrefix', 'RegularExpression'),
  value: paths,
});

function route(path: RouteMatch['path'], i: number): Route {
  return { name: String(i), match: { path, headers: [], queryParams: [] } } as unknown as Route;
}

test('the index finds what asking each route in turn finds', () => {
  fc.assert(
    fc.property(fc.array(matches, { maxLength: 40 }), paths, (given, path) => {
      const routes = given.map(route);
      const request = { method: 'GET', path, query: '', headers: [] };
      const expected = routes.find(each => compileRoute(each).matches(request));
      assert.equal(new RouteIndex(routes).find(request)?.route, expected);
    }),
  );
});

test('a route that cannot be compiled costs itself', () => {
  const routes = [
    route({ type: 'RegularExpression', value: '/(' }, 0),
    route({ type: 'PathPrefix', value: '/' }, 1),
  ];
  const index = new RouteIndex(routes);
  assert.equal(index.find({ method: 'GET', path: '/a', query: '', headers: [] })?.route.name, '1');
});
