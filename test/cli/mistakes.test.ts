import { mothball } from './simulated-audit';

/** Every mistake: exit status 2, nothing on stdout, one sentence that says what to do, no stack. */
const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const nowhere = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

jest.setTimeout(30_000);

it.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
  ['no credentials', ['audit'], {}, /no usable AWS credentials.*Set AWS_PROFILE/],
  ['an unknown profile', ['audit', '--profile', 'nope'], {}, /profile "nope".*aws configure list-profiles/],
  ['an unknown AWS_PROFILE', ['audit'], { AWS_PROFILE: 'nope' }, /profile "nope"/],
  ['an endpoint that nobody answers at', ['audit'], nowhere, /could not reach AWS.*AWS_ENDPOINT_URL/],
  ['an endpoint without a scheme', ['audit'], { ...keys, AWS_ENDPOINT_URL: 'localhost:4566' }, /http:\/\/HOST:PORT/],
  ['an unknown format', ['audit', '--format', 'xml'], keys, /Allowed choices are table, csv, json, tsv/],
  ['an unknown option', ['audit', '--idledays', '3'], keys, /unknown option '--idledays'/],
  ['an unknown command', ['adit'], keys, /unknown command 'adit'/],
  ['zero days', ['audit', '--idle-days', '0'], keys, /whole number of days from 1 to 400/],
  ['negative days', ['audit', '--idle-days=-5'], keys, /whole number of days from 1 to 400/],
  ['more days than AWS remembers', ['audit', '-d', '401'], keys, /from 1 to 400/],
  ['an unknown check', ['audit', '-c', 'unused-rolle'], keys, /no check "unused-rolle".*unused-role/],
  ['a check that needs history', ['audit', '-c', 'inactive-access-key'], keys, /single audit cannot judge it/],
  ['a pattern that can never match', ['audit', '-x', 'admin-*'], keys, /can never match.*"\/admin-\*"/],
  ['a pattern with a character of none', ['audit', '-x', '/a b'], keys, /--exclude-roles: only letters/],
  ['an empty pattern', ['audit', '-x', ''], keys, /--exclude-roles: give at least one/],
  ['tsv of another check', ['audit', '-f', 'tsv', '-c', 'unused-user'], keys, /tsv reports roles only/],
  ['an output folder that is not there', ['audit', '-o', 'no-such-folder/report'], keys, /--output.*cannot be written/],
])('%s', async (_name, args, env, told) => {
  const { status, stdout, stderr } = await mothball(args, env);
  expect(stderr.replace(/\n/g, ' ')).toMatch(told);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});
