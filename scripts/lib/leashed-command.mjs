// Runs a program that is not Node's (argv[2...]) with this process's stdin, and ends it when whoever started this
// process is gone. A session of its own, so that Ctrl-C does not end the program before those that use it.
import { spawn } from 'node:child_process';

const [, , program, ...args] = process.argv;
const child = spawn(program, args, { cwd: '/', stdio: 'inherit' });
child.once('error', () => process.exit(127));
child.once('exit', (code) => process.exit(code ?? 1));
process.on('disconnect', () => child.kill('SIGKILL'));
