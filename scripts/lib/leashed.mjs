// Runs a CommonJS program (argv[2]) that ends when the process that started it ends, however that goes: their channel
// breaks. Unref'd, the channel does not keep the program from ending by itself.
import { Module } from 'node:module';

process.on('disconnect', () => process.exit(1));
process.channel?.unref();
process.argv.splice(1, 1);
Module.runMain();
