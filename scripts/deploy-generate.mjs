#!/usr/bin/env node
import './lib/node-version.mjs';
import { runProgram } from './lib/run-program.mjs';

runProgram('src', 'roles', 'templates', 'write-files.js');
