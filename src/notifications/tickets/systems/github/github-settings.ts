import { z } from 'zod';
import { baseSetting } from '../parts/addresses';

export const gitHubSettings = z.strictObject({
  /** `https://api.github.com`; of an Enterprise Server `https://github.example.com/api/v3`, on ghe.com `https://api.acme.ghe.com`. */
  api: baseSetting.default('https://api.github.com'),
  owner: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$/, 'must be the name of a user or organization'),
  repository: z
    .string()
    .max(100)
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]+$/, 'must be the name of a repository, without its owner'),
  /** Besides "mothball", by which issues are found again. */
  labels: z.array(z.string().trim().min(1).max(50)).max(20).default([]),
  assignees: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be a user name'))
    .max(10)
    .default([]),
});

export const gitHubCredential = z.strictObject({
  /** A fine-grained personal access token, or an installation's token of a GitHub App. */
  token: z
    .string()
    .min(20)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, 'must be the token and nothing else'),
});

export type GitHubSettings = z.infer<typeof gitHubSettings>;
export type GitHubCredential = z.infer<typeof gitHubCredential>;
