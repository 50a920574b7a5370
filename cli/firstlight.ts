#!/usr/bin/env node
import { readSurroundings } from './environment.ts';
import { run } from './run.ts';

// "firstlight report list | head" closes our output early; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), readSurroundings(), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
