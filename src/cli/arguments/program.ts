import { Command } from 'commander';
import { versionText } from '../version.ts';

export const program = new Command('breakwater')
  .description('An inference gateway for self-hosted language models.')
  .showHelpAfterError('(see --help)')
  .helpCommand(false)
  .version(versionText(), '-V, --version', 'print the version')
  .addHelpText('after', '\nDocumentation: docs/reference/commands.md');
