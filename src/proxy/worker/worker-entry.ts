import { enableCompileCache } from 'node:module';

// Where a worker begins: what it imports comes from the compile cache.
enableCompileCache();
await import('./worker-main.ts');
