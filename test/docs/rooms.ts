import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, section, table } from './markdown.ts';

/** Rooms of `src/`, and which others each may import. */
export type Rooms = ReadonlyMap<string, readonly string[]>;

/** The table of CONTRIBUTING.md. `-` is nothing, `all but a, b` what it says. */
export function roomsOf(contributing: string): Rooms {
  const rows = table(section(contributing, 'How the house is laid out'));
  const names = rows.map(([room = '']) => room.replace(/^src\/|\/$/g, ''));
  return new Map(
    rows.map(([, , may = ''], at) => {
      const listed = may.replace(/^all( but )?/, '').split(', ');
      const others = names.filter(name => name !== names[at]);
      if (may.startsWith('all')) return [names[at]!, others.filter(name => !listed.includes(name))];
      return [names[at]!, may === '-' ? [] : listed];
    }),
  );
}

/**
 * biome.rooms.json: for each room, and for each depth of its folders, what its files may not import. The depth is what tells
 * the room `tls` from a folder of that name in another room.
 */
export function biomeRooms(rooms: Rooms): string {
  const overrides = [...rooms].flatMap(([room, allowed]) => {
    const forbidden = [...rooms.keys()].filter(other => other !== room && !allowed.includes(other));
    if (forbidden.length === 0) return [];
    const may = allowed.length === 0 ? 'imports no other room' : `may import only: ${allowed.join(', ')}`;
    return depths(room).map(depth => ({
      includes: [`src/${room}/${'*/'.repeat(depth)}*.ts`],
      linter: {
        rules: {
          style: {
            noRestrictedImports: {
              level: 'error',
              options: {
                patterns: [
                  {
                    group: forbidden.map(other => `${'../'.repeat(depth + 1)}${other}/**`),
                    message: `src/${room} ${may} (CONTRIBUTING.md)`,
                  },
                ],
              },
            },
          },
        },
      },
    }));
  });
  const lines = overrides.map(override => `    ${JSON.stringify(override)}`);
  return `{\n  "overrides": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** How deep the folders are that have files of code: 0 is the room itself. */
function depths(room: string): number[] {
  const files = readdirSync(join(root, 'src', room), { recursive: true, encoding: 'utf8' });
  const code = files.filter(file => file.endsWith('.ts') && !file.includes('gen/'));
  return [...new Set(code.map(file => file.split('/').length - 1))].sort();
}
